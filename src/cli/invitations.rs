//! `invitations`: which links are out, who came through them, and taking them back.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::invitations::Invited;
use crate::app::{App, Failure};
use crate::cli::ban_text::time;
use crate::cli::invite_user::{self, lang, lifetime};
use crate::cli::list_users::moment;
use crate::cli::output::{Format, harmless};
use crate::cli::reached::Reached;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::invitation::{Guests, Invitation, InvitationId, State};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// Invitations read at a time.
const PAGE: u32 = 1_000;

/// Guests that are shown.
const MOST_GUESTS: u32 = 1_000;

/// What is done with invitations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the invitations that can be used
    List(List),
    /// Show an invitation and who came through it
    Show(Show),
    /// Make a new link for an invitation and mail it where that is possible; the old link dies
    Resend(Resend),
    /// Take an invitation back: seats that are free stay free
    Revoke(Revoke),
}

/// Which invitations.
#[derive(Debug, Args)]
pub struct List {
    /// Those that are used up, expired or revoked as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// Which invitation.
#[derive(Debug, Args)]
pub struct Show {
    /// Its number in the list
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    format: Format,
}

/// Which invitation, and how long the new link works.
#[derive(Debug, Args)]
pub struct Resend {
    /// Its number in the list
    #[arg(value_name = "ID")]
    id: i64,
    /// How long the link works: 12h, 7d, or milliseconds
    #[arg(long, value_name = "DURATION", value_parser = lifetime, default_value = "7d")]
    expires: Duration,
    /// Language of the mail: en or fr
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
    #[command(flatten)]
    reached: Reached,
    #[command(flatten)]
    format: Format,
}

/// Which invitation.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Its number in the list
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such invitation, or it cannot be taken back any more.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(arguments) => arguments.run(inputs),
            Self::Show(arguments) => arguments.run(inputs),
            Self::Resend(arguments) => arguments.run(inputs),
            Self::Revoke(arguments) => arguments.run(inputs),
        }
    }

    /// Settings given as flags of this command.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        match self {
            Self::Resend(arguments) => arguments.reached.flags(),
            Self::List(_) | Self::Show(_) | Self::Revoke(_) => Vec::new(),
        }
    }
}

impl Resend {
    fn run(&self, inputs: &Inputs) -> Outcome {
        context::with_accounts(inputs, async |app| {
            let known = find(app, self.id).await?;
            let renewed = app
                .renew_invitation(known.id, self.expires, self.lang, &Actor::Console)
                .await;
            let Invited { invitation, link } = renewed.map_err(|failure| match failure {
                Failure::Refused(Refusal::NotFound) => Stop::failed(format!(
                    "invitation {} is {}: make a new one with `librechat-auth invite-user`",
                    self.id,
                    words(known.state(app.now()))
                )),
                other => other.into(),
            })?;
            let mut details = vec![link.expose().to_owned(), terms(&invitation)];
            if let Guests::One { email, mailed } = &invitation.guests {
                details.insert(1, invite_user::mail_line(app, email, *mailed, false));
            }
            details.push("The link that went out before works no more.".to_owned());
            let mut shown = object(&invitation, app.now());
            shown["link"] = json!(link.expose());
            let sentence = format!("✔ Invitation {} has a new link", invitation.id);
            self.format.done(&sentence, &details, &shown)?;
            if !self.format.json {
                Reached::advise(app);
            }
            Ok(())
        })
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let rows = context::with_accounts(inputs, async |app| {
            let now = app.now();
            let all = everything(app).await?.into_iter();
            let shown = all.filter(|one| self.all || one.state(now) == State::Open);
            Ok(Rows {
                titles: &["ID", "For", "Role", "Used", "State", "Expires", "By", "Note"],
                rows: shown.map(|one| (cells(&one, now), object(&one, now))).collect(),
            })
        })?;
        rows.print(self.format, "Nobody is invited.")
    }
}

async fn everything(app: &App) -> Result<Vec<Invitation>, Stop> {
    let mut all: Vec<Invitation> = Vec::new();
    loop {
        let page = app.invitations_before(all.last().map(|last| last.id), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

impl Show {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (invitation, now, guests) = context::with_accounts(inputs, async |app| {
            let invitation = find(app, self.id).await?;
            let mut guests = Vec::new();
            for (id, at) in app.guests_of(invitation.id, MOST_GUESTS).await? {
                let account = app.find_user(&id.to_string()).await?;
                guests.push((id, account.map(|account| account.email.to_string()), at));
            }
            Ok((invitation, app.now(), guests))
        })?;
        let state = words(invitation.state(now));
        let mut details = vec![
            terms(&invitation),
            format!("made     {} by {}", invitation.created_at, invitation.by),
        ];
        details.extend(invitation.revoked_at.map(|at| format!("revoked  {at}")));
        if !invitation.note.is_empty() {
            details.push(format!("note     {}", harmless(&invitation.note)));
        }
        details.extend(guests.iter().map(guest_line));
        if guests.is_empty() {
            details.push("Nobody has come through it.".to_owned());
        }
        let mut shown = object(&invitation, now);
        shown["guests"] = guests
            .iter()
            .map(|(id, email, at)| json!({ "id": id.to_string(), "email": email, "at": time(Some(*at)) }))
            .collect();
        let sentence = format!("Invitation {}: {state}", invitation.id);
        self.format.done(&sentence, &details, &shown)
    }
}

fn guest_line((id, email, at): &(UserId, Option<String>, Timestamp)) -> String {
    match email {
        Some(email) => format!("  {email} came at {at}"),
        None => format!("  {id} came at {at}; the account is gone"),
    }
}

impl Revoke {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (invitation, now) = context::with_accounts(inputs, async |app| {
            let invitation = find(app, self.id).await?;
            let outcome = app.revoke_invitation(invitation.id, &Actor::Console).await;
            outcome.map_err(|failure| match failure {
                Failure::Refused(Refusal::NotFound) => {
                    Stop::failed(format!("invitation {} was taken back before", self.id))
                }
                other => other.into(),
            })?;
            Ok((find(app, self.id).await?, app.now()))
        })?;
        let came = match invitation.used {
            0 => "nobody came through it".to_owned(),
            1 => "the one account made with it stays".to_owned(),
            used => format!("the {used} accounts made with it stay"),
        };
        let sentence = format!("✔ Invitation {} is taken back; {came}", invitation.id);
        self.format.done(&sentence, &[], &object(&invitation, now))
    }
}

async fn find(app: &App, id: i64) -> Result<Invitation, Stop> {
    let found = app.find_invitation(InvitationId::from_row(id)).await?;
    found.ok_or_else(|| {
        Stop::failed(format!(
            "there is no invitation {id}: `librechat-auth invitations list --all`"
        ))
    })
}

/// An invitation as JSON: the same keys in every command.
#[must_use]
pub fn object(invitation: &Invitation, now: Timestamp) -> Json {
    let (email, mailed, domains) = match &invitation.guests {
        Guests::One { email, mailed } => (Some(email.as_str()), *mailed, &[][..]),
        Guests::Anybody { domains } => (None, false, domains.as_slice()),
    };
    json!({
        "id": invitation.id.number(),
        "state": invitation.state(now).key(),
        "email": email,
        "mailed": mailed,
        "domains": domains,
        "role": invitation.role.as_str(),
        "groups": invitation.groups.iter().map(GroupName::as_str).collect::<Vec<_>>(),
        "uses": invitation.uses,
        "used": invitation.used,
        "note": invitation.note,
        "by": invitation.by,
        "created_at": time(Some(invitation.created_at)),
        "expires_at": time(Some(invitation.expires_at)),
        "revoked_at": time(invitation.revoked_at),
    })
}

fn cells(invitation: &Invitation, now: Timestamp) -> Vec<String> {
    let seats = invitation.uses.map_or_else(|| "∞".to_owned(), |uses| uses.to_string());
    vec![
        invitation.id.to_string(),
        whom(invitation),
        invitation.role.to_string(),
        format!("{} of {seats}", invitation.used),
        words(invitation.state(now)).to_owned(),
        moment(Some(invitation.expires_at)),
        invitation.by.clone(),
        invitation.note.clone(),
    ]
}

fn whom(invitation: &Invitation) -> String {
    match &invitation.guests {
        Guests::One { email, .. } => email.to_string(),
        Guests::Anybody { domains } if domains.is_empty() => "anybody".to_owned(),
        Guests::Anybody { domains } => format!("anybody at {}", domains.join(", ")),
    }
}

const fn words(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::UsedUp => "used up",
        State::Expired => "expired",
        State::Revoked => "revoked",
    }
}

/// What an invitation is good for, in a sentence.
#[must_use]
pub fn terms(invitation: &Invitation) -> String {
    let accounts = match (invitation.uses.map(std::num::NonZero::get), invitation.used) {
        (None, 0) => "any number of accounts".to_owned(),
        (None, made) => format!("any number of accounts, {made} made"),
        (Some(1), 0) => "one account".to_owned(),
        (Some(seats), 0) => format!("{seats} accounts"),
        (Some(seats), made) => format!("{seats} accounts, {made} made"),
    };
    let groups: Vec<&str> = invitation.groups.iter().map(GroupName::as_str).collect();
    let groups = if groups.is_empty() {
        String::new()
    } else {
        format!(", groups {}", groups.join(", "))
    };
    format!(
        "Invitation {} is for {}: {accounts}, role {}{groups}, until {}.",
        invitation.id,
        harmless(&whom(invitation)),
        invitation.role,
        invitation.expires_at
    )
}
