//! Somebody with an account, a browser and an access token.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use librechat_auth::domain::account::Account;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::site::Site;

/// Everybody's password.
pub const PASSWORD: &str = "seven copper kettles";

/// A login: a browser with its cookies, and the access token of LibreChat's client.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub client: Client,
    pub token: String,
}

impl Person {
    pub fn register(site: &Site, name: &str) {
        patiently(&site.client(), "/api/auth/register", &registration(name));
    }

    /// Logs in with a new browser.
    pub fn log_in(site: &Site, name: &str) -> Self {
        let client = site.client();
        let answer = patiently(&client, "/api/auth/login", &credentials(name));
        Self {
            name: name.to_owned(),
            client,
            token: token_of(&answer),
        }
    }

    pub fn account(&self, site: &Site) -> Account {
        site.account(&self.name).expect("the account is there")
    }

    /// A request with the access token.
    pub fn api(&self, method: &str, path: &str) -> Answer {
        self.client.request(method, path).bearer(&self.token).send()
    }

    /// Renews the session and keeps the new access token.
    pub fn refresh(&mut self) -> Answer {
        let answer = self.client.post("/api/auth/refresh", &json!({}));
        if let Some(token) = maybe_token(&answer) {
            self.token = token;
        }
        answer
    }

    pub fn refresh_token(&self) -> String {
        self.client.cookie("refreshToken").expect("logged in")
    }

    /// Which of the three keys to this login still open something: access token, refresh token, page cookie.
    pub fn open_doors(&self) -> [bool; 3] {
        let pages = self.client.copy();
        let bearer = self.client.copy();
        let refresh = self.client.copy();
        [
            bearer.request("GET", "/api/user").bearer(&self.token).send().status == 200,
            refresh.post("/api/auth/refresh", &json!({})).status == 200,
            pages.get("/").status == 200,
        ]
    }
}

/// Posts again as long as the server is busy, as it asks its visitors to.
fn patiently(client: &Client, path: &str, body: &Value) -> Answer {
    loop {
        let answer = client.post(path, body);
        if answer.status != 503 {
            assert_eq!(answer.status, 200, "{answer:?}");
            return answer;
        }
        thread::yield_now();
    }
}

pub fn credentials(name: &str) -> Value {
    json!({ "email": format!("{name}@example.org"), "password": PASSWORD })
}

pub fn registration(name: &str) -> Value {
    json!({
        "name": format!("{name} example"),
        "username": name,
        "email": format!("{name}@example.org"),
        "password": PASSWORD,
        "confirm_password": PASSWORD,
    })
}

fn token_of(answer: &Answer) -> String {
    maybe_token(answer).unwrap_or_else(|| panic!("no token: {answer:?}"))
}

fn maybe_token(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    body["token"].as_str().map(str::to_owned)
}

/// What a token says, whoever signed it.
pub fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
