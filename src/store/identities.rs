//! The table `identities`: who an account's owner is at other providers. An identity belongs to one account.

use crate::domain::account::{Account, AccountKey};
use crate::domain::email::Email;
use crate::domain::federation::connection::{Connection, Subject};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::vouched::Vouched;
use crate::domain::time::Timestamp;

use super::accounts::{self, is_one};
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

macro_rules! columns {
    () => {
        "i.id, i.user_seq, i.issuer, i.subject, i.provider, i.email, i.name, i.created_at, i.last_used_at"
    };
}

fn connection(columns: &mut Columns<'_>) -> Result<Connection, StoreError> {
    columns.of("identities");
    Ok(Connection {
        id: columns.integer("id")?,
        account: columns.integer("user_seq").map(AccountKey::from_row)?,
        subject: Subject {
            issuer: columns.text("issuer")?,
            subject: columns.text("subject")?,
        },
        provider: columns.parsed("provider", |text| ProviderId::parse(text).ok())?,
        email: columns.optional_text("email")?,
        name: columns.optional_text("name")?,
        created_at: columns.time("created_at")?,
        last_used_at: columns.optional_time("last_used_at")?,
    })
}

/// What a provider says of an identity, for showing.
#[derive(Clone, Debug)]
pub struct Described<'d> {
    /// Through which provider.
    pub provider: &'d ProviderId,
    /// The address that it names.
    pub email: Option<&'d str>,
    /// The name that it names.
    pub name: Option<&'d str>,
}

impl<'d> Described<'d> {
    /// As the provider vouches for the person now.
    #[must_use]
    pub fn of(provider: &'d ProviderId, vouched: &'d Vouched) -> Self {
        Self {
            provider,
            email: vouched.email.as_ref().map(Email::as_str),
            name: vouched.name.as_deref(),
        }
    }
}

/// Connects an identity to an account.
///
/// # Errors
/// [`StoreError::Conflict`] if it is connected already, or the account is gone.
pub fn insert(
    tx: &mut Tx<'_>,
    account: AccountKey,
    subject: &Subject,
    described: &Described<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values: [Value<'_>; 7] = [
        account.into(),
        (&subject.issuer).into(),
        (&subject.subject).into(),
        described.provider.as_str().into(),
        described.email.into(),
        described.name.into(),
        now.into(),
    ];
    let sql = "INSERT INTO identities (user_seq, issuer, subject, provider, email, name, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).map(drop)
}

/// The identity of that issuer and subject, and the account that it is connected to.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, subject: &Subject) -> Result<Option<(Connection, Account)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", ",
        accounts::columns!(),
        " FROM identities i JOIN users u ON u.seq = i.user_seq WHERE i.issuer = $1 AND i.subject = $2"
    );
    tx.row(sql, &[(&subject.issuer).into(), (&subject.subject).into()], |columns| {
        Ok((connection(columns)?, accounts::account(columns)?))
    })
}

/// All identities of an account, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<Connection>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM identities i WHERE i.user_seq = $1 ORDER BY i.id"
    );
    tx.rows(sql, &[account.into()], connection)
}

/// Notes that somebody came with an identity, and what the provider calls them now; false if it is not connected any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_use(tx: &mut Tx<'_>, id: i64, described: &Described<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE identities SET provider = $1, email = $2, name = $3, last_used_at = $4 WHERE id = $5";
    let values: [Value<'_>; 5] = [
        described.provider.as_str().into(),
        described.email.into(),
        described.name.into(),
        now.into(),
        id.into(),
    ];
    tx.execute(sql, &values).map(is_one)
}

/// An identity, and the address of the account that it is connected to.
pub type Owned = (Connection, Account);

/// Every identity of an issuer, with its account, by subject.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn of_issuer(tx: &mut Tx<'_>, issuer: &str) -> Result<Vec<Owned>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", ",
        accounts::columns!(),
        " FROM identities i JOIN users u ON u.seq = i.user_seq WHERE i.issuer = $1 ORDER BY i.subject"
    );
    tx.rows(sql, &[issuer.into()], |columns| {
        Ok((connection(columns)?, accounts::account(columns)?))
    })
}

/// How many identities there are of each provider. Walks through the whole table: for scans.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT provider, count(*) AS count FROM identities GROUP BY provider";
    tx.rows(sql, &[], |columns| {
        Ok((columns.of("identities").text("provider")?, columns.integer("count")?))
    })
}

/// A page of all identities with their accounts, after the given row.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Vec<Owned>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", ",
        accounts::columns!(),
        " FROM identities i JOIN users u ON u.seq = i.user_seq WHERE i.id > $1 ORDER BY i.id LIMIT $2"
    );
    tx.rows(sql, &[after.into(), limit.into()], |columns| {
        Ok((connection(columns)?, accounts::account(columns)?))
    })
}

/// Makes an identity that of another subject; the provider stays unless one is given. False if it is not connected any more.
///
/// # Errors
/// [`StoreError::Conflict`] if that subject is connected already.
pub fn rekey(tx: &mut Tx<'_>, id: i64, subject: &Subject, provider: Option<&ProviderId>) -> Result<bool, StoreError> {
    let sql = "UPDATE identities SET issuer = $1, subject = $2, provider = COALESCE($3, provider) WHERE id = $4";
    let values: [Value<'_>; 4] = [
        (&subject.issuer).into(),
        (&subject.subject).into(),
        provider.map(ProviderId::as_str).into(),
        id.into(),
    ];
    tx.execute(sql, &values).map(is_one)
}

/// Disconnects one identity of an account; false if it was not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delete(tx: &mut Tx<'_>, account: AccountKey, id: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM identities WHERE user_seq = $1 AND id = $2";
    tx.execute(sql, &[account.into(), id.into()]).map(is_one)
}

/// Disconnects every identity of an account; answers with how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delete_all(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM identities WHERE user_seq = $1", &[account.into()])
}
