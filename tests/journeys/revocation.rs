//! What ends a session ends it on the very next request, whichever key is presented.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::secret::Secret;
use serde_json::json;

use crate::support::{PASSWORD, Person, Site, minutes};

const OPEN: [bool; 3] = [true, true, true];
const SHUT: [bool; 3] = [false, false, false];
const NEW_PASSWORD: &str = "eleven wooden ladders";

/// The session numbers that the account page offers to end.
fn others(person: &Person) -> Vec<String> {
    let page = person.client.get("/");
    let parts = page.text().split("action=\"/sessions/end\"").skip(1);
    let values = parts.filter_map(|part| part.split_once("name=\"id\" value=\"")?.1.split('"').next());
    values.map(str::to_owned).collect()
}

#[test]
fn disabling_an_account_shuts_every_door_at_once() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(ada.open_doors(), OPEN);
    site.run(site.app.set_disabled(&ada.account(&site), true, &Actor::Console))
        .unwrap();
    assert_eq!(ada.open_doors(), SHUT);
}

#[test]
fn an_account_that_is_enabled_again_has_to_log_in() {
    let site = Site::start();
    let ada = site.user("ada");
    site.run(site.app.set_disabled(&ada.account(&site), true, &Actor::Console))
        .unwrap();
    site.run(site.app.set_disabled(&ada.account(&site), false, &Actor::Console))
        .unwrap();
    assert_eq!(ada.open_doors(), SHUT);
    assert_eq!(Person::log_in(&site, "ada").open_doors(), OPEN);
}

#[test]
fn deleting_an_account_shuts_every_door_at_once() {
    let site = Site::start();
    let ada = site.user("ada");
    site.run(site.app.delete_user(&ada.account(&site), &Actor::Console))
        .unwrap();
    assert_eq!(ada.open_doors(), SHUT);
}

#[test]
fn a_password_set_by_an_admin_ends_every_session_and_is_told() {
    let site = Site::start();
    let ada = site.user("ada");
    let new = Secret::new(NEW_PASSWORD);
    site.run(site.app.reset_password(&ada.account(&site), new, &Actor::Console))
        .unwrap();
    assert_eq!(ada.open_doors(), SHUT);
    let client = site.client();
    let body = json!({ "email": "ada@example.org", "password": NEW_PASSWORD });
    assert_eq!(client.post("/api/auth/login", &body).status, 200);
    assert!(client.get("/").says("an administrator set a new password for you"));
}

#[test]
fn changing_the_own_password_ends_every_session_but_this_one() {
    let site = Site::start();
    let ada = site.user("ada");
    let elsewhere = Person::log_in(&site, "ada");
    let fields = [
        ("current_password", PASSWORD),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    let answer = ada.client.submit("/", "/account/password", &fields);
    assert_eq!(answer.location(), (303, "/?done=password_changed"));
    assert_eq!(ada.open_doors(), OPEN);
    assert_eq!(elsewhere.open_doors(), SHUT);
    let log_in = |password: &str| {
        let body = json!({ "email": "ada@example.org", "password": password });
        site.client().post("/api/auth/login", &body).status
    };
    assert_eq!((log_in(PASSWORD), log_in(NEW_PASSWORD)), (400, 200));
}

#[test]
fn a_role_counts_from_the_next_request_on() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let role = |role: Role| {
        site.run(site.app.set_role(&ada.account(&site), role, &Actor::Console))
            .unwrap();
    };
    let admins_only = || ada.api("GET", "/api/roles/ADMIN").status;
    let shown = || ada.api("GET", "/api/user").json()["role"].clone();
    assert_eq!((shown(), admins_only()), (json!("USER"), 403));
    role(Role::Admin);
    assert_eq!((shown(), admins_only()), (json!("ADMIN"), 200));
    assert!(ada.client.get("/").says("Administrator"));
    role(Role::User);
    assert_eq!((shown(), admins_only()), (json!("USER"), 403));
    assert_eq!(ada.refresh().json()["user"]["role"], "USER");
}

#[test]
fn ending_one_session_ends_that_one() {
    let site = Site::start();
    let ada = site.user("ada");
    let phone = Person::log_in(&site, "ada");
    let [id] = others(&ada).try_into().unwrap();
    let answer = ada.client.submit("/", "/sessions/end", &[("id", &id)]);
    assert_eq!(answer.location(), (303, "/?done=session_ended"));
    assert_eq!(phone.open_doors(), SHUT);
    assert_eq!(ada.open_doors(), OPEN);
}

#[test]
fn ending_all_others_leaves_this_one() {
    let site = Site::start();
    let ada = site.user("ada");
    let phone = Person::log_in(&site, "ada");
    let tablet = Person::log_in(&site, "ada");
    let answer = ada.client.submit("/", "/sessions/end-others", &[]);
    assert_eq!(answer.location(), (303, "/?done=others_ended&count=2"));
    assert_eq!((phone.open_doors(), tablet.open_doors()), (SHUT, SHUT));
    assert_eq!(ada.open_doors(), OPEN);
}

#[test]
fn somebody_elses_session_cannot_be_ended() {
    let site = Site::start();
    let ada = site.user("ada");
    let bob = site.user("bob");
    Person::log_in(&site, "bob");
    let [id] = others(&bob).try_into().unwrap();
    ada.client.submit("/", "/sessions/end", &[("id", &id)]);
    ada.client.submit("/", "/sessions/end-others", &[]);
    assert_eq!(others(&bob), [id]);
}

#[test]
fn logging_out_on_the_page_ends_the_api_too() {
    let site = Site::start();
    let ada = site.user("ada");
    let copy = Person {
        client: ada.client.copy(),
        ..ada.clone()
    };
    let answer = ada.client.submit("/", "/logout", &[]);
    assert_eq!(answer.location(), (303, "/login?notice=logged_out"));
    assert_eq!(copy.open_doors(), SHUT);
    assert_eq!(ada.client.cookie("refreshToken"), None);
}

#[test]
fn a_login_in_the_same_browser_ends_the_session_that_was_there() {
    let site = Site::start();
    let mallory = site.user("mallory");
    Person::register(&site, "ada");
    // Mallory has planted her cookies, all of them, in the browser in which Ada logs in.
    let browser = mallory.client.copy();
    let planted = browser.clone().copy();
    browser.forget("librechat_auth");
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/login", "/login", &fields).location(), (303, "/"));
    for name in ["refreshToken", "librechat_auth"] {
        assert_ne!(browser.cookie(name), planted.cookie(name), "{name}");
    }
    assert_eq!(mallory.open_doors(), SHUT, "nobody goes on with the planted ones");
    assert!(browser.get("/").says("ada@example.org"));
}

#[test]
fn a_login_through_the_api_takes_no_key_from_the_browser() {
    let site = Site::start();
    Person::register(&site, "ada");
    let client = site.client();
    client.set_cookie("refreshToken", "planted");
    client.set_cookie("librechat_auth", "planted");
    client.set_cookie("token_provider", "planted");
    assert_eq!(
        client
            .post("/api/auth/login", &crate::support::credentials("ada"))
            .status,
        200
    );
    for name in ["refreshToken", "librechat_auth", "token_provider"] {
        assert_ne!(client.cookie(name).as_deref(), Some("planted"), "{name}");
    }
}

#[test]
fn a_password_changed_while_somebody_logs_in_with_the_old_one_wins() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    let outcome = std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            let body = crate::support::credentials("ada");
            let client = site.client();
            (client.post("/api/auth/login", &body).status, client)
        });
        site.run(
            site.app
                .reset_password(&account, Secret::new(NEW_PASSWORD), &Actor::Console),
        )
        .unwrap();
        late.join().unwrap()
    });
    let (_, client) = outcome;
    assert_eq!(
        client.get("/").status,
        303,
        "before or after, no session of the old password is left"
    );
}

#[test]
fn a_session_that_was_ended_is_not_brought_back_by_its_last_use() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(5));
    assert_eq!(ada.client.get("/").status, 200);
    site.run(site.app.set_disabled(&ada.account(&site), true, &Actor::Console))
        .unwrap();
    site.run(site.app.flush_touches()).unwrap();
    assert_eq!(ada.open_doors(), SHUT);
}
