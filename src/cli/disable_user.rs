//! `disable-user` and `enable-user`: lock an account at once, sessions included, and unlock it.

use clap::Args;

use crate::app::App;
use crate::app::audit::Actor;
use crate::cli::output::Format;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::Inputs;
use crate::domain::account::Account;

/// Who is locked out.
#[derive(Debug, Args)]
pub struct Disable {
    #[command(flatten)]
    who: Who,
    /// Do not ask, even about the last admin
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// Who may come in again.
#[derive(Debug, Args)]
pub struct Enable {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    format: Format,
}

impl Disable {
    /// Runs the command. An account that is locked already stays so.
    ///
    /// # Errors
    /// If there is no such account, or it is the last admin's and that is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let account = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            if account.is_disabled() {
                return Ok(account);
            }
            ask_about_last_admin(app, &account, self.yes).await?;
            app.set_disabled(&account, true, &Actor::Console).await?;
            who::again(app, &account).await
        })?;
        let sentence = format!("✔ {} is disabled and logged out everywhere", account.email);
        self.format.done(&sentence, &[], &who::object(&account))
    }
}

impl Enable {
    /// Runs the command. An account that is not locked stays so.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let account = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            if !account.is_disabled() {
                return Ok(account);
            }
            app.set_disabled(&account, false, &Actor::Console).await?;
            who::again(app, &account).await
        })?;
        let sentence = format!("✔ {} can log in", account.email);
        self.format.done(&sentence, &[], &who::object(&account))
    }
}

/// Before an account loses the powers of an admin: asks if nobody else has them.
///
/// # Errors
/// If it is not confirmed.
pub async fn ask_about_last_admin(app: &App, account: &Account, yes: bool) -> Result<(), Stop> {
    if !app.is_last_admin(account).await? {
        return Ok(());
    }
    let question = format!(
        "{} is the last admin: afterwards only the command line can make another one. Go on? (y/N)",
        account.email
    );
    prompt::confirm(&question, yes)
}
