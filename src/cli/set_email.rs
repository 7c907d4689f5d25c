//! `set-email`: another address for an account, on an admin's word.

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::output::Format;
use crate::cli::{Outcome, context, who};
use crate::config::Inputs;

/// Whose, and which.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// The address to be
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or the address is none, of a domain that is not allowed, or taken.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let (account, old, told) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            app.set_email(&account, self.new.trim(), &Actor::Console).await?;
            let old = account.email.clone();
            Ok((who::again(app, &account).await?, old, app.mail_is_configured()))
        })?;
        let sentence = format!("✔ {old} is now {}", account.email);
        let mut details = vec!["The new address counts as proved; the account is logged out everywhere.".to_owned()];
        if told {
            details.push(format!("A letter to {old} says so."));
        }
        self.format.done(&sentence, &details, &who::object(&account))
    }
}
