//! `approvals`: who waits to be let in, and the answer.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::cli::list_users::moment;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, prompt, who};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::refusal::Refusal;

/// Accounts read at a time.
const PAGE: u32 = 1_000;

/// What is done with those who wait.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the accounts that wait to be let in, longest first
    List(List),
    /// Let an account in; its owner is told by mail
    Approve(Approve),
    /// Delete an account that waits; its owner is told by mail
    Reject(Reject),
}

/// How.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    format: Format,
}

/// Who is let in.
#[derive(Debug, Args)]
pub struct Approve {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID", required_unless_present = "all")]
    user: Option<String>,
    /// Everybody who waits
    #[arg(long, conflicts_with = "user")]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// Who is turned away.
#[derive(Debug, Args)]
pub struct Reject {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or it does not wait.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Approve(arguments) => arguments.run(inputs),
            Self::Reject(arguments) => arguments.run(inputs),
        }
    }
}

/// Everybody who waits, longest first.
async fn waiting(app: &App) -> Result<Vec<Account>, Stop> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let after = all.last().and_then(|last| Some((last.waiting_since?, last.key)));
        let page = app.waiting_after(after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let all = context::with_accounts(inputs, waiting)?;
        let cells = |account: &Account| {
            vec![
                account.email.to_string(),
                account.name.clone(),
                moment(account.waiting_since),
                if account.email_verified { "yes" } else { "no" }.to_owned(),
            ]
        };
        let rows = Rows {
            titles: &["Email", "Name", "Waiting since", "Address proved"],
            rows: all
                .iter()
                .map(|account| (cells(account), who::object(account)))
                .collect(),
        };
        rows.print(self.format, "Nobody is waiting.")
    }
}

impl Approve {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let approved = context::with_accounts(inputs, async |app| {
            let accounts = match &self.user {
                Some(name) => vec![find(app, name).await?],
                None => waiting(app).await?,
            };
            let mut approved = Vec::new();
            for account in accounts {
                match app.approve(&account, &Actor::Console).await {
                    // Somebody else was faster.
                    Err(Failure::Refused(Refusal::NotFound)) if self.all => {}
                    Err(failure) => return Err(decided(&account, failure)),
                    Ok(()) => approved.push(account),
                }
            }
            Ok(approved)
        })?;
        let names: Vec<&str> = approved.iter().map(|account| account.email.as_str()).collect();
        match names.as_slice() {
            [only] if !self.all => {
                let sentence = format!("✔ {only} may log in now");
                self.format.done(&sentence, &[], &json!({ "approved": [only] }))
            }
            all => {
                let sentence = format!("✔ Accounts let in: {}", all.len());
                let lines: Vec<String> = all.iter().map(|name| format!("  {name}")).collect();
                self.format.done(&sentence, &lines, &json!({ "approved": all }))
            }
        }
    }
}

impl Reject {
    fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let account = context::with_accounts(inputs, async |app| {
            let account = find(app, &self.user).await?;
            prompt::confirm(&format!("Turn away and delete {}? (y/N)", account.email), self.yes)?;
            let outcome = app.reject(&account, &Actor::Console).await;
            outcome.map_err(|failure| decided(&account, failure))?;
            Ok(account)
        })?;
        let object: Json = who::object_with(&account, "rejected", true);
        let sentence = format!("✔ {} was turned away; the account is deleted", account.email);
        self.format.done(&sentence, &[], &object)
    }
}

/// The account with this name, if it waits.
async fn find(app: &App, name: &str) -> Result<Account, Stop> {
    let account = who::find(app, name).await?;
    if account.is_waiting() {
        Ok(account)
    } else {
        Err(not_waiting(&account))
    }
}

fn decided(account: &Account, failure: Failure) -> Stop {
    match failure {
        Failure::Refused(Refusal::NotFound) => not_waiting(account),
        other => other.into(),
    }
}

fn not_waiting(account: &Account) -> Stop {
    Stop::failed(format!("{} does not wait: it was decided before", account.email))
}
