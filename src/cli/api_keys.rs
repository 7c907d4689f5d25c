//! `api-keys`: what programs hold that come in somebody's name.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::api_keys::Wanted;
use crate::app::audit::Actor;
use crate::cli::output::{Format, harmless};
use crate::cli::{Outcome, Stop, context, who};
use crate::config::Inputs;
use crate::domain::access::{HostPattern, host::BadHost};
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::time::Timestamp;

/// What is done with API keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the keys of an account
    List(List),
    /// Make a key and print it, this once
    Create(Create),
    /// Take a key back
    Revoke(Revoke),
}

/// Whose keys.
#[derive(Debug, Args)]
pub struct List {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    #[command(flatten)]
    format: Format,
}

/// Which key.
#[derive(Debug, Args)]
pub struct Create {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// What to call it
    name: String,
    /// What it opens: door, `api_read`, `api_write`, `admin_read`, `admin_write`; can be given several times
    #[arg(long = "scope", value_parser = scope, default_value = "door")]
    scopes: Vec<Scope>,
    /// A host behind forward-auth, such as app.example.org; can be given several times [default: all]
    #[arg(long = "host", value_parser = host)]
    hosts: Vec<HostPattern>,
    /// Days until it ends; 0 never does
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(..=3650))]
    days: u64,
    #[command(flatten)]
    format: Format,
}

/// Which key.
#[derive(Debug, Args)]
pub struct Revoke {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// The number of the key, as listed
    number: i64,
    #[command(flatten)]
    format: Format,
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| "a scope is door, api_read, api_write, admin_read or admin_write".to_owned())
}

fn host(text: &str) -> Result<HostPattern, BadHost> {
    HostPattern::parse(text)
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account or key.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Create(arguments) => arguments.run(inputs),
            Self::Revoke(arguments) => arguments.run(inputs),
        }
    }
}

fn scopes_of(key: &ApiKey) -> Vec<&'static str> {
    key.scopes.iter().map(|scope| scope.key()).collect()
}

fn object(key: &ApiKey) -> Json {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "number": key.id,
        "name": key.name,
        "scopes": scopes_of(key),
        "hosts": key.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "created_at": key.created_at.to_string(),
        "expires_at": time(key.expires_at),
        "last_used_at": time(key.last_used_at),
    })
}

fn line(key: &ApiKey) -> String {
    let until = key
        .expires_at
        .map_or_else(|| "never ends".to_owned(), |end| format!("until {end}"));
    let used = key
        .last_used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
    let (name, scopes) = (harmless(&key.name), scopes_of(key).join(","));
    format!("{}\t{name}\t{scopes}\t{until}\t{used}", key.id)
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let keys = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            Ok(app.keys_of(&account).await?)
        })?;
        let lines: Vec<_> = keys.iter().map(line).collect();
        let sentence = if keys.is_empty() { "No API keys." } else { "API keys:" };
        self.format.done(sentence, &lines, &keys.iter().map(object).collect())
    }
}

impl Create {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let wanted = Wanted {
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            hosts: self.hosts.clone(),
            life: (self.days > 0).then(|| Duration::from_hours(24 * self.days)),
        };
        let secret = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            Ok(app.make_key(&account, wanted, &Actor::Console).await?)
        })?;
        let sentence = "✔ The key, shown this once:";
        let object = json!({ "name": self.name, "key": secret.expose() });
        self.format.done(sentence, &[secret.expose().to_owned()], &object)
    }
}

impl Revoke {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let was_there = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            Ok(app.revoke_key(&account, self.number, &Actor::Console).await?)
        })?;
        if !was_there {
            return Err(Stop::failed(format!(
                "The account has no key of number {}",
                self.number
            )));
        }
        self.format.done(
            "✔ The key opens nothing any more",
            &[],
            &json!({ "number": self.number }),
        )
    }
}
