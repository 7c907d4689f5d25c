//! `mail`: does mail work, what do letters look like, and what became of them.

use std::io::{self, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use dialoguer::console::style;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::audit::Actor;
use crate::app::post::{Line, Speaker, Tested, Trouble};
use crate::cli::list_users::moment;
use crate::cli::mail_preview::Preview;
use crate::cli::output::{Format, harmless};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::{Config, Encryption, Inputs, Transport};
use crate::domain::email::Email;
use crate::domain::outbox::{Posted, Progress};

/// Letters read at a time.
const PAGE: u32 = 500;

/// What about mail.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Send a test letter and show the conversation with the mail server
    ///
    /// It takes the very way that verification and reset letters take. Passwords are masked. Ends with exit code 1 and what
    /// to do if the server did not take the letter.
    Test(Test),
    /// Show a letter with made-up content, or list all that the server can write
    ///
    /// As it would be written now, with the title and the colour of the site. Nothing is sent.
    Preview(Preview),
    /// The letters that were not sent yet, or could not be sent
    Outbox(Outbox),
}

/// To whom.
#[derive(Debug, Args)]
pub struct Test {
    /// Where the letter goes
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Its language: en or fr
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: String,
    /// Leave the letter to the running server, as a page does; `mail outbox` shows what became of it
    #[arg(long)]
    queue: bool,
    #[command(flatten)]
    format: Format,
}

/// Which letters.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Outbox {
    #[command(subcommand)]
    verb: Option<Change>,
    /// Those that were sent as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// What to do with letters.
#[derive(Debug, Subcommand)]
enum Change {
    /// Try a letter again now, or all that wait or have failed
    Retry {
        /// The letter's number
        #[arg(value_name = "ID")]
        id: Option<i64>,
        #[command(flatten)]
        format: Format,
    },
    /// Forget a letter; it is not sent
    Drop {
        /// The letter's number
        #[arg(value_name = "ID")]
        id: i64,
        #[command(flatten)]
        format: Format,
    },
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If mail is not configured, the test letter was not taken, or there is no such letter.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Test(test) => test.run(inputs),
            Self::Preview(preview) => preview.run(inputs),
            Self::Outbox(outbox) => match &outbox.verb {
                None => outbox.list(inputs),
                Some(Change::Retry { id, format }) => retry(inputs, *id, *format),
                Some(Change::Drop { id, format }) => discard(inputs, *id, *format),
            },
        }
    }
}

impl Test {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let address =
            Email::parse(&self.address).map_err(|_| Stop::usage(format!("{:?} is no e-mail address", self.address)))?;
        context::with_accounts(inputs, async |app| {
            if self.queue {
                return self.leave_to_server(app, &address).await;
            }
            if !app.mail_is_configured() {
                return Err(not_configured());
            }
            let mut told = Vec::new();
            if !self.format.json {
                print(&format!("Test letter to {address} {}", way(&app.config)))?;
            }
            let tested = app
                .send_test_letter(&address, Some(&self.lang), |line| {
                    if self.format.json {
                        told.push(line.to_string());
                    } else {
                        // Whoever closed the output does not want to know; the letter is sent all the same.
                        let _ = print(&coloured(line));
                    }
                })
                .await?;
            let tested = tested.ok_or_else(not_configured)?;
            self.verdict(&address, &tested, &told)
        })
    }

    async fn leave_to_server(&self, app: &App, address: &Email) -> Outcome {
        if !app.queue_test_letter(address, Some(&self.lang)).await? {
            return Err(not_configured());
        }
        let sentence = format!("✔ A test letter to {address} is in the outbox");
        let details = ["The running server sends it within seconds: `librechat-auth mail outbox`.".to_owned()];
        self.format
            .done(&sentence, &details, &json!({ "queued": address.as_str() }))
    }

    fn verdict(&self, address: &Email, tested: &Tested, told: &[String]) -> Outcome {
        let trouble = tested.outcome.as_ref().err();
        if self.format.json {
            let object = json!({
                "id": tested.id,
                "address": address.as_str(),
                "sent": trouble.is_none(),
                "dialogue": told,
                "answer": tested.outcome.as_ref().ok(),
                "error": trouble.map(Trouble::key),
                "message": trouble.map(ToString::to_string),
                "advice": trouble.map(Trouble::advice),
            });
            print(&object.to_string())?;
            return if trouble.is_none() {
                Ok(())
            } else {
                Err(Stop::explained())
            };
        }
        match trouble {
            None => {
                let taken = format!("✔ The mail server has taken the letter (number {}).", tested.id);
                print(&style(taken).green().to_string())?;
                print("If it does not arrive, look into the folder for spam, and at SPF and DKIM: docs/mail.md.")
            }
            Some(trouble) => Err(Stop::failed(format!(
                "the letter was not sent: {}.\n  {}",
                harmless(&trouble.to_string()).trim_end_matches('.'),
                trouble.advice()
            ))),
        }
    }
}

fn print(line: &str) -> Outcome {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn coloured(line: &Line) -> String {
    let text = line.to_string();
    match line.speaker {
        Speaker::Us => style(text).cyan().to_string(),
        Speaker::Server => text,
        Speaker::Event => style(text).dim().to_string(),
    }
}

fn not_configured() -> Stop {
    Stop::failed(
        "mail is not configured: set EMAIL_FROM, and EMAIL_HOST or EMAIL_SERVICE, or the settings of Mailgun; \
         docs/mail.md has examples",
    )
}

/// By which server, how protected, as whom.
fn way(config: &Config) -> String {
    match &config.mail.transport {
        Some(Transport::Smtp(smtp)) => {
            let protection = match smtp.encryption {
                Encryption::Tls => "TLS",
                Encryption::StartTls => "STARTTLS",
                Encryption::None => "without encryption",
            };
            let login = match &smtp.credentials {
                Some((name, _)) => format!("as {}", harmless(name)),
                None => "without login".to_owned(),
            };
            format!("by {}:{}, {protection}, {login}", smtp.host, smtp.port)
        }
        Some(Transport::Mailgun { domain, host, .. }) => format!("by Mailgun at {host}, domain {domain}"),
        None => String::new(),
    }
}

impl Outbox {
    fn list(&self, inputs: &Inputs) -> Outcome {
        let letters = context::with_accounts(inputs, async |app| everything(app, self.all).await)?;
        let rows = Rows {
            titles: &[
                "ID",
                "Kind",
                "To",
                "State",
                "Written",
                "Attempts",
                "Next Attempt",
                "Last Error",
            ],
            rows: letters.iter().map(|letter| (cells(letter), object(letter))).collect(),
        };
        let nothing = if self.all {
            "No letter was written yet."
        } else {
            "Every letter was sent: `librechat-auth mail outbox --all` lists them."
        };
        rows.print(self.format, nothing)
    }
}

async fn everything(app: &App, all: bool) -> Result<Vec<Posted>, Stop> {
    let (mut found, mut before) = (Vec::new(), i64::MAX);
    loop {
        let page = app.posted(all, before, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        before = last.id;
        found.extend(page);
    }
}

fn cells(letter: &Posted) -> Vec<String> {
    let next = match letter.progress {
        Progress::Waiting(at) => Some(at),
        Progress::Sending | Progress::Sent(_) | Progress::Failed(_) => None,
    };
    vec![
        letter.id.to_string(),
        letter.kind.clone(),
        letter.address.to_string(),
        letter.progress.key().to_owned(),
        moment(Some(letter.created_at)),
        letter.attempts.to_string(),
        moment(next),
        letter.last_error.clone().unwrap_or_default(),
    ]
}

fn object(letter: &Posted) -> Json {
    let (mut next, mut sent, mut failed) = (None, None, None);
    match letter.progress {
        Progress::Waiting(at) => next = Some(at.to_string()),
        Progress::Sent(at) => sent = Some(at.to_string()),
        Progress::Failed(at) => failed = Some(at.to_string()),
        Progress::Sending => {}
    }
    json!({
        "id": letter.id,
        "kind": letter.kind,
        "address": letter.address.as_str(),
        "state": letter.progress.key(),
        "attempts": letter.attempts,
        "created_at": letter.created_at.to_string(),
        "next_attempt_at": next,
        "sent_at": sent,
        "failed_at": failed,
        "last_error": letter.last_error,
        "can_retry": letter.is_whole,
    })
}

fn no_such_letter(id: i64) -> Stop {
    Stop::failed(format!(
        "there is no letter {id}: `librechat-auth mail outbox --all` lists all of them"
    ))
}

fn retry(inputs: &Inputs, id: Option<i64>, format: Format) -> Outcome {
    let (count, configured) = context::with_accounts(inputs, async |app| {
        let count = app.retry_letters(id, &Actor::Console).await?;
        if let (0, Some(id)) = (count, id) {
            return Err(why_not(app, id).await?);
        }
        Ok((count, app.mail_is_configured()))
    })?;
    let sentence = match count {
        0 => "✔ No letter waits, and none has failed that could be tried again".to_owned(),
        1 => "✔ The letter is due now".to_owned(),
        many => format!("✔ {many} letters are due now"),
    };
    let mut details = Vec::new();
    if count > 0 && !configured {
        details.push("but mail is not configured: nothing is sent".to_owned());
    } else if count > 0 && io::stdout().is_terminal() {
        details.push(
            "The running server sends within a second; `librechat-auth mail outbox` shows what came of it.".to_owned(),
        );
    }
    format.done(&sentence, &details, &json!({ "retried": count }))
}

/// Why a letter cannot be tried again.
async fn why_not(app: &App, id: i64) -> Result<Stop, Stop> {
    let Some(letter) = app.posted_letter(id).await? else {
        return Ok(no_such_letter(id));
    };
    Ok(Stop::failed(match letter.progress {
        Progress::Sent(_) => format!("letter {id} was sent, and what it said is no longer kept"),
        Progress::Sending => format!("letter {id} is being sent right now"),
        Progress::Waiting(_) | Progress::Failed(_) => {
            format!("what letter {id} said is no longer kept, because the links in it are dead: ask for a new one")
        }
    }))
}

fn discard(inputs: &Inputs, id: i64, format: Format) -> Outcome {
    context::with_accounts(inputs, async |app| {
        if app.drop_letter(id, &Actor::Console).await? {
            return Ok(());
        }
        match app.posted_letter(id).await? {
            Some(_) => Err(Stop::failed(format!("letter {id} is being sent right now"))),
            None => Err(no_such_letter(id)),
        }
    })?;
    format.done(&format!("✔ Letter {id} is forgotten"), &[], &json!({ "dropped": id }))
}
