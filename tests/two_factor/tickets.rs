//! A ticket opens the next step of a login, and no other door of the house.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::kit::{Authenticator, enrolled, first_step, second_step, texts};
use crate::moderation::kit::every_route;
use crate::support::{Client, JWT_SECRET, REFRESH_SECRET, START, Site, claims_of, credentials};

/// A site where ada has a second factor and bob has to set one up, and a ticket of every kind.
struct Stage {
    site: Site,
    codes: Vec<String>,
    tickets: Vec<(&'static str, String)>,
}

impl Stage {
    fn set() -> Self {
        let site = Site::with(|config| {
            config.two_factor.required_roles = vec![librechat_auth::domain::account::Role::Admin];
        });
        let ada = enrolled(&site, "ada");
        site.create("bob", librechat_auth::domain::account::Role::Admin);
        let client = site.client();
        let login = first_step(&client, "ada");
        let set_up = first_step(&client, "bob");
        let post = |path: &str, body: Value| client.post(&format!("/api/auth/2fa/setup{path}"), &body).json();
        let begun = post("", json!({ "tempToken": set_up }));
        let authenticator = Authenticator::scan(begun["otpauthUrl"].as_str().expect("a URI"));
        let body = json!({ "tempToken": set_up, "token": authenticator.now(&site) });
        let confirmed = post("/confirm", body);
        let acknowledge = confirmed["acknowledgementToken"].as_str().expect("a ticket").to_owned();
        let finalize = post("/acknowledge", json!({ "acknowledgementToken": acknowledge }));
        let finalize = finalize["finalizationToken"].as_str().expect("a ticket").to_owned();
        Self {
            site,
            codes: ada.codes,
            tickets: vec![
                ("login", login),
                ("set_up", set_up),
                ("acknowledge", acknowledge),
                ("finalize", finalize),
            ],
        }
    }
}

/// A browser that has this ticket wherever a key may be.
fn holder(site: &Site, ticket: &str) -> Client {
    let client = site.client();
    for name in [
        "refreshToken",
        "librechat_auth",
        "librechat_auth_device",
        "librechat_auth_trust",
        "token",
    ] {
        client.set_cookie(name, ticket);
    }
    client
}

#[test]
fn no_ticket_opens_any_route_of_the_house() {
    let stage = Stage::set();
    let plain = stage.site.client();
    for (kind, ticket) in &stage.tickets {
        for (method, path) in every_route() {
            if path.starts_with("/api/auth/2fa/setup") {
                continue; // Their tickets are passed on below.
            }
            let body = json!({ "token": ticket, "tempToken": ticket });
            let client = holder(&stage.site, ticket);
            let with_body = |client: &Client, bearer: Option<&str>| {
                let mut request = client.request(method, &path);
                if let Some(bearer) = bearer {
                    request = request.bearer(bearer);
                }
                let request = if method == "GET" { request } else { request.json(&body) };
                request.send()
            };
            let asked = with_body(&client, Some(ticket));
            let stranger = with_body(&plain, None);
            assert!(
                asked.cookie("librechat_auth").is_none_or(|cookie| cookie.removes()),
                "{kind}: {method} {path}"
            );
            assert!(
                asked.cookie("refreshToken").is_none_or(|cookie| cookie.removes()),
                "{kind}: {method} {path}"
            );
            assert!(
                !asked.says("@example.org"),
                "{kind}: {method} {path} speaks of somebody: {}",
                asked.text()
            );
            if stranger.status < 400 {
                // What is open to everybody, or says that there is no refresh token.
                continue;
            }
            assert!(asked.status >= 400, "{kind}: {method} {path} opened: {asked:?}");
        }
    }
}

#[test]
fn every_ticket_is_for_its_own_step_only() {
    let stage = Stage::set();
    let client = stage.site.client();
    let steps = [
        ("/api/auth/2fa/verify-temp", "tempToken", "login"),
        ("/api/auth/2fa/setup", "tempToken", "set_up"),
        ("/api/auth/2fa/setup/confirm", "tempToken", "set_up"),
        ("/api/auth/2fa/setup/acknowledge", "acknowledgementToken", "acknowledge"),
        ("/api/auth/2fa/setup/finalize", "finalizationToken", "finalize"),
    ];
    for (path, field, own) in steps {
        for (kind, ticket) in stage.tickets.iter().filter(|(kind, _)| *kind != own) {
            let mut body = json!({ field: ticket });
            if path.ends_with("verify-temp") {
                body["backupCode"] = json!(stage.codes[0]);
            }
            let answer = client.post(path, &body);
            assert_eq!(answer.status, 401, "{kind} at {path}: {answer:?}");
        }
    }
}

#[test]
fn no_other_token_is_a_ticket() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let (access, refresh) = (ada.person.token.clone(), ada.person.refresh_token());
    for token in [access, refresh] {
        let answer = second_step(&site.client(), &token, "backupCode", &ada.codes[0]);
        assert_eq!(answer.message().0, 401);
    }
}

/// A token as LibreChat signs it.
fn forged(secret: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn whoever_signs_with_jwt_secret_makes_no_ticket() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let genuine = claims_of(&first_step(&site.client(), "ada"));
    let librechats = json!({
        "userId": genuine["userId"],
        "twoFAPending": true,
        "purpose": "login_2fa_challenge",
        "iat": START.seconds(),
        "exp": START.seconds() + 300,
    });
    for secret in [JWT_SECRET, REFRESH_SECRET] {
        for claims in [&genuine, &librechats] {
            let answer = second_step(&site.client(), &forged(secret, claims), "backupCode", &ada.codes[0]);
            assert_eq!(answer.message().0, 401, "{claims}");
        }
    }
}

#[test]
fn a_ticket_has_librechats_claims_and_tells_nothing_of_the_credentials() {
    let site = Site::start();
    enrolled(&site, "ada");
    let claims = claims_of(&first_step(&site.client(), "ada"));
    assert_eq!(claims["userId"], site.account("ada").expect("there").id.to_string());
    assert_eq!(
        (&claims["twoFAPending"], &claims["purpose"]),
        (&json!(true), &json!("login_2fa_challenge"))
    );
    let life = claims["exp"].as_i64().expect("a time") - claims["iat"].as_i64().expect("a time");
    assert_eq!(life, 300);
    let other = claims_of(&first_step(&site.client(), "ada"));
    assert_ne!(claims["jti"], other["jti"], "each is its own");
    assert_eq!(claims["state"].as_str().map(str::len), Some(22), "128 bits, keyed");
}

#[test]
fn the_second_step_takes_the_password_first() {
    let site = Site::start();
    enrolled(&site, "ada");
    let mut body = credentials("ada");
    body["token"] = json!("123456");
    assert_eq!(
        site.client().post("/api/auth/login", &body).status,
        400,
        "there is no such field"
    );
}

#[test]
fn an_older_set_up_is_overtaken_by_a_newer_one() {
    let site = Site::with(|config| config.two_factor.enforce = true);
    crate::support::Person::register(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let post = |path: &str, body: Value| client.post(&format!("/api/auth/2fa/setup{path}"), &body);
    let begin = || {
        let body = post("", json!({ "tempToken": ticket })).json();
        Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"))
    };
    let confirm = |authenticator: &Authenticator| {
        let answer = post(
            "/confirm",
            json!({ "tempToken": ticket, "token": authenticator.now(&site) }),
        )
        .json();
        assert_eq!(texts(&answer["backupCodes"]).len(), 10);
        answer["acknowledgementToken"].as_str().expect("a ticket").to_owned()
    };
    let expired = (
        400,
        "This two-factor setup step expired. Confirm your code again.".to_owned(),
    );
    let first = confirm(&begin());
    let second = begin();
    let acknowledge = |ticket: &str| post("/acknowledge", json!({ "acknowledgementToken": ticket }));
    assert_eq!(acknowledge(&first).message(), expired, "another secret was begun with");
    let older = confirm(&second);
    let newer = confirm(&second);
    assert_eq!(acknowledge(&older).message(), expired, "the code was confirmed again");
    let finalize = acknowledge(&newer).json()["finalizationToken"]
        .as_str()
        .expect("a ticket")
        .to_owned();
    assert_eq!(acknowledge(&newer).message(), expired, "a ticket is used once");
    let finish = || post("/finalize", json!({ "finalizationToken": finalize }));
    assert_eq!(finish().status, 200);
    assert_eq!(
        finish().message(),
        (403, "Two-factor authentication setup is not required".to_owned())
    );
}
