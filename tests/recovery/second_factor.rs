//! A new password is half of a login: the second factor stays, and so does the need for it (threat 8).

use serde_json::json;

use super::{NEW, log_in, proved, redeem, reset_letter, site};
use crate::support::{Client, PASSWORD, Site, days, seconds, with_mail};
use crate::two_factor::kit::{Enrolled, enrol, first_step, second_step};

fn enrolled(site: &Site) -> Enrolled {
    enrol(site, proved(site, "ada"))
}

fn log_in_on_page(client: &Client, password: &str) -> String {
    let fields = [("email", "ada@example.org"), ("password", password)];
    client.submit("/login", "/login", &fields).location().1.to_owned()
}

#[test]
fn after_a_reset_the_code_is_asked_for_as_ever() {
    let site = site();
    let ada = enrolled(&site);
    let letter = reset_letter(&site, "ada");
    let answer = redeem(&site.client(), &letter, NEW);
    assert!(answer.cookies().is_empty() && !answer.says("token"), "{answer:?}");
    let answer = log_in(&site, "ada@example.org", NEW);
    assert_eq!(answer.json()["twoFAPending"], true, "{answer:?}");
    assert_eq!(answer.cookies(), []);
    let ticket = answer.json()["tempToken"].as_str().expect("a ticket").to_owned();
    let code = ada.authenticator.now(&site);
    assert_eq!(second_step(&site.client(), &ticket, "token", &code).status, 200);
}

#[test]
fn a_login_that_was_half_done_cannot_be_finished_after_a_reset() {
    let site = site();
    let ada = enrolled(&site);
    let ticket = first_step(&site.client(), "ada");
    let letter = reset_letter(&site, "ada");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    let code = ada.authenticator.now(&site);
    assert_eq!(second_step(&site.client(), &ticket, "token", &code).status, 401);
}

#[test]
fn trusted_devices_are_asked_again() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.two_factor.trust_device = days(30);
    });
    let ada = enrolled(&site);
    let client = site.client();
    assert_eq!(log_in_on_page(&client, PASSWORD), "/login/2fa");
    let code = ada.authenticator.now(&site);
    let fields = [("code", code.as_str()), ("trust", "on")];
    assert_eq!(
        client.submit("/login/2fa", "/login/2fa", &fields).location(),
        (303, "/")
    );
    client.submit("/", "/logout", &[]);
    site.clock.advance(seconds(30));
    assert_eq!(log_in_on_page(&client, PASSWORD), "/", "trusted");
    let letter = reset_letter(&site, "ada");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    assert_eq!(log_in_on_page(&client, NEW), "/login/2fa");
}

#[test]
fn tickets_of_a_login_are_no_links() {
    let site = site();
    let ada = enrolled(&site);
    let ticket = first_step(&site.client(), "ada");
    let id = ada.person.account(&site).id.to_string();
    let body = json!({ "userId": id, "token": ticket, "password": NEW });
    assert_eq!(site.client().post("/api/auth/resetPassword", &body).status, 400);
    let letter = reset_letter(&site, "ada");
    let code = ada.authenticator.now(&site);
    assert_eq!(
        second_step(&site.client(), &letter.value("token"), "token", &code).status,
        401
    );
}
