//! The tables `attempts` and `offers`: what somebody has begun with a provider. Each row is used once, by deleting it.

use crate::domain::account::AccountKey;
use crate::domain::federation::attempt::{Attempt, Connects, Intent, Offer};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::ids::SessionId;
use crate::domain::redirect::LocalPath;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn attempt(columns: &mut Columns<'_>) -> Result<Attempt, StoreError> {
    columns.of("attempts");
    let (state, browser) = (columns.digest("state")?, columns.digest("browser")?);
    let provider = columns.parsed("provider", |text| ProviderId::parse(text).ok())?;
    let target = columns.optional_text("target")?;
    let account = columns.optional_integer("user_seq")?.map(AccountKey::from_row);
    let session = columns.optional_integer("session")?.map(SessionId::from_row);
    let expires_at = columns.time("expires_at")?;
    let purpose = columns.optional_text("purpose")?;
    let intent = purpose.as_deref().and_then(Intent::from_key).unwrap_or(Intent::Connect);
    Ok(Attempt {
        state,
        browser,
        provider,
        target: target.as_deref().and_then(LocalPath::parse),
        connects: account.zip(session).map(|(account, session)| Connects {
            account,
            session,
            intent,
        }),
        expires_at,
    })
}

/// Begins an attempt.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), StoreError> {
    let values: [Value<'_>; 8] = [
        (&attempt.state).into(),
        (&attempt.browser).into(),
        attempt.provider.as_str().into(),
        attempt.target.as_ref().map(LocalPath::as_str).into(),
        attempt.connects.map(|connects| connects.account).into(),
        attempt.connects.map(|connects| connects.session).into(),
        attempt.expires_at.into(),
        attempt.connects.map(|connects| connects.intent.key()).into(),
    ];
    let sql = "INSERT INTO attempts (state, browser, provider, target, user_seq, session, expires_at, purpose) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, &values).map(drop)
}

/// Uses an attempt up and returns it: for one caller, once, before its end, in the browser and from the provider that it
/// belongs to.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn consume(
    tx: &mut Tx<'_>,
    state: TokenDigest,
    browser: TokenDigest,
    provider: &ProviderId,
    now: Timestamp,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "DELETE FROM attempts WHERE state = $1 AND browser = $2 AND provider = $3 AND expires_at > $4 \
               RETURNING state, browser, provider, target, user_seq, session, expires_at, purpose";
    let values = [(&state).into(), (&browser).into(), provider.as_str().into(), now.into()];
    tx.row(sql, &values, attempt)
}

fn offer(columns: &mut Columns<'_>) -> Result<Offer, StoreError> {
    columns.of("offers");
    Ok(Offer {
        browser: columns.digest("browser")?,
        account: columns.integer("user_seq").map(AccountKey::from_row)?,
        provider: columns.parsed("provider", |text| ProviderId::parse(text).ok())?,
        subject: Subject {
            issuer: columns.text("issuer")?,
            subject: columns.text("subject")?,
        },
        email: columns.optional_text("email")?,
        name: columns.optional_text("name")?,
        expires_at: columns.time("expires_at")?,
    })
}

/// Offers an identity to the owner of an account.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn put_offer(tx: &mut Tx<'_>, offer: &Offer) -> Result<(), StoreError> {
    let values: [Value<'_>; 8] = [
        (&offer.browser).into(),
        offer.account.into(),
        offer.provider.as_str().into(),
        (&offer.subject.issuer).into(),
        (&offer.subject.subject).into(),
        offer.email.as_deref().into(),
        offer.name.as_deref().into(),
        offer.expires_at.into(),
    ];
    let sql = "INSERT INTO offers (browser, user_seq, provider, issuer, subject, email, name, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, &values).map(drop)
}

/// What is offered to the owner of an account in that browser, if it can be taken now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find_offer(
    tx: &mut Tx<'_>,
    browser: TokenDigest,
    account: AccountKey,
    now: Timestamp,
) -> Result<Option<Offer>, StoreError> {
    let sql = "SELECT browser, user_seq, provider, issuer, subject, email, name, expires_at FROM offers \
               WHERE browser = $1 AND user_seq = $2 AND expires_at > $3";
    tx.row(sql, &[(&browser).into(), account.into(), now.into()], offer)
}

/// Takes an offer and returns it: once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn take_offer(
    tx: &mut Tx<'_>,
    browser: TokenDigest,
    account: AccountKey,
    now: Timestamp,
) -> Result<Option<Offer>, StoreError> {
    let sql = "DELETE FROM offers WHERE browser = $1 AND user_seq = $2 AND expires_at > $3 \
               RETURNING browser, user_seq, provider, issuer, subject, email, name, expires_at";
    tx.row(sql, &[(&browser).into(), account.into(), now.into()], offer)
}

/// Withdraws every offer of an identity to an account: it was disconnected, or somebody said no.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn withdraw_offers(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM offers WHERE user_seq = $1", &[account.into()])
}

/// Removes up to `limit` attempts and as many offers that are over; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM attempts WHERE state IN \
               (SELECT state FROM attempts WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    let attempts = tx.execute(sql, &[now.into(), limit.into()])?;
    let sql = "DELETE FROM offers WHERE browser IN \
               (SELECT browser FROM offers WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    Ok(attempts + tx.execute(sql, &[now.into(), limit.into()])?)
}
