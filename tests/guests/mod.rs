//! Without a login: who is a guest, on which door, and what a guest may not do.

mod doors;
mod grounds;

use librechat_auth::config::{Config, Login};
use librechat_auth::domain::guest;
use serde_json::json;

use crate::support::{Answer, Site};

pub const HOME: &str = "http://nas.lan";

/// A site without a login for people of the house.
pub fn open_house() -> Site {
    open_house_with(|_| {})
}

pub fn open_house_with(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.server.public_url = Some(HOME.parse().expect("an address"));
        config.login = Login::GuestsFrom(vec![
            "127.0.0.0/8".parse().expect("a network"),
            "192.168.0.0/16".parse().expect("a network"),
        ]);
        change(config);
    })
}

/// What LibreChat's client asks first.
pub fn renewal(site: &Site, headers: &[(&str, &str)]) -> Answer {
    let client = site.client();
    let mut ask = client.request("POST", "/api/auth/refresh").json(&json!({}));
    for (name, value) in headers {
        ask = ask.header(name, value);
    }
    ask.send()
}

/// Whether the answer hands out a guest's token.
pub fn is_guest(answer: &Answer) -> bool {
    answer.status == 200 && answer.text().contains(guest::EMAIL)
}

pub fn guest_token(site: &Site) -> String {
    let answer = renewal(site, &[]);
    assert!(is_guest(&answer), "{answer:?}");
    answer.json()["token"].as_str().expect("a token").to_owned()
}
