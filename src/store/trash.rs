//! The tables `deleted_…`: accounts that were deleted and can be restored for a while. They are copies that stand apart,
//! under the public id, so that no statement about accounts can see them. What opened the account without its owner being
//! there does not come along: sessions, API keys, trusted devices, links.

use crate::domain::account::{AccountKey, Role};
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::trash::{Deleted, Taken};

use super::accounts::{self, is_one};
use super::sql::Columns;
use super::{StoreError, Tx};

/// The columns of `users` that are kept: all but the row number.
macro_rules! kept {
    () => {
        "id, email, email_verified_at, name, username, avatar, provider, password, role, role_source, disabled_at, \
         terms_accepted_at, created_at, updated_at, last_login_at, login_count, lang, waiting_since, waiting_told_at, \
         two_factor_at, two_factor_required_at, two_factor_demanded_at, devices_forgotten, group_names, expires_at, \
         valid_until, valid_until_told_at"
    };
}

/// Statements that carry the rows of one table there and back.
macro_rules! carried {
    ($table:literal, $columns:literal, $which:literal) => {
        (
            concat!(
                "INSERT INTO deleted_",
                $table,
                " (user_id, ",
                $columns,
                ") SELECT CAST($1 AS TEXT), ",
                $columns,
                " FROM ",
                $table,
                " WHERE user_seq = $2",
                $which
            ),
            concat!(
                "INSERT INTO ",
                $table,
                " (user_seq, ",
                $columns,
                ") SELECT CAST($1 AS BIGINT), ",
                $columns,
                " FROM deleted_",
                $table,
                " WHERE user_id = $2"
            ),
        )
    };
}

/// What belongs to an account and goes with it.
const CARRIED: [(&str, &str); 5] = [
    carried!(
        "identities",
        "issuer, subject, provider, email, name, created_at, last_used_at",
        ""
    ),
    carried!("memberships", "source, name", ""),
    carried!("second_factors", "secret, last_step", " AND secret IS NOT NULL"),
    carried!(
        "backup_codes",
        "digest, salt, place, active_at, used_at",
        " AND active_at IS NOT NULL"
    ),
    carried!("pictures", "name, source, fetched_at, body", ""),
];

macro_rules! columns {
    () => {
        "id, email, name, username, provider, role, created_at, last_login_at, deleted_at, deleted_by"
    };
}

fn deleted(columns: &mut Columns<'_>) -> Result<Deleted, StoreError> {
    columns.of("deleted_users");
    Ok(Deleted {
        id: columns.parsed("id", |text| text.parse().ok())?,
        email: columns.text("email").map(Email::from_row)?,
        name: columns.text("name")?,
        username: columns.optional_text("username")?,
        provider: columns.text("provider")?,
        role: columns.parsed("role", |text| Role::parse(text).ok())?,
        created_at: columns.time("created_at")?,
        last_login_at: columns.optional_time("last_login_at")?,
        deleted_at: columns.time("deleted_at")?,
        deleted_by: columns.text("deleted_by")?,
    })
}

/// Takes an account out of those that are there, with what is kept of it; false if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, key: AccountKey, id: UserId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
    let id = id.to_string();
    let sql = concat!(
        "INSERT INTO deleted_users (deleted_at, deleted_by, ",
        kept!(),
        ") SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), ",
        kept!(),
        " FROM users WHERE seq = $3 AND id = $4"
    );
    if tx.execute(sql, &[now.into(), by.into(), key.into(), (&id).into()])? != 1 {
        return Ok(false);
    }
    for (there, _) in CARRIED {
        tx.execute(there, &[(&id).into(), key.into()])?;
    }
    accounts::delete(tx, key)
}

/// What somebody else has meanwhile, so that the account cannot come back; `None` if nothing is in its way.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn taken(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Taken>, StoreError> {
    let id = id.to_string();
    let sql = "SELECT u.email FROM deleted_users d JOIN users u ON u.email = d.email WHERE d.id = $1";
    let holder = tx.row(sql, &[(&id).into()], |columns| {
        columns.of("users").text("email").map(Email::from_row)
    })?;
    if let Some(email) = holder {
        return Ok(Some(Taken::Address(email)));
    }
    let sql = "SELECT d.provider, u.email FROM deleted_identities d \
               JOIN identities i ON i.issuer = d.issuer AND i.subject = d.subject \
               JOIN users u ON u.seq = i.user_seq WHERE d.user_id = $1 ORDER BY d.issuer, d.subject LIMIT 1";
    tx.row(sql, &[(&id).into()], |columns| {
        columns.of("identities");
        Ok(Taken::Identity {
            provider: columns.text("provider")?,
            holder: columns.text("email").map(Email::from_row)?,
        })
    })
}

/// Puts an account back as it was; false if it is not there any more. Ask [`taken`] first, in the same transaction.
///
/// # Errors
/// [`StoreError::Conflict`] if its address or an identity is somebody else's now.
pub fn restore(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    let id = id.to_string();
    let sql = concat!(
        "INSERT INTO users (",
        kept!(),
        ") SELECT ",
        kept!(),
        " FROM deleted_users WHERE id = $1 RETURNING seq"
    );
    let key = tx.row(sql, &[(&id).into()], |columns| {
        columns.of("users").integer("seq").map(AccountKey::from_row)
    })?;
    let Some(key) = key else { return Ok(false) };
    for (_, back) in CARRIED {
        tx.execute(back, &[key.into(), (&id).into()])?;
    }
    tx.execute("DELETE FROM deleted_users WHERE id = $1", &[(&id).into()])
        .map(is_one)
}

/// The deleted account with this public id.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Deleted>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM deleted_users WHERE id = $1");
    tx.row(sql, &[(&id.to_string()).into()], deleted)
}

/// The deleted accounts that had this address, those deleted last first: there may be several.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn with_email(tx: &mut Tx<'_>, email: &Email) -> Result<Vec<Deleted>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM deleted_users WHERE email = $1 ORDER BY deleted_at DESC, id DESC"
    );
    tx.rows(sql, &[email.as_str().into()], deleted)
}

/// The next `limit` deleted accounts after that one, those deleted last first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, after: Option<(Timestamp, UserId)>, limit: u32) -> Result<Vec<Deleted>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM deleted_users WHERE (deleted_at, id) < ($1, $2) ORDER BY deleted_at DESC, id DESC LIMIT $3"
    );
    let (at, id) = match after {
        Some((at, id)) => (at.millis(), id.to_string()),
        None => (i64::MAX, String::new()),
    };
    tx.rows(sql, &[at.into(), (&id).into(), limit.into()], deleted)
}

/// Up to `limit` accounts that were deleted at that moment or earlier, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn due(tx: &mut Tx<'_>, until: Timestamp, limit: u32) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT id FROM deleted_users WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2";
    tx.rows(sql, &[until.into(), limit.into()], |columns| {
        columns.of("deleted_users").parsed("id", |text| text.parse().ok())
    })
}

/// Forgets a deleted account for good; false if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn erase(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM deleted_users WHERE id = $1", &[(&id.to_string()).into()])
        .map(is_one)
}
