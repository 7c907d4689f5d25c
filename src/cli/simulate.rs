//! `moderation simulate`: another policy tried on the recorded violations, beside the present one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::cli::ban_text::{number, time};
use crate::cli::list_users::moment;
use crate::cli::moderation::policy_object;
use crate::cli::output::{Format, note};
use crate::cli::rows::Rows;
use crate::cli::subject::Named;
use crate::cli::{Outcome, Stop, context, violations};
use crate::config::{self, Inputs};
use crate::domain::duration;
use crate::domain::moderation::compare::{Change, Hit, Tally, compare};
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::simulate::WouldBe;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;

/// What is different from the present policy, and on which days.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Ban at each multiple of this score; 0 at the first violation
    #[arg(long, value_name = "N", value_parser = points)]
    interval: Option<Points>,
    /// How long bans last, such as 2h
    #[arg(long, value_parser = violations::span)]
    duration: Option<Duration>,
    /// What a violation costs; may be repeated
    #[arg(long, value_name = "KIND=N", value_parser = score)]
    score: Vec<(Violation, Points)>,
    /// How long after the last violation a score is forgotten; 0 for never
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    score_ttl: Option<Lifetime>,
    /// How many days back
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    #[command(flatten)]
    format: Format,
}

/// `None` is for ever.
#[derive(Clone, Copy, Debug)]
struct Lifetime(Option<Duration>);

fn points(text: &str) -> Result<Points, String> {
    Points::parse(text).ok_or_else(|| format!("{text:?} is no number of points, such as 20 or 0.5"))
}

fn score(text: &str) -> Result<(Violation, Points), String> {
    let (kind, number) = text.split_once('=').ok_or("write KIND=N, such as logins=2")?;
    Ok((violations::kind(kind)?, points(number)?))
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text.trim() == "0" {
        return Ok(Lifetime(None));
    }
    violations::span(text).map(|span| Lifetime(Some(span)))
}

/// A would-be ban with a name.
struct Row {
    ban: WouldBe,
    named: Named,
    /// The present policy would have banned then too.
    also_at_present: bool,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        context::with_accounts(inputs, async |app| {
            let present = &app.live().moderation.policy;
            let policy = self.applied_to(present);
            let since = app.now().before(Duration::from_hours(24 * self.days));
            let trial = app.simulate(&policy, since, None).await?;
            let tallies = [&trial.present, &trial.tried].map(|bans| Tally::of(bans));
            let [newly, no_longer, both] = changes(&compare(&trial.tried, &trial.present));
            let written = config::moderation_lines(&policy, present);
            let rows = named(app, &trial.present, trial.tried).await?;
            if self.format.json {
                let object = json!({
                    "since": time(Some(since)),
                    "violations": trial.violations,
                    "present": { "policy": policy_object(present), "result": tally_object(&tallies[0]) },
                    "tried": { "policy": policy_object(&policy), "result": tally_object(&tallies[1]) },
                    "changes": { "newly": newly, "no_longer": no_longer, "both": both },
                    "configuration": written,
                    "would_be_bans": rows.iter().map(Row::object).collect::<Vec<Json>>(),
                });
                return self.format.done("", &[], &object);
            }
            let sentence = format!(
                "{} violations were recorded in {} days. Nobody is banned by this.",
                trial.violations, self.days
            );
            let mut details = compared([present, &policy], &tallies);
            details.push(format!(
                "Of those hit: {newly} newly banned, {no_longer} no longer banned, {both} banned by both."
            ));
            if !written.is_empty() {
                details.push("To make this the policy, in librechat-auth.toml:".to_owned());
                details.extend(written.lines().map(|line| format!("  {line}")));
            }
            self.format.done(&sentence, &details, &Json::Null)?;
            table(&rows).print(self.format, "Under the policy tried nobody would have been banned.")?;
            if rows.iter().any(|row| row.ban.while_banned) {
                note("\"banned already\": most of what led to this ban would have been stopped at the door.");
            }
            Ok(())
        })
    }

    fn applied_to(&self, present: &Policy) -> Policy {
        let mut policy = present.clone();
        policy.interval = self.interval.unwrap_or(policy.interval);
        policy.duration = self.duration.unwrap_or(policy.duration);
        policy.score_lifetime = self.score_ttl.map_or(policy.score_lifetime, |life| life.0);
        policy.scores.extend(self.score.iter().copied());
        policy
    }
}

async fn named(app: &App, present: &[WouldBe], tried: Vec<WouldBe>) -> Result<Vec<Row>, Stop> {
    let at_present: BTreeSet<_> = present.iter().map(|ban| (ban.subject, ban.started_at)).collect();
    let mut known: BTreeMap<Subject, Named> = BTreeMap::new();
    let mut rows = Vec::with_capacity(tried.len());
    for ban in tried {
        let named = match known.get(&ban.subject) {
            Some(named) => named.clone(),
            None => Named::of(app, ban.subject).await?,
        };
        known.insert(ban.subject, named.clone());
        let also_at_present = at_present.contains(&(ban.subject, ban.started_at));
        rows.push(Row {
            ban,
            named,
            also_at_present,
        });
    }
    Ok(rows)
}

fn tally_object(tally: &Tally) -> Json {
    json!({
        "users": tally.users,
        "addresses": tally.addresses,
        "bans": tally.bans,
        "logged_in_afterwards": tally.came_back,
    })
}

/// How many subjects each change concerns.
fn changes(hits: &[Hit]) -> [usize; 3] {
    Change::ALL.map(|change| hits.iter().filter(|hit| hit.change() == change).count())
}

/// Both policies side by side.
fn compared(policies: [&Policy; 2], tallies: &[Tally; 2]) -> Vec<String> {
    let line = |title: &str, values: [String; 2]| format!("{title:<27}{:>10}{:>10}", values[0], values[1]);
    let count =
        |title: &str, of: fn(&Tally) -> usize| line(title, [of(&tallies[0]), of(&tallies[1])].map(|n| n.to_string()));
    let span = |span: Duration| {
        if span.is_zero() {
            "0".to_owned()
        } else {
            duration::format(span)
        }
    };
    let mut lines = vec![
        line("", ["present", "tried"].map(str::to_owned)),
        line("interval", policies.map(|policy| policy.interval.to_string())),
        line("duration", policies.map(|policy| span(policy.duration))),
        line(
            "score forgotten after",
            policies.map(|policy| {
                policy
                    .score_lifetime
                    .map_or_else(|| "never".to_owned(), duration::format)
            }),
        ),
    ];
    for kind in Violation::ALL {
        let scores = policies.map(|policy| policy.score(*kind));
        if scores[0] != scores[1] {
            lines.push(line(
                &format!("score of {}", kind.key()),
                scores.map(|score| score.to_string()),
            ));
        }
    }
    lines.push(count("users banned", |tally| tally.users));
    lines.push(count("addresses banned", |tally| tally.addresses));
    lines.push(count("bans", |tally| tally.bans));
    lines.push(count("logged in well afterwards", |tally| tally.came_back));
    lines
}

fn table(rows: &[Row]) -> Rows {
    let cells = |row: &Row| {
        vec![
            row.named.label(),
            row.ban.cause.key().to_owned(),
            row.ban.points.to_string(),
            moment(Some(row.ban.started_at)),
            moment(Some(row.ban.ends_at)),
            moment(row.ban.then_logged_in_at),
            row.remark().to_owned(),
        ]
    };
    Rows {
        titles: &[
            "Subject",
            "Cause",
            "Points",
            "Since",
            "Until",
            "Logged in afterwards",
            "Remark",
        ],
        rows: rows.iter().map(|row| (cells(row), row.object())).collect(),
    }
}

impl Row {
    fn remark(&self) -> &'static str {
        match (self.ban.while_banned, self.also_at_present) {
            (true, _) => "banned already",
            (false, true) => "also at present",
            (false, false) => "",
        }
    }

    fn object(&self) -> Json {
        let mut object = Json::Object(self.named.keys());
        object["cause"] = json!(self.ban.cause.key());
        object["points"] = number(self.ban.points);
        object["started_at"] = time(Some(self.ban.started_at));
        object["ends_at"] = time(Some(self.ban.ends_at));
        object["while_banned"] = json!(self.ban.while_banned);
        object["logged_in_at"] = time(self.ban.then_logged_in_at);
        object["also_at_present"] = json!(self.also_at_present);
        object
    }
}
