//! `reset-link`: a link with which somebody sets a new password, for an admin to pass on. Needs neither a mail service nor
//! a running server.

use std::io::{self, Write as _};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::app::audit::Actor;
use crate::app::reset_password::LONGEST_LINK;
use crate::cli::output::{Format, note};
use crate::cli::reached::Reached;
use crate::cli::subject::length;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, context, qr};
use crate::config::Inputs;
use crate::domain::duration;
use crate::domain::proof::Purpose;
use crate::domain::qr::QrCode;

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
    /// If there is no such account, it is locked, or the link should live for too long.
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
            let path = app.make_reset_link(&account, life, &Actor::Console).await?;
            Reached::advise(app);
            Ok((account, app.link(&path)))
        })?;
        let mut out = io::stdout().lock();
        if self.format.json {
            let mut object = who::object(&account);
            object["link"] = json!(link);
            object["valid_seconds"] = json!(life.as_secs());
            writeln!(out, "{object}")?;
            return Ok(out.flush()?);
        }
        writeln!(out, "{link}")?;
        if self.qr {
            let code = QrCode::of(&link).map_err(|error| Stop::failed(error.to_string()))?;
            for line in qr::lines(&code, &out) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()?;
        note(&format!(
            "Give it to {} and nobody else: whoever opens it sets the password. It works once, for {}; older links of the \
             account are dead.",
            account.email,
            duration::format(life)
        ));
        Ok(())
    }
}
