//! `claims test`: what would come of what a provider says of somebody.

use std::fs::File;
use std::io::{self, Read as _};

use clap::{Args, Subcommand};

use crate::app::App;
use crate::app::federated_login::Trial;
use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context, federation};
use crate::config::{Inputs, OPENID};
use crate::domain::federation::redacted::{is_cut, read_back};
use crate::domain::federation::vouched::Vouched;

/// No claims are as long as this.
const MOST_BYTES: u64 = 1024 * 1024;

/// What is done with claims.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Try the configured roles and groups on the claims of a past login, or of a file; nothing is changed
    ///
    /// A file has one JSON object: the claims themselves, which count as those of the ID token, or the objects id, userinfo and
    /// access.
    Test(Test),
}

/// Which claims, and whose rules.
#[derive(Debug, Args)]
pub struct Test {
    /// The provider whose rules are tried [default: that of the login; openid for a file]
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// The number of a login that `federation log` lists
    #[arg(long, value_name = "REF", required_unless_present = "file")]
    login: Option<String>,
    /// A file with claims as JSON; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "login")]
    file: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there are no such claims or no such provider.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Test(arguments) => arguments.run(inputs),
        }
    }
}

impl Test {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (provider, trial) = context::with_accounts(inputs, async |app| {
            let (provider, vouched) = match (&self.login, &self.file) {
                (Some(reference), _) => self.of_login(app, reference).await?,
                (None, Some(file)) => self.of_file(app, file)?,
                (None, None) => return Err(Stop::failed("say --login or --file")),
            };
            if !app.provider_ids().any(|id| id == provider) {
                let known: Vec<&str> = app.provider_ids().collect();
                return Err(Stop::failed(match known.as_slice() {
                    [] => "no provider can be used: see `librechat-auth config check`".to_owned(),
                    known => format!(
                        "there is no provider {provider:?} that can be used; there is {}",
                        known.join(", ")
                    ),
                }));
            }
            let trial = app.try_claims(&provider, vouched).await?;
            Ok((provider, trial))
        })?;
        let (sentence, details) = told(&trial);
        self.format.done(&sentence, &details, &trial.object(&provider))
    }

    async fn of_login(&self, app: &App, reference: &str) -> Result<(String, Vouched), Stop> {
        let flight = app
            .flight(reference)
            .await?
            .ok_or_else(|| federation::unknown(reference))?;
        let (Some(subject), Some(text)) = (flight.subject, flight.claims) else {
            return Err(Stop::failed(format!(
                "the provider vouched for nobody in that login: {}",
                harmless(&flight.verdict)
            )));
        };
        if is_cut(&text) {
            note("The provider said more than is kept: the result may differ.");
        }
        let vouched =
            read_back(subject, &text).ok_or_else(|| Stop::failed("the claims of that login cannot be read"))?;
        let provider = self.provider.clone().unwrap_or_else(|| flight.provider.to_string());
        Ok((provider, vouched))
    }

    fn of_file(&self, app: &App, file: &str) -> Result<(String, Vouched), Stop> {
        let mut content = String::new();
        let read = if file == "-" {
            io::stdin().lock().take(MOST_BYTES).read_to_string(&mut content)
        } else {
            File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut content))
        };
        read.map_err(|error| Stop::failed(format!("cannot read {file}: {error}")))?;
        let provider = self.provider.clone().unwrap_or_else(|| OPENID.to_owned());
        let vouched = app.read_claims(&provider, &content);
        let vouched = vouched.map_err(|error| Stop::failed(format!("{file} has no claims: {error}")))?;
        Ok((provider, vouched))
    }
}

fn told(trial: &Trial) -> (String, Vec<String>) {
    let sentence = if trial.decision.is_ok() {
        "✔ Would be let in"
    } else {
        "✘ Would not be let in"
    };
    let groups = match trial.groups() {
        Some(groups) if groups.is_empty() => "none".to_owned(),
        Some(groups) => groups.join(", "),
        None => "not decided by claims".to_owned(),
    };
    let mut details = vec![
        format!("why         {}", harmless(&trial.why())),
        format!("role        {}", harmless(trial.role.as_str())),
        format!("groups      {}", harmless(&groups)),
    ];
    if let Some(account) = &trial.account {
        details.push(format!("account     {}", account.email));
    }
    details.extend(
        trial
            .verdict
            .notes
            .iter()
            .map(|text| format!("note        {}", harmless(text))),
    );
    (sentence.to_owned(), details)
}
