//! The flight recorder of logins with other providers. As refusals are, logins are collected in memory and written together,
//! so that recording one costs nobody's login anything, and so that strangers cannot make the database busy.

use std::sync::{Mutex, PoisonError};

use crate::app::{App, Failure, Fault};
use crate::domain::federation::flight::{Flight, Kind};
use crate::domain::moderation::refused::read_reference;
use crate::store::flights;

/// More than this many between two writes are not noted.
const MOST_WAITING: usize = 500;

/// Rows read at a time.
const PAGE: u32 = 500;

#[derive(Default)]
pub(super) struct Waiting(Mutex<Vec<Flight>>);

/// Which logins are looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// With that provider only.
    pub provider: Option<String>,
    /// Only those that failed.
    pub only_failed: bool,
    /// At most so many.
    pub most: usize,
}

impl Wanted {
    fn fits(&self, flight: &Flight) -> bool {
        let is_theirs = self
            .provider
            .as_ref()
            .is_none_or(|provider| flight.provider.as_str() == provider);
        is_theirs && !(self.only_failed && flight.kind == Kind::Success)
    }
}

impl App {
    /// Remembers how a login ended.
    pub(super) fn note_flight(&self, flight: Flight) {
        let mut waiting = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(flight);
        }
    }

    /// Writes what was collected.
    ///
    /// # Errors
    /// A [`Fault`] if the database refuses; these logins are then forgotten.
    pub async fn flush_flights(&self) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut *self.flights.0.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() {
            return Ok(());
        }
        self.store.write(move |tx| flights::append(tx, &waiting)).await?;
        Ok(())
    }

    /// The login of that number, however it is written.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn flight(&self, reference: &str) -> Result<Option<Flight>, Failure> {
        let Some(reference) = read_reference(reference) else {
            return Ok(None);
        };
        Ok(self.store.read(|tx| flights::by_reference(tx, &reference)).await?)
    }

    /// The last logins, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn flights(&self, wanted: &Wanted) -> Result<Vec<Flight>, Failure> {
        let mut found = Vec::new();
        let mut before = i64::MAX;
        while found.len() < wanted.most {
            let page = self.store.scan(move |tx| flights::page(tx, before, PAGE)).await?;
            let Some((last, _)) = page.last() else { break };
            before = *last;
            found.extend(
                page.into_iter()
                    .map(|(_, flight)| flight)
                    .filter(|flight| wanted.fits(flight)),
            );
        }
        found.truncate(wanted.most);
        Ok(found)
    }
}
