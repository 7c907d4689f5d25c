//! `federation`: how logins with other providers ended, and why.

use clap::{Args, Subcommand};

use crate::app::flights::Wanted;
use crate::cli::output::{Format, harmless};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::federation::flight::Flight;
use crate::domain::federation::redacted::is_cut;

/// Most rows of a listing.
const MOST: u64 = 10_000;

/// What is looked at.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the last logins with other providers, newest first: failures, and the last success of each identity
    Log(Log),
    /// Show one of them with what the provider said; no token, code or secret is kept
    Show(Show),
}

/// Which logins.
#[derive(Debug, Args)]
pub struct Log {
    /// Only those with this provider, such as openid
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Only those that failed
    #[arg(long)]
    failed: bool,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

/// Which login.
#[derive(Debug, Args)]
pub struct Show {
    /// The number on the page, or in the list, such as K7QW-3M9P
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such login.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Log(arguments) => arguments.run(inputs),
            Self::Show(arguments) => arguments.run(inputs),
        }
    }
}

impl Log {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let wanted = Wanted {
            provider: self.provider.clone(),
            only_failed: self.failed,
            most: usize::try_from(self.limit).unwrap_or(usize::MAX),
        };
        let flights = context::with_accounts(inputs, async |app| Ok(app.flights(&wanted).await?))?;
        let rows = Rows {
            titles: &["Number", "Time", "Provider", "Outcome", "Stage", "Who", "Verdict"],
            rows: flights.iter().map(|flight| (cells(flight), flight.object())).collect(),
        };
        rows.print(self.format, "No login with another provider is recorded.")
    }
}

fn cells(flight: &Flight) -> Vec<String> {
    vec![
        flight.reference.clone(),
        flight.at.to_string(),
        flight.provider.to_string(),
        flight.kind.key().to_owned(),
        flight.stage.key().to_owned(),
        flight.who().unwrap_or_default(),
        flight.verdict.clone(),
    ]
}

/// A login for people: what happened, and the rest.
pub(super) fn told(flight: &Flight) -> (String, Vec<String>) {
    let sentence = format!(
        "{}: the login with {} {} {}",
        flight.reference,
        flight.provider,
        flight.kind.says(),
        flight.stage.says()
    );
    let mut details = vec![
        format!("verdict     {}", harmless(&flight.verdict)),
        format!("when        {}", flight.at),
        format!("cause       {}", flight.cause),
    ];
    if let Some(subject) = &flight.subject {
        let (subject, issuer) = (harmless(&subject.subject), harmless(&subject.issuer));
        details.push(format!("who         {subject} of {issuer}"));
    }
    (sentence, details)
}

impl Show {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let flight = context::with_accounts(inputs, async |app| Ok(app.flight(&self.reference).await?))?;
        let flight = flight.ok_or_else(|| unknown(&self.reference))?;
        let (sentence, mut details) = told(&flight);
        if let Some(text) = &flight.claims {
            details.push("claims".to_owned());
            let pretty = serde_json::to_string_pretty(&flight.said()).unwrap_or_default();
            details.extend(pretty.lines().map(|line| format!("  {}", harmless(line))));
            if is_cut(text) {
                details.push("The provider said more than is kept.".to_owned());
            }
        }
        self.format.done(&sentence, &details, &flight.object())
    }
}

/// There is no login of that number.
pub(super) fn unknown(reference: &str) -> Stop {
    Stop::failed(format!(
        "no login with the number {reference:?} is recorded: the server writes them down within a second and keeps the last \
         failures and the last success of each identity"
    ))
}
