//! The table `users`: who there is. Addresses arrive lower-cased, so equality is equality of text.

use std::time::Duration;

use crate::domain::account::{Account, AccountKey, NewAccount, Role};
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

use super::groups;
use super::sessions::idle_since;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

macro_rules! columns {
    () => {
        "u.seq, u.id, u.email, u.email_verified_at, u.name, u.username, u.avatar, u.provider, u.role, u.disabled_at, \
         u.terms_accepted_at, u.created_at, u.updated_at, u.last_login_at, u.login_count, u.lang, u.waiting_since, \
         u.two_factor_at, u.devices_forgotten, u.group_names, u.two_factor_required_at, u.two_factor_demanded_at, \
         u.valid_until"
    };
}
pub(super) use columns;

/// Reads the columns of [`columns!`].
pub(super) fn account(columns: &mut Columns<'_>) -> Result<Account, StoreError> {
    columns.of("users");
    Ok(Account {
        key: columns.integer("seq").map(AccountKey::from_row)?,
        id: columns.parsed("id", |text| text.parse().ok())?,
        email: columns.text("email").map(Email::from_row)?,
        email_verified: columns.optional_time("email_verified_at")?.is_some(),
        name: columns.text("name")?,
        username: columns.optional_text("username")?,
        avatar: columns.optional_text("avatar")?,
        provider: columns.text("provider")?,
        role: columns.parsed("role", |text| Role::parse(text).ok())?,
        disabled_at: columns.optional_time("disabled_at")?,
        terms_accepted_at: columns.optional_time("terms_accepted_at")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
        last_login_at: columns.optional_time("last_login_at")?,
        login_count: columns.integer("login_count")?,
        lang: columns.optional_text("lang")?,
        waiting_since: columns.optional_time("waiting_since")?,
        two_factor_at: columns.optional_time("two_factor_at")?,
        devices_forgotten: columns.integer("devices_forgotten")?,
        groups: groups::split(&columns.text("group_names")?),
        two_factor_required_at: columns.optional_time("two_factor_required_at")?,
        two_factor_demanded_at: columns.optional_time("two_factor_demanded_at")?,
        valid_until: columns.optional_time("valid_until")?,
    })
}

fn credentials(columns: &mut Columns<'_>) -> Result<(Account, Option<String>), StoreError> {
    Ok((account(columns)?, columns.optional_text("password")?))
}

/// How many wait for an admin.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM users WHERE waiting_since IS NOT NULL", &[])
}

/// Adds an account.
///
/// # Errors
/// [`StoreError::Conflict`] if the address or the id is taken.
pub fn insert(tx: &mut Tx<'_>, new: &NewAccount) -> Result<AccountKey, StoreError> {
    let id = new.id.to_string();
    let values: [Value<'_>; 9] = [
        (&id).into(),
        new.email.as_str().into(),
        new.email_verified.then_some(new.created_at).into(),
        (&new.name).into(),
        new.username.as_deref().into(),
        (&new.provider).into(),
        new.password.as_deref().into(),
        new.role.as_str().into(),
        new.created_at.into(),
    ];
    tx.number(
        "INSERT INTO users (id, email, email_verified_at, name, username, provider, password, role, created_at, \
         updated_at, login_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0) RETURNING seq",
        &values,
    )
    .map(AccountKey::from_row)
}

/// The account with this address.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<Account>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM users u WHERE u.email = $1");
    tx.row(sql, &[email.as_str().into()], account)
}

/// The account with this public id.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_id(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Account>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM users u WHERE u.id = $1");
    tx.row(sql, &[(&id.to_string()).into()], account)
}

/// The oldest account with this user name; user names need not be unique.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.username = $1 ORDER BY u.seq LIMIT 1"
    );
    tx.row(sql, &[username.into()], account)
}

/// The account with this address and its password hash, if it has one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn credentials_by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", u.password FROM users u WHERE u.email = $1");
    tx.row(sql, &[email.as_str().into()], credentials)
}

/// The account with this public id and its password hash, if it has one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn credentials_by_id(tx: &mut Tx<'_>, id: UserId) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", u.password FROM users u WHERE u.id = $1");
    tx.row(sql, &[(&id.to_string()).into()], credentials)
}

/// The account in this row and its password hash, if it has one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn credentials_by_key(tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", u.password FROM users u WHERE u.seq = $1");
    tx.row(sql, &[key.into()], credentials)
}

/// Replaces the password hash; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_password(tx: &mut Tx<'_>, key: AccountKey, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET password = $1, updated_at = $2 WHERE seq = $3";
    tx.execute(sql, &[hash.into(), now.into(), key.into()]).map(is_one)
}

/// Takes the password away: until a new one is set, none opens the account. False if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn clear_password(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET password = NULL, updated_at = $1 WHERE seq = $2";
    tx.execute(sql, &[now.into(), key.into()]).map(is_one)
}

/// Makes every device a stranger to the account, also those that it trusts; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn forget_devices(tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
    super::trusted_devices::revoke_all(tx, key)?;
    let sql = "UPDATE users SET devices_forgotten = devices_forgotten + 1 WHERE seq = $1";
    tx.execute(sql, &[key.into()]).map(is_one)
}

/// Replaces the display name; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_name(tx: &mut Tx<'_>, key: AccountKey, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET name = $1, updated_at = $2 WHERE seq = $3";
    tx.execute(sql, &[name.into(), now.into(), key.into()]).map(is_one)
}

/// Replaces the user name, or takes it away; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_username(
    tx: &mut Tx<'_>,
    key: AccountKey,
    username: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET username = $1, updated_at = $2 WHERE seq = $3";
    tx.execute(sql, &[username.into(), now.into(), key.into()]).map(is_one)
}

/// Says where the picture of an account is; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_avatar(tx: &mut Tx<'_>, key: AccountKey, avatar: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET avatar = $1 WHERE seq = $2";
    tx.execute(sql, &[avatar.into(), key.into()]).map(is_one)
}

/// Remembers the language for letters; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_lang(tx: &mut Tx<'_>, key: AccountKey, lang: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET lang = $1 WHERE seq = $2";
    tx.execute(sql, &[lang.into(), key.into()]).map(is_one)
}

/// Counts the address as proved since `now`; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_email_verified(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $1), updated_at = $1, expires_at = NULL \
               WHERE seq = $2";
    tx.execute(sql, &[now.into(), key.into()]).map(is_one)
}

/// Replaces the address by one that was proved; false if the account is gone.
///
/// # Errors
/// [`StoreError::Conflict`] if another account has the address.
pub fn set_email(tx: &mut Tx<'_>, key: AccountKey, email: &Email, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET email = $1, email_verified_at = $2, updated_at = $2, expires_at = NULL WHERE seq = $3";
    tx.execute(sql, &[email.as_str().into(), now.into(), key.into()])
        .map(is_one)
}

/// Lets the account vanish at that moment, unless its address is proved or somebody logs in before; false if it is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_expiry(tx: &mut Tx<'_>, key: AccountKey, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET expires_at = $1 WHERE seq = $2";
    tx.execute(sql, &[at.into(), key.into()]).map(is_one)
}

/// Up to `limit` accounts that nobody proved the address of in time, those due first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn expired(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Account>, StoreError> {
    // A plus keeps the index of unproved addresses out of it: they are many, and those that are due are few.
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.expires_at <= $1 AND +u.email_verified_at IS NULL AND u.last_login_at IS NULL \
         ORDER BY u.expires_at LIMIT $2"
    );
    tx.rows(sql, &[now.into(), limit.into()], account)
}

/// Lets the account wait for an admin since `at`, or lets it in with `None`; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_waiting(tx: &mut Tx<'_>, key: AccountKey, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET waiting_since = $1 WHERE seq = $2";
    tx.execute(sql, &[at.into(), key.into()]).map(is_one)
}

/// Says since when the account has a second factor, or that it has none; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_two_factor(tx: &mut Tx<'_>, key: AccountKey, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET two_factor_at = $1 WHERE seq = $2";
    tx.execute(sql, &[at.into(), key.into()]).map(is_one)
}

/// Says since when the account has to have a second factor and has none, or that it has not; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_two_factor_required(tx: &mut Tx<'_>, key: AccountKey, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET two_factor_required_at = $1 WHERE seq = $2";
    tx.execute(sql, &[at.into(), key.into()]).map(is_one)
}

/// Replaces the role, by hand; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_role(tx: &mut Tx<'_>, key: AccountKey, role: &Role, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET role = $1, role_source = NULL, updated_at = $2 WHERE seq = $3";
    tx.execute(sql, &[role.as_str().into(), now.into(), key.into()])
        .map(is_one)
}

/// Replaces the role because a provider says so; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn give_role(
    tx: &mut Tx<'_>,
    key: AccountKey,
    role: &Role,
    source: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET role = $1, role_source = $2, updated_at = $3 WHERE seq = $4";
    tx.execute(sql, &[role.as_str().into(), source.into(), now.into(), key.into()])
        .map(is_one)
}

/// The role, and the provider that gave it; `None` beside it if somebody did by hand, or nobody. `None` if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn role_with_source(tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<(Role, Option<String>)>, StoreError> {
    let sql = "SELECT seq, role, role_source FROM users WHERE seq = $1";
    tx.row(sql, &[key.into()], |columns| {
        columns.of("users").integer("seq")?;
        let role = columns.parsed("role", |text| Role::parse(text).ok())?;
        Ok((role, columns.optional_text("role_source")?))
    })
}

/// Locks the account since `at`, or unlocks it with `None`; false if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_disabled(tx: &mut Tx<'_>, key: AccountKey, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET disabled_at = $1 WHERE seq = $2";
    tx.execute(sql, &[at.into(), key.into()]).map(is_one)
}

/// Notes that the terms were accepted; answers with the first time they were, `now` if the account is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn accept_terms(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<Timestamp, StoreError> {
    let sql = "UPDATE users SET terms_accepted_at = coalesce(terms_accepted_at, $1) WHERE seq = $2 \
               RETURNING seq, terms_accepted_at";
    let accepted = tx.row(sql, &[now.into(), key.into()], |columns| {
        columns.of("users").integer("seq")?;
        columns.time("terms_accepted_at")
    })?;
    Ok(accepted.unwrap_or(now))
}

/// What [`reset_terms`] did to one stretch of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsReset {
    /// How many accounts the stretch had.
    pub seen: u64,
    /// How many of them had accepted.
    pub changed: u64,
    /// Where the next stretch starts; `None` after the last account.
    pub last: Option<AccountKey>,
}

/// Forgets that the next `limit` accounts after `after` accepted the terms: a stretch, so that other writes get in between.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reset_terms(tx: &mut Tx<'_>, after: Option<AccountKey>, limit: u32) -> Result<TermsReset, StoreError> {
    let sql = "SELECT seq FROM users WHERE seq > $1 ORDER BY seq LIMIT $2";
    let stretch = tx.rows(sql, &[start(after), limit.into()], |columns| {
        columns.of("users").integer("seq").map(AccountKey::from_row)
    })?;
    let last = stretch.last().copied();
    let changed = match last {
        Some(last) => tx.execute(
            "UPDATE users SET terms_accepted_at = NULL WHERE seq > $1 AND seq <= $2 AND terms_accepted_at IS NOT NULL",
            &[start(after), last.into()],
        )?,
        None => 0,
    };
    Ok(TermsReset {
        seen: stretch.len() as u64,
        changed,
        last,
    })
}

/// Counts a successful login.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn record_login(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET last_login_at = $1, login_count = login_count + 1, expires_at = NULL WHERE seq = $2";
    tx.execute(sql, &[now.into(), key.into()]).map(is_one)
}

/// Removes the account with its sessions and notices; false if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delete(tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM users WHERE seq = $1", &[key.into()])
        .map(is_one)
}

/// How many accounts there are. Walks an index: for scans.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM users", &[])
}

/// How many admins can log in, today and whenever they like: one whose time here ends does not count.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count_admins(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number(
        "SELECT count(*) FROM users WHERE role = 'ADMIN' AND disabled_at IS NULL AND waiting_since IS NULL \
         AND valid_until IS NULL",
        &[],
    )
}

/// Every admin who can log in, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admins(tx: &mut Tx<'_>) -> Result<Vec<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.role = 'ADMIN' AND u.disabled_at IS NULL ORDER BY u.seq"
    );
    tx.rows(sql, &[], account)
}

/// The next `limit` accounts after `after`, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, after: Option<AccountKey>, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.seq > $1 ORDER BY u.seq LIMIT $2"
    );
    tx.rows(sql, &[start(after), limit.into()], account)
}

/// A page of password hashes, each with the row it is in.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn password_hashes(
    tx: &mut Tx<'_>,
    after: Option<AccountKey>,
    limit: u32,
) -> Result<Vec<(AccountKey, String)>, StoreError> {
    let sql = "SELECT seq, password FROM users WHERE seq > $1 AND password IS NOT NULL ORDER BY seq LIMIT $2";
    tx.rows(sql, &[start(after), limit.into()], |columns| {
        columns.of("users");
        let key = columns.integer("seq").map(AccountKey::from_row)?;
        Ok((key, columns.text("password")?))
    })
}

/// As [`page`], each account with how many of its sessions are live: before their end, and used within `idle`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn stats(
    tx: &mut Tx<'_>,
    after: Option<AccountKey>,
    limit: u32,
    now: Timestamp,
    idle: Duration,
) -> Result<Vec<(Account, i64)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", (SELECT count(*) FROM sessions s WHERE s.user_seq = u.seq AND s.expires_at > $1 AND s.last_used_at > $2) \
         FROM users u WHERE u.seq > $3 ORDER BY u.seq LIMIT $4"
    );
    let values = [now.into(), idle_since(now, idle).into(), start(after), limit.into()];
    tx.rows(sql, &values, |columns| {
        Ok((account(columns)?, columns.integer("count")?))
    })
}

fn start(after: Option<AccountKey>) -> Value<'static> {
    Value::Integer(after.map_or(i64::MIN, AccountKey::number))
}

/// Whether a statement about one row found it.
pub(super) fn is_one(changed: u64) -> bool {
    changed == 1
}
