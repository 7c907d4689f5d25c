//! Devices that their owner trusts are not asked for a code, until something changes.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::person::Deed;
use librechat_auth::app::second_factor::login::SecondStep;
use librechat_auth::app::tokens::SignedIn;
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::second_factor::Answer as Code;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::session::Origin;
use serde_json::{Value, json};

use super::kit::{Enrolled, enrolled, first_step, settings};
use crate::support::{Client, PASSWORD, Person, Site, credentials, days, just_under, seconds};

const COOKIE: &str = "librechat_auth_trust";

/// Logs in with a code and has the device trusted, as the page does.
fn trust(site: &Site, who: &Enrolled, kept: Option<&str>) -> Box<SignedIn> {
    site.clock.advance(seconds(30));
    let step = SecondStep {
        ticket: Secret::new(first_step(&site.client(), &who.person.name)),
        answer: Code::parse(Some(&who.authenticator.now(site)), None),
        device: None,
        trust: Some(kept.map(Secret::new)),
        origin: Origin {
            address: "203.0.113.9".to_owned(),
            user_agent: "Firefox".to_owned(),
        },
    };
    let outcome = site.run(
        site.app
            .complete_login(step, &mut librechat_auth::app::quota::Quota::default()),
    );
    outcome.expect("logged in")
}

/// A browser that is trusted.
fn trusted(site: &Site, who: &Enrolled) -> Client {
    let client = site.client();
    let signed_in = trust(site, who, None);
    client.set_cookie(COOKIE, signed_in.trust.expect("trusted").cookie.expose());
    client
}

/// Whether a login from this browser needs no code.
fn is_spared(client: &Client, name: &str) -> bool {
    let answer: Value = client.post("/api/auth/login", &credentials(name)).json();
    assert!(
        answer["token"].is_string() || answer["tempToken"].is_string(),
        "{answer}"
    );
    answer["token"].is_string()
}

#[test]
fn a_trusted_device_needs_the_password_only() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = trusted(&site, &ada);
    assert!(is_spared(&client, "ada"));
    let events = site.events_about(&ada.person.account(&site));
    assert_eq!(
        (events[0].kind.key(), events[0].detail.as_str()),
        ("login_succeeded", "password+trusted_device")
    );
    let wrong = json!({ "email": "ada@example.org", "password": format!("{PASSWORD}x") });
    assert_eq!(client.post("/api/auth/login", &wrong).status, 400);
    assert!(!is_spared(&site.client(), "ada"), "others are asked");
}

#[test]
fn trust_ends_after_its_time() {
    let site = Site::with(|config| config.two_factor.trust_device = days(30));
    let ada = enrolled(&site, "ada");
    let client = trusted(&site, &ada);
    site.clock.advance(just_under(days(30)));
    assert!(is_spared(&client, "ada"));
    site.clock.advance(seconds(1));
    assert!(!is_spared(&client, "ada"));
    assert!(site.run(site.app.purge_history()).expect("purged") > 0);
}

#[test]
fn where_no_trust_is_offered_none_is_given_or_kept() {
    let site = Site::with(|config| config.two_factor.trust_device = std::time::Duration::ZERO);
    let ada = enrolled(&site, "ada");
    assert!(!site.app.offers_trust());
    assert!(trust(&site, &ada, None).trust.is_none());
    site.sql("UPDATE users SET updated_at = 1");
    assert!(!is_spared(&site.client(), "ada"));
}

#[test]
fn the_api_login_makes_no_device_trusted() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    super::kit::second_step(&client, &ticket, "token", &ada.authenticator.now(&site));
    assert_eq!(client.cookie(COOKIE), None);
}

#[test]
fn one_browser_is_trusted_by_several_accounts() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let bob = enrolled(&site, "bob");
    let client = trusted(&site, &ada);
    assert!(!is_spared(&client, "bob"), "ada's trust is not bob's");
    let kept = client.cookie(COOKIE).expect("trusted");
    let both = trust(&site, &bob, Some(&kept)).trust.expect("trusted");
    client.set_cookie(COOKIE, both.cookie.expose());
    assert!(is_spared(&client, "ada") && is_spared(&client, "bob"));
}

#[test]
fn trusted_devices_are_listed_and_can_be_distrusted_one_by_one_or_all() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let (first, second) = (trusted(&site, &ada), trusted(&site, &ada));
    let account = ada.person.account(&site);
    let list = || site.run(site.app.trusted_devices(account.key)).expect("a list");
    let devices = list();
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[0].origin.address, "203.0.113.9");
    let who = site
        .run(site.app.identify_bearer(&ada.person.token))
        .expect("signed in");
    let origin = Origin::default();
    let oldest = devices[1].id;
    assert!(
        site.run(site.app.distrust_device(&who, oldest, &origin))
            .expect("revoked")
    );
    assert!(!site.run(site.app.distrust_device(&who, oldest, &origin)).expect("gone"));
    assert!(!is_spared(&first, "ada") && is_spared(&second, "ada"));
    assert_eq!(
        site.run(site.app.distrust_all_devices(&who, &origin)).expect("revoked"),
        1
    );
    assert!(!is_spared(&second, "ada"));
    assert!(list().is_empty());
    let bob = site.user("bob");
    let bob = site.run(site.app.identify_bearer(&bob.token)).expect("signed in");
    let devices = trusted(&site, &ada);
    let id = list()[0].id;
    assert!(!site.run(site.app.distrust_device(&bob, id, &origin)).expect("not his"));
    assert!(is_spared(&devices, "ada"));
}

#[test]
fn whatever_changes_the_credentials_takes_the_trust_back() {
    type Change = fn(&Site, &Enrolled);
    let changes: [(&str, Change); 5] = [
        ("the password is changed", |_, ada| {
            let fields = [
                ("current_password", PASSWORD),
                ("password", "eleven wooden ladders"),
                ("confirm_password", "eleven wooden ladders"),
            ];
            let answer = ada.person.client.submit("/", "/account/password", &fields);
            assert_eq!(answer.status, 303);
        }),
        ("the password is reset", |site, ada| {
            let new = Secret::new("eleven wooden ladders");
            site.run(site.app.reset_password(&ada.person.account(site), new, &Actor::Console))
                .expect("reset");
        }),
        ("the second factor is replaced", |site, ada| {
            site.clock.advance(seconds(30));
            let code = json!({ "token": ada.authenticator.now(site) });
            let body = settings(&ada.person, "enable", &code).json();
            let newer = super::kit::Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"));
            let answer = settings(&ada.person, "confirm", &json!({ "token": newer.now(site) }));
            assert_eq!(answer.status, 200);
        }),
        ("the second factor is taken away and set up again", |site, ada| {
            site.clock.advance(seconds(30));
            let code = json!({ "token": ada.authenticator.now(site) });
            assert_eq!(settings(&ada.person, "disable", &code).status, 200);
            super::kit::enrol(site, ada.person.clone());
        }),
        ("the console takes the second factor away", |site, ada| {
            site.run(site.app.reset_second_factor(&ada.person.account(site), &Actor::Console))
                .expect("reset");
            super::kit::enrol(site, Person::log_in(site, "ada"));
        }),
    ];
    for (what, change) in changes {
        let site = Site::start();
        let ada = enrolled(&site, "ada");
        let client = trusted(&site, &ada);
        assert!(is_spared(&client, "ada"));
        change(&site, &ada);
        for password in [PASSWORD, "eleven wooden ladders"] {
            let body = json!({ "email": "ada@example.org", "password": password });
            let answer = client.post("/api/auth/login", &body).json();
            assert!(!answer["token"].is_string(), "{what}: {answer}");
        }
        let devices = site
            .run(site.app.trusted_devices(ada.person.account(&site).key))
            .expect("a list");
        assert!(devices.is_empty(), "{what}");
    }
}

#[test]
fn a_token_from_elsewhere_spares_nobody() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = trusted(&site, &ada);
    let cookie = client.cookie(COOKIE).expect("trusted");
    for forged in [
        String::new(),
        cookie[1..].to_owned(),
        format!("{cookie}A"),
        cookie.replace(|c: char| c.is_ascii_lowercase(), "a"),
        "A".repeat(43),
        format!("{}.{}", "A".repeat(43), "B".repeat(43)),
    ] {
        let other = site.client();
        other.set_cookie(COOKIE, &forged);
        assert!(!is_spared(&other, "ada"), "{forged}");
    }
}

#[test]
fn an_admin_takes_all_trust_back() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = trusted(&site, &ada);
    assert!(is_spared(&client, "ada"));
    let account = ada.person.account(&site);
    let distrust = || site.run(site.app.do_to(&account, Deed::DistrustDevices, None, &Actor::Console));
    distrust().expect("trusted before");
    let events = site.events_about(&account);
    let last = events.first().expect("a line");
    assert_eq!(
        (last.kind, last.actor.as_str()),
        (EventKind::DeviceDistrusted, "console")
    );
    assert!(!is_spared(&client, "ada"));
    assert!(distrust().is_err(), "there is nothing to be done");
}
