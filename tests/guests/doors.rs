//! The doors, as a guest finds them: pages, the API, other programs.

use librechat_auth::config::Config;
use librechat_auth::domain::access::Effect;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::guest;
use serde_json::json;

use super::{guest_token, is_guest, open_house, open_house_with, renewal};
use crate::forward_auth::kit::{ALL, NAVIGATION, ask_about, rule, told};
use crate::support::{Answer, Client, Site, credentials};

#[test]
fn the_home_page_says_so_and_offers_to_sign_in() {
    let site = open_house();
    let page = site.client().get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.says("You are a guest") && page.text().contains("href=\"/login\""),
        "{page:?}"
    );
    for path in ["/account/two-factor", "/account/activity", "/account/doctor"] {
        assert_eq!(site.client().get(path).location().0, 303, "{path}");
    }
    for action in [
        "/account/name",
        "/account/password",
        "/account/delete",
        "/sessions/end-others",
    ] {
        let answer = site.client().submit("/login", action, &[]);
        assert!(answer.status == 303 || answer.status >= 400, "{action}: {answer:?}");
    }
}

#[test]
fn a_person_wins_over_the_guest_and_is_one_again_after_signing_out() {
    let site = open_house();
    let mut ada = site.user("ada");
    assert_eq!(ada.api("GET", "/api/user").json()["email"], "ada@example.org");
    assert_eq!(ada.refresh().json()["user"]["email"], "ada@example.org");
    assert!(ada.client.get("/").says("ada example"));
    assert_eq!(ada.api("POST", "/api/auth/logout").status, 200);
    let client = ada.client.clone();
    assert!(client.get("/").says("You are a guest"));
    assert!(is_guest(&client.post("/api/auth/refresh", &json!({}))));
    assert_eq!(client.post("/api/auth/login", &credentials("ada")).status, 200);
}

#[test]
fn somebody_whose_session_is_over_is_a_guest() {
    let site = open_house();
    let ada = site.user("ada");
    site.clock.advance(std::time::Duration::from_hours(24 * 30));
    let page = ada.client.get("/");
    assert!(page.says("You are a guest"));
    assert!(is_guest(&ada.client.post("/api/auth/refresh?retry=true", &json!({}))));
}

#[test]
fn a_guest_is_an_ordinary_user_of_the_api_and_changes_nothing() {
    let site = open_house();
    let token = guest_token(&site);
    let client = site.client();
    let api = |method: &str, path: &str| client.request(method, path).bearer(&token).json(&json!({})).send();
    let user = client.request("GET", "/api/user").bearer(&token).send();
    assert_eq!((user.status, user.json()["role"].as_str()), (200, Some("USER")));
    assert_eq!(
        client.request("GET", "/api/roles/USER").bearer(&token).send().status,
        200
    );
    assert_eq!(
        client.request("GET", "/api/roles/ADMIN").bearer(&token).send().status,
        403
    );
    for (method, path) in [
        ("POST", "/api/auth/2fa/enable"),
        ("POST", "/api/auth/2fa/verify"),
        ("POST", "/api/auth/2fa/confirm"),
        ("POST", "/api/auth/2fa/disable"),
        ("POST", "/api/auth/2fa/backup/regenerate"),
        ("POST", "/api/user/email/change"),
        ("DELETE", "/api/user/delete"),
    ] {
        assert_eq!(
            api(method, path).message(),
            (403, "Forbidden".to_owned()),
            "{method} {path}"
        );
    }
    assert_eq!(api("POST", "/api/auth/logout").status, 200);
    assert_eq!(
        client.request("GET", "/api/user").bearer(&token).send().status,
        200,
        "one guest does not end it for all"
    );
}

#[test]
fn nobody_logs_in_as_the_guest_or_registers_its_address() {
    let site = open_house();
    guest_token(&site);
    let wanted = json!({ "email": guest::EMAIL, "password": "whatever it may be" });
    assert_eq!(site.client().post("/api/auth/login", &wanted).status, 400);
    let site = Site::start();
    let form = json!({
        "name": "Mallory", "email": guest::EMAIL, "password": "correct horse 9!", "confirm_password": "correct horse 9!",
    });
    site.client().post("/api/auth/register", &form);
    assert!(site.account_at(guest::EMAIL).is_none());
}

#[test]
fn a_banned_address_finds_the_guests_door_shut_too() {
    let site = open_house_with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.moderation.policy.interval = librechat_auth::domain::moderation::points::Points::whole(1);
        config.limits.login.max = Some(1);
    });
    let from = [("x-forwarded-for", "192.168.1.66")];
    assert!(is_guest(&renewal(&site, &from)));
    for _ in 0..2 {
        let client = site.client();
        let ask = client.request("POST", "/api/auth/login").json(&credentials("nobody"));
        ask.header("x-forwarded-for", "192.168.1.66").send();
    }
    assert_eq!(renewal(&site, &from).status, 403);
}

#[test]
fn the_first_admin_is_still_made_with_the_set_up_link() {
    let site = open_house();
    let token = site
        .run(site.app.new_set_up_token())
        .expect("asked")
        .expect("nobody is admin yet");
    let page = site.client().get(&format!("/setup?token={}", token.reveal()));
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text().contains("name=\"password\""));
}

#[test]
fn admins_see_in_red_that_there_is_no_login() {
    let site = open_house();
    let words = "the login is switched off";
    assert!(site.admin().client.get("/").says(words));
    assert!(!site.user("ada").client.get("/").says(words));
    let site = open_house_with(|config| config.login = librechat_auth::config::Login::StillRequired);
    assert!(site.admin().client.get("/").says("everybody still has to sign in"));
    assert!(site.client().get("/login").says("everybody still has to sign in"));
}

fn guarding(change: impl FnOnce(&mut Config)) -> Site {
    open_house_with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.access.rules = vec![
            rule("app.example.org", &["/secret"], Effect::Deny),
            rule("app.example.org", &["/strong"], Effect::SecondFactor),
            librechat_auth::domain::access::Rule {
                roles: vec![Role::Admin],
                ..rule("app.example.org", &["/admin"], Effect::Allow)
            },
            rule("app.example.org", &["/admin"], Effect::Deny),
            rule("app.example.org", &[], Effect::Allow),
        ];
        change(config);
    })
}

fn door(client: &Client, proxy: &str, path: &str, address: &str) -> Answer {
    let headers = [NAVIGATION, &[("x-forwarded-for", address)]].concat();
    ask_about(
        client,
        proxy,
        "GET",
        &format!("https://app.example.org{path}"),
        &headers,
    )
}

#[test]
fn other_programs_get_the_guest_from_the_house_and_from_nowhere_else() {
    let site = guarding(|_| {});
    for proxy in ALL {
        let answer = door(&site.client(), proxy, "/", "192.168.1.20");
        assert_eq!(
            (answer.status, told(&answer)),
            (200, ["guest", guest::EMAIL, "guest", ""].map(str::to_owned))
        );
        assert_ne!(door(&site.client(), proxy, "/", "203.0.113.7").status, 200, "{proxy}");
        assert_eq!(
            door(&site.user("ada").client, proxy, "/", "192.168.1.20").header("remote-user"),
            Some("ada@example.org")
        );
    }
}

#[test]
fn what_is_not_for_guests_asks_them_to_sign_in() {
    let site = guarding(|_| {});
    let guest = |path: &str| door(&site.client(), "caddy", path, "192.168.1.20").status;
    assert_eq!([guest("/admin"), guest("/strong"), guest("/secret")], [302, 302, 403]);
    assert_eq!(
        door(&site.admin().client, "caddy", "/admin", "192.168.1.20").status,
        200
    );
}

#[test]
fn a_rule_for_every_host_is_no_way_in_for_a_strangers_page() {
    let site = guarding(|config| config.access.rules = vec![librechat_auth::domain::access::Rule::of(Effect::Allow)]);
    let headers = [NAVIGATION, &[("x-forwarded-for", "192.168.1.20")]].concat();
    for (url, expected) in [
        ("https://evil.example/", 302),
        ("https://192.168.1.2/", 200),
        ("https://nas.lan/", 200),
    ] {
        assert_eq!(
            ask_about(&site.client(), "traefik", "GET", url, &headers).status,
            expected,
            "{url}"
        );
    }
    let answer = ask_about(&site.client(), "nginx", "GET", "https://evil.example/", &headers);
    assert_eq!(answer.status, 401);
}
