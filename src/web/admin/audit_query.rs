//! Which events of the audit log a page or a program asks for, as people write it.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::app::audit::CONSOLE;
use crate::app::audit_log::{Filter, Wanted};
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::duration;
use crate::domain::ids::UserId;
use crate::domain::moderation::refused::read_reference;
use crate::domain::time::Timestamp;

/// What was typed; empty where it does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// About this account, or by its owner.
    pub user: String,
    /// Done by.
    pub actor: String,
    /// Of this kind.
    pub kind: String,
    /// From this address or network.
    pub address: String,
    /// With this number.
    pub reference: String,
    /// Not before: a time, or so long ago.
    pub since: String,
    /// Before.
    pub until: String,
    /// Before this row.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: Option<usize>,
    /// How it is written out.
    pub format: String,
}

/// The name of a field that makes no sense.
pub type Wrong = &'static str;

impl Asked {
    /// The same for the use case, or the field that makes no sense.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn wanted(&self, app: &App) -> Result<Result<Wanted, Wrong>, Failure> {
        let person = match named(app, &self.user, "user").await? {
            Ok(person) => person,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let actor = match self.actor.trim() {
            CONSOLE => Some(CONSOLE.to_owned()),
            name => match named(app, name, "actor").await? {
                Ok(actor) => actor.map(|id| id.to_string()),
                Err(wrong) => return Ok(Err(wrong)),
            },
        };
        Ok(self.rest(app.now()).map(|wanted| Wanted {
            filter: Filter {
                person,
                actor,
                ..wanted.filter
            },
            ..wanted
        }))
    }

    fn rest(&self, now: Timestamp) -> Result<Wanted, Wrong> {
        Ok(Wanted {
            filter: Filter {
                kind: read(&self.kind, "kind", EventKind::from_key)?,
                reference: read(&self.reference, "reference", read_reference)?,
                since: read(&self.since, "since", |text| moment(text, now))?,
                until: read(&self.until, "until", |text| moment(text, now))?,
                ..Filter::default()
            },
            address: read(&self.address, "address", |text| text.parse().ok())?,
        })
    }

    /// What was typed, as the query of a link; it begins with nothing.
    #[must_use]
    pub fn query(&self) -> String {
        let mut pairs = Serializer::new(String::new());
        for (name, value) in [
            ("user", &self.user),
            ("actor", &self.actor),
            ("kind", &self.kind),
            ("address", &self.address),
            ("reference", &self.reference),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        pairs.finish()
    }

    /// Whether anything was typed.
    #[must_use]
    pub fn is_anything(&self) -> bool {
        !self.query().is_empty()
    }
}

/// Who was named, if anybody was. The log outlives accounts: an id is enough.
async fn named(app: &App, name: &str, field: Wrong) -> Result<Result<Option<UserId>, Wrong>, Failure> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(Ok(None));
    }
    if let Ok(id) = name.parse() {
        return Ok(Ok(Some(id)));
    }
    let account = app.find_user(name).await?;
    Ok(account.map(|account| Some(account.id)).ok_or(field))
}

fn read<T>(text: &str, field: Wrong, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or(field),
    }
}

fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| duration::parse(text).ok().map(|span| now.before(span)))
}
