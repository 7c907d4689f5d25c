//! How a use case fails: a [`Refusal`] is expected and part of the contract; a [`Fault`] is not, and only its reference
//! number is shown.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use crate::crypto::hasher::HashError;
use crate::domain::refusal::Refusal;
use crate::store::StoreError;

/// Something that should not have happened: a cause with sentences of context, for the log only, and a reference number
/// that both the log and the client see.
#[derive(Debug)]
pub struct Fault {
    cause: anyhow::Error,
    reference: String,
}

impl Fault {
    /// From any error.
    pub fn new(cause: impl Into<anyhow::Error>) -> Self {
        // Needs to be different each time, not secret.
        let number = RandomState::new().hash_one(0) & 0xff_ffff_ffff;
        Self {
            cause: cause.into(),
            reference: format!("{number:010x}"),
        }
    }

    /// The number by which an admin finds the cause in the log.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Writes the cause to the log: once, at the edge.
    pub fn log(&self) {
        tracing::error!(reference = self.reference, error = %self, "a request failed");
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.cause)
    }
}

/// Why a use case did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// An expected "no".
    Refused(Refusal),
    /// An unexpected error.
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Refused(Refusal::Busy),
            other => Self::Fault(Fault::new(other)),
        }
    }
}

impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Refused(Refusal::Busy),
            stopped @ HashError::Stopped => Self::Fault(Fault::new(stopped)),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {}", refusal.key()),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
