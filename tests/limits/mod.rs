//! Guessing passwords: how far one address gets, how far one account can be tried, and who still gets in.

mod accounts;
mod clocks;
mod devices;
mod properties;

use librechat_auth::config::Limit;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Site, minutes};

const MAX: u32 = 20;

/// A site with the account limit of the defaults, one proxy in front, and no limit per address.
fn site() -> Site {
    Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.account = Limit {
            max: Some(MAX),
            window_minutes: 15.0,
        };
    })
}

/// A login from the address with this number.
fn log_in_from(client: &Client, address: u32, email: &str, password: &str) -> Answer {
    client
        .request("POST", "/api/auth/login")
        .header("x-forwarded-for", &format!("198.51.100.{address}"))
        .json(&json!({ "email": email, "password": password }))
        .send()
}

/// A stranger tries the right password.
fn knock(site: &Site, name: &str) -> Answer {
    log_in_from(&site.client(), 200, &format!("{name}@example.org"), PASSWORD)
}

/// Strangers use up what may be guessed on an account.
fn exhaust(site: &Site, name: &str) {
    let email = format!("{name}@example.org");
    for address in 0..MAX {
        let answer = log_in_from(&site.client(), address, &email, "a wrong password");
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

/// What a limited answer says: limit, remaining, seconds to wait.
fn said(answer: &Answer) -> [Option<&str>; 3] {
    ["x-ratelimit-limit", "x-ratelimit-remaining", "retry-after"].map(|name| answer.header(name))
}
