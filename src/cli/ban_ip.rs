//! `ban-ip`: bans an address or a network by hand.

use std::time::Duration;

use clap::Args;

use crate::cli::output::Format;
use crate::cli::subject::{Named, length};
use crate::cli::{Outcome, bans, context};
use crate::config::Inputs;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;

/// What, and for how long.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Such as 203.0.113.7 or 203.0.113.0/24; an IPv6 address stands for its /64
    #[arg(value_name = "ADDRESS|NETWORK")]
    network: Network,
    /// How long: 30m, 2h, 7d, or milliseconds [default: until somebody lifts it]
    #[arg(value_parser = length)]
    duration: Option<Duration>,
    /// A remark for other admins; the banned person does not see it
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the network is spared.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let (ban, named, object) = context::with_accounts(inputs, async |app| {
            let named = Named {
                subject: Subject::Network(self.network),
                account: None,
            };
            bans::ban(app, named, self.duration, &self.note, true).await
        })?;
        self.format.done(&bans::done(&ban, &named), &[], &object)
    }
}
