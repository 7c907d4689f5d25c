//! `claims test`: what would come of what a provider says of somebody.

use std::fs::File;
use std::io::{self, Read as _};

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::federated_login::Trial;
use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context, federation};
use crate::config::{Inputs, OPENID};
use crate::domain::federation::claims::{Said, text};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::decision::Decision;
use crate::domain::federation::redacted::{is_cut, read_back};
use crate::domain::federation::vouched::{ClaimNames, Proof, Vouched};
use crate::domain::group::GroupName;

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
        self.format.done(&sentence, &details, &object(&provider, &trial))
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
        let said = said(&content).map_err(|error| Stop::failed(format!("{file} has no claims: {error}")))?;
        let provider = self.provider.clone().unwrap_or_else(|| OPENID.to_owned());
        let settings = app.config.federation.openid.iter();
        let settings = settings.into_iter().find(|openid| openid.id.as_str() == provider);
        let names = settings.map_or_else(ClaimNames::default, |openid| openid.claims.clone());
        let claim = |name: &str| text(&said.id, name).unwrap_or_default();
        let subject = Subject {
            issuer: claim("iss"),
            subject: claim("sub"),
        };
        let mut vouched = Vouched::from_claims(subject, said, &names, false);
        if settings.is_some_and(|openid| openid.trust_email) && vouched.proof == Proof::Unsaid {
            vouched.proof = Proof::Proved;
        }
        Ok((provider, vouched))
    }
}

/// Claims as people write them down: those of all tokens, or of the ID token only.
fn said(content: &str) -> Result<Said, String> {
    let whole: Map<String, Json> = serde_json::from_str(content).map_err(|error| error.to_string())?;
    let sets = ["id", "userinfo", "access"];
    let is_of_all = whole.keys().any(|name| sets.contains(&name.as_str())) && whole.values().all(Json::is_object);
    if !is_of_all {
        return Ok(Said {
            id: whole,
            ..Said::default()
        });
    }
    if let Some(name) = whole.keys().find(|name| !sets.contains(&name.as_str())) {
        return Err(format!("there is {name} beside id, userinfo and access"));
    }
    let set = |name: &str| whole.get(name).and_then(Json::as_object).cloned().unwrap_or_default();
    Ok(Said {
        id: set("id"),
        userinfo: set("userinfo"),
        access: set("access"),
        ..Said::default()
    })
}

fn told(trial: &Trial) -> (String, Vec<String>) {
    let (sentence, why) = match &trial.decision {
        Ok(decision) => ("✔ Would be let in", way(*decision).to_owned()),
        Err(denial) => (
            "✘ Would not be let in",
            reason(trial).unwrap_or_else(|| denial.verdict().to_owned()),
        ),
    };
    let groups = match &trial.verdict.groups {
        Some(groups) if groups.is_empty() => "none".to_owned(),
        Some(groups) => groups.iter().map(GroupName::as_str).collect::<Vec<_>>().join(", "),
        None => "not decided by claims".to_owned(),
    };
    let mut details = vec![
        format!("why         {}", harmless(&why)),
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

fn reason(trial: &Trial) -> Option<String> {
    trial.verdict.lacks.as_ref().map(ToString::to_string)
}

const fn way(decision: Decision) -> &'static str {
    match decision {
        Decision::LogIn => "the identity is connected to an account",
        Decision::Create => "nobody has the address: an account would be made",
        Decision::TakeOver => "nobody ever proved the address of the account that has it: it would change hands",
    }
}

fn object(provider: &str, trial: &Trial) -> Json {
    let groups = trial.verdict.groups.as_ref();
    json!({
        "provider": provider,
        "admitted": trial.decision.is_ok(),
        "way": trial.decision.as_ref().ok().map(|decision| way(*decision)),
        "denial": trial.decision.as_ref().err().map(|denial| denial.key()),
        "reason": match &trial.decision {
            Ok(_) => None,
            Err(denial) => Some(reason(trial).unwrap_or_else(|| denial.verdict().to_owned())),
        },
        "account": trial.account.as_ref().map(|account| account.email.as_str()),
        "role": trial.role.as_str(),
        "groups": groups.map(|groups| groups.iter().map(GroupName::as_str).collect::<Vec<_>>()),
        "notes": trial.verdict.notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_the_id_token_unless_said_otherwise() {
        let plain = said(r#"{ "sub": "1", "id": "x", "groups": ["a"] }"#).expect("claims");
        assert_eq!(plain.id.len(), 3);
        let all = said(r#"{ "id": { "sub": "1" }, "access": { "roles": [] } }"#).expect("claims");
        assert_eq!((all.id.len(), all.userinfo.len(), all.access.len()), (1, 0, 1));
        assert!(said(r#"{ "id": {}, "other": {} }"#).is_err());
        assert!(said("[]").is_err());
    }
}
