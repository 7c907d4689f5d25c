//! Proving an address, replacing a forgotten password, having another address: by API, by page and at the console.

mod change;
mod console;
mod disowned;
mod equality;
mod hosts;
mod mailed;
mod pages;
mod properties;
mod reset;
mod second_factor;
mod verify;
mod way_back;

use serde_json::json;

use crate::support::{Answer, Client, Letter, PASSWORD, Person, Site, with_mail};

/// Another password that keeps the rules.
const NEW: &str = "eleven wooden ladders";

/// A site that writes letters and lets people reset their passwords.
fn site() -> Site {
    Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
    })
}

/// Somebody whose address is proved, logged in.
fn proved(site: &Site, name: &str) -> Person {
    site.create(name, librechat_auth::domain::account::Role::User);
    Person::log_in(site, name)
}

fn ask_reset(client: &Client, email: &str) -> Answer {
    client.post("/api/auth/requestPasswordReset", &json!({ "email": email }))
}

/// Asks for a reset link and reads it in the mailbox.
fn reset_letter(site: &Site, name: &str) -> Letter {
    let answer = ask_reset(&site.client(), &format!("{name}@example.org"));
    assert_eq!(answer.status, 200, "{answer:?}");
    site.letter("reset_password", name)
}

/// Sets a password with the link of a letter.
fn redeem(client: &Client, letter: &Letter, password: &str) -> Answer {
    let body = json!({
        "userId": letter.value("userId"),
        "token": letter.value("token"),
        "password": password,
        "confirm_password": password,
    });
    client.post("/api/auth/resetPassword", &body)
}

fn log_in(site: &Site, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    site.client().post("/api/auth/login", &body)
}

/// Whether this password opens the account.
fn opens(site: &Site, name: &str, password: &str) -> bool {
    log_in(site, &format!("{name}@example.org"), password).status == 200
}

/// Kinds and details of the last events about an account, newest first.
fn events(site: &Site, name: &str) -> Vec<(&'static str, String)> {
    let account = site.account(name).expect("the account is there");
    let events = site.events_about(&account).into_iter();
    events.map(|event| (event.kind.key(), event.detail)).collect()
}

/// Both passwords, as a pair of answers: whether the old one works, whether the new one does.
fn doors(site: &Site, name: &str) -> (bool, bool) {
    (opens(site, name, PASSWORD), opens(site, name, NEW))
}
