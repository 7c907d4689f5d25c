//! `bans`: who is banned, why exactly, and a ban by hand.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::app::bans::Explained;
use crate::cli::disable_user::ask_about_last_admin;
use crate::cli::list_users::moment;
use crate::cli::output::{Format, harmless};
use crate::cli::subject::{Named, length};
use crate::cli::{Outcome, Stop, ban_text, context, spare, unban, violations};
use crate::config::Inputs;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::timeline::crossed;

/// Bans read at a time.
const PAGE: u32 = 1_000;

/// What is done with bans.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the bans in force
    List(List),
    /// Explain a ban: the violations that added up, the arithmetic and the end
    Show(Show),
    /// Ban an account, an address or a network by hand
    Add(Add),
    /// Lift bans and forget the scores behind them, as `unban` does
    Remove(unban::Arguments),
    /// Never ban a network: put it on a list that adds to the setting moderation.exempt, and lift the bans in it
    Spare(spare::Spare),
    /// Take a network off that list
    Unspare(spare::Unspare),
    /// Show that list
    Spared(spare::Spared),
}

/// Which bans.
#[derive(Debug, Args)]
pub struct List {
    /// Those that are over, lifted or only recorded in shadow mode as well, newest first
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// Which ban.
#[derive(Debug, Args)]
pub struct Show {
    /// The reference number that the banned person was given
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    format: Format,
}

/// Whom, and for how long.
#[derive(Debug, Args)]
pub struct Add {
    /// E-mail address, id, address or network
    subject: String,
    /// How long: 30m, 2h, 7d, or milliseconds [default: until somebody lifts it]
    #[arg(value_parser = length)]
    duration: Option<Duration>,
    /// A remark for other admins; the banned person does not see it
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Do not ask, even about the last admin
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such ban or subject, or it may not be banned.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Show(arguments) => arguments.run(inputs),
            Self::Add(arguments) => arguments.run(inputs),
            Self::Remove(arguments) => arguments.run(inputs),
            Self::Spare(arguments) => arguments.run(inputs),
            Self::Unspare(arguments) => arguments.run(inputs),
            Self::Spared(arguments) => arguments.run(inputs),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let rows = context::with_accounts(inputs, async |app| {
            let bans = if self.all {
                history(app).await?
            } else {
                app.bans_in_force().await?
            };
            ban_text::rows(app, &bans).await
        })?;
        rows.print(self.format, "Nobody is banned.")
    }
}

async fn history(app: &App) -> Result<Vec<Ban>, Stop> {
    let mut all: Vec<Ban> = Vec::new();
    loop {
        let before = all.last().map_or(i64::MAX, |ban| ban.id);
        let page = app.ban_history(before, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

impl Show {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let told = context::with_accounts(inputs, async |app| {
            let explained = app.explain_ban(&self.reference).await?;
            let explained = explained.ok_or_else(|| unban::no_such_ban(&self.reference))?;
            Told::of(app, explained).await
        })?;
        self.format.done(&told.sentence, &told.details, &told.object)
    }
}

/// A ban explained, ready to be printed.
pub(super) struct Told {
    pub(super) sentence: String,
    pub(super) details: Vec<String>,
    pub(super) object: Json,
}

impl Told {
    /// Puts an explanation into words.
    ///
    /// # Errors
    /// If an account cannot be looked up.
    pub(super) async fn of(app: &App, explained: Explained) -> Result<Self, Stop> {
        let now = app.now();
        let Explained {
            ban,
            account,
            sum,
            together,
        } = explained;
        let named = Named {
            subject: ban.subject,
            account,
        };
        let sentence = format!(
            "Ban {} of {}: {}",
            ban.reference,
            named.label(),
            ban_text::state(&ban, now)
        );
        let mut details = vec![
            format!("since    {}", ban.started_at),
            format!(
                "ends     {}",
                ban.ends_at
                    .map_or("when somebody lifts it".to_owned(), |end| end.to_string())
            ),
        ];
        details.extend(ban.lifted_at.map(|at| format!("lifted   {at}")));
        details.push(format!("by       {}", ban.by));
        if !ban.note.is_empty() {
            details.push(format!("note     {}", harmless(&ban.note)));
        }
        let mut object = ban_text::object(&ban, &named, now);
        if !ban.is_by_hand() {
            let written = sum.written();
            let crossed = crossed(ban.points, ban.interval);
            details.push(format!("cause    {}: {written}, crossed {crossed}", ban.cause));
            object["arithmetic"] = json!(written);
            object["crossed"] = ban_text::number(crossed);
            object["complete"] = json!(sum.is_complete);
        }
        let mut with = Vec::new();
        for other in &together {
            let other_name = Named::of(app, other.subject).await?.label();
            details.push(format!("with     {other_name}, ban {}", other.reference));
            with.push(other.reference.clone());
        }
        object["together"] = json!(with);
        object["violations"] = sum.events.iter().map(violations::object).collect();
        details.extend(sum.events.iter().map(|event| format!("  {}", violations::line(event))));
        if !sum.is_complete && !ban.is_by_hand() {
            details.push("  Older violations are no longer recorded.".to_owned());
        }
        Ok(Self {
            sentence,
            details,
            object,
        })
    }
}

impl Add {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (ban, named, object) = context::with_accounts(inputs, async |app| {
            let named = Named::find(app, &self.subject).await?;
            ban(app, named, self.duration, &self.note, self.yes).await
        })?;
        self.format.done(&done(&ban, &named), &[], &object)
    }
}

/// Bans by hand; the last admin only after a question.
///
/// # Errors
/// If the subject may not be banned, or that is not confirmed.
pub(super) async fn ban(
    app: &App,
    named: Named,
    duration: Option<Duration>,
    note: &str,
    yes: bool,
) -> Result<(Ban, Named, Json), Stop> {
    if let Some(account) = &named.account {
        ask_about_last_admin(app, account, yes).await?;
    }
    let banned = app.add_ban(named.subject, duration, note, &Actor::Console).await?;
    let ban = banned.map_err(|reason| Stop::failed(ban_text::refused(&named.label(), reason)))?;
    let object = ban_text::object(&ban, &named, app.now());
    Ok((ban, named, object))
}

/// What was done, in a sentence.
pub(super) fn done(ban: &Ban, named: &Named) -> String {
    let logged_out = if named.account.is_some() {
        " and logged out everywhere"
    } else {
        ""
    };
    let until = ban_text::until(ban);
    format!(
        "✔ {} is banned {until}{logged_out} (ban {})",
        named.label(),
        ban.reference
    )
}

/// One line about a ban among others.
pub(super) fn line(ban: &Ban, now: crate::domain::time::Timestamp) -> String {
    let since = moment(Some(ban.started_at));
    format!(
        "ban {} for {}, since {since} UTC, {}: {}",
        ban.reference,
        ban.cause,
        ban_text::until(ban),
        ban_text::state(ban, now)
    )
}
