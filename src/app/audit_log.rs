//! Reading the audit log as a whole: searching it, writing it out, and verifying that nobody has touched it.

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::audit_chain::{Break, Mark, Whole};
use crate::domain::audit_export::Shape;
use crate::domain::moderation::network::Network;
use crate::store::audit;

pub use crate::store::audit::Filter;

/// Rows read at a time.
const PAGE: u32 = 1000;

/// Rows that are looked through for one page, when addresses are looked for: they are sealed, and no index has them.
const MOST_LOOKED_AT: u32 = 50_000;

/// Which events are looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the database picks by.
    pub filter: Filter,
    /// From this address or network.
    pub address: Option<Network>,
}

/// Some of the events that were looked for.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Row numbers and events.
    pub events: Vec<(i64, Event)>,
    /// Where to go on, if that was not all.
    pub next: Option<i64>,
}

impl Wanted {
    fn is_from(&self, event: &Event) -> bool {
        let inside = |network: Network| event.address.parse().is_ok_and(|address| network.contains(address));
        self.address.is_none_or(inside)
    }
}

impl App {
    /// The newest `most` events before a row, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn audit_before(&self, wanted: &Wanted, before: Option<i64>, most: usize) -> Result<Found, Failure> {
        let mut found = Found {
            events: Vec::new(),
            next: before,
        };
        let mut looked_at = 0;
        while found.events.len() <= most {
            let (filter, before) = (wanted.filter.clone(), found.next.unwrap_or(i64::MAX));
            let page = self
                .store
                .scan(move |tx| audit::newest(tx, &filter, before, PAGE))
                .await?;
            let Some((last, _)) = page.last() else {
                found.next = None;
                return Ok(found);
            };
            found.next = Some(*last);
            found
                .events
                .extend(page.into_iter().filter(|(_, event)| wanted.is_from(event)));
            looked_at += PAGE;
            if looked_at >= MOST_LOOKED_AT {
                break;
            }
        }
        if found.events.len() > most {
            found.events.truncate(most);
            found.next = found.events.last().map(|(id, _)| *id);
        }
        Ok(found)
    }

    /// Some events after a row, oldest first; the next ones come after [`Found::next`].
    ///
    /// # Errors
    /// Only a fault.
    pub async fn audit_after(&self, wanted: &Wanted, after: i64) -> Result<Found, Failure> {
        let filter = wanted.filter.clone();
        let page = self
            .store
            .scan(move |tx| audit::oldest(tx, &filter, after, PAGE))
            .await?;
        let next = page.last().map(|(last, _)| *last);
        let mut events = page;
        events.retain(|(_, event)| wanted.is_from(event));
        Ok(Found { events, next })
    }

    /// Notes that somebody takes the log away.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn note_export(&self, by: &Actor, shape: Shape) -> Result<(), Failure> {
        let event = self.event_of(EventKind::AuditExported, None, by, shape.key());
        Ok(self.store.write(move |tx| audit::append(tx, &event)).await?)
    }

    /// Verifies the whole log, also against heads that were kept elsewhere.
    ///
    /// # Errors
    /// Only a fault: what is wrong with the log is `Ok(Err(…))`.
    pub async fn verify_audit(&self, kept: Vec<Mark>) -> Result<Result<Whole, Break>, Failure> {
        Ok(self.store.scan(move |tx| audit::walk(tx, kept)).await?)
    }

    /// The signed head of the log; `None` before the first event.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn audit_head(&self) -> Result<Option<Mark>, Failure> {
        Ok(self.store.read(audit::head).await?)
    }
}
