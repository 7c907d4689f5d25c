//! The tables `violations`, `scores` and `good_logins`: what happened, what it adds up to, and who did well.

use crate::domain::ids::UserId;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Score;
use crate::domain::moderation::simulate::Counted;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::domain::tally::Tally;
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx, tallies};

/// Which violations are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// About this user or network only.
    pub subject: Option<Subject>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// After this row, for the next page.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

fn recorded(columns: &mut Columns<'_>) -> Result<Recorded, StoreError> {
    let id = columns.of("violations").integer("id")?;
    Ok(Recorded {
        id,
        at: columns.time("at")?,
        kind: columns.parsed("kind", Violation::from_key)?,
        points: Points::from_thousandths(columns.integer("points")?),
        user: optional_user(columns)?,
        address: columns.text("address")?,
        source: columns.text("source")?,
        detail: columns.text("detail")?,
    })
}

fn optional_user(columns: &mut Columns<'_>) -> Result<Option<UserId>, StoreError> {
    let text = columns.optional_text("user_id")?;
    text.map(|text| text.parse().map_err(|_| columns.corrupt("user_id")))
        .transpose()
}

/// Adds a violation; its `id` is given by the database.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn record(tx: &mut Tx<'_>, violation: &Recorded, network: Option<Network>) -> Result<(), StoreError> {
    let user = violation.user.map(|id| id.to_string());
    let network = network.map(|network| network.to_string());
    let values: [Value<'_>; 8] = [
        violation.at.into(),
        violation.kind.key().into(),
        violation.points.thousandths().into(),
        user.as_deref().into(),
        network.as_deref().into(),
        (&violation.address).into(),
        (&violation.source).into(),
        (&violation.detail).into(),
    ];
    let sql = "INSERT INTO violations (at, kind, points, user_id, network, address, source, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, &values)?;
    tallies::bump(tx, Tally::Violations, violation.at)
}

/// Violations, oldest first, by pages.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn violations(tx: &mut Tx<'_>, filter: Filter) -> Result<Vec<Recorded>, StoreError> {
    let since = filter.since.unwrap_or(Timestamp::from_millis(i64::MIN));
    let (after, limit) = (filter.after, filter.limit);
    let about = |subject: &Subject| match subject {
        Subject::User(id) => id.to_string(),
        Subject::Network(network) => network.to_string(),
    };
    match filter.subject {
        None => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE id > $1 AND at >= $2 ORDER BY id LIMIT $3";
            tx.rows(sql, &[after.into(), since.into(), limit.into()], recorded)
        }
        Some(subject @ Subject::User(_)) => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE user_id = $1 AND at >= $2 AND id > $3 ORDER BY id LIMIT $4";
            tx.rows(
                sql,
                &[(&about(&subject)).into(), since.into(), after.into(), limit.into()],
                recorded,
            )
        }
        Some(subject @ Subject::Network(_)) => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE network = $1 AND at >= $2 AND id > $3 ORDER BY id LIMIT $4";
            tx.rows(
                sql,
                &[(&about(&subject)).into(), since.into(), after.into(), limit.into()],
                recorded,
            )
        }
    }
}

/// Violations, newest first, by pages `(before, limit)`: those with a smaller row number; of one kind, if one is named.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn newest(
    tx: &mut Tx<'_>,
    subject: Option<Subject>,
    kind: Option<Violation>,
    (before, limit): (i64, u32),
) -> Result<Vec<Recorded>, StoreError> {
    let kind = kind.map_or("", Violation::key);
    match subject {
        None => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE id < $1 AND ($2 = '' OR kind = $2) ORDER BY id DESC LIMIT $3";
            tx.rows(sql, &[before.into(), kind.into(), limit.into()], recorded)
        }
        Some(Subject::User(id)) => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE user_id = $1 AND id < $2 AND ($3 = '' OR kind = $3) ORDER BY id DESC LIMIT $4";
            let about = id.to_string();
            tx.rows(
                sql,
                &[(&about).into(), before.into(), kind.into(), limit.into()],
                recorded,
            )
        }
        Some(Subject::Network(network)) => {
            let sql = "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
                       WHERE network = $1 AND id < $2 AND ($3 = '' OR kind = $3) ORDER BY id DESC LIMIT $4";
            let about = network.to_string();
            tx.rows(
                sql,
                &[(&about).into(), before.into(), kind.into(), limit.into()],
                recorded,
            )
        }
    }
}

/// How many violations of each kind there were from a moment on, and their points. Walks through them.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn counts(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<(Violation, u32, Points)>, StoreError> {
    let sql = "SELECT kind, count(*) AS times, sum(points) AS points FROM violations WHERE at >= $1 GROUP BY kind";
    tx.rows(sql, &[since.into()], |columns| {
        let kind = columns.of("violations").parsed("kind", Violation::from_key)?;
        let times = columns.count("times")?;
        Ok((kind, times, Points::from_thousandths(columns.integer("points")?)))
    })
}

/// The newest row number; nothing if there are no violations.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn last(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT coalesce(max(id), 0) FROM violations", &[])
}

/// Whether there is a violation up to this row.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_any_up_to(tx: &mut Tx<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM violations WHERE id <= $1 LIMIT 1";
    let found = tx.row(sql, &[id.into()], |columns| columns.of("violations").integer("id"))?;
    Ok(found.is_some())
}

/// What a replay counts, oldest first, by pages: after a row, each with its row number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn counted(tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Vec<(i64, Counted)>, StoreError> {
    let sql = "SELECT id, at, kind, user_id, address FROM violations WHERE id > $1 ORDER BY id LIMIT $2";
    tx.rows(sql, &[after.into(), limit.into()], |columns| {
        let id = columns.of("violations").integer("id")?;
        let counted = Counted {
            at: columns.time("at")?,
            kind: columns.parsed("kind", Violation::from_key)?,
            user: optional_user(columns)?,
            address: columns.parsed("address", |text| Some(text.parse().ok()))?,
        };
        Ok((id, counted))
    })
}

/// The violations of one kind by a subject up to the last one of a moment, newest first: in the order in which they were
/// recorded, whatever the clock did.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn leading_to(
    tx: &mut Tx<'_>,
    subject: Subject,
    kind: Violation,
    moment: Timestamp,
    limit: u32,
) -> Result<Vec<Recorded>, StoreError> {
    let (about, sql) = match subject {
        Subject::User(id) => (
            id.to_string(),
            "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
             WHERE user_id = $1 AND kind = $2 AND id <= \
             (SELECT max(id) FROM violations WHERE user_id = $1 AND at = $3 AND kind = $2) ORDER BY id DESC LIMIT $4",
        ),
        Subject::Network(network) => (
            network.to_string(),
            "SELECT id, at, kind, points, user_id, address, source, detail FROM violations \
             WHERE network = $1 AND kind = $2 AND id <= \
             (SELECT max(id) FROM violations WHERE network = $1 AND at = $3 AND kind = $2) ORDER BY id DESC LIMIT $4",
        ),
    };
    let values = [(&about).into(), kind.key().into(), moment.into(), limit.into()];
    tx.rows(sql, &values, recorded)
}

/// Removes violations from before `end`, looking at the oldest `limit` only.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_violations(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM violations WHERE id IN (SELECT id FROM violations ORDER BY id LIMIT $1) AND at < $2";
    tx.execute(sql, &[limit.into(), end.into()])
}

/// The stored score of a subject for one kind.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn score(tx: &mut Tx<'_>, subject: Subject, kind: Violation) -> Result<Option<Score>, StoreError> {
    let sql = "SELECT points, updated_at FROM scores WHERE subject = $1 AND kind = $2";
    tx.row(sql, &[(&subject.to_string()).into(), kind.key().into()], |columns| {
        Ok(Score {
            points: Points::from_thousandths(columns.of("scores").integer("points")?),
            updated_at: columns.time("updated_at")?,
        })
    })
}

/// Every stored score of a subject.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn scores_of(tx: &mut Tx<'_>, subject: Subject) -> Result<Vec<(Violation, Score)>, StoreError> {
    let sql = "SELECT kind, points, updated_at FROM scores WHERE subject = $1 ORDER BY kind";
    tx.rows(sql, &[(&subject.to_string()).into()], |columns| {
        let kind = columns.of("scores").parsed("kind", Violation::from_key)?;
        let points = Points::from_thousandths(columns.integer("points")?);
        Ok((
            kind,
            Score {
                points,
                updated_at: columns.time("updated_at")?,
            },
        ))
    })
}

/// Stores a score.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put_score(tx: &mut Tx<'_>, subject: Subject, kind: Violation, score: Score) -> Result<(), StoreError> {
    let sql = "INSERT INTO scores (subject, kind, points, updated_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (subject, kind) DO UPDATE SET points = excluded.points, updated_at = excluded.updated_at";
    let subject = subject.to_string();
    let values = [
        (&subject).into(),
        kind.key().into(),
        score.points.thousandths().into(),
        score.updated_at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Forgets every score of a subject: it starts afresh.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn clear_scores(tx: &mut Tx<'_>, subject: Subject) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM scores WHERE subject = $1",
        &[(&subject.to_string()).into()],
    )
}

/// Removes scores whose last violation was before `end`, at most `limit`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_scores(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM scores WHERE (subject, kind) IN \
               (SELECT subject, kind FROM scores WHERE updated_at < $1 LIMIT $2)";
    tx.execute(sql, &[end.into(), limit.into()])
}

/// Notes that somebody logged in well from a network.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_good_login(tx: &mut Tx<'_>, network: Network, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO good_logins (network, user_id, at) VALUES ($1, $2, $3) \
               ON CONFLICT (network) DO UPDATE SET user_id = excluded.user_id, at = excluded.at";
    let (network, user) = (network.to_string(), user.to_string());
    tx.execute(sql, &[(&network).into(), (&user).into(), now.into()])
        .map(drop)
}

/// When somebody last logged in well from a network.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn last_good_login(tx: &mut Tx<'_>, network: Network) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM good_logins WHERE network = $1";
    tx.row(sql, &[(&network.to_string()).into()], |columns| {
        columns.of("good_logins").time("at")
    })
}

/// Removes good logins from before `end`, at most `limit`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_good_logins(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM good_logins WHERE network IN (SELECT network FROM good_logins WHERE at < $1 LIMIT $2)";
    tx.execute(sql, &[end.into(), limit.into()])
}
