//! `violations list`: what was recorded, the newest last, as in a log.

use std::collections::VecDeque;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::bans::Filter;
use crate::cli::ban_text::{number, time};
use crate::cli::output::{Format, harmless, note};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, who};
use crate::config::Inputs;
use crate::domain::duration;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// What is done with violations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List recorded violations, the newest last
    List(List),
}

/// Which ones.
#[derive(Debug, Args)]
pub struct List {
    /// Only those of this account: e-mail address or id
    #[arg(long, value_name = "EMAIL|ID")]
    user: Option<String>,
    /// Only those from this address or network
    #[arg(long, value_name = "ADDRESS|NETWORK")]
    address: Option<Network>,
    /// Only this kind, such as logins
    #[arg(long, value_parser = kind)]
    kind: Option<Violation>,
    /// Only the last 24h, 30m, 7d …
    #[arg(long, value_name = "DURATION", value_parser = span)]
    since: Option<Duration>,
    /// The last so many
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

/// Reads the name of a kind for the parser of arguments.
///
/// # Errors
/// Which kinds there are.
pub(super) fn kind(text: &str) -> Result<Violation, String> {
    Violation::from_key(text).ok_or_else(|| {
        let all: Vec<&str> = Violation::ALL.iter().map(|kind| kind.key()).collect();
        format!("there is no such kind of violation; the kinds are {}", all.join(", "))
    })
}

/// Reads a span of time for the parser of arguments.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| format!("{text:?} {error}"))
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let Self::List(list) = self;
        list.run(inputs)
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (found, left_out) = context::with_accounts(inputs, async |app| self.find(app).await)?;
        let row = |event: &Recorded| (cells(event), object(event));
        let rows = Rows {
            titles: &["At", "Kind", "Points", "User", "Address", "Source", "Detail"],
            rows: found.iter().map(row).collect(),
        };
        rows.print(self.format, "There are no such violations.")?;
        if left_out > 0 && !self.format.json {
            note(&format!("{left_out} older ones are left out: --limit N shows more"));
        }
        Ok(())
    }

    /// Reads page by page and keeps the last ones.
    async fn find(&self, app: &App) -> Result<(VecDeque<Recorded>, usize), Stop> {
        let user = match &self.user {
            Some(name) => Some(who::find(app, name).await?.id),
            None => None,
        };
        // The index has single clients; wider networks are looked for in all rows.
        let network = self.address.filter(|network| network.is_client()).map(Subject::Network);
        let mut filter = Filter {
            subject: user.map(Subject::User).or(network),
            since: self.since.map(|span| app.now().before(span)),
            after: 0,
            limit: PAGE,
        };
        let (mut found, mut left_out) = (VecDeque::new(), 0);
        loop {
            let page = app.violations(filter).await?;
            let Some(last) = page.last() else {
                return Ok((found, left_out));
            };
            filter.after = last.id;
            found.extend(page.into_iter().filter(|event| self.wants(event)));
            let surplus = found.len().saturating_sub(self.limit);
            found.drain(..surplus);
            left_out += surplus;
        }
    }

    fn wants(&self, event: &Recorded) -> bool {
        let inside = |network: Network| event.address.parse().is_ok_and(|address| network.contains(address));
        self.kind.is_none_or(|kind| event.kind == kind) && self.address.is_none_or(inside)
    }
}

fn cells(event: &Recorded) -> Vec<String> {
    let optional = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    vec![
        event.at.to_string(),
        event.kind.key().to_owned(),
        event.points.to_string(),
        event.user.map_or_else(|| "-".to_owned(), |id| id.to_string()),
        optional(&event.address),
        event.source.clone(),
        event.detail.clone(),
    ]
}

/// A violation on one line.
pub(super) fn line(event: &Recorded) -> String {
    let from = if event.address.is_empty() {
        "an unknown address"
    } else {
        &event.address
    };
    let detail = if event.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", harmless(&event.detail))
    };
    format!(
        "{}  {} costs {}, from {}, told by {}{detail}",
        event.at,
        event.kind.key(),
        event.points,
        harmless(from),
        event.source
    )
}

/// A violation as JSON.
pub(super) fn object(event: &Recorded) -> Json {
    json!({
        "id": event.id,
        "at": time(Some(event.at)),
        "kind": event.kind.key(),
        "points": number(event.points),
        "user": event.user.map(|id| id.to_string()),
        "address": event.address,
        "source": event.source,
        "detail": event.detail,
    })
}
