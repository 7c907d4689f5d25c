//! `identities rekey`: a provider has moved, and its people with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::app::federated_login::rekey::{Move, Plan, Rekey, Snag, Step};
use crate::cli::identities::{self, provider_of, span};
use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::Inputs;

/// From where to where.
#[derive(Debug, Args)]
pub struct Rekeying {
    /// The issuer until now, as `identities list` shows it
    #[arg(long)]
    from_issuer: String,
    /// The issuer from now on, as tokens say it
    #[arg(long)]
    to_issuer: String,
    /// Lines with an old subject, a comma and the new one [default: subjects stay]
    #[arg(long, value_name = "FILE", conflicts_with = "by_email")]
    map: Option<PathBuf>,
    /// Move each identity at the next login with the proved address of its account
    #[arg(long, requires = "provider")]
    by_email: bool,
    /// The provider of the new issuer, by its name in addresses
    #[arg(long)]
    provider: Option<String>,
    /// With --by-email: for how long
    #[arg(long, value_name = "DURATION", value_parser = span, default_value = "30d")]
    expires: Duration,
    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Rekeying {
    /// Runs the command.
    ///
    /// # Errors
    /// If there are conflicts, the list cannot be read, or it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        if !self.dry_run {
            prompt::expect_consent(self.yes)?;
        }
        let map = self.map.as_deref().map(read_map).transpose()?;
        let plan = context::with_accounts(inputs, async |app| {
            let wanted = self.wanted(app, map.clone())?;
            let plan = app.rekey_identities(wanted.clone(), true, &Actor::Console).await?;
            if self.dry_run || plan.has_conflicts() {
                return Ok(plan);
            }
            let count = plan.steps.iter().filter(|step| step.outcome.is_ok()).count();
            if !self.yes {
                plan.steps.iter().for_each(|step| note(&line(step)));
            }
            let question = format!("Really move {count} identities to {}? (y/N)", harmless(&self.to_issuer));
            prompt::confirm(&question, self.yes)?;
            Ok(app.rekey_identities(wanted, false, &Actor::Console).await?)
        })?;
        self.tell(&plan)
    }

    fn wanted(&self, app: &App, map: Option<BTreeMap<String, String>>) -> Result<Move, Stop> {
        if self.from_issuer == self.to_issuer && map.is_none() {
            return Err(Stop::usage("both issuers are the same, and there is no --map"));
        }
        let provider = self.provider.as_ref().map(|name| provider_of(app, name)).transpose()?;
        let how = match (&provider, map) {
            (Some(provider), None) if self.by_email => Rekey::ByAddress(provider.clone(), self.expires),
            (_, Some(map)) => Rekey::Map(map),
            (_, None) => Rekey::Same,
        };
        Ok(Move {
            from: self.from_issuer.clone(),
            to: self.to_issuer.clone(),
            provider,
            how,
        })
    }

    fn tell(&self, plan: &Plan) -> Outcome {
        let count = plan.steps.iter().filter(|step| step.outcome.is_ok()).count();
        let sentence = match (plan.has_conflicts(), plan.is_done, self.by_email) {
            (true, ..) => "Nothing was changed: there are conflicts.".to_owned(),
            (false, false, _) => format!("{count} of {} identities would move.", plan.steps.len()),
            (false, true, true) => format!("✔ {count} people are expected: they move at their next login"),
            (false, true, false) => format!("✔ {count} of {} identities have moved", plan.steps.len()),
        };
        let mut lines: Vec<String> = plan.steps.iter().map(line).collect();
        let unknown = plan
            .unknown
            .iter()
            .map(|old| format!("{}: nobody here has this subject", harmless(old)));
        lines.extend(unknown);
        let object = json!({
            "done": plan.is_done,
            "conflicts": plan.has_conflicts(),
            "identities": plan.steps.iter().map(step).collect::<Vec<_>>(),
            "unknown": plan.unknown,
        });
        self.format.done(&sentence, &lines, &object)?;
        if plan.has_conflicts() {
            return Err(Stop::failed("resolve the conflicts first: nothing was changed"));
        }
        Ok(())
    }
}

fn step(step: &Step) -> Json {
    let mut object = identities::object(&step.connection, &step.account);
    object["new_subject"] = json!(step.outcome.as_ref().ok().and_then(Option::as_ref));
    object["snag"] = json!(step.outcome.as_ref().err().map(|snag| snag.key()));
    object
}

fn line(step: &Step) -> String {
    let what = match &step.outcome {
        Ok(Some(subject)) => format!("becomes {}", harmless(subject)),
        Ok(None) => "moves at the next login with the account's address".to_owned(),
        Err(Snag::NotInTheMap) => "stays: it is not in the map".to_owned(),
        Err(Snag::Taken) => "CONFLICT: the new subject is connected already".to_owned(),
        Err(Snag::Twice) => "CONFLICT: another one becomes the same subject".to_owned(),
        Err(Snag::AddressUnproved) => "stays: the account's address was never proved".to_owned(),
        Err(Snag::SeveralIdentities) => "stays: the account has several identities of this issuer".to_owned(),
    };
    let subject = harmless(&step.connection.subject.subject);
    format!("{}: {subject} {what}", step.account.email)
}

/// The old and the new subject of each line; what is empty or begins with `#` is no line.
fn read_map(file: &Path) -> Result<BTreeMap<String, String>, Stop> {
    let text = fs::read_to_string(file)
        .map_err(|error| Stop::failed(format!("{} cannot be read: {error}", file.display())))?;
    let mut map = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || (number == 0 && line == "old_subject,new_subject") {
            continue;
        }
        let wrong = |what: &str| Stop::failed(format!("{}, line {}: {what}", file.display(), number + 1));
        let (old, new) = line
            .split_once(',')
            .ok_or_else(|| wrong("write an old subject, a comma, the new one"))?;
        let (old, new) = (plain(old), plain(new));
        if old.is_empty() || new.is_empty() || new.contains(',') {
            return Err(wrong("write an old subject, a comma, the new one"));
        }
        if map.insert(old.to_owned(), new.to_owned()).is_some() {
            return Err(wrong("this old subject was there before"));
        }
    }
    Ok(map)
}

fn plain(field: &str) -> &str {
    let field = field.trim();
    let inner = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(field)
}
