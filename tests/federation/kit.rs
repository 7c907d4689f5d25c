//! A site that knows providers, and people who come from them.

use std::time::Duration;

use librechat_auth::config::{Config, OpenId, Ties};
use librechat_auth::domain::account::Account;
use librechat_auth::domain::federation::decision::Doors;
use librechat_auth::domain::federation::issuer::Issuer;
use librechat_auth::domain::federation::provider::{Icon, ProviderId};
use librechat_auth::domain::federation::vouched::ClaimNames;
use librechat_auth::domain::secret::Secret;
use serde_json::{Value, json};
use url::Url;

use super::idp::{CLIENT_ID, CLIENT_SECRET, Idp};
use crate::support::{Answer, Client, PASSWORD, Site, minutes, with_mail};

/// What the configuration says of a provider of ours.
pub fn provider(id: &str, issuer: &str) -> OpenId {
    OpenId {
        id: ProviderId::parse(id).expect("a name"),
        label: None,
        icon: Icon::Key,
        image_url: None,
        issuer: Issuer::new(issuer),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        scope: "openid profile email".to_owned(),
        doors: Doors {
            login: true,
            sign_up: true,
            connect: true,
            domains: Vec::new(),
        },
        allow_private: true,
        trust_email: false,
        clock_tolerance: Duration::from_mins(1),
        audience: Vec::new(),
        claims: ClaimNames::default(),
        keys_kept: Duration::from_mins(10),
        graph: None,
        avatar_origins: Vec::new(),
        ties: Ties::default(),
    }
}

/// A site whose only provider is `idp`, called openid.
pub fn site(idp: &Idp) -> Site {
    site_with(idp, |_| {})
}

pub fn site_with(idp: &Idp, change: impl FnOnce(&mut OpenId)) -> Site {
    let mut openid = provider("openid", &idp.issuer);
    change(&mut openid);
    Site::with(|config| enable(config, vec![openid]))
}

pub fn enable(config: &mut Config, providers: Vec<OpenId>) {
    config.federation.enabled = true;
    config.federation.openid = providers;
}

/// Lets minutes pass, here and at the provider.
pub fn pass(site: &Site, idp: &Idp, count: u64) {
    site.clock.advance(minutes(count));
    idp.state().now += i64::try_from(count * 60).expect("seconds");
}

/// Claims of somebody whose address is proved.
pub fn person(name: &str) -> Value {
    json!({
        "sub": format!("sub-{name}"),
        "email": format!("{name}@example.org"),
        "email_verified": true,
        "name": format!("{name} elsewhere"),
    })
}

/// Goes to the provider.
pub fn leave(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.header("location").expect("somewhere").to_owned()
}

/// Where a page leads that goes on by itself.
pub fn onward(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let start = "<meta http-equiv=\"refresh\" content=\"0;url=";
    let (_, rest) = answer.text().split_once(start).expect("a page that goes on");
    let (url, _) = rest.split_once('"').expect("an end");
    url.replace("&#38;", "&").replace("&amp;", "&")
}

/// Leaves for the provider from the account page, to connect it.
pub fn leave_to_connect(client: &Client) -> String {
    leave_with(client, &[("password", PASSWORD)])
}

/// Leaves for the provider to prove again who somebody is.
pub fn leave_to_prove(client: &Client, back: &str) -> String {
    leave_with(client, &[("purpose", "prove"), ("redirect_to", back)])
}

fn leave_with(client: &Client, fields: &[(&str, &str)]) -> String {
    let csrf = client.get("/").csrf();
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let answer = client.post_bare("/oauth/openid", &fields);
    onward(&answer)
}

/// Goes to the provider called openid, signs in there and comes back.
pub fn log_in(client: &Client, idp: &Idp, person: &Value) -> Answer {
    let location = leave(client, "/oauth/openid");
    client.get(&idp.sign_in(&location, person))
}

/// Whether somebody is logged in at the pages, and as whom.
pub fn logged_in_as(client: &Client) -> Option<String> {
    let answer = client.request("POST", "/api/auth/refresh").send();
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(body["user"]["email"].as_str()?.to_owned())
}

/// The reason with which somebody was sent back to the login page.
pub fn reason(answer: &Answer) -> String {
    let (status, target) = answer.location();
    assert_eq!(status, 302, "{answer:?}");
    let url = Url::parse(target).expect("an address");
    assert!(matches!(url.path(), "/login" | "/oauth/connect"), "{target}");
    let query = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    query("reason").unwrap_or_else(|| panic!("no reason: {target}"))
}

/// Asserts that nobody got in and nothing was connected.
pub fn assert_turned_away(answer: &Answer, expected: &str) {
    assert_eq!(reason(answer), expected);
    for name in ["refreshToken", "librechat_auth", "token_provider"] {
        let set = answer.cookie(name).filter(|cookie| !cookie.removes());
        assert!(set.is_none(), "{name} is set: {answer:?}");
    }
}

/// The details of the last events about somebody, newest first.
pub fn details(site: &Site, account: &Account) -> Vec<String> {
    let events = site.events_about(account);
    events
        .iter()
        .map(|event| format!("{} {}", event.kind.key(), event.detail))
        .collect()
}

/// How many rows a statement counts.
pub fn count(site: &Site, statement: &str) -> i64 {
    let path = site.app.config.data_dir.join("librechat-auth.db");
    let connection = rusqlite::Connection::open(path).expect("the database opens");
    connection.query_row(statement, [], |row| row.get(0)).expect("a number")
}

/// A site that knows the provider as `openid`, and can send mail.
pub fn mailing(idp: &Idp) -> Site {
    let openid = provider("openid", &idp.issuer);
    Site::with(|config| {
        with_mail(config);
        enable(config, vec![openid]);
    })
}
