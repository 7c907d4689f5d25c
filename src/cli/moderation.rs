//! `moderation`: the policy in force in plain words, and other policies tried on the record.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::bans::Filter;
use crate::cli::ban_text::number;
use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context, simulate};
use crate::config::Inputs;
use crate::domain::duration;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::{Mode, Policy};
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// What is done with the policy.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The policy in force in plain words, and how many are banned
    Status(Status),
    /// Who would have been banned under another policy
    ///
    /// Replays the recorded violations under the present policy and under the one given here, and says who would have been
    /// banned, when and why, and who of them logged in well afterwards. Nobody is banned.
    Simulate(simulate::Arguments),
}

/// How.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Status(status) => status.run(inputs),
            Self::Simulate(arguments) => arguments.run(inputs),
        }
    }
}

impl Status {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (sentence, details, object) = context::with_accounts(inputs, async |app| {
            let policy = &app.live().moderation.policy;
            let bans = app.bans_in_force().await?;
            let users = bans
                .iter()
                .filter(|ban| matches!(ban.subject, Subject::User(_)))
                .count();
            let addresses = bans.len() - users;
            let by_hand = bans.iter().filter(|ban| ban.is_by_hand()).count();
            let violations = violations_of_a_day(app).await?;
            let exempt: Vec<String> = policy.exempt.iter().map(ToString::to_string).collect();
            let listed = app.spared_networks().await?;
            let listed: Vec<String> = listed.iter().map(|one| one.network.to_string()).collect();
            let mut details = rules(policy);
            if !exempt.is_empty() || !listed.is_empty() {
                let spared: Vec<&str> = exempt.iter().chain(&listed).map(String::as_str).collect();
                details.push(format!("Never banned: {}.", spared.join(", ")));
            }
            details.push(format!(
                "Bans in force: {users} of users, {addresses} of addresses; {by_hand} of them by hand."
            ));
            details.push(format!("Violations in the last 24 hours: {violations}."));
            let mut object = policy_object(policy);
            object["mode"] = json!(mode(policy.mode));
            object["exempt"] = json!(exempt);
            object["spared"] = json!(listed);
            object["bans"] = json!({ "users": users, "addresses": addresses, "by_hand": by_hand });
            object["violations_24h"] = json!(violations);
            Ok((headline(policy.mode).to_owned(), details, object))
        })?;
        self.format.done(&sentence, &details, &object)
    }
}

async fn violations_of_a_day(app: &App) -> Result<usize, Stop> {
    let mut filter = Filter {
        since: Some(app.now().before(DAY)),
        limit: PAGE,
        ..Filter::default()
    };
    let mut count = 0;
    loop {
        let page = app.violations(filter).await?;
        let Some(last) = page.last() else { return Ok(count) };
        filter.after = last.id;
        count += page.len();
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Shadow => "shadow",
        Mode::Enforce => "enforce",
    }
}

const fn headline(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "Moderation is off: violations are counted, and only bans by hand count.",
        Mode::Shadow => "Moderation is in shadow mode: bans are recorded and nobody is banned by them.",
        Mode::Enforce => "Moderation is on.",
    }
}

/// The policy in plain sentences.
pub(super) fn rules(policy: &Policy) -> Vec<String> {
    let when = if policy.interval == Points::ZERO {
        "bans at the first violation that costs points".to_owned()
    } else {
        format!("bans each time it reaches a multiple of {}", policy.interval)
    };
    let what = if policy.duration.is_zero() {
        "a ban only ends the user's sessions".to_owned()
    } else {
        format!("a ban lasts {}", duration::format(policy.duration))
    };
    let fades = match policy.score_lifetime {
        Some(life) => format!("It is forgotten {} after the last violation", duration::format(life)),
        None => "It is never forgotten".to_owned(),
    };
    let costs = |kind: &Violation| format!("{} {}", kind.key(), policy.score(*kind));
    let all: Vec<String> = Violation::ALL.iter().map(costs).collect();
    vec![
        format!("Violations of one kind add up to a score, which {when}; {what}. {fades}."),
        format!("A violation costs: {}.", all.join(", ")),
    ]
}

/// The policy as JSON: spans in seconds, null for never.
pub(super) fn policy_object(policy: &Policy) -> Json {
    let score = |kind: &Violation| (kind.key().to_owned(), number(policy.score(*kind)));
    let scores: serde_json::Map<String, Json> = Violation::ALL.iter().map(score).collect();
    json!({
        "interval": number(policy.interval),
        "duration_seconds": policy.duration.as_secs_f64(),
        "score_ttl_seconds": policy.score_lifetime.map(|life| life.as_secs_f64()),
        "scores": scores,
    })
}
