//! Where in the claims something is looked for.

use std::fmt;

use serde_json::Value;

use crate::domain::federation::claims::{self, Claims, Said};

/// Most values that are looked at in one place.
const MOST_VALUES: usize = 1000;

/// Longest value that is looked at, in bytes.
const LONGEST: usize = 256;

/// In which set of claims something is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In all of them.
    Any,
    /// In the ID token.
    Id,
    /// In what the userinfo endpoint answered.
    Userinfo,
    /// In the access token. Its signature is not for us to check: it comes from the token endpoint itself, by TLS.
    Access,
}

impl Source {
    /// The words that stand for them in the configuration.
    pub const WORDS: &'static [&'static str] = &["any", "id", "userinfo", "access"];

    /// What a word stands for; all of them for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "id" => Self::Id,
            "userinfo" => Self::Userinfo,
            "access" => Self::Access,
            _ => Self::Any,
        }
    }

    fn sets(self, said: &Said) -> Vec<&Claims> {
        match self {
            Self::Any => vec![&said.id, &said.userinfo, &said.access],
            Self::Id => vec![&said.id],
            Self::Userinfo => vec![&said.userinfo],
            Self::Access => vec![&said.access],
        }
    }
}

/// A path in one set of claims, or in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which set.
    pub source: Source,
    /// Where in it, such as `realm_access.roles`.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, path } = self;
        match source {
            Source::Any => f.write_str(path),
            Source::Id => write!(f, "{path} of the ID token"),
            Source::Userinfo => write!(f, "{path} of userinfo"),
            Source::Access => write!(f, "{path} of the access token"),
        }
    }
}

impl Place {
    /// The names that are there: the items of a list, or the parts of a text with blanks or commas between them.
    #[must_use]
    pub fn names(&self, said: &Said) -> Vec<String> {
        self.collect(said, |claims| claims::names(claims, &self.path))
    }

    /// Everything that can be compared with a value: beside the names a text as a whole, a number, `true` and `false`.
    #[must_use]
    pub fn values(&self, said: &Said) -> Vec<String> {
        self.collect(said, |claims| {
            let mut values = claims::names(claims, &self.path);
            match claims::at(claims, &self.path) {
                Some(Value::String(text)) => values.push(text.trim().to_owned()),
                Some(Value::Number(number)) => values.push(number.to_string()),
                Some(Value::Bool(is)) => values.push(is.to_string()),
                Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => {}
            }
            values
        })
    }

    /// Whether it just says `true`.
    #[must_use]
    pub fn is_true(&self, said: &Said) -> bool {
        let mut sets = self.source.sets(said).into_iter();
        sets.any(|claims| claims::at(claims, &self.path) == Some(&Value::Bool(true)))
    }

    /// Why what is there cannot be known: userinfo could not be read, or the provider says only that there is more than it
    /// sends (Entra's groups overage). Then nothing follows from what is absent. One set that has the claim is enough.
    #[must_use]
    pub fn unread(&self, said: &Said) -> Option<String> {
        let sets = self.source.sets(said);
        if sets.iter().any(|claims| claims::at(claims, &self.path).is_some()) {
            return None;
        }
        if sets.iter().any(|claims| keeps_back(claims, &self.path)) {
            let why = said.groups_failed.as_ref().map(|why| format!(": {why}"));
            let (path, why) = (&self.path, why.unwrap_or_default());
            return Some(format!(
                "the provider keeps {path} back because it is too long (groups overage){why}"
            ));
        }
        let failed = said.userinfo_failed.as_ref();
        let failed = failed.filter(|_| matches!(self.source, Source::Any | Source::Userinfo));
        failed.map(|why| format!("userinfo could not be read: {why}"))
    }

    fn collect(&self, said: &Said, read: impl Fn(&Claims) -> Vec<String>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for claims in self.source.sets(said) {
            for value in read(claims) {
                let fits = !value.is_empty() && value.len() <= LONGEST && all.len() < MOST_VALUES;
                if fits && !all.contains(&value) {
                    all.push(value);
                }
            }
        }
        all
    }
}

/// Whether claims point elsewhere for one of them (OpenID Connect Core §5.6.2, Entra's `hasgroups`).
#[must_use]
pub fn keeps_back(claims: &Claims, path: &str) -> bool {
    let elsewhere = match claims.get("_claim_names") {
        Some(Value::Object(names)) => names.contains_key(path),
        _ => false,
    };
    elsewhere || (path == "groups" && claims::flag(claims, "hasgroups") == Some(true))
}
