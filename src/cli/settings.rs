//! `settings`: what each setting is and who says so; those few that change while the server runs are changed here too.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::settings::{Changed, Listed, NotChanged, Said, Source};
use crate::cli::list_users::moment;
use crate::cli::output::{Format, harmless};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;

/// What is done with settings.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the settings that may be changed while the server runs, or all
    List(List),
    /// Change a setting, at once and for good
    Set(Set),
    /// Forget a change: what is written, or the default, counts again
    Unset(Unset),
}

/// Which.
#[derive(Debug, Args)]
pub struct List {
    /// Those too that only files, the environment or flags decide
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// What is changed.
#[derive(Debug, Args)]
pub struct Set {
    /// A setting: site.title or a name of the environment
    key: String,
    /// Its value; an empty text where that makes sense
    value: String,
    #[command(flatten)]
    format: Format,
}

/// What is forgotten.
#[derive(Debug, Args)]
pub struct Unset {
    /// A setting: site.title or a name of the environment
    key: String,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such setting, or it cannot be changed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Set(arguments) => arguments.run(inputs),
            Self::Unset(arguments) => arguments.run(inputs),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let listed = context::with_accounts(inputs, async |app| Ok(app.settings()))?;
        let wanted = listed
            .iter()
            .filter(|listed| self.all || listed.is_changeable || listed.is_fixed());
        let cells = |listed: &Listed| {
            vec![
                listed.setting.key.to_owned(),
                said(&listed.value),
                source(&listed.source),
                if listed.is_changeable { "yes" } else { "no" }.to_owned(),
            ]
        };
        let rows = Rows {
            titles: &["Setting", "Value", "From", "Changeable"],
            rows: wanted.map(|listed| (cells(listed), object(listed))).collect(),
        };
        rows.print(self.format, "There are no settings.")
    }
}

impl Set {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let outcome = context::with_accounts(inputs, async |app| {
            Ok(app.change_setting(&self.key, &self.value, &Actor::Console).await?)
        })?;
        done(self.format, &self.key, outcome)
    }
}

impl Unset {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let outcome = context::with_accounts(inputs, async |app| {
            Ok(app.reset_setting(&self.key, &Actor::Console).await?)
        })?;
        done(self.format, &self.key, outcome)
    }
}

fn done(format: Format, name: &str, outcome: Result<Changed, NotChanged>) -> Outcome {
    let changed = outcome.map_err(|why| Stop::failed(format!("{name}: {why}")))?;
    let value = |text: &str| {
        if text.is_empty() {
            "(not set)".to_owned()
        } else {
            harmless(text)
        }
    };
    let (key, old, new) = (changed.setting.key, value(&changed.old), value(&changed.new));
    let object = json!({ "key": key, "old": changed.old, "new": changed.new });
    let sentence = format!("✔ {key} is {new}; it was {old}");
    let details = ["A running server follows within a second.".to_owned()];
    format.done(&sentence, &details, &object)
}

pub(super) fn said(said: &Said) -> String {
    match said {
        Said::Text(text) if text.is_empty() => "(not set)".to_owned(),
        Said::Text(text) => text.clone(),
        Said::Secret { is_set: true } => "(set)".to_owned(),
        Said::Secret { is_set: false } => "(not set)".to_owned(),
    }
}

pub(super) fn source(source: &Source) -> String {
    match source {
        Source::Default => "default".to_owned(),
        Source::Changed { at, by } => format!("changed {} by {by}", moment(Some(*at))),
        Source::Written(place) => place.to_string(),
    }
}

pub(super) fn object(listed: &Listed) -> Json {
    let value = match &listed.value {
        Said::Text(text) => json!(text),
        Said::Secret { .. } => Json::Null,
    };
    let is_set = match &listed.value {
        Said::Text(text) => !text.is_empty(),
        Said::Secret { is_set } => *is_set,
    };
    json!({
        "key": listed.setting.key,
        "env": listed.setting.env,
        "value": value,
        "set": is_set,
        "secret": listed.setting.is_secret(),
        "source": source(&listed.source),
        "changeable": listed.is_changeable,
        "doc": listed.setting.doc,
    })
}
