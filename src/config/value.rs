//! What was written for a setting, and what it means: the types that go into reading and come out of it.

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::problem::Place;
use super::tables::{RawTable, Table};
use crate::domain::duration;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::secret::Secret;

/// What somebody wrote for a setting.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where.
    pub place: Place,
    /// Under which name there: `PORT`, `server.port`, `registration.allowedDomains`.
    pub name: String,
    /// What.
    pub raw: Raw,
}

/// A value as it was written.
#[derive(Clone)]
pub enum Raw {
    /// From the environment or `.env`, where LibreChat's way of reading is honoured and warned about.
    Environment(String),
    /// Text from a flag, a file of one secret, or the table of defaults.
    Text(String),
    /// From TOML or YAML, with a type of its own.
    Typed(Json),
    /// From TOML: a list of tables, with their lines.
    Tables(Vec<RawTable>),
}

impl std::fmt::Debug for Raw {
    /// Prints the kind only: the value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Environment(_) => "Environment(…)",
            Self::Text(_) => "Text(…)",
            Self::Typed(_) => "Typed(…)",
            Self::Tables(_) => "Tables(…)",
        })
    }
}

impl Raw {
    /// The text of it, for showing what was overridden.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Environment(text) | Self::Text(text) | Self::Typed(Json::String(text)) => text.clone(),
            Self::Typed(json) => json.to_string(),
            Self::Tables(tables) => counted(tables.len()),
        }
    }

    /// Whether LibreChat's way of reading applies.
    #[must_use]
    pub const fn is_environment(&self) -> bool {
        matches!(self, Self::Environment(_))
    }
}

/// What a setting is, typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// On, off or automatic.
    Tristate(Option<bool>),
    /// Any text, a colour, a filter or a word of a choice.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A maximum; `None` is unlimited.
    Max(Option<u32>),
    /// Minutes.
    Minutes(f64),
    /// A duration.
    Span(Duration),
    /// Points.
    Points(Points),
    /// An address, if there is one.
    Url(Option<Url>),
    /// A secret, if there is one.
    Secret(Option<Secret>),
    /// Texts.
    List(Vec<String>),
    /// Addresses and networks.
    Networks(Vec<Network>),
    /// A table, if there is one.
    Object(Option<Json>),
    /// Tables.
    Tables(Vec<Table>),
}

impl Value {
    /// The value for people and programs to see; secrets are masked.
    #[must_use]
    pub fn shown(&self) -> Json {
        match self {
            Self::Flag(on) => Json::from(*on),
            Self::Tristate(state) => state.map_or(Json::from("auto"), Json::from),
            Self::Text(text) => Json::from(text.clone()),
            Self::Number(number) => Json::from(*number),
            Self::Max(max) => max.map_or(Json::from("unlimited"), Json::from),
            Self::Minutes(minutes) => Json::from(*minutes),
            Self::Span(span) => Json::from(duration::format(*span)),
            Self::Points(points) => number(*points),
            Self::Url(url) => Json::from(url.as_ref().map_or(String::new(), |url| without_slash(url).to_owned())),
            Self::Secret(secret) => Json::from(masked(secret.as_ref().map_or("", Secret::expose))),
            Self::List(items) => Json::from(items.clone()),
            Self::Networks(networks) => networks.iter().map(Network::to_string).collect(),
            Self::Object(json) => json.clone().unwrap_or_else(|| Json::Object(serde_json::Map::new())),
            Self::Tables(tables) => tables.iter().map(Table::shown).collect(),
        }
    }
}

/// What is shown of tables that were overruled: they may hold secrets.
#[must_use]
pub fn counted(tables: usize) -> String {
    match tables {
        1 => "(1 table)".into(),
        tables => format!("({tables} tables)"),
    }
}

fn number(points: Points) -> Json {
    let text = points.to_string();
    text.parse().map_or(Json::String(text), Json::Number)
}

/// What may be shown of a secret: whether it is there, and how long it is.
#[must_use]
pub fn masked(secret: &str) -> String {
    match secret.chars().count() {
        0 => "(not set)".into(),
        count => format!("(set, {count} characters)"),
    }
}

/// An address as people write it, without the slash that ends a bare origin.
#[must_use]
pub fn without_slash(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// A value that could be read; `None` counts as not written at all.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// The value.
    pub value: Option<Value>,
    /// What is surprising about it.
    pub warning: Option<String>,
}

impl From<Value> for Reading {
    fn from(value: Value) -> Self {
        Self {
            value: Some(value),
            warning: None,
        }
    }
}

/// Nothing was written.
pub const ABSENT: Reading = Reading {
    value: None,
    warning: None,
};

/// A value with a word about it; without a value, the default counts.
#[must_use]
pub fn surprising(value: Option<Value>, warning: String) -> Reading {
    Reading {
        value,
        warning: Some(warning),
    }
}

impl Reading {
    /// A text, unless it is blank.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        if text.trim().is_empty() {
            ABSENT
        } else {
            Value::Text(text).into()
        }
    }
}
