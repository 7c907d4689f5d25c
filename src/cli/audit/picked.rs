//! Which events of the audit log a command is about.

use clap::Args;

use crate::app::App;
use crate::app::audit::CONSOLE;
use crate::app::audit_log::{Filter, Wanted};
use crate::cli::{Stop, who};
use crate::domain::audit::EventKind;
use crate::domain::duration;
use crate::domain::ids::UserId;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::refused::read_reference;
use crate::domain::time::Timestamp;

/// Which ones; all if nothing is given.
#[derive(Debug, Args)]
pub(super) struct Picked {
    /// Only what is about this account, or done by its owner: e-mail address or id, also of one that was deleted
    #[arg(long, value_name = "EMAIL|ID")]
    user: Option<String>,
    /// Only what they did: e-mail address or id, or `console` for the command line
    #[arg(long, value_name = "EMAIL|ID|console")]
    actor: Option<String>,
    /// Only this kind, such as `login_refused`
    #[arg(long, value_parser = kind)]
    kind: Option<EventKind>,
    /// Only from this address or network
    #[arg(long, value_name = "ADDRESS|NETWORK")]
    address: Option<Network>,
    /// Only with this reference number, such as K7QW-3M9P
    #[arg(long, value_name = "REF", value_parser = reference)]
    reference: Option<String>,
    /// Not before: the last 24h, 7d …, or a time such as 2026-11-26 or 2026-11-26T15:00:00Z
    #[arg(long, value_name = "DURATION|TIME", value_parser = moment)]
    since: Option<Moment>,
    /// Before: so long ago, or a time
    #[arg(long, value_name = "DURATION|TIME", value_parser = moment)]
    until: Option<Moment>,
}

/// A point in time as it was written.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    Ago(std::time::Duration),
}

impl Moment {
    fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(span) => now.before(span),
        }
    }
}

fn kind(text: &str) -> Result<EventKind, String> {
    EventKind::from_key(text).ok_or_else(|| {
        let all: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.key()).collect();
        format!("there is no such kind of event; the kinds are {}", all.join(", "))
    })
}

fn reference(text: &str) -> Result<String, String> {
    read_reference(text).ok_or_else(|| "a number is eight letters and digits, such as K7QW-3M9P".to_owned())
}

fn moment(text: &str) -> Result<Moment, String> {
    if let Some(moment) = Timestamp::parse(text) {
        return Ok(Moment::At(moment));
    }
    duration::parse(text)
        .map(Moment::Ago)
        .map_err(|error| format!("{text:?} {error}, and is no time such as 2026-11-26T15:00:00Z"))
}

impl Picked {
    /// The same for the use case.
    pub(super) async fn wanted(&self, app: &App) -> Result<Wanted, Stop> {
        let now = app.now();
        let actor = match self.actor.as_deref() {
            Some(CONSOLE) => Some(CONSOLE.to_owned()),
            Some(name) => Some(id_of(app, name).await?.to_string()),
            None => None,
        };
        let person = match &self.user {
            Some(name) => Some(id_of(app, name).await?),
            None => None,
        };
        Ok(Wanted {
            filter: Filter {
                person,
                actor,
                kind: self.kind,
                reference: self.reference.clone(),
                since: self.since.map(|moment| moment.at(now)),
                until: self.until.map(|moment| moment.at(now)),
            },
            address: self.address,
        })
    }
}

/// The log outlives accounts: an id is enough.
async fn id_of(app: &App, name: &str) -> Result<UserId, Stop> {
    match name.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(who::find(app, name).await?.id),
    }
}
