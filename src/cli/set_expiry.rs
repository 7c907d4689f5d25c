//! `set-expiry`: until when somebody may come in.

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::disable_user::ask_about_last_admin;
use crate::cli::list_users::moment;
use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context, who};
use crate::config::Inputs;
use crate::domain::until;

/// Whose, and when.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// 2027-01-31 (that day still counts), 2027-01-31T18:00 in UTC, a span from now such as 30d, or never
    #[arg(value_name = "WHEN")]
    when: String,
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
    /// If there is no such account, WHEN is no moment to come, or it is the last admin's and that is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let account = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            let until =
                until::parse(&self.when, app.now()).map_err(|error| Stop::usage(format!("{:?} {error}", self.when)))?;
            if until.is_some() {
                ask_about_last_admin(app, &account, self.yes).await?;
            }
            app.set_valid_until(&account, until, &Actor::Console).await?;
            who::again(app, &account).await
        })?;
        let sentence = match account.valid_until {
            Some(_) => format!(
                "✔ {} may come in until {} UTC",
                account.email,
                moment(account.valid_until)
            ),
            None => format!("✔ {} may come in without an end", account.email),
        };
        self.format.done(&sentence, &[], &who::object(&account))
    }
}
