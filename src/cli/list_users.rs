//! `list-users`: everybody, in the order in which they came.

use clap::Args;

use crate::cli::filter::Flags;
use crate::cli::listing::{self, Columns};
use crate::cli::output::Format;
use crate::cli::{Outcome, context, who};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::directory::State;
use crate::domain::time::Timestamp;

/// How.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Flags,
    #[command(flatten)]
    format: Format,
}

const COLUMNS: Columns<Account> = Columns {
    titles: &[
        "ID",
        "Email",
        "Username",
        "Name",
        "Role",
        "Provider",
        "State",
        "2FA",
        "Created",
        "Terms Accepted",
    ],
    expendable: &[9, 5, 2, 0, 8],
    cells,
    object: who::object,
    key: |account| account.key,
};

fn cells(account: &Account) -> Vec<String> {
    vec![
        account.id.to_string(),
        account.email.to_string(),
        account.username.clone().unwrap_or_default(),
        account.name.clone(),
        account.role.to_string(),
        account.provider.clone(),
        State::of(account).key().to_owned(),
        if account.two_factor_at.is_some() { "yes" } else { "-" }.to_owned(),
        moment(Some(account.created_at)),
        moment(account.terms_accepted_at),
    ]
}

/// Day and minute in UTC; `-` for never.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> String {
    let Some(at) = at else { return "-".to_owned() };
    let text = at.to_string();
    match text.get(..16) {
        Some(minute) => minute.replace('T', " "),
        None => text,
    }
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let filter = self.which.parse()?;
        context::with_accounts(inputs, async |app| {
            listing::print(app, self.format, &COLUMNS, async |after| {
                let mut after = after;
                loop {
                    let (found, next) = app.matching_after(&filter, after).await?;
                    if !found.is_empty() || next.is_none() {
                        return Ok(found);
                    }
                    after = next;
                }
            })
            .await
        })
    }
}
