//! The tables `invitations` and `invitation_guests`: who may come, and who did. A seat is given away once, whoever asks at
//! the same time.

use std::num::NonZero;

use crate::domain::account::Role;
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::invitation::{Guests, Invitation, InvitationId, NewInvitation};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::groups::{joined, split};
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

macro_rules! columns {
    () => {
        "id, email, mailed_at, domains, role, uses, used, note, made_by, created_at, expires_at, revoked_at, group_names"
    };
}

fn invitation(columns: &mut Columns<'_>) -> Result<Invitation, StoreError> {
    let id = columns.of("invitations").integer("id").map(InvitationId::from_row)?;
    let email = columns.optional_text("email")?;
    let mailed = columns.optional_time("mailed_at")?.is_some();
    let domains = columns.text("domains")?;
    let guests = match email {
        Some(email) => Guests::One {
            email: Email::from_row(email),
            mailed,
        },
        None => Guests::Anybody {
            domains: domains.split_whitespace().map(str::to_owned).collect(),
        },
    };
    let role = columns.parsed("role", |text| Role::parse(text).ok())?;
    let uses = columns.optional_integer("uses")?;
    let uses = uses
        .map(|seats| {
            let seats = u32::try_from(seats).ok().and_then(NonZero::new);
            seats.ok_or_else(|| columns.corrupt("uses"))
        })
        .transpose()?;
    let taken = columns.integer("used")?;
    Ok(Invitation {
        id,
        guests,
        role,
        uses,
        used: u32::try_from(taken).map_err(|_| columns.corrupt("used"))?,
        note: columns.text("note")?,
        by: columns.text("made_by")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
        revoked_at: columns.optional_time("revoked_at")?,
        groups: split(&columns.text("group_names")?),
    })
}

/// Adds an invitation.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn insert(tx: &mut Tx<'_>, new: &NewInvitation) -> Result<InvitationId, StoreError> {
    let (email, mailed, domains) = match &new.guests {
        Guests::One { email, mailed } => (Some(email.as_str()), *mailed, String::new()),
        Guests::Anybody { domains } => (None, false, domains.join(" ")),
    };
    let groups = joined(&new.groups);
    let values: [Value<'_>; 11] = [
        (&new.digest).into(),
        email.into(),
        mailed.then_some(new.created_at).into(),
        (&domains).into(),
        new.role.as_str().into(),
        new.uses.map(NonZero::get).into(),
        (&new.note).into(),
        (&new.by).into(),
        new.created_at.into(),
        new.expires_at.into(),
        (&groups).into(),
    ];
    tx.number(
        "INSERT INTO invitations (digest, email, mailed_at, domains, role, uses, used, note, made_by, created_at, \
         expires_at, group_names) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11) RETURNING id",
        &values,
    )
    .map(InvitationId::from_row)
}

/// The invitation whose token has this digest, whatever its state.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_digest(tx: &mut Tx<'_>, digest: TokenDigest) -> Result<Option<Invitation>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM invitations WHERE digest = $1");
    tx.row(sql, &[(&digest).into()], invitation)
}

/// The invitation of this number, whatever its state.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM invitations WHERE id = $1");
    tx.row(sql, &[id.number().into()], invitation)
}

/// Takes a seat: false if there is none any more, whatever was read before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn take_seat(tx: &mut Tx<'_>, id: InvitationId, guest: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE invitations SET used = used + 1 WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 \
               AND (uses IS NULL OR used < uses)";
    if !tx.execute(sql, &[id.number().into(), now.into()]).map(is_one)? {
        return Ok(false);
    }
    let sql = "INSERT INTO invitation_guests (invitation_id, user_id, at) VALUES ($1, $2, $3)";
    tx.execute(sql, &[id.number().into(), (&guest.to_string()).into(), now.into()])
        .map(is_one)
}

/// Takes an invitation back; false if there is none, or if that was done before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke(tx: &mut Tx<'_>, id: InvitationId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE invitations SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    tx.execute(sql, &[now.into(), id.number().into()]).map(is_one)
}

/// Gives an invitation a new link and a new end; the old link dies. False if it was taken back or used up.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renew(
    tx: &mut Tx<'_>,
    id: InvitationId,
    digest: TokenDigest,
    mailed_at: Option<Timestamp>,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE invitations SET digest = $1, mailed_at = $2, expires_at = $3 \
               WHERE id = $4 AND revoked_at IS NULL AND (uses IS NULL OR used < uses)";
    let values = [
        (&digest).into(),
        mailed_at.into(),
        expires_at.into(),
        id.number().into(),
    ];
    tx.execute(sql, &values).map(is_one)
}

/// The next `limit` invitations before the given one, newest first, whatever their state.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, before: Option<InvitationId>, limit: u32) -> Result<Vec<Invitation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM invitations WHERE id < $1 ORDER BY id DESC LIMIT $2"
    );
    let before = before.map_or(i64::MAX, InvitationId::number);
    tx.rows(sql, &[before.into(), limit.into()], invitation)
}

/// Who came through an invitation, and when, in that order; at most `limit`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn guests(tx: &mut Tx<'_>, id: InvitationId, limit: u32) -> Result<Vec<(UserId, Timestamp)>, StoreError> {
    let sql = "SELECT id, user_id, at FROM invitation_guests WHERE invitation_id = $1 ORDER BY id LIMIT $2";
    tx.rows(sql, &[id.number().into(), limit.into()], |columns| {
        columns.of("invitation_guests").integer("id")?;
        Ok((
            columns.parsed("user_id", |text| text.parse().ok())?,
            columns.time("at")?,
        ))
    })
}

/// Removes up to `limit` invitations that ended before `end`, with their guests, oldest first; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_before(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM invitations WHERE id IN \
               (SELECT id FROM invitations WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[end.into(), limit.into()])
}
