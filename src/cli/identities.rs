//! `identities`: who signs in through which provider. Linking, expecting people, and following a provider that has moved.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::federated_login::manage::Expected;
use crate::app::{App, Failure};
use crate::cli::ban_text::time;
use crate::cli::list_users::moment;
use crate::cli::output::{Format, harmless};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, prompt, rekey, who};
use crate::config::Inputs;
use crate::domain::account::Account;
use crate::domain::duration;
use crate::domain::email::Email;
use crate::domain::federation::connection::{Connection, Subject};
use crate::domain::federation::expectation::{Expectation, LONGEST, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::refusal::Refusal;

/// Identities read at a time.
const PAGE: u32 = 1_000;

/// What is done with identities.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List who signs in through which provider
    List(List),
    /// Connect an identity at a provider to an account
    Link(Link),
    /// Disconnect an identity and end the sessions of its account
    Unlink(Unlink),
    /// Expect somebody from a provider, whether or not strangers may sign up
    Expect(Expect),
    /// List who is expected
    Expected(Expecting),
    /// Expect somebody no more
    Withdraw(Withdraw),
    /// Follow a provider that has moved: give its identities another issuer
    Rekey(rekey::Rekeying),
}

/// Whose.
#[derive(Debug, Args)]
pub struct List {
    /// E-mail address, or id of 24 hexadecimal digits [default: everybody]
    #[arg(value_name = "EMAIL|ID")]
    user: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Which identity.
#[derive(Debug, Args)]
pub struct Link {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// The provider's name in addresses, such as openid
    #[arg(long)]
    provider: String,
    /// Who the person is there
    #[arg(long)]
    subject: String,
    /// The issuer, as tokens say it [default: as the provider says it]
    #[arg(long)]
    issuer: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Which identity.
#[derive(Debug, Args)]
pub struct Unlink {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// Its number in the list
    #[arg(value_name = "NUMBER", required_unless_present = "provider")]
    id: Option<i64>,
    /// The only one at this provider
    #[arg(long, conflicts_with = "id")]
    provider: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// Whom.
#[derive(Debug, Args)]
pub struct Expect {
    /// An account, or the e-mail address of one that is made when the person comes
    #[arg(value_name = "EMAIL|ID")]
    user: String,
    /// The provider's name in addresses, such as openid
    #[arg(long)]
    provider: String,
    /// Recognise them by who they are there
    #[arg(long, conflicts_with = "email")]
    subject: Option<String>,
    /// The issuer, as tokens say it [default: as the provider says it]
    #[arg(long, requires = "subject")]
    issuer: Option<String>,
    /// Recognise them by an address that the provider proves [default: the account's]
    #[arg(long, value_parser = address)]
    email: Option<Email>,
    /// How long, such as 30d
    #[arg(long, value_name = "DURATION", value_parser = span, default_value = "30d")]
    expires: Duration,
    #[command(flatten)]
    format: Format,
}

/// How it is printed.
#[derive(Debug, Args)]
pub struct Expecting {
    #[command(flatten)]
    format: Format,
}

/// Whom.
#[derive(Debug, Args)]
pub struct Withdraw {
    /// The number in the list
    #[arg(value_name = "NUMBER")]
    id: i64,
    #[command(flatten)]
    format: Format,
}

fn address(text: &str) -> Result<Email, &'static str> {
    Email::parse(text).map_err(|_| "this is no e-mail address")
}

pub(super) fn span(text: &str) -> Result<Duration, String> {
    let span = duration::parse(text).map_err(|error| format!("{text:?} {error}"))?;
    if (Duration::from_mins(1)..=LONGEST).contains(&span) {
        return Ok(span);
    }
    let written = duration::format(span);
    Err(format!("{text:?} is {written}; say between 1m and 366d, with the unit"))
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, provider or identity; if it is connected already; if it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Link(arguments) => arguments.run(inputs),
            Self::Unlink(arguments) => arguments.run(inputs),
            Self::Expect(arguments) => arguments.run(inputs),
            Self::Expected(arguments) => arguments.run(inputs),
            Self::Withdraw(arguments) => arguments.run(inputs),
            Self::Rekey(arguments) => arguments.run(inputs),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let all = context::with_accounts(inputs, async |app| match &self.user {
            Some(user) => {
                let account = who::find(app, user).await?;
                let all = app.connections(account.key).await?.into_iter();
                Ok(all.map(|one| (one, account.clone())).collect())
            }
            None => everything(app).await,
        })?;
        let rows = Rows {
            titles: &[
                "ID",
                "Account",
                "Provider",
                "Issuer",
                "Subject",
                "Knows them as",
                "Connected",
                "Last used",
            ],
            rows: all
                .iter()
                .map(|(one, account)| (cells(one, account), object(one, account)))
                .collect(),
        };
        rows.print(self.format, "Nobody signs in through a provider.")
    }
}

async fn everything(app: &App) -> Result<Vec<(Connection, Account)>, Stop> {
    let mut all: Vec<(Connection, Account)> = Vec::new();
    loop {
        let page = app
            .identities_after(all.last().map_or(0, |(one, _)| one.id), PAGE)
            .await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn cells(one: &Connection, account: &Account) -> Vec<String> {
    vec![
        one.id.to_string(),
        account.email.to_string(),
        one.provider.to_string(),
        one.subject.issuer.clone(),
        one.subject.subject.clone(),
        one.email.clone().or_else(|| one.name.clone()).unwrap_or_default(),
        moment(Some(one.created_at)),
        moment(one.last_used_at),
    ]
}

/// An identity as JSON: the same keys in every command.
pub(super) fn object(one: &Connection, account: &Account) -> Json {
    json!({
        "id": one.id,
        "user": account.id.to_string(),
        "account": account.email.as_str(),
        "provider": one.provider.as_str(),
        "issuer": one.subject.issuer,
        "subject": one.subject.subject,
        "email": one.email,
        "name": one.name,
        "created_at": time(Some(one.created_at)),
        "last_used_at": time(one.last_used_at),
    })
}

/// The provider of that name, and the person whom it calls so.
async fn subject_at(
    app: &App,
    provider: &str,
    subject: &str,
    issuer: Option<&str>,
) -> Result<(ProviderId, Subject), Stop> {
    let id = provider_of(app, provider)?;
    let said = match issuer {
        Some(issuer) => Some(issuer.to_owned()),
        None => app.issuer_of(&id).await.map_err(|trouble| {
            Stop::failed(format!(
                "{id} cannot be asked for its issuer ({trouble}); give it with --issuer"
            ))
        })?,
    };
    let issuer = said.ok_or_else(|| Stop::usage(format!("{id} has people of many issuers: give --issuer")))?;
    if issuer.trim().is_empty() || subject.trim().is_empty() {
        return Err(Stop::usage("issuer and subject must not be empty"));
    }
    let subject = subject.to_owned();
    Ok((id, Subject { issuer, subject }))
}

pub(super) fn provider_of(app: &App, name: &str) -> Result<ProviderId, Stop> {
    let found = app.button_of(name).map(|button| button.id.clone());
    found.ok_or_else(|| {
        Stop::failed(format!(
            "no provider {name:?} can be used: see `librechat-auth config check`"
        ))
    })
}

fn not_taken(failure: Failure) -> Stop {
    match failure {
        Failure::Refused(Refusal::Invalid(_)) => {
            Stop::failed("this identity is connected already: see `librechat-auth identities list`")
        }
        other => other.into(),
    }
}

impl Link {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (account, linked) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            let (id, subject) = subject_at(app, &self.provider, &self.subject, self.issuer.as_deref()).await?;
            let linked = app.link_identity(&account, &id, subject, &Actor::Console).await;
            Ok((account, linked.map_err(not_taken)?))
        })?;
        let sentence = format!(
            "✔ {} signs in through {} as {} now",
            account.email,
            linked.provider,
            harmless(&linked.subject.subject)
        );
        self.format.done(&sentence, &[], &object(&linked, &account))
    }
}

impl Unlink {
    fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let (account, gone) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &self.user).await?;
            let all = app.connections(account.key).await?;
            let gone = self.choose(&all, &account)?.clone();
            let warning = if all.len() == 1 && !app.has_password(account.key).await? {
                "Nothing is left to sign in with: make a link with `librechat-auth reset-link`.\n"
            } else {
                ""
            };
            let question = format!(
                "{warning}Really disconnect {} from {} and end all sessions? (y/N)",
                gone.provider, account.email
            );
            prompt::confirm(&question, self.yes)?;
            app.unlink_identity(&account, &gone, &Actor::Console).await?;
            Ok((account, gone))
        })?;
        let sentence = format!("✔ {} is disconnected from {}", gone.provider, account.email);
        self.format.done(&sentence, &[], &object(&gone, &account))
    }

    fn choose<'c>(&self, all: &'c [Connection], account: &Account) -> Result<&'c Connection, Stop> {
        let wanted = |one: &&Connection| match (&self.id, &self.provider) {
            (Some(id), _) => one.id == *id,
            (None, Some(provider)) => one.provider.as_str() == provider,
            (None, None) => false,
        };
        let found: Vec<&Connection> = all.iter().filter(wanted).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(Stop::failed(format!("{} has no such identity", account.email))),
            _ => Err(Stop::usage(
                "there are several: give the number of one, see `identities list`",
            )),
        }
    }
}

impl Expect {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let made = context::with_accounts(inputs, async |app| {
            let who = self.whom(app).await?;
            let (provider, sign) = if let Some(subject) = &self.subject {
                let (id, subject) = subject_at(app, &self.provider, subject, self.issuer.as_deref()).await?;
                (id, Sign::Subject(subject))
            } else {
                let theirs = who.as_ref().map_or_else(Clone::clone, |account| account.email.clone());
                let address = self.email.clone().unwrap_or(theirs);
                (provider_of(app, &self.provider)?, Sign::Address(address))
            };
            let expected = Expected {
                provider,
                who,
                sign,
                lifetime: self.expires,
            };
            app.expect_identity(expected, &Actor::Console).await.map_err(not_taken)
        })?;
        let sentence = format!(
            "✔ {} is expected from {} until {}",
            harmless(&made.email),
            made.terms.provider,
            made.terms.expires_at
        );
        let details = [format!(
            "Whoever comes from there {} gets the account, once.",
            recognised(&made.terms.sign)
        )];
        self.format.done(&sentence, &details, &expectation(&made))
    }

    /// An account, or the address of one that is to be made.
    async fn whom(&self, app: &App) -> Result<Result<Account, Email>, Stop> {
        if let Some(account) = app.find_user(&self.user).await? {
            return Ok(Ok(account));
        }
        let email = Email::parse(self.user.trim());
        email
            .map(Err)
            .map_err(|_| Stop::failed(format!("no account has the id {:?}, and it is no address", self.user)))
    }
}

fn recognised(sign: &Sign) -> String {
    match sign {
        Sign::Subject(subject) => format!("as {}", harmless(&subject.subject)),
        Sign::Address(email) => format!("with the proved address {email}"),
    }
}

impl Expecting {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let all = context::with_accounts(inputs, async |app| Ok(app.expectations().await?))?;
        let row = |one: &Expectation| {
            let cells = vec![
                one.id.to_string(),
                one.email.clone(),
                one.terms.provider.to_string(),
                recognised(&one.terms.sign),
                one.terms.prospect.key().to_owned(),
                moment(Some(one.terms.expires_at)),
                one.terms.by.clone(),
            ];
            (cells, expectation(one))
        };
        let rows = Rows {
            titles: &[
                "ID",
                "Account",
                "Provider",
                "Recognised",
                "What happens",
                "Expires",
                "By",
            ],
            rows: all.iter().map(row).collect(),
        };
        rows.print(self.format, "Nobody is expected.")
    }
}

/// An expectation as JSON: the same keys in every command.
fn expectation(one: &Expectation) -> Json {
    let (subject, address) = match &one.terms.sign {
        Sign::Subject(subject) => (Some(subject), None),
        Sign::Address(address) => (None, Some(address.as_str())),
    };
    json!({
        "id": one.id,
        "account": one.email,
        "user": one.user.map(|id| id.to_string()),
        "provider": one.terms.provider.as_str(),
        "issuer": subject.map(|subject| &subject.issuer),
        "subject": subject.map(|subject| &subject.subject),
        "email": address,
        "happens": one.terms.prospect.key(),
        "by": one.terms.by,
        "created_at": time(Some(one.terms.created_at)),
        "expires_at": time(Some(one.terms.expires_at)),
    })
}

impl Withdraw {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let gone = context::with_accounts(inputs, async |app| {
            app.withdraw_expectation(self.id, &Actor::Console)
                .await
                .map_err(|failure| match failure {
                    Failure::Refused(Refusal::NotFound) => {
                        Stop::failed(format!("nobody is expected under number {}", self.id))
                    }
                    other => other.into(),
                })
        })?;
        let sentence = format!(
            "✔ {} is not expected from {} any more",
            harmless(&gone.email),
            gone.terms.provider
        );
        self.format.done(&sentence, &[], &expectation(&gone))
    }
}
