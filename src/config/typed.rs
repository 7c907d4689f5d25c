//! What a value is where its type is known, because the table of settings says so: for settings and for columns alike.

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::tables::Table;
use super::value::Value;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::secret::Secret;

impl Value {
    /// A flag.
    #[must_use]
    pub fn flag(&self) -> bool {
        matches!(self, Self::Flag(true))
    }

    /// A text.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            _ => String::new(),
        }
    }

    /// A number of the type it is needed in.
    ///
    /// # Panics
    /// If the table allows larger numbers than the type holds.
    #[must_use]
    pub fn number<N: TryFrom<u64>>(&self) -> N {
        let number = match self {
            Self::Number(number) => *number,
            _ => 0,
        };
        N::try_from(number).ok().expect("the table bounds this number")
    }

    /// A duration.
    #[must_use]
    pub fn span(&self) -> Duration {
        match self {
            Self::Span(span) => *span,
            _ => Duration::ZERO,
        }
    }

    /// Points.
    #[must_use]
    pub fn points(&self) -> Points {
        match self {
            Self::Points(points) => *points,
            _ => Points::ZERO,
        }
    }

    /// A maximum; `None` is unlimited.
    #[must_use]
    pub fn max(&self) -> Option<u32> {
        match self {
            Self::Max(max) => *max,
            _ => None,
        }
    }

    /// Minutes.
    #[must_use]
    pub fn minutes(&self) -> f64 {
        match self {
            Self::Minutes(minutes) => *minutes,
            _ => 0.0,
        }
    }

    /// Addresses and networks.
    #[must_use]
    pub fn networks(&self) -> Vec<Network> {
        match self {
            Self::Networks(networks) => networks.clone(),
            _ => Vec::new(),
        }
    }

    /// An address, if there is one.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        match self {
            Self::Url(url) => url.clone(),
            _ => None,
        }
    }

    /// A secret, if there is one.
    #[must_use]
    pub fn secret(&self) -> Option<Secret> {
        match self {
            Self::Secret(secret) => secret.clone(),
            _ => None,
        }
    }

    /// On, off or automatic.
    #[must_use]
    pub fn tristate(&self) -> Option<bool> {
        match self {
            Self::Tristate(state) => *state,
            _ => None,
        }
    }

    /// Texts.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// A table of any shape, if there is one.
    #[must_use]
    pub fn object(&self) -> Option<Json> {
        match self {
            Self::Object(json) => json.clone(),
            _ => None,
        }
    }

    /// The tables of a list.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        match self {
            Self::Tables(tables) => tables,
            _ => &[],
        }
    }
}
