//! `recover`: the way back in for whoever has a shell on the machine, with the server up or down.

use clap::Args;
use serde_json::json;

use crate::app::App;
use crate::app::recover::{Recovered, Recovery};
use crate::cli::listing::PAGE;
use crate::cli::new_password::NewPassword;
use crate::cli::output::{Format, note};
use crate::cli::subject::Named;
use crate::cli::{Outcome, Stop, context, who};
use crate::config::Inputs;
use crate::domain::account::Account;

/// Whose way back in.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address or id [default: the only admin]
    #[arg(value_name = "EMAIL|ID")]
    user: Option<String>,
    /// Make the account an admin
    #[arg(long)]
    admin: bool,
    /// Set a new random password and print it once; every session ends
    #[arg(long)]
    new_password: bool,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or nobody says whose is meant.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let password = self.new_password.then(NewPassword::generated);
        let (account, done, may_log_in, lifted) = context::with_accounts(inputs, async |app| {
            let account = self.account(app).await?;
            let recovery = Recovery {
                admin: self.admin,
                password: password.as_ref().map(|new| new.secret.clone()),
            };
            let done = app.recover(&account, recovery).await?;
            let account = who::again(app, &account).await?;
            let may_log_in = account.email_verified || app.config.accounts.unverified_login;
            let mut lifted = Vec::new();
            for ban in &done.lifted {
                let label = Named::of(app, ban.subject).await?.label();
                lifted.push((
                    ban.reference.clone(),
                    format!("lifted the ban {} of {label}", ban.reference),
                ));
            }
            Ok((account, done, may_log_in, lifted))
        })?;
        let mut details = told(&done);
        details.extend(lifted.iter().map(|(_, line)| line.clone()));
        details.extend(password.as_ref().and_then(NewPassword::shown));
        let mut object = who::object(&account);
        object["enabled"] = json!(done.enabled);
        object["promoted"] = json!(done.promoted);
        object["lifted"] = lifted.iter().map(|(reference, _)| reference.as_str()).collect();
        if let Some(password) = &password {
            object["password"] = json!(password.secret.expose());
        }
        self.format
            .done(&format!("✔ Nothing keeps {} out", account.email), &details, &object)?;
        advise(&account, may_log_in, self);
        Ok(())
    }

    async fn account(&self, app: &App) -> Result<Account, Stop> {
        if let Some(name) = &self.user {
            return who::find(app, name).await;
        }
        let mut admins = admins(app).await?;
        match (admins.pop(), admins.as_slice()) {
            (Some(only), []) => Ok(only),
            (Some(last), others) => {
                let all: Vec<&str> = others
                    .iter()
                    .chain([&last])
                    .map(|account| account.email.as_str())
                    .collect();
                Err(Stop::usage(format!(
                    "say whose: EMAIL; the admins are {}",
                    all.join(", ")
                )))
            }
            (None, _) => Err(Stop::usage("there is no admin: name an account and add --admin")),
        }
    }
}

/// Every admin, also those who are locked out.
async fn admins(app: &App) -> Result<Vec<Account>, Stop> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = app.users_after(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.key);
        found.extend(page.into_iter().filter(|account| account.role.is_admin()));
    }
}

fn told(done: &Recovered) -> Vec<String> {
    let mut lines = Vec::new();
    if done.enabled {
        lines.push("enabled the account".to_owned());
    }
    if done.promoted {
        lines.push("made it an admin".to_owned());
    }
    lines
}

/// What may still be in the way.
fn advise(account: &Account, may_log_in: bool, arguments: &Arguments) {
    if !may_log_in {
        note("The e-mail address was never proved, and accounts.unverified_login is off: the login will be refused.");
    }
    if arguments.format.json {
        return;
    }
    if !account.role.is_admin() {
        note("The account is no admin: --admin makes it one.");
    }
    if !arguments.new_password {
        note("If the password is lost: add --new-password.");
    }
}
