//! Bans that are in force, in memory: what every request asks, without touching the disk.
//!
//! Networks are kept by prefix length; a request looks once per length that is in use, which is one for bans that
//! moderation makes.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::domain::ids::UserId;
use crate::domain::moderation::ban::{Ban, Sentence};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::time::Timestamp;

#[derive(Default)]
struct Tables {
    users: HashMap<UserId, Sentence>,
    networks: HashMap<Network, Sentence>,
    prefixes: BTreeSet<u8>,
    /// Everything up to here is known.
    revision: i64,
    /// The newest change that was made here; changes of others before it may be unknown.
    added: i64,
}

/// The bans in force.
#[derive(Default)]
pub struct BanTable {
    tables: RwLock<Tables>,
    /// Whether a user is banned, so that nobody waits for the lock to learn that none is.
    has_users: AtomicBool,
}

impl BanTable {
    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces everything by what the database has at `revision`, unless something newer is known.
    pub fn load(&self, bans: &[Ban], revision: i64) {
        let mut fresh = Tables {
            revision,
            added: revision,
            ..Tables::default()
        };
        for ban in bans {
            fresh.add(ban);
        }
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if tables.revision.max(tables.added) <= revision {
            *tables = fresh;
            self.has_users.store(!tables.users.is_empty(), Ordering::Release);
        }
    }

    /// Adds bans that were just stored, each raising the database's revision by one, the last to `revision`.
    pub fn add(&self, bans: &[Ban], revision: i64) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        for ban in bans {
            tables.add(ban);
        }
        self.has_users.store(!tables.users.is_empty(), Ordering::Release);
        tables.added = tables.added.max(revision);
        let steps = i64::try_from(bans.len()).unwrap_or(i64::MAX);
        if tables.revision.saturating_add(steps) == revision {
            tables.revision = revision;
        }
    }

    /// The revision up to which every change is known.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.read().revision
    }

    /// How many users and how many networks are banned.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> [usize; 2] {
        let tables = self.read();
        let in_force = |sentence: &&Sentence| sentence.counts(now);
        [
            tables.users.values().filter(in_force).count(),
            tables.networks.values().filter(in_force).count(),
        ]
    }

    /// The ban of a user.
    #[must_use]
    pub fn user(&self, id: UserId, now: Timestamp) -> Option<Sentence> {
        if !self.has_users.load(Ordering::Acquire) {
            return None;
        }
        let tables = self.read();
        tables.users.get(&id).filter(|sentence| sentence.counts(now)).cloned()
    }

    /// The ban of an address, or of a network around it.
    #[must_use]
    pub fn address(&self, address: IpAddr, now: Timestamp) -> Option<Sentence> {
        let tables = self.read();
        if tables.networks.is_empty() {
            return None;
        }
        let around = |prefix: &u8| tables.networks.get(&Network::around(address, *prefix));
        tables
            .prefixes
            .iter()
            .filter_map(around)
            .find(|sentence| sentence.counts(now))
            .cloned()
    }
}

impl Tables {
    fn add(&mut self, ban: &Ban) {
        if ban.shadow || ban.lifted_at.is_some() {
            return;
        }
        let sentence = Sentence {
            reference: ban.reference.clone(),
            ends_at: ban.ends_at,
        };
        match ban.subject {
            Subject::User(id) => keep_longer(self.users.entry(id).or_insert_with(|| sentence.clone()), sentence),
            Subject::Network(network) => {
                self.prefixes.insert(network.prefix());
                keep_longer(
                    self.networks.entry(network).or_insert_with(|| sentence.clone()),
                    sentence,
                );
            }
        }
    }
}

fn keep_longer(known: &mut Sentence, new: Sentence) {
    if new.outlasts(known) {
        *known = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moderation::points::Points;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn ban(subject: &str, ends: Option<i64>) -> Ban {
        Ban {
            id: 1,
            reference: format!("{subject} {ends:?}"),
            subject: subject.parse().expect("valid"),
            cause: "logins".into(),
            points: Points::ZERO,
            interval: Points::ZERO,
            by: "moderation".into(),
            note: String::new(),
            started_at: at(0),
            ends_at: ends.map(at),
            lifted_at: None,
            shadow: false,
        }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("valid")
    }

    #[test]
    fn bans_count_until_they_end() {
        let table = BanTable::default();
        table.add(&[ban("net:203.0.113.7", Some(100)), ban("net:2001:db8::/64", None)], 2);
        assert!(table.address(address("203.0.113.7"), at(99)).is_some());
        assert!(table.address(address("::ffff:203.0.113.7"), at(99)).is_some());
        assert!(table.address(address("203.0.113.7"), at(100)).is_none());
        assert!(table.address(address("2001:db8::1:2"), at(1_000_000)).is_some());
        assert!(table.address(address("2001:db8:0:1::1"), at(0)).is_none());
    }

    #[test]
    fn networks_of_every_length_are_found() {
        let table = BanTable::default();
        let bans = ["net:10.0.0.0/8", "net:203.0.113.7", "net:2001:db8::/32"].map(|subject| ban(subject, None));
        table.add(&bans, 3);
        for inside in ["10.1.2.3", "203.0.113.7", "2001:db8:ffff::1"] {
            assert!(table.address(address(inside), at(0)).is_some(), "{inside}");
        }
        assert!(table.address(address("11.0.0.1"), at(0)).is_none());
    }

    #[test]
    fn the_longer_of_two_bans_counts_and_loading_replaces_all() {
        let table = BanTable::default();
        table.add(&[ban("net:203.0.113.7", None), ban("net:203.0.113.7", Some(5))], 2);
        assert_eq!(
            table
                .address(address("203.0.113.7"), at(9))
                .and_then(|sentence| sentence.ends_at),
            None
        );
        assert!(table.address(address("203.0.113.7"), at(9)).is_some());
        table.load(&[], 3);
        assert!(table.address(address("203.0.113.7"), at(0)).is_none());
        table.load(&[ban("net:203.0.113.7", None)], 2);
        assert!(
            table.address(address("203.0.113.7"), at(0)).is_none(),
            "an older state came back"
        );
    }
    #[test]
    fn a_ban_is_not_lost_to_a_state_that_was_read_before_it() {
        let table = BanTable::default();
        table.load(&[], 4);
        table.add(&[ban("net:203.0.113.7", None)], 6);
        assert_eq!(table.revision(), 4, "somebody else's change is unknown");
        table.load(&[], 5);
        assert!(table.address(address("203.0.113.7"), at(0)).is_some());
        table.load(&[ban("net:203.0.113.7", None)], 6);
        table.add(&[ban("net:203.0.113.8", None)], 7);
        assert_eq!(table.revision(), 7, "nothing new to read");
    }
}
