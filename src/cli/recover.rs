//! `recover`: the way back in for whoever has a shell on the machine, with the server up or down.

use std::io;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::recover::{Recovered, Recovery, Way};
use crate::cli::listing::PAGE;
use crate::cli::new_password::NewPassword;
use crate::cli::output::{Format, note};
use crate::cli::reached::Reached;
use crate::cli::subject::Named;
use crate::cli::{Outcome, Stop, context, qr, who};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::moderation::ban::Ban;
use crate::domain::proof::Purpose;
use crate::domain::qr::QrCode;

/// Whose way back in, and which.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address or id [default: the only admin]
    #[arg(value_name = "EMAIL|ID")]
    user: Option<String>,
    #[command(flatten)]
    way: WayIn,
    /// Make the account an admin
    #[arg(long)]
    admin: bool,
    /// Lift the bans of the account, of the addresses banned with it, and of those it logged in from lately
    #[arg(long)]
    lift_bans: bool,
    /// Take the second factor away as well; every session ends
    #[arg(long = "reset-2fa")]
    reset_second_factor: bool,
    #[command(flatten)]
    reached: Reached,
    #[command(flatten)]
    format: Format,
}

/// A link, or a password at once.
#[derive(Debug, Args)]
struct WayIn {
    /// Print a one-time link that sets a new password; it works for an hour [default]
    #[arg(long, conflicts_with = "new_password")]
    link: bool,
    /// Print the link as a QR code as well
    #[arg(long, conflicts_with_all = ["new_password", "json"])]
    qr: bool,
    /// Set a new random password and print it once; every session ends
    #[arg(long)]
    new_password: bool,
}

/// What was done, for people and for programs.
struct Told {
    account: Account,
    may_log_in: bool,
    done: Recovered,
    lifted: Vec<String>,
    standing: Vec<String>,
}

impl Arguments {
    /// Settings given as flags of this command.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        self.reached.flags()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or nobody says whose is meant.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let password = self.way.new_password.then(NewPassword::generated);
        let told = context::with_accounts(inputs, async |app| {
            let account = self.account(app).await?;
            let recovery = Recovery {
                way: password
                    .as_ref()
                    .map_or(Way::Link, |new| Way::Password(new.secret.clone())),
                admin: self.admin,
                lift_bans: self.lift_bans,
                second_factor: self.reset_second_factor,
            };
            let done = app.recover(&account, recovery).await?;
            let told = Told::of(app, &account, done).await?;
            if told.done.link.is_some() && !self.format.json {
                Reached::advise(app);
            }
            Ok(told)
        })?;
        self.print(&told, password.as_ref())?;
        told.advise(self);
        Ok(())
    }

    fn print(&self, told: &Told, password: Option<&NewPassword>) -> Outcome {
        let Told { account, done, .. } = told;
        let mut details = Vec::new();
        if let Some(link) = &done.link {
            details.push(link.expose().to_owned());
            details
                .push("The link sets a new password. It works once, for an hour, and ends every session.".to_owned());
            if self.way.qr {
                let code = QrCode::of(link.expose()).map_err(|error| Stop::failed(error.to_string()))?;
                details.extend(qr::lines(&code, &io::stdout()));
            }
        }
        details.extend(done.enabled.then(|| "enabled the account".to_owned()));
        details.extend(done.promoted.then(|| "made it an admin".to_owned()));
        details.extend(done.second_factor.then(|| "took its second factor away".to_owned()));
        details.extend(told.lifted.iter().map(|ban| format!("lifted the {ban}")));
        details.extend(told.standing.iter().map(|ban| format!("still in force: the {ban}")));
        details.extend(password.and_then(NewPassword::shown));
        let references = |bans: &[Ban]| -> Json { bans.iter().map(|ban| ban.reference.as_str()).collect() };
        let mut object = who::object(account);
        object["enabled"] = json!(done.enabled);
        object["promoted"] = json!(done.promoted);
        object["second_factor_removed"] = json!(done.second_factor);
        object["lifted"] = references(&done.lifted);
        object["still_banned"] = references(&done.standing);
        if let Some(link) = &done.link {
            object["link"] = json!(link.expose());
            object["valid_seconds"] = json!(Purpose::Recover.lifetime().as_secs());
        }
        if let Some(password) = password {
            object["password"] = json!(password.secret.expose());
        }
        self.format
            .done(&format!("✔ A way back in for {}", account.email), &details, &object)
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

impl Told {
    async fn of(app: &App, account: &Account, done: Recovered) -> Result<Self, Stop> {
        let account = who::again(app, account).await?;
        Ok(Self {
            may_log_in: account.email_verified || app.config.accounts.unverified_login || done.link.is_some(),
            lifted: labels(app, &done.lifted).await?,
            standing: labels(app, &done.standing).await?,
            account,
            done,
        })
    }

    /// What may still be in the way.
    fn advise(&self, arguments: &Arguments) {
        if !self.may_log_in {
            note(
                "The e-mail address was never proved, and accounts.unverified_login is off: the login will be refused.",
            );
        }
        if self.account.is_waiting() {
            note("The account waits to be let in: librechat-auth approvals approve EMAIL");
        }
        if self.account.two_factor_at.is_some() {
            note("The login asks for a second factor: if that is lost too, --reset-2fa takes it away.");
        }
        if !self.standing.is_empty() {
            note("Bans are in force that may keep you out: --lift-bans ends them.");
        }
        if !self.account.role.is_admin() && !arguments.format.json {
            note("The account is no admin: --admin makes it one.");
        }
    }
}

async fn labels(app: &App, bans: &[Ban]) -> Result<Vec<String>, Stop> {
    let mut lines = Vec::new();
    for ban in bans {
        let label = Named::of(app, ban.subject).await?.label();
        lines.push(format!("ban {} of {label}", ban.reference));
    }
    Ok(lines)
}
