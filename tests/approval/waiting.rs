//! Registering, waiting, and the answer.

use std::sync::Barrier;
use std::thread;

use librechat_auth::app::Failure;
use librechat_auth::app::audit::Actor;
use librechat_auth::config::Config;
use librechat_auth::domain::account::Account;
use librechat_auth::domain::refusal::Refusal;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Person, Site, credentials, minutes, registration};

fn asking(config: &mut Config) {
    config.accounts.approval = true;
}

/// A site whose new accounts wait, and somebody who does.
fn with_ada() -> (Site, Account) {
    let site = Site::with(asking);
    Person::register(&site, "ada");
    let ada = site.account("ada").expect("made");
    (site, ada)
}

fn log_in(site: &Site, password: &str) -> Answer {
    let body = json!({ "email": "ada@example.org", "password": password });
    site.client().post("/api/auth/login", &body)
}

fn approve(site: &Site, account: &Account) -> Result<(), Failure> {
    site.run(site.app.approve(account, &Actor::Console))
}

fn reject(site: &Site, account: &Account) -> Result<(), Failure> {
    site.run(site.app.reject(account, &Actor::Console))
}

fn kinds(site: &Site, account: &Account) -> Vec<&'static str> {
    site.events_about(account)
        .iter()
        .map(|event| event.kind.key())
        .collect()
}

#[test]
fn a_waiting_account_hears_so_with_the_right_password_only() {
    let (site, ada) = with_ada();
    assert!(ada.is_waiting());
    let answer = log_in(&site, PASSWORD);
    assert_eq!(
        answer.message(),
        (409, "Your account is waiting for approval.".to_owned())
    );
    assert_eq!(answer.cookies(), []);
    let wrong = log_in(&site, "not the password");
    let stranger = site.client().post("/api/auth/login", &credentials("nobody"));
    assert_eq!(wrong.message(), stranger.message());
}

#[test]
fn the_pages_say_that_the_account_waits() {
    let site = Site::with(asking);
    let client = site.client();
    let fields = [
        ("name", "Ada Lovelace"),
        ("username", ""),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let answer = client.submit("/register", "/register", &fields);
    assert_eq!(answer.location(), (303, "/login?notice=waiting"));
    assert!(
        client
            .get("/login?notice=waiting")
            .says("now waits until an administrator lets you in")
    );
    let again = site.client().submit("/register", "/register", &fields);
    assert_eq!(again.location(), answer.location(), "a taken address looks the same");
    let refused = client.submit(
        "/login",
        "/login",
        &[("email", "ada@example.org"), ("password", PASSWORD)],
    );
    assert_eq!(refused.status, 409);
    assert!(refused.says("Your account is waiting until an administrator lets you in."));
    assert_eq!(client.cookie("librechat_auth"), None);
}

#[test]
fn registering_is_answered_as_ever() {
    let site = Site::with(asking);
    let free = site.client().post("/api/auth/register", &registration("ada"));
    let taken = site.client().post("/api/auth/register", &registration("ada"));
    assert_eq!((free.status, &free.body), (taken.status, &taken.body));
    let text = "Please check your email to verify your email address.";
    assert_eq!(free.message(), (200, text.to_owned()));
}

#[test]
fn an_approved_account_may_log_in() {
    let (site, ada) = with_ada();
    approve(&site, &ada).expect("approved");
    assert_eq!(Person::log_in(&site, "ada").open_doors(), [true, true, true]);
    assert!(matches!(approve(&site, &ada), Err(Failure::Refused(Refusal::NotFound))));
    assert!(matches!(reject(&site, &ada), Err(Failure::Refused(Refusal::NotFound))));
    assert_eq!(
        kinds(&site, &ada),
        ["login_succeeded", "account_approved", "account_created"]
    );
}

#[test]
fn a_rejected_account_is_gone_and_the_address_free_again() {
    let (site, ada) = with_ada();
    reject(&site, &ada).expect("rejected");
    assert_eq!(site.account("ada"), None);
    assert_eq!(log_in(&site, PASSWORD).status, 400);
    assert_eq!(kinds(&site, &ada), ["account_rejected", "account_created"]);
    Person::register(&site, "ada");
    assert!(site.account("ada").expect("made").is_waiting());
}

#[test]
fn accounts_made_by_an_admin_do_not_wait() {
    let site = Site::with(asking);
    site.create("ada", librechat_auth::domain::account::Role::User);
    Person::log_in(&site, "ada");
}

#[test]
fn turning_the_switch_off_lets_nobody_in_who_waits() {
    let (site, _) = with_ada();
    let site = site.restarted_with(|config| config.accounts.approval = false);
    assert_eq!(log_in(&site, PASSWORD).status, 409);
    Person::register(&site, "bob");
    Person::log_in(&site, "bob");
}

#[test]
fn the_list_has_whoever_waits_longest_first() {
    let site = Site::with(asking);
    for name in ["ada", "bob", "cyd", "dan", "eve"] {
        Person::register(&site, name);
        site.clock.advance(minutes(1));
    }
    approve(&site, &site.account("cyd").expect("made")).expect("approved");
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = site.run(site.app.waiting_after(after, 2)).expect("a page");
        let Some(last) = page.last() else { break };
        after = Some((last.waiting_since.expect("waits"), last.key));
        names.extend(page.iter().map(|account| account.email.local_part().to_owned()));
    }
    assert_eq!(names, ["ada", "bob", "dan", "eve"]);
}

#[test]
fn of_fifty_answers_at_once_one_counts() {
    let (site, ada) = with_ada();
    let start = Barrier::new(50);
    let won: Vec<bool> = thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|at| {
                let (app, ada, start) = (&site.app, &ada, &start);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .build()
                        .expect("a runtime");
                    start.wait();
                    runtime
                        .block_on(async {
                            if at % 2 == 0 {
                                app.approve(ada, &Actor::Console).await
                            } else {
                                app.reject(ada, &Actor::Console).await
                            }
                        })
                        .is_ok()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let approved = won.iter().position(|won| *won).expect("one") % 2 == 0;
    assert_eq!(site.account("ada").is_some(), approved);
    assert_eq!(kinds(&site, &ada).len(), 2);
}
