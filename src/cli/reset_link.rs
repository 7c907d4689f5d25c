//! `reset-link`: a link with which somebody sets a new password, for an admin to pass on. Needs neither a mail service nor
//! a running server, unless it is to be mailed.

use std::io::{self, Write as _};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::app::audit::Actor;
use crate::app::reset_password::LONGEST_LINK;
use crate::app::{App, Failure};
use crate::cli::output::{Format, note};
use crate::cli::reached::Reached;
use crate::cli::subject::length;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, context, qr};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::duration;
use crate::domain::proof::Purpose;
use crate::domain::qr::QrCode;
use crate::domain::refusal::Refusal;

/// For whom, and where the server is for its visitors.
#[derive(Debug, Args)]
pub struct ResetLink {
    #[command(flatten)]
    who: Who,
    /// How long it works: 30m, 2h, up to 7d [default: 15m]
    #[arg(long, value_parser = length, value_name = "DURATION")]
    valid: Option<Duration>,
    /// Draw it as a QR code too
    #[arg(long)]
    qr: bool,
    /// Mail it to the person in the place of printing it; the running server does
    #[arg(long, conflicts_with = "qr")]
    mail: bool,
    /// Where the server is for its visitors.
    #[command(flatten)]
    pub reached: Reached,
    #[command(flatten)]
    format: Format,
}

impl ResetLink {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, it is locked, the link should live for too long, or mail is wanted and not configured.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Enter user email:")?;
        let life = self.valid.unwrap_or(Purpose::ResetPassword.lifetime());
        if life > LONGEST_LINK {
            let longest = duration::format(LONGEST_LINK);
            return Err(Stop::usage(format!("a reset link works for {longest} at most")));
        }
        let (account, link) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            if account.is_disabled() {
                return Err(Stop::failed(format!(
                    "{} is locked and could not log in: librechat-auth enable-user {}",
                    account.email, account.email
                )));
            }
            let link = self.make(app, &account, life).await?;
            Reached::advise(app);
            Ok((account, link))
        })?;
        let mut object = who::object(&account);
        object["link"] = json!(link);
        object["mailed"] = json!(self.mail);
        object["valid_seconds"] = json!(life.as_secs());
        match link {
            Some(link) if !self.format.json => self.print(&link, &account, life),
            _ => {
                let sentence = format!("✔ The running server mails the link to {}.", account.email);
                self.format.done(&sentence, &[worth(life)], &object)
            }
        }
    }

    /// The link, unless it is mailed.
    async fn make(&self, app: &App, account: &Account, life: Duration) -> Result<Option<String>, Stop> {
        if !self.mail {
            let path = app.make_reset_link(account, life, &Actor::Console).await?;
            return Ok(Some(app.link(&path)));
        }
        let mailed = app.mail_reset_link(account, life, &Actor::Console).await;
        mailed.map_err(|failure| match failure {
            Failure::Refused(Refusal::NoMail) => {
                Stop::failed("mail is not configured, see docs/mail.md: leave --mail out")
            }
            Failure::Refused(Refusal::NotFound) => Stop::failed(format!(
                "the time of {} is over: librechat-auth set-expiry",
                account.email
            )),
            other => other.into(),
        })?;
        Ok(None)
    }

    fn print(&self, link: &str, account: &Account, life: Duration) -> Outcome {
        let mut out = io::stdout().lock();
        writeln!(out, "{link}")?;
        if self.qr {
            let code = QrCode::of(link).map_err(|error| Stop::failed(error.to_string()))?;
            for line in qr::lines(&code, &out) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()?;
        note(&format!(
            "Give it to {} and nobody else: whoever opens it sets the password. {}",
            account.email,
            worth(life)
        ));
        Ok(())
    }
}

fn worth(life: Duration) -> String {
    format!(
        "It works once, for {}; older links of the account are dead.",
        duration::format(life)
    )
}
