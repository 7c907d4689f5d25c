//! How a login with a provider fails, and who is told what.

use crate::app::Failure;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;

/// How it did not.
#[derive(Debug)]
pub enum Setback {
    /// The person is turned away.
    Denied(Denied),
    /// Something went wrong here.
    Failed(Failure),
}

/// Why somebody is turned away.
#[derive(Clone, Debug)]
pub struct Denied {
    /// The reason.
    pub denial: Denial,
    /// What the browser keeps, so that whoever logs in the old way can connect the provider.
    pub offer: Option<Secret>,
    /// Whether they were connecting the provider to an account that they are signed in to.
    pub was_connecting: bool,
    /// What the operator is told; never the person.
    pub verdict: Option<String>,
    /// The number under which it is recorded.
    pub reference: Option<String>,
}

impl Denied {
    pub(super) fn because(denial: Denial, verdict: String) -> Setback {
        Setback::Denied(Self {
            denial,
            offer: None,
            was_connecting: false,
            verdict: Some(verdict),
            reference: None,
        })
    }
}

impl From<Denial> for Setback {
    fn from(denial: Denial) -> Self {
        Self::Denied(Denied {
            denial,
            offer: None,
            was_connecting: false,
            verdict: None,
            reference: None,
        })
    }
}

impl<F: Into<Failure>> From<F> for Setback {
    fn from(failure: F) -> Self {
        match failure.into() {
            Failure::Refused(refusal) => match denial(&refusal) {
                Some(denial) => denial.into(),
                None => Self::Failed(Failure::Refused(refusal)),
            },
            fault @ Failure::Fault(_) => Self::Failed(fault),
        }
    }
}

/// A refusal as somebody who comes from a provider is told it.
fn denial(refusal: &Refusal) -> Option<Denial> {
    match refusal {
        Refusal::TooMany(_) => Some(Denial::TooMany),
        Refusal::Banned(_) => Some(Denial::Banned),
        Refusal::Busy => Some(Denial::Busy),
        Refusal::AccountWaiting => Some(Denial::Waiting),
        Refusal::AccountOver => Some(Denial::Over),
        Refusal::BadCredentials => Some(Denial::Locked),
        _ => None,
    }
}

/// Tells the log what is wrong with a provider, and the person as much as helps.
pub(super) fn troubled(provider: &ProviderId, trouble: &Trouble) -> Setback {
    let verdict = trouble.to_string();
    tracing::warn!(
        provider = %provider,
        cause = trouble.key(),
        verdict = quoted(&verdict),
        "a provider's answer was refused"
    );
    let denial = if trouble.is_passing() {
        Denial::ProviderDown
    } else {
        Denial::BadAnswer
    };
    Denied::because(denial, verdict)
}
