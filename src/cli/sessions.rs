//! `sessions`: who is signed in where, and the end of sessions.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::cli::ban_text::time;
use crate::cli::filter::{expect_one_way, how_many};
use crate::cli::list_users::moment;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::Inputs;
use crate::domain::device::Device;
use crate::domain::ids::SessionId;
use crate::domain::list::{Start, Total};
use crate::domain::session::{Identity, Session};
use crate::domain::session_list::{Asked, Asker, Filter, Order, Present, Selection};

/// Sessions read at a time.
const PAGE: usize = 1_000;

/// What is done with sessions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the sessions that count: all, or those that match; the last one that was used first
    List(List),
    /// End sessions: whoever uses them has to sign in again
    ///
    /// Name them by their numbers, or say which: by flags such as --user and --address, or --everybody. It says how many they
    /// are and asks.
    End(End),
}

/// Which sessions.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which sessions")]
struct Flags {
    /// Parts of name, address or user name of whoever is signed in, or the id of the account
    #[arg(long, value_name = "TEXT")]
    user: Option<String>,
    /// From this address or network
    #[arg(long, value_name = "NETWORK")]
    address: Option<String>,
    /// Signed in like this: password, or a provider
    #[arg(long, value_name = "NAME")]
    way: Option<String>,
    /// Parts of browser and system
    #[arg(long, value_name = "TEXT")]
    device: Option<String>,
    /// Used on that day (such as 2026-11-26, UTC) or later
    #[arg(long, value_name = "DAY")]
    used_after: Option<String>,
    /// Not used since that day
    #[arg(long, value_name = "DAY")]
    used_before: Option<String>,
    /// Used within five minutes
    #[arg(long)]
    here: bool,
}

impl Flags {
    fn parse(&self) -> Result<Filter, Stop> {
        let text = |flag: &Option<String>| flag.clone().unwrap_or_default();
        let asked = Asked {
            q: text(&self.user),
            address: text(&self.address),
            way: text(&self.way),
            device: text(&self.device),
            used_after: text(&self.used_after),
            used_before: text(&self.used_before),
            here: if self.here { "yes" } else { "" }.to_owned(),
        };
        asked.parse().map_err(|issues| {
            let flag = |field: &str| match field {
                "q" => "--user".to_owned(),
                field => format!("--{}", field.replace('_', "-")),
            };
            let flags: Vec<String> = issues.iter().map(|issue| flag(issue.field)).collect();
            Stop::usage(format!("this makes no sense: {}", flags.join(", ")))
        })
    }
}

/// Which sessions.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    which: Flags,
    #[command(flatten)]
    format: Format,
}

/// Which sessions.
#[derive(Debug, Args)]
pub struct End {
    /// Numbers of sessions, as the list shows them
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    ids: Vec<i64>,
    /// All sessions of everybody, admins included
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

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If no session is meant, or the end of some is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::End(arguments) => arguments.run(inputs),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let filter = self.which.parse()?;
        let rows = context::with_accounts(inputs, async |app| {
            let present = app.present();
            let found = everything(app, &filter).await?;
            Ok(Rows {
                titles: &["ID", "Email", "Device", "Address", "Method", "Signed in", "Last used"],
                rows: found
                    .iter()
                    .map(|known| (cells(known), object(known, present)))
                    .collect(),
            })
        })?;
        rows.print(self.format, "There are no such sessions.")
    }
}

async fn everything(app: &App, filter: &Filter) -> Result<Vec<Identity>, Stop> {
    let (mut all, mut start) = (Vec::new(), Start::Beginning);
    loop {
        let found = app.find_sessions(filter.clone(), Order::default(), start, PAGE).await?;
        all.extend(found.rows);
        match found.next {
            Some(next) => start = Start::After(next),
            None => return Ok(all),
        }
    }
}

fn object(known: &Identity, present: Present) -> Json {
    let Identity { session, account } = known;
    let confirmed = session.confirmed_until(present.now, account.two_factor_at.is_some());
    json!({
        "id": session.id.to_string(),
        "user": account.id.to_string(),
        "email": account.email.as_str(),
        "device": device(session),
        "user_agent": session.origin.user_agent,
        "address": session.origin.address,
        "method": session.method,
        "created_at": session.created_at.to_string(),
        "last_used_at": session.last_used_at.to_string(),
        "expires_at": session.expires_at.to_string(),
        "confirmed_until": time(confirmed),
    })
}

fn device(session: &Session) -> Option<String> {
    Device::of(&session.origin.user_agent).plain()
}

fn cells(known: &Identity) -> Vec<String> {
    let session = &known.session;
    vec![
        session.id.to_string(),
        known.account.email.to_string(),
        device(session).unwrap_or_else(|| "-".to_owned()),
        session.origin.address.clone(),
        session.method.clone(),
        moment(Some(session.created_at)),
        moment(Some(session.last_used_at)),
    ]
}

impl End {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let filter = self.which.parse()?;
        expect_one_way(
            !self.ids.is_empty(),
            !filter.is_empty(),
            self.everybody,
            "say which sessions, in one way: ID, flags such as --user, or --everybody",
        )?;
        prompt::expect_consent(self.yes)?;
        let ended = context::with_accounts(inputs, async |app| {
            let (selection, count) = self.selection(app, filter).await?;
            prompt::confirm(&format!("End {count}. Go on? (y/N)"), self.yes)?;
            Ok(app
                .end_sessions(&selection, Asker::Console, &Actor::Console, |_| ())
                .await?)
        })?;
        let sentence = match ended {
            1 => "✔ 1 session ended".to_owned(),
            many => format!("✔ {many} sessions ended"),
        };
        self.format.done(&sentence, &[], &json!({ "ended": ended }))
    }

    /// Which sessions are meant, and how many they are, in words.
    async fn selection(&self, app: &App, filter: Filter) -> Result<(Selection, String), Stop> {
        if !self.ids.is_empty() {
            let ids: Vec<SessionId> = self.ids.iter().copied().map(SessionId::from_row).collect();
            let known = app.sessions_with(&ids).await?.len();
            if known == 0 {
                return Err(Stop::failed("there is no such session: `librechat-auth sessions list`"));
            }
            return Ok((Selection::These(ids), format!("{known} sessions")));
        }
        let total = if filter.is_empty() {
            Total::Exactly(app.session_count().await?)
        } else {
            let order = Order::default();
            app.find_sessions(filter.clone(), order, Start::Beginning, 1)
                .await?
                .total
        };
        let count = how_many(total, "sessions");
        Ok((Selection::Matching(Box::new(filter)), count))
    }
}
