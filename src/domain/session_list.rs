//! Finding sessions among all that still count: what is asked for, in which order, and which are meant by a change.
//!
//! Whether a session matches is decided here and nowhere else: pages, lists and changes of many sessions agree.

use std::time::Duration;

use crate::domain::account::Account;
use crate::domain::api_key;
use crate::domain::device::Device;
use crate::domain::directory::{self, LONGEST_SEARCH, day, fold};
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::job;
use crate::domain::list::{self, Place, SortKey, Sorting, Total};
use crate::domain::moderation::network::Network;
use crate::domain::session::{Identity, Session};
use crate::domain::time::Timestamp;

/// Whoever did something within this time is here.
pub const WITHIN: Duration = Duration::from_mins(5);

/// What somebody typed to find sessions; empty for whatever does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Parts of name, address or user name of the owner, separated by blanks; or the id of the account.
    pub q: String,
    /// The client's address, or a network.
    pub address: String,
    /// How the person signed in: `password`, or a provider.
    pub way: String,
    /// Parts of browser and system, or of what the program calls itself.
    pub device: String,
    /// A day: sessions that were used on it or later.
    pub used_after: String,
    /// A day: sessions that were not used since.
    pub used_before: String,
    /// `yes`: sessions that were used a moment ago.
    pub here: String,
}

impl Asked {
    /// Every field under its name on the wire.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("q", &self.q),
            ("address", &self.address),
            ("way", &self.way),
            ("device", &self.device),
            ("used_after", &self.used_after),
            ("used_before", &self.used_before),
            ("here", &self.here),
        ]
    }

    /// Fills in the field of that name; false if there is none.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let field = match name {
            "q" => &mut self.q,
            "address" => &mut self.address,
            "way" => &mut self.way,
            "device" => &mut self.device,
            "used_after" => &mut self.used_after,
            "used_before" => &mut self.used_before,
            "here" => &mut self.here,
            _ => return false,
        };
        value.trim().clone_into(field);
        true
    }

    /// Understands what was typed.
    ///
    /// # Errors
    /// Every field that makes no sense.
    pub fn parse(&self) -> Result<Filter, Vec<Issue>> {
        let mut issues = Vec::new();
        for (field, text) in [("q", &self.q), ("device", &self.device)] {
            if text.chars().count() > LONGEST_SEARCH {
                issues.push(Issue::new(field, Rule::TooLong(LONGEST_SEARCH)));
            }
        }
        let user: Option<UserId> = self.q.parse().ok();
        let yes = |text: &str| (text == "yes").then_some(true);
        let filter = Filter {
            words: user.map_or_else(|| directory::words(&self.q), |_| Vec::new()),
            user,
            network: directory::read("address", &self.address, &mut issues, |text| text.parse().ok()),
            way: directory::read("way", &self.way, &mut issues, |text| Some(text.to_owned())),
            device: directory::words(&self.device),
            used_after: directory::read("used_after", &self.used_after, &mut issues, day),
            used_before: directory::read("used_before", &self.used_before, &mut issues, day),
            is_here: directory::read("here", &self.here, &mut issues, yes).is_some(),
        };
        if issues.is_empty() { Ok(filter) } else { Err(issues) }
    }
}

/// When it is asked, and how long an unused session counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The time.
    pub now: Timestamp,
    /// After so long without a request a session is over.
    pub idle: Duration,
}

/// Which sessions are meant. An empty filter means all that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Folded words, each of which is part of the owner's name, address or user name.
    pub words: Vec<String>,
    /// Of this account.
    pub user: Option<UserId>,
    /// From there.
    pub network: Option<Network>,
    /// Opened like this.
    pub way: Option<String>,
    /// Folded words, each of which is part of what is known of the device.
    pub device: Vec<String>,
    /// Last used at that time or later.
    pub used_after: Option<Timestamp>,
    /// Last used before that time.
    pub used_before: Option<Timestamp>,
    /// Used within [`WITHIN`].
    pub is_here: bool,
}

impl Filter {
    /// Whether every session that counts is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many things are asked for.
    #[must_use]
    pub fn criteria(&self) -> usize {
        [
            !self.words.is_empty() || self.user.is_some(),
            self.network.is_some(),
            self.way.is_some(),
            !self.device.is_empty(),
            self.used_after.is_some() || self.used_before.is_some() || self.is_here,
        ]
        .into_iter()
        .filter(|is_asked| *is_asked)
        .count()
    }

    /// Between which times a session was last used: from the first one on, before the other.
    #[must_use]
    pub fn used_between(&self, present: Present) -> (Timestamp, Timestamp) {
        let Present { now, idle } = present;
        let alive = now.before(idle).after(Duration::from_millis(1));
        let here = self.is_here.then(|| now.before(WITHIN).after(Duration::from_millis(1)));
        let from = [self.used_after, here]
            .into_iter()
            .flatten()
            .fold(alive, Timestamp::max);
        (from, self.used_before.unwrap_or(Timestamp::from_millis(i64::MAX)))
    }

    /// Whether a session is meant, as far as the session alone tells.
    #[must_use]
    pub fn takes(&self, session: &Session, present: Present) -> bool {
        let (from, end) = self.used_between(present);
        session.is_live(present.now, present.idle)
            && session.last_used_at >= from
            && session.last_used_at < end
            && self.way.as_ref().is_none_or(|way| way == way_of(session))
            && self.network.is_none_or(|network| {
                let address = session.origin.address.parse();
                address.is_ok_and(|address| network.contains(address))
            })
            && self.is_device(&session.origin.user_agent)
    }

    fn is_device(&self, user_agent: &str) -> bool {
        if self.device.is_empty() {
            return true;
        }
        let known = Device::of(user_agent).plain().unwrap_or_default();
        let text = fold(&format!("{known} {user_agent}"));
        self.device.iter().all(|word| text.contains(word))
    }

    /// Whether the owner is meant.
    #[must_use]
    pub fn takes_owner(&self, account: &Account) -> bool {
        self.user.is_none_or(|id| id == account.id) && directory::has_words(&self.words, account)
    }

    /// Whether a session of somebody is meant. What all guests share is nobody's.
    #[must_use]
    pub fn matches(&self, identity: &Identity, present: Present) -> bool {
        self.takes(&identity.session, present)
            && self.takes_owner(&identity.account)
            && identity.may_act(present.now, present.idle)
            && !identity.is_guest()
    }
}

/// How the person signed in, without what was asked beside it.
#[must_use]
pub fn way_of(session: &Session) -> &str {
    session.method.split('+').next().unwrap_or_default()
}

/// By what the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The last use.
    #[default]
    Used,
    /// The login.
    Started,
}

impl Sort {
    /// What reads a place in a list sorted like that.
    #[must_use]
    pub fn reader(self) -> fn(&str) -> Option<Place> {
        Place::parse_numbered
    }

    /// Where a session stands in a list sorted like that.
    #[must_use]
    pub fn place_of(self, session: &Session) -> Place {
        let row = session.id.number();
        let key = match self {
            Self::Used => session.last_used_at.millis(),
            // Ids grow with time.
            Self::Started => 0,
        };
        Place {
            key: SortKey::Number(key),
            row,
        }
    }
}

impl Sorting for Sort {
    const EVERY: &'static [Self] = &[Self::Used, Self::Started];

    fn key(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Started => "started",
        }
    }

    fn usual(self) -> Order {
        Order {
            sort: self,
            is_descending: true,
        }
    }
}

/// In which order the list is; the last one that was used first unless somebody says.
pub type Order = list::Order<Sort>;

/// A page of the list.
pub type Found = list::Found<Identity>;

/// Which sessions a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These.
    These(Vec<SessionId>),
    /// All that match, now.
    Matching(Box<Filter>),
}

/// Who wants sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody at the console, who is nobody here.
    Console,
    /// Somebody who is signed in.
    Session(SessionId),
    /// A program with an API key of this account.
    Program(UserId),
}

impl Asker {
    /// Who that is.
    #[must_use]
    pub fn of(who: &Identity) -> Self {
        if who.session.method == api_key::METHOD {
            Self::Program(who.account.id)
        } else {
            Self::Session(who.session.id)
        }
    }
}

impl Selection {
    /// Whether a session that was chosen goes on all the same: all that match are everybody else's. Of somebody who is signed
    /// in that is the session that asks, unless it is chosen alone. A program has none; everywhere its owner is signed in goes
    /// on, unless it is chosen by its number.
    #[must_use]
    pub fn spares(&self, known: &Identity, asker: Asker) -> bool {
        match (self, asker) {
            (_, Asker::Console) | (Self::These(_), Asker::Program(_)) => false,
            (_, Asker::Session(own)) => known.session.id == own && !self.is_only(own),
            (Self::Matching(_), Asker::Program(owner)) => known.account.id == owner,
        }
    }

    /// Whether this session is chosen, and no other.
    #[must_use]
    pub fn is_only(&self, id: SessionId) -> bool {
        matches!(self, Self::These(ids) if *ids == [id])
    }
}

/// How far the end of many sessions has come: how many were meant, and how many have ended.
pub type Ending = job::Progress<Total, u64>;

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pairs: &[(&str, &str)]) -> Result<Filter, Vec<Issue>> {
        let mut asked = Asked::default();
        for (name, value) in pairs {
            assert!(asked.set(name, value), "{name}");
        }
        asked.parse()
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (field, value) in [
            ("address", "nowhere"),
            ("used_after", "yesterday"),
            ("used_before", "2026-13-01"),
            ("here", "no"),
        ] {
            let issues = filter(&[(field, value)]).expect_err(field);
            assert_eq!(issues[0].field, field);
        }
        assert!(filter(&[("q", " "), ("here", "")]).is_ok_and(|filter| filter.is_empty()));
    }

    #[test]
    fn an_id_is_no_word() {
        let id = "6662f0ab01020304050607ff";
        let filter = filter(&[("q", id)]).expect("a filter");
        assert_eq!(
            (filter.user, filter.words.len(), filter.criteria()),
            (id.parse().ok(), 0, 1)
        );
    }

    #[test]
    fn devices_are_found_by_their_names_and_by_what_they_say() {
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        for (words, is_one) in [
            ("firefox linux", true),
            ("FIREFOX/140", true),
            ("safari", false),
            ("", true),
        ] {
            let filter = filter(&[("device", words)]).expect("a filter");
            assert_eq!(filter.is_device(agent), is_one, "{words}");
        }
    }
}
