//! `user-stats`: how much everybody uses the login.

use clap::Args;

use crate::app::manage::UserStats;
use crate::cli::list_users::moment;
use crate::cli::listing::{self, Columns, PAGE};
use crate::cli::output::Format;
use crate::cli::{Outcome, context, who};
use crate::config::Inputs;

/// How.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    format: Format,
}

const COLUMNS: Columns<UserStats> = Columns {
    titles: &["User", "Email", "Sessions", "Logins", "Last Login"],
    expendable: &[0],
    cells: |stats| {
        vec![
            stats.account.name.clone(),
            stats.account.email.to_string(),
            stats.sessions.to_string(),
            stats.account.login_count.to_string(),
            moment(stats.account.last_login_at),
        ]
    },
    object: |stats| who::object_with(&stats.account, "sessions", stats.sessions),
    key: |stats| stats.account.key,
};

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        context::with_accounts(inputs, async |app| {
            listing::print(app, self.format, &COLUMNS, async |after| {
                app.stats_after(after, PAGE).await
            })
            .await
        })
    }
}
