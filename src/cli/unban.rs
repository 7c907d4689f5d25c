//! `unban` and `bans remove`: bans are lifted, and the scores behind them forgotten.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::app::unban::Whose;
use crate::cli::output::Format;
use crate::cli::subject::Named;
use crate::cli::{Outcome, Stop, ban_text, context, prompt};
use crate::config::Inputs;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::refused::read_reference;

/// Whose bans.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address, id, address, network, or the reference number of a ban
    #[arg(value_name = "USER|ADDRESS|NETWORK|REF", required_unless_present = "all")]
    subject: Option<String>,
    /// Everybody's
    #[arg(long, conflicts_with = "subject")]
    all: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// That there is no ban with this number.
pub(super) fn no_such_ban(reference: &str) -> Stop {
    Stop::failed(format!(
        "there is no ban with the reference number {reference:?}: `librechat-auth bans list --all` lists all of them"
    ))
}

/// What was lifted, and what still stands in the way.
struct Unbanned {
    name: String,
    lifted: Vec<String>,
    /// Bans that came with those that were lifted, and are in force.
    remaining: Vec<(String, String)>,
    objects: Vec<Json>,
}

impl Arguments {
    /// Runs the command. Who is not banned stays so.
    ///
    /// # Errors
    /// If there is no such account or ban, or lifting all is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        if self.all {
            prompt::confirm("Lift every ban? (y/N)", self.yes)?;
        }
        let unbanned = context::with_accounts(inputs, async |app| {
            let (name, whose) = self.whose(app).await?;
            let bans = app.unban(whose, &Actor::Console).await?;
            told(app, name, bans).await
        })?;
        let Unbanned { name, lifted, .. } = &unbanned;
        let sentence = match lifted.len() {
            0 => format!("✔ {name}: no ban is in force, and the score is nothing"),
            1 => format!("✔ {name}: the ban is lifted and its score forgotten"),
            count => format!("✔ {name}: {count} bans are lifted and their scores forgotten"),
        };
        let mut details = lifted.clone();
        details.extend(unbanned.remaining.iter().map(|(reference, other)| {
            format!("{other} was banned at the same time and still is: librechat-auth unban {reference}")
        }));
        let remaining: Vec<&String> = unbanned.remaining.iter().map(|(reference, _)| reference).collect();
        let object = json!({ "lifted": unbanned.objects, "still_banned": remaining });
        self.format.done(&sentence, &details, &object)
    }

    async fn whose(&self, app: &App) -> Result<(String, Whose), Stop> {
        let Some(name) = &self.subject else {
            return Ok(("everybody".to_owned(), Whose::All));
        };
        let Some(reference) = read_reference(name) else {
            let named = Named::find(app, name).await?;
            return Ok((named.label(), Whose::Of(named.subject)));
        };
        let explained = app.explain_ban(&reference).await?;
        explained.ok_or_else(|| no_such_ban(name))?;
        Ok((format!("ban {reference}"), Whose::Reference(reference)))
    }
}

async fn told(app: &App, name: String, bans: Vec<Ban>) -> Result<Unbanned, Stop> {
    let mut unbanned = Unbanned {
        name,
        lifted: Vec::new(),
        remaining: Vec::new(),
        objects: Vec::new(),
    };
    let now = app.now();
    for mut ban in bans {
        let named = Named::of(app, ban.subject).await?;
        unbanned
            .lifted
            .push(format!("{} (ban {})", named.label(), ban.reference));
        ban.lifted_at = Some(now);
        unbanned.objects.push(ban_text::object(&ban, &named, now));
        for other in app.banned_together(&ban).await? {
            if other.is_in_force(now) {
                let label = Named::of(app, other.subject).await?.label();
                unbanned.remaining.push((other.reference, label));
            }
        }
    }
    Ok(unbanned)
}
