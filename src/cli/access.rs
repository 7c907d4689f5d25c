//! `access test`: what the rules say about one request, and why.

use std::net::IpAddr;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::cli::output::{Format, harmless};
use crate::cli::{Outcome, Stop, context, who};
use crate::config::{Inputs, load};
use crate::domain::access::{self, Asked, Effect, Miss, Rule, Step, Verdict, Who};
use crate::domain::account::Account;
use crate::domain::moderation::subject::Subject;

/// What is done with rules.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say what the access rules decide about a request, and why
    ///
    /// Exit code 0 if it passes, 1 if it does not.
    Test(Test),
}

/// The request.
#[derive(Debug, Args)]
pub struct Test {
    /// The page, such as <https://app.example.org/admin>
    url: String,
    /// Who is signed in, by address or id [default: nobody]
    #[arg(long, value_name = "EMAIL|ID")]
    user: Option<String>,
    /// The method
    #[arg(long, default_value = "GET")]
    method: String,
    /// Where the client comes from
    #[arg(long, value_name = "ADDRESS", default_value = "203.0.113.1")]
    from: IpAddr,
    /// As if the second factor was proved
    #[arg(long, requires = "user")]
    second_factor: bool,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the request does not pass, or makes no sense.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Test(arguments) => arguments.run(inputs),
        }
    }
}

/// What came of it.
struct Outcomes {
    verdict: Verdict,
    /// What ends it before any rule is asked.
    barred: Option<&'static str>,
    steps: Vec<Step>,
    reading: String,
}

impl Test {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let asked = Asked::from_url(&self.url, Some(&self.method), self.from)
            .map_err(|odd| Stop::usage(format!("the request would be refused with 401: {odd}")))?;
        let places = places(inputs);
        context::with_accounts(inputs, async |app| {
            let account = match &self.user {
                Some(user) => Some(who::find(app, user).await?),
                None => None,
            };
            let outcomes = self.judged(app, &asked, account.as_ref()).await?;
            let rules = &app.config.access.rules;
            let explained: Vec<Explained<'_>> = outcomes
                .steps
                .iter()
                .map(|step| Explained::of(step, rules, &places))
                .collect();
            let passes = outcomes.barred.is_none() && matches!(outcomes.verdict, Verdict::Allow | Verdict::Bypass);
            let lines: Vec<String> = std::iter::once(format!("path as judged: {}", harmless(&outcomes.reading)))
                .chain(explained.iter().map(Explained::line))
                .chain(end(&outcomes))
                .collect();
            let object = json!({
                "url": self.url,
                "method": self.method,
                "from": self.from.to_string(),
                "user": account.as_ref().map(|account| account.email.as_str()),
                "second_factor": self.second_factor,
                "path": outcomes.reading,
                "passes": passes,
                "verdict": outcomes.verdict.key(),
                "barred": outcomes.barred,
                "rule": explained.last().filter(|last| last.outcome.is_ok()).map(|last| last.number),
                "steps": explained.iter().map(Explained::object).collect::<Vec<Json>>(),
            });
            self.format.done(sentence(&outcomes), &lines, &object)?;
            if passes { Ok(()) } else { Err(Stop::explained()) }
        })
    }

    /// As [`App::may_pass`] decides: first without anybody, then with whoever is signed in.
    async fn judged(&self, app: &App, asked: &Asked, account: Option<&Account>) -> Result<Outcomes, Stop> {
        let rules = &app.config.access.rules;
        app.reload_bans().await?;
        let barred_address = app.ban_of_address(self.from).is_some();
        let anybody = access::decide(rules, asked, None).verdict;
        let person = account.filter(|_| !matches!(anybody, Verdict::Bypass | Verdict::Deny));
        let mut barred = barred_address.then_some("the address is banned");
        if let Some(account) = person.filter(|_| barred.is_none()) {
            let is_banned = is_banned(app, Subject::User(account.id)).await?;
            barred = match (account.is_disabled(), is_banned) {
                (true, _) => Some("the account is disabled, so nobody is signed in"),
                (false, true) => Some("the account is banned"),
                (false, false) => None,
            };
        }
        let who = person.map(|account| Who {
            id: account.id,
            email: account.email.as_str(),
            role: &account.role,
            groups: &account.groups,
            second_factor: self.second_factor,
        });
        let (steps, reading) = access::explain(rules, asked, who.as_ref());
        Ok(Outcomes {
            verdict: access::decide(rules, asked, who.as_ref()).verdict,
            barred,
            steps,
            reading,
        })
    }
}

async fn is_banned(app: &App, subject: Subject) -> Result<bool, Stop> {
    let bans = app.standing(subject).await?.bans;
    Ok(bans.iter().any(|ban| ban.is_in_force(app.now())))
}

fn sentence(outcomes: &Outcomes) -> &'static str {
    match (outcomes.barred, outcomes.verdict) {
        (Some(reason), _) => reason,
        (None, Verdict::Bypass) => "✔ passes, in nobody's name",
        (None, Verdict::Allow) => "✔ passes",
        (None, Verdict::LogIn) => "does not pass: somebody has to sign in first",
        (None, Verdict::SecondFactor) => "does not pass: the session needs a second factor",
        (None, Verdict::Deny) => "does not pass",
    }
}

fn end(outcomes: &Outcomes) -> Option<String> {
    let is_decided = outcomes.steps.last().is_some_and(|step| step.outcome.is_ok());
    (!is_decided).then(|| "no rule fits, and what no rule lets pass does not pass".to_owned())
}

/// Where each rule was written.
fn places(inputs: &Inputs) -> Vec<String> {
    let loaded = load(inputs);
    let found = loaded
        .origins
        .iter()
        .find(|origin| origin.setting.key == "access.rules");
    let tables = found.map(|origin| origin.value.tables()).unwrap_or_default();
    tables.iter().map(|table| table.place.to_string()).collect()
}

struct Explained<'e> {
    number: usize,
    rule: &'e Rule,
    place: &'e str,
    outcome: Result<Verdict, Miss>,
}

impl<'e> Explained<'e> {
    fn of(step: &Step, rules: &'e [Rule], places: &'e [String]) -> Self {
        Self {
            number: step.rule + 1,
            rule: &rules[step.rule],
            place: places.get(step.rule).map_or("", String::as_str),
            outcome: step.outcome,
        }
    }

    fn line(&self) -> String {
        let said = match self.outcome {
            Ok(verdict) => format!("decides: {}", decides(self.rule.effect, verdict)),
            Err(miss) => format!("does not fit: it is about {}", about(miss)),
        };
        format!(
            "rule {} ({}, {}) {said}",
            self.number,
            harmless(&self.rule.name),
            self.place
        )
    }

    fn object(&self) -> Json {
        json!({
            "rule": self.number,
            "name": self.rule.name,
            "place": self.place,
            "effect": self.rule.effect.key(),
            "verdict": self.outcome.ok().map(Verdict::key),
            "missed": self.outcome.err().map(Miss::key),
        })
    }
}

fn decides(effect: Effect, verdict: Verdict) -> String {
    if verdict.key() == effect.key() {
        return verdict.key().to_owned();
    }
    format!("{}, by effect = \"{}\"", verdict.key(), effect.key())
}

const fn about(miss: Miss) -> &'static str {
    match miss {
        Miss::Host => "other hosts",
        Miss::Path => "other paths",
        Miss::Method => "other methods",
        Miss::Network => "other networks",
        Miss::Person => "other people",
    }
}
