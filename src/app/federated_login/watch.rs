//! Whether providers answer: each is asked when the server starts and now and then afterwards, in the background, so that
//! the first person does not wait for it and the log says once when one goes down and once when it is back.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::quoted;
use crate::domain::time::{Timestamp, doubled};
use crate::providers::Provider;

/// How often the server looks which provider is to be asked.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often one that answers is asked again.
const WELL: Duration = Duration::from_mins(30);

/// How long the first pause after a failure is; each is twice the last.
const FIRST_PAUSE: Duration = Duration::from_secs(6);

const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What is known of each provider, in their order.
#[derive(Default)]
pub struct Watch(Mutex<Vec<Seen>>);

/// How a provider was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub provider: ProviderId,
    /// What is wrong with it, in one sentence; `None` if it answers.
    pub trouble: Option<String>,
    /// When it was last asked, by the clock on the wall.
    pub asked_at: Timestamp,
    /// When it last answered as it should.
    pub well_at: Option<Timestamp>,
    failures: u32,
    next: Timestamp,
}

fn pause(failures: u32) -> Duration {
    doubled(FIRST_PAUSE, failures, LONGEST_PAUSE)
}

impl App {
    /// Asks the providers that are to be asked now.
    pub async fn watch_providers(&self) {
        for provider in self.providers.all() {
            if self.is_to_be_asked(provider) {
                self.ask_provider(provider).await;
            }
        }
    }

    /// How the providers that were asked so far were found.
    #[must_use]
    pub fn seen_providers(&self) -> Vec<Seen> {
        self.watch.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks every provider now and says how each was found.
    pub async fn ask_providers(&self) -> Vec<Seen> {
        for provider in self.providers.all() {
            self.ask_provider(provider).await;
        }
        self.seen_providers()
    }

    fn is_to_be_asked(&self, provider: &Provider) -> bool {
        let now = self.steady_now();
        let seen = self.seen_providers();
        let found = seen.iter().find(|seen| seen.provider == provider.id);
        found.is_none_or(|seen| seen.next <= now)
    }

    pub(super) async fn ask_provider(&self, provider: &Provider) {
        let outcome = self.providers.prepare(provider, self.moment()).await;
        let trouble = outcome.err().map(|trouble| quoted(&trouble.to_string()));
        let failed = self.note_seen(provider, trouble.clone());
        tell(&provider.id, failed > 0, trouble.as_deref());
    }

    /// Remembers how a provider was found; answers with how often it had failed in a row until then.
    fn note_seen(&self, provider: &Provider, trouble: Option<String>) -> u32 {
        let now = self.steady_now();
        let mut all = self.watch.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.iter().position(|seen| seen.provider == provider.id);
        let failed = before.and_then(|at| all.get(at)).map_or(0, |seen| seen.failures);
        let (failures, wait) = match &trouble {
            Some(_) => (failed.saturating_add(1), pause(failed)),
            None => (0, WELL),
        };
        let well_before = before.and_then(|at| all.get(at)).and_then(|seen| seen.well_at);
        let seen = Seen {
            provider: provider.id.clone(),
            asked_at: self.now(),
            well_at: trouble.is_none().then(|| self.now()).or(well_before),
            trouble,
            failures,
            next: now.after(wait),
        };
        match before.and_then(|at| all.get_mut(at)) {
            Some(place) => *place = seen,
            None => all.push(seen),
        }
        failed
    }
}

/// Tells the log of every change, once.
fn tell(provider: &ProviderId, was_down: bool, trouble: Option<&str>) {
    match (trouble, was_down) {
        (Some(verdict), false) => tell_down(provider, verdict),
        (None, true) => tell_up(provider),
        (Some(_), true) | (None, false) => {}
    }
}

fn tell_down(provider: &ProviderId, verdict: &str) {
    tracing::warn!(provider = %provider, verdict, "a provider does not answer; it is asked again");
}

fn tell_up(provider: &ProviderId) {
    tracing::info!(provider = %provider, "a provider answers again");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_five_minutes() {
        let pauses: Vec<u64> = [0, 1, 2, 5, 6, u32::MAX]
            .map(|failures| pause(failures).as_secs())
            .into();
        assert_eq!(pauses, [6, 12, 24, 192, 300, 300]);
    }
}
