//! `set-role`: what an account may do, from the very next request on.

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::create_user::role;
use crate::cli::disable_user::ask_about_last_admin;
use crate::cli::output::Format;
use crate::cli::{Outcome, context, who};
use crate::config::Inputs;
use crate::domain::account::Role;

/// Who becomes what.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// USER, ADMIN, or a role that LibreChat knows
    #[arg(value_parser = role)]
    role: Role,
    /// Do not ask, even about the last admin
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command. A role that is held already stays.
    ///
    /// # Errors
    /// If there is no such account, or it is the last admin's and that is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let account = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            if account.role == self.role {
                return Ok(account);
            }
            ask_about_last_admin(app, &account, self.yes).await?;
            app.set_role(&account, self.role.clone(), &Actor::Console).await?;
            who::again(app, &account).await
        })?;
        let sentence = format!("✔ {} has the role {}", account.email, account.role);
        self.format.done(&sentence, &[], &who::object(&account))
    }
}
