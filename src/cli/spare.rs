//! `bans spare`, `bans unspare`, `bans spared`: networks that are never banned, besides those of the configuration.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::cli::ban_text::time;
use crate::cli::list_users::moment;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::moderation::ban::SparedNetwork;
use crate::domain::moderation::network::Network;
use crate::domain::refusal::Refusal;

/// Which network.
#[derive(Debug, Args)]
pub struct Spare {
    /// Such as 203.0.113.7 or 203.0.113.0/24; an IPv6 address stands for its /64
    #[arg(value_name = "ADDRESS|NETWORK")]
    network: Network,
    /// A remark for other admins
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    format: Format,
}

/// Which network.
#[derive(Debug, Args)]
pub struct Unspare {
    /// As in the list
    #[arg(value_name = "ADDRESS|NETWORK")]
    network: Network,
    #[command(flatten)]
    format: Format,
}

/// How.
#[derive(Debug, Args)]
pub struct Spared {
    #[command(flatten)]
    format: Format,
}

impl Spare {
    /// Runs the command. A network that is on the list stays there.
    ///
    /// # Errors
    /// If nobody could be banned any more, or the list is full.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let lifted = context::with_accounts(inputs, async |app| {
            let outcome = app.spare_network(self.network, &self.note, &Actor::Console).await;
            outcome.map_err(|failure| match failure {
                Failure::Refused(Refusal::Invalid(_)) if self.network.is_half_the_world() => Stop::failed(format!(
                    "{} is so wide that nobody there could ever be banned; name your own networks only",
                    self.network
                )),
                Failure::Refused(Refusal::Invalid(_)) => {
                    Stop::failed("the list is full: write wider networks, or use the setting moderation.exempt")
                }
                other => other.into(),
            })
        })?;
        let references: Vec<&String> = lifted.iter().map(|ban| &ban.reference).collect();
        let details: Vec<String> = references.iter().map(|one| format!("ban {one} is lifted")).collect();
        let sentence = format!("✔ {} is never banned from now on", self.network);
        let object = json!({ "network": self.network.to_string(), "lifted": references });
        self.format.done(&sentence, &details, &object)
    }
}

impl Unspare {
    /// Runs the command.
    ///
    /// # Errors
    /// If the network is not on the list.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        context::with_accounts(inputs, async |app| {
            let outcome = app.unspare_network(self.network, &Actor::Console).await;
            outcome.map_err(|failure| match failure {
                Failure::Refused(Refusal::NotFound) => Stop::failed(format!(
                    "{} is not on the list: `librechat-auth bans spared`; what the configuration spares is changed there",
                    self.network
                )),
                other => other.into(),
            })
        })?;
        let sentence = format!("✔ {} can be banned again", self.network);
        self.format
            .done(&sentence, &[], &json!({ "network": self.network.to_string() }))
    }
}

impl Spared {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let all = context::with_accounts(inputs, async |app| Ok(app.spared_networks().await?))?;
        let rows = Rows {
            titles: &["Network", "Since", "By", "Note"],
            rows: all.iter().map(|one| (cells(one), object(one))).collect(),
        };
        rows.print(self.format, "No network is on the list.")
    }
}

fn cells(spared: &SparedNetwork) -> Vec<String> {
    vec![
        spared.network.to_string(),
        moment(Some(spared.created_at)),
        spared.by.clone(),
        spared.note.clone(),
    ]
}

fn object(spared: &SparedNetwork) -> Json {
    json!({
        "network": spared.network.to_string(),
        "note": spared.note,
        "by": spared.by,
        "created_at": time(Some(spared.created_at)),
    })
}
