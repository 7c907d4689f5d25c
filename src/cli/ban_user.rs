//! `ban-user`: LibreChat's script, which also says that it worked.

use std::time::Duration;

use clap::Args;

use crate::cli::output::Format;
use crate::cli::subject::{Named, length};
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, bans, context, prompt};
use crate::config::Inputs;
use crate::domain::duration;

/// Who, and for how long.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
    /// How long: 30m, 2h, 7d, or milliseconds
    #[arg(value_parser = length)]
    duration: Option<Duration>,
    /// A remark for other admins; the banned person does not see it
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Do not ask, even about the last admin
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or it is the last admin's and that is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let span = self.duration.map_or_else(ask, Ok)?;
        let (ban, named, object) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            bans::ban(app, Named::account(account), Some(span), &self.note, self.yes).await
        })?;
        let found = format!("Found user: {}", named.label());
        self.format.done(&found, &[bans::done(&ban, &named)], &object)
    }
}

/// Asks in LibreChat's words: a number alone is minutes here.
fn ask() -> Result<Duration, Stop> {
    let instead = "say for how long: DURATION, such as 2h";
    let answer = prompt::unless_given(None, "Duration (in minutes):", instead)?;
    in_minutes(&answer).map_err(Stop::failed)
}

fn in_minutes(answer: &str) -> Result<Duration, String> {
    if answer.chars().any(char::is_alphabetic) {
        return length(answer);
    }
    let minutes = duration::parse(&format!("({answer}) * 60000"));
    minutes.map_err(|error| format!("Invalid duration! {answer:?} {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_is_minutes_and_a_unit_is_itself() {
        assert_eq!(in_minutes("90"), Ok(Duration::from_mins(90)));
        assert_eq!(in_minutes("60 * 24"), Ok(Duration::from_hours(24)));
        assert_eq!(in_minutes("2h"), Ok(Duration::from_hours(2)));
        for bad in ["", "0", "-5", "a while"] {
            assert!(
                in_minutes(bad).is_err_and(|error| error.starts_with("Invalid duration!")),
                "{bad}"
            );
        }
    }
}
