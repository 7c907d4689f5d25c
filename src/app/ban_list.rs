//! Lists for admins: bans and violations, newest first, by pages, with filters.

use std::collections::{BTreeSet, HashMap};

use crate::app::paging::{Collector, Page};
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::refused::read_reference;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, bans, scores};

/// Rows read at a time.
const AT_ONCE: u32 = 1_000;

/// Clocks are set back now and then: rows this much older than asked for end a search, not the first one.
const SLACK: std::time::Duration = std::time::Duration::from_hours(1);

/// Whom somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sought {
    /// Everybody.
    #[default]
    Anybody,
    /// A ban by its reference.
    Reference(String),
    /// A user, or everything that touches a network.
    Of(Subject),
}

/// Which bans, by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Those that keep somebody out now.
    #[default]
    InForce,
    /// Those that are over, were lifted, or were only recorded.
    Over,
    /// All of them.
    Any,
}

impl Standing {
    /// Every choice there is.
    pub const ALL: [Self; 3] = [Self::InForce, Self::Over, Self::Any];

    /// The stable key, as in a query.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Over => "over",
            Self::Any => "any",
        }
    }

    /// From the key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// Which bans are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BanFilter {
    /// Whose.
    pub about: Sought,
    /// Of this cause only: the key of a violation, or `manual`.
    pub cause: Option<String>,
    /// How they stand.
    pub standing: Standing,
    /// Before this row, for the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Which violations are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViolationFilter {
    /// By this user, or from this network.
    pub subject: Option<Subject>,
    /// Of this kind only.
    pub kind: Option<Violation>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Before this row, for the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// How many violations of a kind there were, and what they cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which kind.
    pub kind: Violation,
    /// How many.
    pub times: u32,
    /// All their points.
    pub points: Points,
}

impl BanFilter {
    fn takes(&self, ban: &Ban, now: Timestamp) -> bool {
        let is_about = match (&self.about, ban.subject) {
            (Sought::Anybody, _) => true,
            // Whoever knows the number wants to see it however it stands.
            (Sought::Reference(reference), _) => return ban.reference == *reference,
            (Sought::Of(Subject::Network(wanted)), Subject::Network(network)) => wanted.overlaps(network),
            (Sought::Of(wanted), subject) => *wanted == subject,
        };
        let stands = match self.standing {
            Standing::InForce => ban.is_in_force(now),
            Standing::Over => !ban.is_in_force(now),
            Standing::Any => true,
        };
        is_about && stands && self.cause.as_ref().is_none_or(|cause| ban.cause == *cause)
    }

    /// The rows among which the page is, if few are known to hold it.
    fn few(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Vec<Ban>>, StoreError> {
        let mut found = match (&self.about, self.standing) {
            (Sought::Reference(reference), _) => bans::by_reference(tx, reference)?.into_iter().collect(),
            (Sought::Of(subject @ Subject::User(_)), _) => bans::of_subject(tx, *subject)?,
            (_, Standing::InForce) => bans::in_force(tx, now)?,
            _ => return Ok(None),
        };
        found.sort_by_key(|ban| std::cmp::Reverse(ban.id));
        Ok(Some(found))
    }
}

impl App {
    /// Whom a text means: the reference of a ban, an address or a network, or an account by address or id. `None` if there is
    /// no such thing.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn sought(&self, text: &str) -> Result<Option<Sought>, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Some(Sought::Anybody));
        }
        if let Some(reference) = read_reference(text) {
            return Ok(Some(Sought::Reference(reference)));
        }
        if let Ok(network) = text.parse::<Network>() {
            return Ok(Some(Sought::Of(Subject::Network(network))));
        }
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(Some(Sought::Of(Subject::User(id))));
        }
        let account = self.find_user(text).await?;
        Ok(account.map(|account| Sought::Of(Subject::User(account.id))))
    }

    /// The accounts of these ids that are still there.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn known_accounts(
        &self,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Account>, Failure> {
        let ids: BTreeSet<UserId> = ids.into_iter().collect();
        let found = self.store.scan(move |tx| {
            let mut found = HashMap::new();
            for id in ids {
                found.extend(accounts::by_id(tx, id)?.map(|account| (id, account)));
            }
            Ok(found)
        });
        Ok(found.await?)
    }

    /// A page of bans, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_bans(&self, filter: BanFilter) -> Result<Page<Ban>, Failure> {
        let now = self.now();
        let work = move |tx: &mut Tx<'_>| {
            let mut page = Collector::new(filter.limit);
            let start = filter.before.unwrap_or(i64::MAX);
            if let Some(few) = filter.few(tx, now)? {
                let next = page.take(few, |ban| ban.id, |ban| ban.id < start && filter.takes(ban, now));
                return Ok(page.page(next));
            }
            let mut before = start;
            loop {
                let portion = bans::history(tx, before, AT_ONCE)?;
                let Some(last) = portion.last() else {
                    return Ok(page.page(None));
                };
                before = last.id;
                if let next @ Some(_) = page.take(portion, |ban| ban.id, |ban| filter.takes(ban, now)) {
                    return Ok(page.page(next));
                }
            }
        };
        Ok(self.store.scan(work).await?)
    }

    /// A page of violations, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_violations(&self, filter: ViolationFilter) -> Result<Page<Recorded>, Failure> {
        // Single clients are in the index; wider networks are looked for in all rows.
        let (subject, around) = match filter.subject {
            Some(Subject::Network(network)) if !network.is_client() => (None, Some(network)),
            other => (other, None),
        };
        let takes = move |event: &Recorded| {
            let address = || event.address.parse().ok();
            around.is_none_or(|network| address().is_some_and(|address| network.contains(address)))
                && filter.since.is_none_or(|since| event.at >= since)
                && filter.until.is_none_or(|until| event.at < until)
        };
        let work = move |tx: &mut Tx<'_>| {
            let mut page = Collector::new(filter.limit);
            let mut before = filter.before.unwrap_or(i64::MAX);
            loop {
                let portion = scores::newest(tx, subject, filter.kind, (before, AT_ONCE))?;
                let Some(last) = portion.last() else {
                    return Ok(page.page(None));
                };
                before = last.id;
                let is_past = filter.since.is_some_and(|since| last.at < since.before(SLACK));
                let next = page.take(portion, |event| event.id, takes);
                if next.is_some() || is_past {
                    return Ok(page.page(next));
                }
            }
        };
        Ok(self.store.scan(work).await?)
    }

    /// How many violations of each kind there were since a moment, the most frequent first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn count_violations(&self, since: Timestamp) -> Result<Vec<Count>, Failure> {
        let counted = self.store.scan(move |tx| scores::counts(tx, since)).await?;
        let mut counts: Vec<Count> = counted
            .into_iter()
            .map(|(kind, times, points)| Count { kind, times, points })
            .collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.times));
        Ok(counts)
    }
}
