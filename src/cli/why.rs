//! `why`: what is known of a refusal by its reference number, and how things stand now.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::bans::{Standing, Why};
use crate::cli::bans::{self, Told};
use crate::cli::output::{Format, harmless};
use crate::cli::subject::Named;
use crate::cli::{Outcome, Stop, ban_text, context, federation};
use crate::config::Inputs;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::refused::Refused;
use crate::domain::moderation::subject::Subject;

/// Bans of one subject that are told, newest first.
const MOST_BANS: usize = 5;

/// Which refusal.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The number in the header X-Reference or on the page, such as K7QW-3M9P
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If nothing is known of the number.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let (sentence, details, object) = context::with_accounts(inputs, async |app| {
            let refusal = app.why(&self.reference).await?;
            let ban = match app.explain_ban(&self.reference).await? {
                Some(explained) => Some(Told::of(app, explained).await?),
                None => None,
            };
            let flight = app.flight(&self.reference).await?;
            let mut answer = match (refusal, ban, &flight) {
                (Some(why), ban, _) => told(app, why, ban).await?,
                (None, Some(ban), _) => (ban.sentence, ban.details, json!({ "refusal": null, "ban": ban.object })),
                (None, None, Some(flight)) => {
                    let (sentence, details) = federation::told(flight);
                    (sentence, details, json!({ "refusal": null, "ban": null }))
                }
                (None, None, None) => return Err(unknown(&self.reference)),
            };
            if let Some(flight) = &flight {
                let (sentence, details) = federation::told(flight);
                if answer.0 != sentence {
                    answer.1.push(sentence);
                    answer.1.extend(details.into_iter().map(|line| format!("  {line}")));
                }
                answer.2["federation"] = flight.object();
            }
            Ok(answer)
        })?;
        self.format.done(&sentence, &details, &object)
    }
}

fn unknown(reference: &str) -> Stop {
    Stop::failed(format!(
        "nothing is known of {reference:?}: a number is eight letters and digits, such as K7QW-3M9P; the server writes it \
         down within a second and keeps the last 20,000"
    ))
}

async fn told(app: &App, why: Why, ban: Option<Told>) -> Result<(String, Vec<String>, Json), Stop> {
    let Why { refused, address, user } = why;
    let (rule, advice) = meaning(&refused.cause);
    let sentence = format!("{}: {rule}", refused.reference);
    let mut details = vec![
        format!("what to do  {advice}"),
        format!("when        {}", refused.at),
        format!(
            "request     {} was answered {}",
            harmless(&refused.route),
            refused.status
        ),
        format!("address     {}, taken from {}", refused.address, refused.derived),
    ];
    let mut object = json!({ "refusal": noted(&refused, rule, advice) });
    let client = refused.address.parse().ok().map(Network::of_client);
    if let (Some(standing), Some(network)) = (&address, client) {
        let named = Named {
            subject: Subject::Network(network),
            account: None,
        };
        details.extend(lines(app, &named, standing));
        object["address"] = standing_object(app, &named, standing);
    }
    if let (Some(standing), Some(id)) = (&user, refused.user) {
        let named = Named::of(app, Subject::User(id)).await?;
        details.extend(lines(app, &named, standing));
        object["user"] = standing_object(app, &named, standing);
        if let Some(account) = &named.account {
            let sessions = app.sessions_of(account.key).await?.len();
            let locked = if account.is_disabled() {
                ", and the account is disabled"
            } else {
                ""
            };
            details.push(format!("  open sessions: {sessions}{locked}"));
            object["user"]["sessions"] = json!(sessions);
            object["user"]["disabled"] = json!(account.is_disabled());
        }
    }
    object["ban"] = Json::Null;
    if let Some(ban) = ban {
        details.push(ban.sentence);
        details.extend(ban.details);
        object["ban"] = ban.object;
    }
    Ok((sentence, details, object))
}

fn noted(refused: &Refused, rule: &str, advice: &str) -> Json {
    json!({
        "reference": refused.reference,
        "at": ban_text::time(Some(refused.at)),
        "status": refused.status,
        "cause": refused.cause,
        "rule": rule,
        "advice": advice,
        "route": refused.route,
        "address": refused.address,
        "derived": refused.derived,
        "user": refused.user.map(|id| id.to_string()),
    })
}

fn lines(app: &App, named: &Named, standing: &Standing) -> Vec<String> {
    let (now, policy) = (app.now(), &app.live().moderation.policy);
    let mut lines = vec![format!("{} now:", named.label())];
    for (kind, stored, points) in &standing.scores {
        lines.push(format!(
            "  score for {}: {points} of {} (last violation {})",
            kind.key(),
            policy.interval,
            stored.updated_at
        ));
    }
    if standing.scores.is_empty() {
        lines.push("  score: nothing".to_owned());
    }
    let bans = standing.bans.iter().take(MOST_BANS);
    lines.extend(bans.map(|ban| format!("  {}", bans::line(ban, now))));
    if standing.bans.is_empty() {
        lines.push("  never banned".to_owned());
    }
    lines
}

fn standing_object(app: &App, named: &Named, standing: &Standing) -> Json {
    let now = app.now();
    let scores: Json = standing
        .scores
        .iter()
        .map(|(kind, stored, points)| {
            json!({
                "kind": kind.key(),
                "points": ban_text::number(*points),
                "stored": ban_text::number(stored.points),
                "updated_at": ban_text::time(Some(stored.updated_at)),
            })
        })
        .collect();
    let bans: Json = standing
        .bans
        .iter()
        .map(|ban| ban_text::object(ban, named, now))
        .collect();
    let mut object = Json::Object(named.keys());
    object["scores"] = scores;
    object["bans"] = bans;
    object
}

/// What a cause means, and what can be done about it.
fn meaning(cause: &str) -> (&'static str, &'static str) {
    match cause {
        "banned" => (
            "the address or the account is banned",
            "see the ban below; `librechat-auth unban` lifts it",
        ),
        "too_many" => (
            "a rate limit was exceeded",
            "wait until its window is over; limits.* (LOGIN_MAX, LOGIN_WINDOW …) set it. If everybody seems to come from \
             one address, server.trusted_proxies is wrong",
        ),
        "bad_credentials" => (
            "unknown address, wrong password, or disabled account",
            "`librechat-auth reset-password` sets a new password, `enable-user` unlocks an account",
        ),
        "email_not_verified" => (
            "the right password, but the e-mail address was never proved",
            "the setting accounts.unverified_login lets such accounts in",
        ),
        "email_login_off" => ("login by e-mail is switched off", "the setting is accounts.email_login"),
        "registration_closed" => ("registration is switched off", "the setting is accounts.registration"),
        "domain_not_allowed" => (
            "the domain of the e-mail address is not on the list",
            "the setting is accounts.allowed_domains",
        ),
        "no_access_token" => (
            "no access token was sent",
            "the client has to log in; a proxy must pass the header Authorization on",
        ),
        "bad_access_token" => (
            "the access token is expired or not ours",
            "the client has to refresh it; after a change of JWT_SECRET everybody has to",
        ),
        "session_over" | "no_session" | "no_refresh_token" | "bad_refresh_token" => (
            "there is no such session, or not any more",
            "log in again; sessions end by log-out, time, a new password, a ban, or `disable-user`",
        ),
        "forbidden" => (
            "the account may not do this",
            "`librechat-auth set-role` changes what it may do",
        ),
        "bad_api_key" => (
            "the API key is unknown, over or revoked, or its owner is disabled",
            "`librechat-auth api-keys list` shows the keys of an account, `create` makes another",
        ),
        "not_a_browser" => (
            "a program sent what a rule lets browsers send only",
            "give the program an API key, or take \"browsers\" out of the rule's limits in [access]",
        ),
        "deletion_off" => ("accounts may not delete themselves", "the setting is accounts.deletion"),
        "last_admin" => ("the last admin may not delete the account", "make another admin first"),
        "cross_site" => (
            "the request came from a page of another site",
            "server.public_url and server.client_url name the sites that may ask (DOMAIN_SERVER, DOMAIN_CLIENT)",
        ),
        "bad_set_up_token" => (
            "the set-up link is wrong, used or expired",
            "`librechat-auth setup-link` makes a new one",
        ),
        _ => ("refused", "the status and the request below tell more"),
    }
}
