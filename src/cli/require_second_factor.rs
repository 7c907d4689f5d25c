//! `require-2fa` and `waive-2fa`: demand a second factor of one account, and do so no more.

use clap::Args;

use crate::app::App;
use crate::app::audit::Actor;
use crate::cli::output::Format;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::second_factor::Duty;

/// Of whom one is required.
#[derive(Debug, Args)]
pub struct Require {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    format: Format,
}

/// Of whom none is required any more.
#[derive(Debug, Args)]
pub struct Waive {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    format: Format,
}

impl Require {
    /// Runs the command. An account of which one is required already stays so.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let (account, duty) = context::with_accounts(inputs, async |app| {
            let account = demand(app, &name, true).await?;
            let duty = app.duty_of(&account);
            Ok((account, duty))
        })?;
        let sentence = format!("✔ A second factor is required of {}", account.email);
        let detail = match duty {
            Duty::None => "The account has one.".to_owned(),
            Duty::Due => "The account has none: its owner sets one up before anything else.".to_owned(),
            Duty::Until(end) => format!("The account has none: its owner sets one up until {end}."),
        };
        self.format.done(&sentence, &[detail], &who::object(&account))
    }
}

impl Waive {
    /// Runs the command. An account of which none is required stays so.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let (account, is_required) = context::with_accounts(inputs, async |app| {
            let account = demand(app, &name, false).await?;
            let status = app.second_factor_status(&account).await?;
            Ok((account, status.is_mandatory))
        })?;
        let sentence = format!("✔ No admin requires a second factor of {}", account.email);
        let details = if is_required {
            vec!["The settings do: see [two_factor] in the configuration.".to_owned()]
        } else {
            Vec::new()
        };
        self.format.done(&sentence, &details, &who::object(&account))
    }
}

/// The account as it is afterwards.
async fn demand(app: &App, name: &str, is_demanded: bool) -> Result<Account, Stop> {
    let account = who::find(app, name).await?;
    if account.two_factor_demanded_at.is_some() == is_demanded {
        return Ok(account);
    }
    app.demand_second_factor(&account, is_demanded, &Actor::Console).await?;
    who::again(app, &account).await
}
