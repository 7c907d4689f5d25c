//! How a command ends when it does not succeed: what standard error says, and the exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use dialoguer::console::style;

use crate::app::backup::{BackupError, RestoreError};
use crate::app::{Failure, Fault, LockError};
use crate::domain::field::{Issue, Rule, joined};
use crate::domain::refusal::Refusal;
use crate::web::server::BindError;

/// Not done: refused, not found, not possible.
const FAILED: u8 = 1;
/// The command line makes no sense, or lacks something that nobody is there to be asked for.
const USAGE: u8 = 2;

/// Why a command ends early.
#[derive(Debug)]
pub struct Stop {
    exit: u8,
    message: String,
}

/// What a command returns.
pub type Outcome = Result<(), Stop>;

impl Stop {
    /// Exit code 1, with a sentence that says what to do.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            exit: FAILED,
            message: message.into(),
        }
    }

    /// Exit code 2, with what to write instead.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: USAGE,
            message: message.into(),
        }
    }

    /// Exit code 1 after the command has said everything itself.
    #[must_use]
    pub fn explained() -> Self {
        Self::failed("")
    }

    /// Whoever read the output has seen enough, as `head` does: that is success.
    fn enough() -> Self {
        Self {
            exit: 0,
            message: String::new(),
        }
    }

    /// Writes the message to standard error and answers with the exit code.
    #[must_use]
    pub fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            // Nobody is left to tell if standard error is closed too.
            let _ = writeln!(io::stderr(), "{} {}", style("Error:").for_stderr().red(), self.message);
        }
        ExitCode::from(self.exit)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::enough()
        } else {
            Self::failed(error.to_string())
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::failed(match failure {
            Failure::Refused(refusal) => explained(&refusal),
            Failure::Fault(fault) => fault.to_string(),
        })
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}

macro_rules! failed_with_its_sentence {
    ($($error:ty),+) => {
        $(impl From<$error> for Stop {
            fn from(error: $error) -> Self {
                Self::failed(error.to_string())
            }
        })+
    };
}
failed_with_its_sentence!(Fault, LockError, BindError, BackupError, RestoreError, String);

/// A refusal in the words of LibreChat's scripts where they have some.
fn explained(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(issues) => broken_rules(issues),
        Refusal::DomainNotAllowed => {
            format!(
                "{} The setting accounts.allowed_domains names the domains that can.",
                Rule::DomainNotAllowed
            )
        }
        Refusal::NotFound => "User not found! Somebody else has just deleted the account.".to_owned(),
        Refusal::Taken(taken) => taken.to_string(),
        Refusal::Busy => "the database is busy: try again in a moment".to_owned(),
        other => format!("refused: {}", other.key()),
    }
}

/// One rule on the same line, several on a line each.
fn broken_rules(issues: &[Issue]) -> String {
    if issues.iter().any(|issue| issue.rule == Rule::Taken) {
        return Rule::Taken.to_string();
    }
    match issues {
        [only] => joined(&[*only]),
        several => {
            let lines = several.iter().map(|issue| format!("\n  {}", joined(&[*issue])));
            format!("the account is not possible:{}", lines.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_success_and_any_other_error_is_not() {
        let closed = Stop::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.exit, closed.message.as_str()), (0, ""));
        let full = Stop::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!((full.exit, full.message.is_empty()), (1, false));
    }

    #[test]
    fn every_broken_rule_gets_a_line() {
        let issues = vec![
            Issue::new("email", Rule::InvalidEmail),
            Issue::new("name", Rule::TooShort(3)),
        ];
        assert_eq!(
            Stop::from(Failure::Refused(Refusal::Invalid(issues))).message,
            "the account is not possible:\n  email: Invalid email\n  name: String must contain at least 3 character(s)"
        );
    }
}
