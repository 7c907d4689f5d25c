//! What the flight recorder learns of one login, while it happens.

use super::{Arrived, Denied, Setback};
use crate::app::App;
use crate::domain::federation::flight::{Flight, Kind, Stage};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::redacted::redacted;
use crate::domain::federation::trouble::quoted;
use crate::domain::federation::vouched::Vouched;

/// Longest verdict, in characters.
const LONGEST: usize = 1000;

/// A login that has not ended yet.
pub(super) struct Underway {
    flight: Flight,
    notes: Vec<String>,
}

impl Underway {
    /// The number of the record, also for the audit log.
    pub(super) fn reference(&self) -> String {
        self.flight.reference.clone()
    }
}

impl App {
    /// Somebody leaves for a provider, or comes back from it.
    pub(super) fn underway(&self, provider: &ProviderId, stage: Stage) -> Underway {
        let flight = Flight {
            reference: self.new_reference(),
            at: self.now(),
            provider: provider.clone(),
            kind: Kind::Failed,
            stage,
            cause: String::new(),
            verdict: String::new(),
            subject: None,
            claims: None,
        };
        Underway {
            flight,
            notes: Vec::new(),
        }
    }

    /// The provider vouches for somebody.
    pub(super) fn vouched_for(&self, underway: &mut Underway, vouched: &Vouched) {
        let flight = &mut underway.flight;
        flight.kind = Kind::Refused;
        flight.stage = Stage::Decision;
        flight.subject = Some(vouched.subject.clone());
        flight.claims = Some(redacted(vouched));
        let rules = self.config.federation.rules.of(&flight.provider);
        underway.notes = rules.judge(&vouched.said).notes;
    }

    /// Records how it ended; whoever is turned away is shown the number of the record.
    pub(super) fn landed<T>(&self, underway: Underway, outcome: Result<T, Setback>) -> Result<T, Setback>
    where
        T: Ending,
    {
        let Underway { mut flight, notes } = underway;
        let said = match &outcome {
            Ok(ending) => {
                flight.kind = Kind::Success;
                flight.stage = Stage::Entry;
                ending.cause().clone_into(&mut flight.cause);
                ending.says().to_owned()
            }
            Err(Setback::Denied(denied)) => {
                denied.denial.key().clone_into(&mut flight.cause);
                if denied.denial.is_at_the_door() && flight.stage == Stage::Decision {
                    flight.stage = Stage::Entry;
                }
                let plain = || denied.denial.verdict().to_owned();
                denied.verdict.clone().unwrap_or_else(plain)
            }
            Err(Setback::Failed(failure)) => {
                "failed".clone_into(&mut flight.cause);
                format!(
                    "something went wrong here, and the log says more: {}",
                    quoted(&failure.to_string())
                )
            }
        };
        let more = notes.iter().filter(|note| !said.contains(note.as_str()));
        let whole: Vec<&str> = std::iter::once(&said).chain(more).map(String::as_str).collect();
        flight.verdict = whole.join("; ").chars().take(LONGEST).collect();
        let reference = flight.reference.clone();
        if outcome.is_err() || T::IS_WORTH_KEEPING {
            self.note_flight(flight);
        }
        outcome.map_err(|setback| match setback {
            Setback::Denied(denied) => Setback::Denied(Denied {
                reference: Some(reference),
                ..denied
            }),
            failed @ Setback::Failed(_) => failed,
        })
    }
}

/// How something ended well.
pub(super) trait Ending {
    /// Whether it is recorded at all.
    const IS_WORTH_KEEPING: bool;
    /// The stable key.
    fn cause(&self) -> &'static str;
    /// In words.
    fn says(&self) -> &'static str;
}

impl Ending for Arrived {
    const IS_WORTH_KEEPING: bool = true;

    fn cause(&self) -> &'static str {
        match self {
            Self::Entered { .. } => "entered",
            Self::Connected(_) => "connected",
            Self::Proved(_) => "proved",
        }
    }

    fn says(&self) -> &'static str {
        match self {
            Self::Entered { .. } => "came in, as far as their second factor lets them",
            Self::Connected(_) => "connected the provider to their account",
            Self::Proved(_) => "proved again who they are",
        }
    }
}

impl Ending for String {
    const IS_WORTH_KEEPING: bool = false;

    fn cause(&self) -> &'static str {
        "departed"
    }

    fn says(&self) -> &'static str {
        "went to the provider"
    }
}
