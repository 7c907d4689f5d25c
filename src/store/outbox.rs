//! The table `outbox`: letters on their way. A letter is claimed by one sender at a time, and only the holder of the last
//! claim may say what became of it; what it says is wiped once that is settled.

use crate::domain::email::Email;
use crate::domain::outbox::{Backlog, Claim, Envelope, Posted, Progress};
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

/// Queues a letter, due at once, and wakes its sender once this is committed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add(tx: &mut Tx<'_>, envelope: &Envelope) -> Result<(), StoreError> {
    let values: [Value<'_>; 6] = [
        (&envelope.name).into(),
        envelope.kind.into(),
        envelope.address.as_str().into(),
        Value::Bytes(&envelope.sealed),
        envelope.created_at.into(),
        envelope.give_up_at.into(),
    ];
    let sql = "INSERT INTO outbox (name, kind, address, sealed, created_at, give_up_at, due_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $5)";
    tx.execute(sql, &values)?;
    tx.wake_sender();
    Ok(())
}

/// Queues a letter that its writer sends itself.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add_claimed(tx: &mut Tx<'_>, envelope: &Envelope, until: Timestamp) -> Result<Claim, StoreError> {
    let values: [Value<'_>; 7] = [
        (&envelope.name).into(),
        envelope.kind.into(),
        envelope.address.as_str().into(),
        Value::Bytes(&envelope.sealed),
        envelope.created_at.into(),
        envelope.give_up_at.into(),
        until.into(),
    ];
    let sql = "INSERT INTO outbox (name, kind, address, sealed, attempts, created_at, give_up_at, due_at, claimed_at) \
               VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $5) \
               RETURNING id, name, kind, address, sealed, attempts, created_at, give_up_at, last_error";
    tx.row(sql, &values, claimed)?
        .ok_or_else(|| StoreError::Other("a new letter has no row".to_owned()))
}

fn claimed(columns: &mut Columns<'_>) -> Result<Claim, StoreError> {
    let id = columns.of("outbox").integer("id")?;
    Ok(Claim {
        id,
        name: columns.text("name")?,
        kind: columns.text("kind")?,
        address: columns.text("address").map(Email::from_row)?,
        sealed: columns.bytes("sealed", |bytes| Some(bytes.to_vec()))?,
        attempt: columns.count("attempts")?,
        created_at: columns.time("created_at")?,
        give_up_at: columns.time("give_up_at")?,
        last_error: columns.optional_text("last_error")?,
    })
}

/// What is left to do.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn backlog(tx: &mut Tx<'_>) -> Result<Backlog, StoreError> {
    let waiting = tx.number("SELECT COUNT(*) FROM outbox WHERE due_at IS NOT NULL", &[])?;
    let sql = "SELECT COUNT(*) FROM outbox WHERE sent_at IS NULL AND failed_at IS NOT NULL";
    let failed = tx.number(sql, &[])?;
    // A sum is in no index: among those that are due the oldest is looked for, not among all there ever were.
    let sql = "SELECT COALESCE(MIN(created_at + 0), -1) FROM outbox WHERE sent_at IS NULL AND due_at IS NOT NULL";
    let oldest = tx.number(sql, &[])?;
    Ok(Backlog {
        waiting,
        failed,
        oldest: (oldest >= 0).then(|| Timestamp::from_millis(oldest)),
    })
}

/// Whether a letter is due.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE due_at <= $1)";
    tx.number(sql, &[now.into()]).map(|found| found == 1)
}

/// Claims the letter that has been due longest, until it is taken for lost at `until`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claim(tx: &mut Tx<'_>, now: Timestamp, until: Timestamp) -> Result<Option<Claim>, StoreError> {
    let sql = "UPDATE outbox SET attempts = attempts + 1, claimed_at = $1, due_at = $2 \
               WHERE id = (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1) \
               RETURNING id, name, kind, address, sealed, attempts, created_at, give_up_at, last_error";
    tx.row(sql, &[now.into(), until.into()], claimed)
}

/// The mail server has the letter: its words are wiped. False if the claim is no longer good.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn sent(tx: &mut Tx<'_>, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET sent_at = $1, sealed = NULL, due_at = NULL, claimed_at = NULL, last_error = NULL \
               WHERE id = $2 AND attempts = $3 AND claimed_at IS NOT NULL";
    let changed = tx.execute(sql, &[now.into(), claim.id.into(), claim.attempt.into()])?;
    Ok(changed == 1)
}

/// The letter has to wait. False if the claim is no longer good.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn postpone(tx: &mut Tx<'_>, claim: &Claim, until: Timestamp, error: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET due_at = $1, claimed_at = NULL, last_error = $2 \
               WHERE id = $3 AND attempts = $4 AND claimed_at IS NOT NULL";
    let changed = tx.execute(
        sql,
        &[until.into(), error.into(), claim.id.into(), claim.attempt.into()],
    )?;
    Ok(changed == 1)
}

/// Every other letter that is due has to wait as well. Returns how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn postpone_others(tx: &mut Tx<'_>, now: Timestamp, until: Timestamp, error: &str) -> Result<u64, StoreError> {
    let sql = "UPDATE outbox SET due_at = $1, claimed_at = NULL, last_error = $2 WHERE due_at <= $3";
    tx.execute(sql, &[until.into(), error.into(), now.into()])
}

/// The letter is not tried again by itself; its words stay until its end, for whoever wants to try once more. False if the
/// claim is no longer good.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn fail(tx: &mut Tx<'_>, claim: &Claim, now: Timestamp, error: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET failed_at = $1, due_at = NULL, claimed_at = NULL, last_error = $2, \
               sealed = CASE WHEN give_up_at > $1 THEN sealed END \
               WHERE id = $3 AND attempts = $4 AND claimed_at IS NOT NULL";
    let changed = tx.execute(sql, &[now.into(), error.into(), claim.id.into(), claim.attempt.into()])?;
    Ok(changed == 1)
}

/// Tries letters again now that wait or have failed and still have their words: this one, or all. Returns how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn retry(tx: &mut Tx<'_>, id: Option<i64>, now: Timestamp, give_up_at: Timestamp) -> Result<u64, StoreError> {
    let changed = if let Some(id) = id {
        let sql = "UPDATE outbox SET due_at = $1, give_up_at = $2, failed_at = NULL, claimed_at = NULL \
                   WHERE id = $3 AND sealed IS NOT NULL AND (claimed_at IS NULL OR due_at <= $1)";
        tx.execute(sql, &[now.into(), give_up_at.into(), id.into()])?
    } else {
        // As written, the index of letters that were not sent finds them.
        let sql = "UPDATE outbox SET due_at = $1, give_up_at = $2, failed_at = NULL, claimed_at = NULL \
                   WHERE sent_at IS NULL AND sealed IS NOT NULL AND (claimed_at IS NULL OR due_at <= $1)";
        tx.execute(sql, &[now.into(), give_up_at.into()])?
    };
    tx.wake_sender();
    Ok(changed)
}

/// Forgets a letter that nobody is sending. False if there is none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn discard(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "DELETE FROM outbox WHERE id = $1 AND (claimed_at IS NULL OR due_at <= $2)";
    let changed = tx.execute(sql, &[id.into(), now.into()])?;
    Ok(changed == 1)
}

fn posted(columns: &mut Columns<'_>, now: Timestamp) -> Result<Posted, StoreError> {
    let id = columns.of("outbox").integer("id")?;
    let (kind, address) = (columns.text("kind")?, columns.text("address").map(Email::from_row)?);
    let (attempts, created_at) = (columns.count("attempts")?, columns.time("created_at")?);
    let due_at = columns.optional_time("due_at")?;
    let is_claimed = columns.optional_time("claimed_at")?.is_some();
    let (sent_at, failed_at) = (columns.optional_time("sent_at")?, columns.optional_time("failed_at")?);
    let progress = match (sent_at, failed_at, due_at) {
        (Some(at), _, _) => Progress::Sent(at),
        (_, Some(at), _) => Progress::Failed(at),
        (_, _, Some(until)) if is_claimed && until > now => Progress::Sending,
        (_, _, Some(at)) => Progress::Waiting(at),
        (None, None, None) => return Err(columns.corrupt("due_at")),
    };
    Ok(Posted {
        id,
        kind,
        address,
        attempts,
        created_at,
        progress,
        last_error: columns.optional_text("last_error")?,
        is_whole: columns.integer("is_whole")? == 1,
    })
}

macro_rules! posted {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, address, attempts, created_at, due_at, claimed_at, sent_at, failed_at, last_error, \
             sealed IS NOT NULL FROM outbox WHERE ",
            $rest
        )
    };
}

/// Letters, the newest first: all, or those that were not sent, below the number `before`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, now: Timestamp, all: bool, before: i64, limit: u32) -> Result<Vec<Posted>, StoreError> {
    let values = [before.into(), limit.into()];
    let sql = if all {
        posted!("id < $1 ORDER BY id DESC LIMIT $2")
    } else {
        posted!("id < $1 AND sent_at IS NULL ORDER BY id DESC LIMIT $2")
    };
    tx.rows(sql, &values, |columns| posted(columns, now))
}

/// The letter with this number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<Option<Posted>, StoreError> {
    tx.row(posted!("id = $1"), &[id.into()], |columns| posted(columns, now))
}

/// Wipes the words of letters that failed and whose end has come. Returns how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn wipe(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "UPDATE outbox SET sealed = NULL WHERE id IN (SELECT id FROM outbox \
               WHERE failed_at IS NOT NULL AND sealed IS NOT NULL AND give_up_at <= $1 LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}

/// Forgets letters written before `over` that are done with, oldest first. Returns how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, over: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox \
               WHERE created_at <= $1 AND due_at IS NULL ORDER BY created_at LIMIT $2)";
    tx.execute(sql, &[over.into(), limit.into()])
}
