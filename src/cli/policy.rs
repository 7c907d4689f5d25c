//! `config policy`: who may register and log in at present, and who says so.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::backup;
use crate::app::settings::{Listed, Source};
use crate::cli::output::{Format, harmless};
use crate::cli::settings::{object, said, source};
use crate::cli::{Outcome, Stop, context};
use crate::config::{Inputs, Loaded, load};
use crate::domain::registration;

/// The settings that decide it.
const SWITCHES: [&str; 6] = [
    "accounts.registration",
    "accounts.invitations",
    "accounts.allowed_domains",
    "accounts.approval",
    "accounts.unverified_login",
    "accounts.email_login",
];

/// How the policy is printed.
#[derive(Debug, Args)]
pub struct Policy {
    #[command(flatten)]
    format: Format,
}

impl Policy {
    pub(super) fn run(&self, inputs: &Inputs) -> Outcome {
        let loaded = load(inputs);
        if !loaded.errors.is_empty() {
            return Err(Stop::failed(
                "the configuration cannot be used: see `librechat-auth config check`",
            ));
        }
        let (policy, settings) = if is_new(&loaded) {
            let written = loaded.origins.iter().map(Listed::of).collect();
            (loaded.registration, written)
        } else {
            context::with_accounts(inputs, async |app| {
                let policy = app.live().accounts.policy(app.mail_is_configured());
                Ok((policy, app.settings()))
            })?
        };
        let switches: Vec<Listed> = settings
            .into_iter()
            .filter(|listed| SWITCHES.contains(&listed.setting.key))
            .collect();
        self.print(&policy, &switches)
    }

    fn print(&self, policy: &registration::Policy, switches: &[Listed]) -> Outcome {
        let object = json!({
            "sentence": policy.sentence(),
            "logins": policy.logins(),
            "registration": policy.registration,
            "invitations": policy.invitations,
            "allowed_domains": policy.domains,
            "approval": policy.approval,
            "proof": policy.proof,
            "password_login": policy.password_login,
            "settings": switches.iter().map(object).collect::<Vec<Json>>(),
        });
        let mut details = vec![policy.logins(), String::new()];
        details.extend(switches.iter().map(line));
        self.format.done(&policy.sentence(), &details, &object)
    }
}

/// Whether there is no database yet, in which somebody could have changed anything.
fn is_new(loaded: &Loaded) -> bool {
    backup::database(&loaded.data_dir)
        .try_exists()
        .is_ok_and(|is_there| !is_there)
}

/// A setting, who says so, and what else was said that does not count.
fn line(listed: &Listed) -> String {
    let overruled = listed.overrode.iter().filter(|(from, _)| *from != Source::Default);
    let instead: Vec<String> = overruled
        .map(|(from, value)| format!(", instead of {} ({})", said(value), source(from)))
        .collect();
    harmless(&format!(
        "{} = {} ({}){}",
        listed.setting.key,
        said(&listed.value),
        source(&listed.source),
        instead.concat()
    ))
}
