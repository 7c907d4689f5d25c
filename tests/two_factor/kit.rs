//! An authenticator, and people who have one.

use librechat_auth::domain::time::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::support::{Answer, Client, Person, Site, credentials, seconds};

/// What a wrong answer gets at login.
pub const WRONG_AT_LOGIN: &str = "Invalid 2FA code or backup code";

/// An app that shows codes.
pub struct Authenticator(Totp);

impl Authenticator {
    /// Scans what a QR code says, as LibreChat's client cuts it out.
    pub fn scan(uri: &str) -> Self {
        let (_, rest) = uri.split_once("secret=").expect("a secret");
        let secret = rest.split('&').next().expect("its text");
        let secret = Secret::try_from_base32(secret).expect("base32");
        Self(Builder::new().with_secret(secret).build_noncompliant())
    }

    /// The secret in bytes.
    pub fn secret(&self) -> Vec<u8> {
        self.0.secret().as_bytes().to_vec()
    }

    /// The code at a moment.
    pub fn at(&self, moment: Timestamp) -> String {
        let time = u64::try_from(moment.seconds()).expect("after 1970");
        self.0.generate(time).to_string()
    }

    /// The code now.
    pub fn now(&self, site: &Site) -> String {
        self.at(site.app.now())
    }

    /// Six digits that no moment nearby has.
    pub fn wrong(&self, site: &Site) -> String {
        let now = site.app.now();
        let taken: Vec<String> = (-30..=30)
            .map(|step| self.at(Timestamp::from_seconds(now.seconds() + step * 30)))
            .collect();
        let all = (0..1_000_000).map(|number| format!("{number:06}"));
        all.into_iter().find(|code| !taken.contains(code)).expect("one is free")
    }
}

/// Somebody with a second factor, signed in.
pub struct Enrolled {
    pub person: Person,
    pub authenticator: Authenticator,
    pub codes: Vec<String>,
}

/// Posts to one of the settings' routes with the access token.
pub fn settings(person: &Person, path: &str, body: &Value) -> Answer {
    let request = person.client.request("POST", &format!("/api/auth/2fa/{path}"));
    request.bearer(&person.token).json(body).send()
}

pub fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|text| text.as_str().expect("text").to_owned()).collect()
}

/// Enrols somebody who is signed in, as LibreChat's client does. The clock moves on by a step, so that the next code is
/// another one.
pub fn enrol(site: &Site, person: Person) -> Enrolled {
    let answer = settings(&person, "enable", &json!({}));
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let authenticator = Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"));
    let code = json!({ "token": authenticator.now(site) });
    assert_eq!(settings(&person, "verify", &code).status, 200);
    assert_eq!(settings(&person, "confirm", &code).status, 200);
    site.clock.advance(seconds(30));
    Enrolled {
        person,
        authenticator,
        codes: texts(&body["backupCodes"]),
    }
}

/// Somebody who has registered, logged in and enrolled.
pub fn enrolled(site: &Site, name: &str) -> Enrolled {
    let person = site.user(name);
    enrol(site, person)
}

/// The first step of a login: the ticket for the second.
pub fn first_step(client: &Client, name: &str) -> String {
    let answer = client.post("/api/auth/login", &credentials(name));
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["twoFAPending"], true, "{body}");
    body["tempToken"].as_str().expect("a ticket").to_owned()
}

/// The second step.
pub fn second_step(client: &Client, ticket: &str, field: &str, answer: &str) -> Answer {
    let body = json!({ "tempToken": ticket, field: answer });
    client.post("/api/auth/2fa/verify-temp", &body)
}

/// What LibreChat stores of a backup code.
pub fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
