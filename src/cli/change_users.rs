//! `change-users`: the same change of many accounts.

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::cli::filter::{Flags, expect_one_way, how_many};
use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context, prompt, who};
use crate::config::Inputs;
use crate::domain::bulk::{Change, Selection, Skipped, Tally};
use crate::domain::directory::{Filter, Order, Start};
use crate::domain::email::Email;
use crate::domain::field::Issue;

/// What to do, and to whom.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do
    #[arg(value_parser = PossibleValuesParser::new(Change::KEYS))]
    action: String,
    /// E-mail addresses, or ids of 24 hexadecimal digits; instead of them, say which accounts
    #[arg(value_name = "EMAIL|ID")]
    users: Vec<String>,
    /// The role or the group, where one is needed
    #[arg(long, value_name = "ROLE|GROUP")]
    to: Option<String>,
    /// Everybody, without any other flag that says which accounts
    #[arg(long)]
    everybody: bool,
    #[command(flatten)]
    which: Flags,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If an account is named that does not exist, nobody is meant, or it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let change = Change::parse(&self.action, self.to.as_deref().unwrap_or_default()).map_err(unclear)?;
        let filter = self.which.parse()?;
        expect_one_way(
            !self.users.is_empty(),
            !filter.is_empty(),
            self.everybody,
            "say which accounts, in one way: EMAIL|ID, flags such as --search, or --everybody",
        )?;
        prompt::expect_consent(self.yes)?;
        let tally = context::with_accounts(inputs, async |app| {
            let (selection, count) = self.selection(app, filter).await?;
            let what = described(&change);
            prompt::confirm(&format!("{what}: {count}. Go on? (y/N)"), self.yes)?;
            let bar = bar();
            let note = |tally: &Tally| bar.set_position(tally.seen());
            let tally = app.change_many(&selection, &change, &Actor::Console, note).await?;
            bar.finish_and_clear();
            Ok(tally)
        })?;
        let details: Vec<String> = tally.skipped().map(|(why, left)| sentence(why, left.count)).collect();
        let sentence = format!("✔ {}: {} changed", described(&change), tally.done);
        self.format.done(&sentence, &details, &object(&change, &tally))
    }

    /// Whom it is about, and how many they are, in words.
    async fn selection(&self, app: &App, filter: Filter) -> Result<(Selection, String), Stop> {
        if self.users.is_empty() {
            let found = app
                .find_users(filter.clone(), Order::default(), Start::Beginning, 1)
                .await?;
            let count = how_many(found.total, "accounts");
            return Ok((Selection::Matching(Box::new(filter)), count));
        }
        let mut ids = Vec::new();
        for name in &self.users {
            ids.push(who::find(app, name).await?.id);
        }
        let count = format!("{} accounts", ids.len());
        Ok((Selection::These(ids), count))
    }
}

/// On standard error, and only on a terminal.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{human_pos} accounts, {elapsed}").expect("the template is well-formed");
    ProgressBar::no_length().with_style(style)
}

fn unclear(issue: Issue) -> Stop {
    match issue.field {
        "value" => Stop::usage("this action needs --to ROLE or --to GROUP"),
        _ => Stop::usage("there is no such action"),
    }
}

fn described(change: &Change) -> String {
    let words = change.key().replace('_', " ");
    match change.value() {
        "" => words,
        value => format!("{words} {value}"),
    }
}

fn sentence(why: Skipped, count: u64) -> String {
    let reason = match why {
        Skipped::Already => "nothing to change",
        Skipped::Own => "your own account",
        Skipped::LastAdmin => "the last admin stays",
        Skipped::Gone => "no such account any more",
        Skipped::Refused => "refused",
    };
    format!("{count} left as before: {reason}")
}

fn object(change: &Change, tally: &Tally) -> Json {
    let left: Vec<Json> = tally
        .skipped()
        .map(|(why, left)| {
            let some: Vec<&str> = left.some.iter().map(Email::as_str).collect();
            json!({ "reason": why.key(), "count": left.count, "some": some })
        })
        .collect();
    json!({ "action": change.key(), "value": change.value(), "done": tally.done, "skipped": left })
}
