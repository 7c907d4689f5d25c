//! The table `expectations`: people whom an admin expects from a provider. Each row is used once, by deleting it.

use crate::domain::account::AccountKey;
use crate::domain::email::Email;
use crate::domain::federation::connection::Subject;
use crate::domain::federation::expectation::{Expectation, NewExpectation, Prospect, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

macro_rules! columns {
    () => {
        "e.id, e.user_seq, e.email, e.moves, e.provider, e.issuer, e.subject, e.address, e.made_by, e.created_at, \
         e.expires_at, COALESCE(u.email, e.email) AS account_email, u.id AS user_id \
         FROM expectations e LEFT JOIN users u ON u.seq = e.user_seq"
    };
}

fn expectation(columns: &mut Columns<'_>) -> Result<Expectation, StoreError> {
    let id = columns.of("expectations").integer("id")?;
    let account = columns.optional_integer("user_seq")?.map(AccountKey::from_row);
    let email = columns.optional_text("email")?;
    let moves = columns.optional_integer("moves")?;
    let prospect = match (account, moves, email) {
        (Some(account), Some(identity), _) => Prospect::Moves { account, identity },
        (Some(account), None, _) => Prospect::Account(account),
        (None, _, Some(email)) => Prospect::Address(Email::from_row(email)),
        (None, _, None) => return Err(columns.corrupt("email")),
    };
    let provider = columns.parsed("provider", |text| ProviderId::parse(text).ok())?;
    let (issuer, subject) = (columns.optional_text("issuer")?, columns.optional_text("subject")?);
    let address = columns.optional_text("address")?;
    let sign = match (issuer.zip(subject), address) {
        (Some((issuer, subject)), _) => Sign::Subject(Subject { issuer, subject }),
        (None, Some(address)) => Sign::Address(Email::from_row(address)),
        (None, None) => return Err(columns.corrupt("address")),
    };
    Ok(Expectation {
        id,
        terms: NewExpectation {
            provider,
            sign,
            prospect,
            by: columns.text("made_by")?,
            created_at: columns.time("created_at")?,
            expires_at: columns.time("expires_at")?,
        },
        email: columns.text("account_email")?,
        user: match columns.optional_text("user_id")? {
            Some(text) => Some(text.parse().map_err(|_| columns.corrupt("user_id"))?),
            None => None,
        },
    })
}

/// Expects somebody.
///
/// # Errors
/// [`StoreError::Conflict`] if the account or the identity is gone.
pub fn insert(tx: &mut Tx<'_>, new: &NewExpectation) -> Result<i64, StoreError> {
    let (account, email, moves) = match &new.prospect {
        Prospect::Account(account) => (Some(*account), None, None),
        Prospect::Address(email) => (None, Some(email.as_str()), None),
        Prospect::Moves { account, identity } => (Some(*account), None, Some(*identity)),
    };
    let (subject, address) = match &new.sign {
        Sign::Subject(subject) => (Some(subject), None),
        Sign::Address(address) => (None, Some(address.as_str())),
    };
    let values: [Value<'_>; 10] = [
        account.into(),
        email.into(),
        moves.into(),
        new.provider.as_str().into(),
        subject.map(|subject| subject.issuer.as_str()).into(),
        subject.map(|subject| subject.subject.as_str()).into(),
        address.into(),
        (&new.by).into(),
        new.created_at.into(),
        new.expires_at.into(),
    ];
    tx.number(
        "INSERT INTO expectations (user_seq, email, moves, provider, issuer, subject, address, made_by, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        &values,
    )
}

/// The oldest expectation of somebody with that subject, or else with that proved address.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(
    tx: &mut Tx<'_>,
    provider: &ProviderId,
    subject: &Subject,
    proved: Option<&Email>,
    now: Timestamp,
) -> Result<Option<Expectation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " WHERE e.provider = $1 AND e.subject = $2 AND e.issuer = $3 AND e.expires_at > $4 ORDER BY e.id LIMIT 1"
    );
    let values = [
        provider.as_str().into(),
        (&subject.subject).into(),
        (&subject.issuer).into(),
        now.into(),
    ];
    if let Some(found) = tx.row(sql, &values, expectation)? {
        return Ok(Some(found));
    }
    let Some(address) = proved else { return Ok(None) };
    let sql = concat!(
        "SELECT ",
        columns!(),
        " WHERE e.provider = $1 AND e.address = $2 AND e.expires_at > $3 ORDER BY e.id LIMIT 1"
    );
    let values = [provider.as_str().into(), address.as_str().into(), now.into()];
    tx.row(sql, &values, expectation)
}

/// Everybody who is expected, the soonest end first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Expectation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " WHERE e.expires_at > $1 ORDER BY e.expires_at, e.id"
    );
    tx.rows(sql, &[now.into()], expectation)
}

/// The next `limit` of those who are expected, below the number `before`, the newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, now: Timestamp, before: i64, limit: u32) -> Result<Vec<Expectation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " WHERE e.id < $1 AND e.expires_at > $2 ORDER BY e.id DESC LIMIT $3"
    );
    tx.rows(sql, &[before.into(), now.into(), limit.into()], expectation)
}

/// Uses an expectation up, or withdraws it; false if that was done before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM expectations WHERE id = $1", &[id.into()])
        .map(is_one)
}

/// Removes up to `limit` expectations that are over; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM expectations WHERE id IN \
               (SELECT id FROM expectations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}
