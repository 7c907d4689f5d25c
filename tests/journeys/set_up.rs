//! The first admin: made once, by whoever holds the link, and never again.

use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;

use crate::support::{Answer, Client, PASSWORD, Person, Site, minutes, registration};

/// A new set-up token, as the console prints it.
fn new_token(site: &Site) -> String {
    let token = site.run(site.app.new_set_up_token()).unwrap();
    token.expect("there is no admin yet").reveal()
}

fn page(site: &Site, token: &str) -> Answer {
    site.client().get(&format!("/setup?token={token}"))
}

/// Opens the page and sends its form.
fn set_up(client: &Client, token: &str, name: &str) -> Answer {
    let email = format!("{name}@example.org");
    let fields = [
        ("token", token),
        ("name", "Grace Hopper"),
        ("email", email.as_str()),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let csrf = client.get("/login").csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    client.post_bare("/setup", &all)
}

fn admins(site: &Site) -> i64 {
    site.run(site.app.admin_count()).unwrap()
}

#[test]
fn the_link_makes_an_admin_who_is_logged_in() {
    let site = Site::start();
    let token = new_token(&site);
    assert_eq!(page(&site, &token).status, 200);
    let client = site.client();
    assert_eq!(set_up(&client, &token, "grace").location(), (303, "/"));
    let page = client.get("/");
    assert!(page.says("Administrator") && page.says("grace@example.org"));
    assert_eq!(site.account("grace").unwrap().role, Role::Admin);
    let events = site.events_about(&site.account("grace").unwrap());
    assert_eq!(events[0].kind.key(), "set_up");
}

#[test]
fn fifty_parallel_set_ups_with_one_token_make_one_admin() {
    let site = Site::with(|config| config.password.queue = 100);
    let token = new_token(&site);
    let answers: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|at| {
                let (client, token) = (site.client(), token.as_str());
                scope.spawn(move || set_up(&client, token, &format!("admin{at}")).status)
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 303).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers.iter().all(|status| [303, 403, 404].contains(status)),
        "{answers:?}"
    );
    assert_eq!((admins(&site), site.user_count()), (1, 1));
}

#[test]
fn without_the_token_nobody_gets_in() {
    let site = Site::start();
    let token = new_token(&site);
    let last = if token.ends_with('A') { 'E' } else { 'A' };
    let other = format!("{}{last}", &token[..42]);
    for wrong in ["", "x", other.as_str(), &token[1..], &format!("{token}{token}")] {
        assert_eq!(page(&site, wrong).status, 403, "{wrong}");
        let answer = set_up(&site.client(), wrong, "mallory");
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(!answer.says(PASSWORD));
    }
    assert_eq!(site.user_count(), 0);
    assert_eq!(
        set_up(&site.client(), &token, "grace").status,
        303,
        "the right one still works"
    );
}

#[test]
fn the_link_works_for_an_hour() {
    let site = Site::start();
    let token = new_token(&site);
    site.clock.advance(minutes(60));
    assert_eq!(page(&site, &token).status, 403);
    assert_eq!(set_up(&site.client(), &token, "grace").status, 403);
    let token = new_token(&site);
    site.clock.advance(minutes(59));
    assert_eq!(set_up(&site.client(), &token, "grace").status, 303);
}

#[test]
fn a_new_link_replaces_the_old_one() {
    let site = Site::start();
    let old = new_token(&site);
    let new = new_token(&site);
    assert_eq!(set_up(&site.client(), &old, "mallory").status, 403);
    assert_eq!(set_up(&site.client(), &new, "grace").status, 303);
}

#[test]
fn a_form_with_mistakes_does_not_use_the_token_up() {
    let site = Site::start();
    let token = new_token(&site);
    let fields = [
        ("token", token.as_str()),
        ("name", "Grace"),
        ("email", "no address"),
        ("password", "short"),
    ];
    let answer = site.client().submit("/login", "/setup", &fields);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.value_of("name").as_deref(), Some("Grace"));
    assert_eq!(answer.value_of("email").as_deref(), Some("no address"));
    assert_eq!(answer.value_of("token").as_deref(), Some(token.as_str()));
    assert!(!answer.says("short"));
    assert_eq!(set_up(&site.client(), &token, "grace").status, 303);
}

#[test]
fn afterwards_the_page_is_gone_even_if_every_user_is_deleted() {
    let site = Site::start();
    let token = new_token(&site);
    set_up(&site.client(), &token, "grace");
    assert_eq!(page(&site, &token).status, 404);
    assert_eq!(set_up(&site.client(), &token, "mallory").status, 404);
    site.run(site.app.delete_user(&site.account("grace").unwrap(), &Actor::Console))
        .unwrap();
    assert_eq!((page(&site, &token).status, page(&site, "").status), (404, 404));
    assert_eq!(set_up(&site.client(), &token, "mallory").status, 404);
    assert!(site.run(site.app.new_set_up_token()).unwrap().is_none());
    let site = site.restarted();
    assert_eq!(page(&site, &token).status, 404);
    assert_eq!(site.user_count(), 0);
}

#[test]
fn an_admin_made_at_the_console_ends_set_up_too() {
    let site = Site::start();
    let token = new_token(&site);
    site.create("root", Role::Admin);
    assert_eq!(page(&site, &token).status, 404);
    assert_eq!(set_up(&site.client(), &token, "mallory").status, 404);
    assert_eq!(admins(&site), 1);
}

#[test]
fn registering_before_set_up_makes_a_plain_user_and_leaves_set_up_open() {
    let site = Site::start();
    let token = new_token(&site);
    let mut early = registration("mallory");
    early["email"] = serde_json::json!("grace@example.org");
    assert_eq!(site.client().post("/api/auth/register", &early).status, 200);
    assert_eq!(admins(&site), 0);
    let answer = set_up(&site.client(), &token, "grace");
    assert_eq!(answer.status, 400, "the address is taken, and here that is no secret");
    assert!(answer.says("There is already an account with this address."));
    assert_eq!(set_up(&site.client(), &token, "root").status, 303);
    assert_eq!(admins(&site), 1);
}

#[test]
fn the_owner_opens_registration_with_a_tick() {
    let site = Site::with(|config| config.accounts.registration = false);
    let token = new_token(&site);
    let client = site.client();
    let fields = [
        ("token", token.as_str()),
        ("name", "Grace Hopper"),
        ("email", "grace@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
        ("registration", "on"),
    ];
    assert_eq!(client.submit("/login", "/setup", &fields).status, 303);
    Person::register(&site, "ada");
}

#[test]
fn without_the_tick_registration_is_closed() {
    let site = Site::with(|config| config.accounts.registration = true);
    set_up(&site.client(), &new_token(&site), "grace");
    assert_eq!(
        site.client().post("/api/auth/register", &registration("ada")).status,
        403
    );
}

#[test]
fn a_setting_made_elsewhere_is_stronger_than_the_tick() {
    let site = Site::with(|config| config.accounts.registration_is_fixed = true);
    set_up(&site.client(), &new_token(&site), "grace");
    Person::register(&site, "ada");
}

#[test]
fn the_form_is_ours_or_it_is_refused() {
    let site = Site::start();
    let token = new_token(&site);
    let fields = [
        ("token", token.as_str()),
        ("name", "Mallory"),
        ("email", "mallory@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    assert_eq!(site.client().post_bare("/setup", &fields).status, 400);
    let client = site.client();
    client.get("/login");
    let mut stale = vec![("csrf", "AAAA")];
    stale.extend(fields);
    assert_eq!(client.post_bare("/setup", &stale).status, 400);
    assert_eq!(site.user_count(), 0);
}
