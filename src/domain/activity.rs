//! What happened to an account, as its owner reads it: the audit log, newest first, where attempts that anybody can make
//! are told together, so that whoever tries all night fills one line and not the page.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// Addresses that one run of attempts is told of one by one; with more, the others become one line.
const MOST_ADDRESSES: usize = 4;

/// Where an event stands in the log: before it come the older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When it happened.
    pub at: Timestamp,
    /// Its row.
    pub id: i64,
}

impl Place {
    /// After everything.
    pub const END: Self = Self {
        at: Timestamp::from_millis(i64::MAX),
        id: i64::MAX,
    };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.millis(), self.id)
    }
}

/// The text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('.').ok_or(NoPlace)?;
        Ok(Self {
            at: Timestamp::from_millis(at.parse().map_err(|_| NoPlace)?),
            id: id.parse().map_err(|_| NoPlace)?,
        })
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// The owner, or whoever came in as such.
    Owner,
    /// Somebody at the console of the server.
    Console,
    /// Somebody else: an admin.
    Admin,
}

impl Doer {
    fn of(event: &Event, owner: UserId) -> Self {
        match event.actor.as_str() {
            "" => Self::Owner,
            "console" => Self::Console,
            actor if actor == owner.to_string() => Self::Owner,
            _ => Self::Admin,
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub by: Doer,
    /// From where: empty on the console, and where several addresses are told together.
    pub address: String,
    /// With which device, if that is known.
    pub user_agent: String,
    /// The event's remark.
    pub detail: String,
    /// When; the last time if it happened several times.
    pub at: Timestamp,
    /// The first time.
    pub first: Timestamp,
    /// How many times.
    pub count: u32,
    /// From how many addresses.
    pub addresses: u32,
}

impl Entry {
    fn of(event: Event, owner: UserId) -> Self {
        Self {
            kind: event.kind,
            by: Doer::of(&event, owner),
            at: event.at,
            first: event.at,
            address: event.address,
            user_agent: event.user_agent,
            detail: event.detail,
            count: 1,
            addresses: 1,
        }
    }

    fn absorb(&mut self, older: &Self) {
        self.at = self.at.max(older.at);
        self.first = self.first.min(older.first);
        self.count = self.count.saturating_add(older.count);
        if self.user_agent != older.user_agent {
            self.user_agent.clear();
        }
    }
}

/// What anybody can do to an account, as often as the limits allow.
#[must_use]
pub fn is_attempt(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::LoginRefused
            | EventKind::SecondFactorRefused
            | EventKind::RegistrationRefused
            | EventKind::ResetRequested
            | EventKind::VerificationRequested
    )
}

/// One page of the activity of `owner`: at most `limit` lines, and where the next page starts if not all was told.
/// `events` are newest first.
#[must_use]
pub fn page(events: Vec<(Place, Event)>, owner: UserId, limit: usize) -> (Vec<Entry>, Option<Place>) {
    let mut told: Vec<Entry> = Vec::new();
    let mut end = None;
    for run in runs(with_arrivals_told_once(events)) {
        let last = run.last().map(|(place, _)| *place);
        let entries = together(run.into_iter().map(|(_, event)| Entry::of(event, owner)));
        // A run alone is always told, however long: a page makes progress.
        if !told.is_empty() && told.len() + entries.len() > limit {
            return (told, end);
        }
        told.extend(entries);
        end = last;
    }
    (told, None)
}

/// A login from a new device is two events at the same moment; the one that says so is told.
fn with_arrivals_told_once(events: Vec<(Place, Event)>) -> Vec<(Place, Event)> {
    let arrivals: HashSet<(Timestamp, String)> = events
        .iter()
        .filter(|(_, event)| event.kind == EventKind::NewDevice)
        .map(|(_, event)| (event.at, event.address.clone()))
        .collect();
    let told_already = |event: &Event| {
        event.kind == EventKind::LoginSucceeded && arrivals.contains(&(event.at, event.address.clone()))
    };
    events.into_iter().filter(|(_, event)| !told_already(event)).collect()
}

/// Cuts where an event is no attempt: it stands alone, and what lies between two of them belongs together.
fn runs(events: Vec<(Place, Event)>) -> Vec<Vec<(Place, Event)>> {
    let mut runs: Vec<Vec<(Place, Event)>> = Vec::new();
    let mut open = false;
    for (place, event) in events {
        let attempt = is_attempt(event.kind);
        match runs.last_mut() {
            Some(run) if open && attempt => run.push((place, event)),
            _ => runs.push(vec![(place, event)]),
        }
        open = attempt;
    }
    runs
}

/// Tells the same from the same address once, and many addresses as one.
fn together(run: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut told: Vec<Entry> = Vec::new();
    for entry in run {
        let same = |one: &&mut Entry| one.kind == entry.kind && one.address == entry.address;
        match told.iter_mut().find(same) {
            Some(newer) => newer.absorb(&entry),
            None => told.push(entry),
        }
    }
    for kind in EventKind::ALL {
        told = rest_as_one(told, *kind);
    }
    told
}

/// Keeps the addresses with most attempts of a kind, in their order, and tells the others after them.
fn rest_as_one(told: Vec<Entry>, kind: EventKind) -> Vec<Entry> {
    let mut own: Vec<usize> = (0..told.len()).filter(|&at| told[at].kind == kind).collect();
    if own.len() <= MOST_ADDRESSES + 1 {
        return told;
    }
    own.sort_by_key(|&at| Reverse(told[at].count));
    let mut rest: Option<Entry> = None;
    let mut kept = Vec::new();
    for (at, entry) in told.into_iter().enumerate() {
        if !own[MOST_ADDRESSES..].contains(&at) {
            kept.push(entry);
        } else if let Some(rest) = &mut rest {
            rest.absorb(&entry);
            rest.addresses += 1;
        } else {
            rest = Some(Entry {
                address: String::new(),
                ..entry
            });
        }
    }
    kept.extend(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "6662f0ab01020304050607ff";

    fn owner() -> UserId {
        OWNER.parse().expect("an id")
    }

    fn event(at: i64, kind: EventKind, address: &str) -> (Place, Event) {
        let at = Timestamp::from_seconds(at);
        let event = Event {
            at,
            kind,
            subject: Some(owner()),
            actor: String::new(),
            address: address.to_owned(),
            user_agent: String::new(),
            reference: String::new(),
            detail: String::new(),
        };
        (Place { at, id: at.seconds() }, event)
    }

    fn told(events: Vec<(Place, Event)>) -> Vec<(EventKind, String, u32, u32)> {
        let (entries, end) = page(events, owner(), 50);
        assert_eq!(end, None);
        let brief = |one: Entry| (one.kind, one.address, one.count, one.addresses);
        entries.into_iter().map(brief).collect()
    }

    #[test]
    fn attempts_from_one_address_are_one_line_until_something_else_happened() {
        let refused = EventKind::LoginRefused;
        let events = vec![
            event(9, refused, "a"),
            event(8, refused, "b"),
            event(7, refused, "a"),
            event(6, EventKind::LoginSucceeded, "a"),
            event(5, EventKind::LoginSucceeded, "a"),
            event(4, refused, "a"),
        ];
        let (entries, _) = page(events.clone(), owner(), 50);
        assert_eq!((entries[0].first.seconds(), entries[0].at.seconds()), (7, 9));
        let expected = [
            (refused, "a".to_owned(), 2, 1),
            (refused, "b".to_owned(), 1, 1),
            (EventKind::LoginSucceeded, "a".to_owned(), 1, 1),
            (EventKind::LoginSucceeded, "a".to_owned(), 1, 1),
            (refused, "a".to_owned(), 1, 1),
        ];
        assert_eq!(told(events), expected);
    }

    #[test]
    fn many_addresses_become_one_line() {
        let refused = EventKind::LoginRefused;
        let mut events: Vec<_> = (0..30)
            .map(|n| event(100 - n, refused, &format!("10.0.0.{n}")))
            .collect();
        events.extend((0..3).map(|n| event(50 - n, refused, "10.0.0.29")));
        events.push(event(1, EventKind::RegistrationRefused, "10.0.0.1"));
        let lines = told(events);
        assert_eq!(lines.len(), MOST_ADDRESSES + 2);
        assert!(lines.contains(&(refused, "10.0.0.29".to_owned(), 4, 1)), "{lines:?}");
        assert!(lines.contains(&(refused, String::new(), 26, 26)), "{lines:?}");
        assert_eq!(lines.iter().map(|line| line.2).sum::<u32>(), 34);
    }

    #[test]
    fn a_full_page_says_where_the_next_one_starts_and_cuts_no_run() {
        let mut events = vec![
            event(20, EventKind::NameChanged, "a"),
            event(19, EventKind::NameChanged, "a"),
        ];
        events.extend((0..3).map(|n| event(10 - n, EventKind::LoginRefused, &n.to_string())));
        let (entries, end) = page(events, owner(), 4);
        assert_eq!((entries.len(), end.map(|place| place.id)), (2, Some(19)));
    }

    #[test]
    fn a_login_from_a_new_device_is_told_once() {
        let events = vec![
            event(6, EventKind::LoginSucceeded, "b"),
            event(5, EventKind::LoginSucceeded, "a"),
            event(5, EventKind::NewDevice, "a"),
        ];
        let kinds: Vec<EventKind> = told(events).into_iter().map(|line| line.0).collect();
        assert_eq!(kinds, [EventKind::LoginSucceeded, EventKind::NewDevice]);
    }

    #[test]
    fn the_doer_is_the_owner_the_console_or_an_admin() {
        let by = |actor: &str| {
            let (_, event) = event(1, EventKind::RoleChanged, "");
            let actor = actor.to_owned();
            Entry::of(Event { actor, ..event }, owner()).by
        };
        assert_eq!((by(""), by(OWNER)), (Doer::Owner, Doer::Owner));
        assert_eq!(
            (by("console"), by("6662f0ab0102030405060700")),
            (Doer::Console, Doer::Admin)
        );
    }

    #[test]
    fn places_read_back() {
        let place = Place {
            at: Timestamp::from_seconds(1_700_000_000),
            id: 42,
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "1", "1.", ".1", "a.b", "1.2.3", "99999999999999999999.1"] {
            assert_eq!(bad.parse::<Place>(), Err(NoPlace), "{bad}");
        }
    }
}
