//! Keys to other programs: one cookie for a whole domain.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::access::Effect;
use librechat_auth::domain::moderation::subject::Subject;
use serde_json::json;

use super::kit::{ALL, APP, ask, ask_about, guarding, guarding_with, rule};
use crate::support::{Answer, Client, Person, Site, days};

pub const DOMAIN_DOOR: &str = "__Secure-librechat_auth_door";
pub const HOST_DOOR: &str = "__Host-librechat_auth_door";
pub const WAY: &str = "__Host-librechat_auth_way";
pub const PHOTOS: &str = "https://photos.other.net";

/// A site that guards a host of its own domain and two elsewhere.
pub fn abroad() -> Site {
    guarding_with(|config| {
        let elsewhere = ["photos.other.net", "files.third.example"];
        let rules = elsewhere.map(|host| rule(host, &[], Effect::Allow));
        config.access.rules.extend(rules);
    })
}

/// What a thief of that one cookie has.
pub fn holding(site: &Site, name: &str, value: &str) -> Client {
    let client = site.client();
    client.set_cookie(name, value);
    client
}

pub fn door_of(person: &Person) -> String {
    person.client.cookie(DOMAIN_DOOR).expect("a key came with the login")
}

pub fn path_of(url: &str) -> &str {
    url.strip_prefix("https://auth.example.org").expect("at our own host")
}

pub fn target_of(answer: &Answer) -> String {
    answer.header("location").expect("a redirect").to_owned()
}

/// Sets out from `url`: the address of our page that the browser is sent to.
pub fn set_out(there: &Client, url: &str) -> String {
    let answer = ask(there, "caddy", url);
    assert_eq!(answer.status, 302, "{}", answer.text());
    target_of(&answer)
}

/// The callback that somebody who is signed in is sent to.
pub fn handed_over(ours: &Client, enter: &str) -> String {
    let answer = ours.get(path_of(enter));
    assert_eq!(answer.status, 303, "{}", answer.text());
    target_of(&answer)
}

/// Comes back with a code: where the browser is sent then.
pub fn arrive(there: &Client, callback: &str) -> String {
    target_of(&ask(there, "caddy", callback))
}

pub fn is_lost(target: &str) -> bool {
    target.starts_with("https://auth.example.org/enter?rd=") && target.ends_with("&lost=1")
}

#[test]
fn a_login_brings_a_key_to_the_domain_that_opens_programs_and_nothing_of_ours() {
    let site = guarding();
    let ada = Person::log_in(&site, &site.user("ada").name);
    let answer = site
        .client()
        .post("/api/auth/login", &crate::support::credentials("ada"));
    let set = answer.cookie(DOMAIN_DOOR).expect("a key");
    for attribute in ["Domain=example.org", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"] {
        assert!(set.has(attribute), "{attribute}: {set:?}");
    }
    assert!(set.attributes.iter().any(|one| one.starts_with("Expires=")), "{set:?}");
    let thief = holding(&site, DOMAIN_DOOR, &door_of(&ada));
    for proxy in ALL {
        assert_eq!(ask(&thief, proxy, APP).status, 200, "{proxy}");
    }
    // The account is out of reach: pages, API, and every name under which our own cookies go.
    let key = door_of(&ada);
    for name in [
        DOMAIN_DOOR,
        "__Host-librechat_auth",
        "refreshToken",
        "librechat_auth",
        HOST_DOOR,
    ] {
        let thief = holding(&site, name, &key);
        assert_eq!(thief.get("/").status, 303, "{name}");
        assert_eq!(thief.get("/account/two-factor").status, 303, "{name}");
        assert_ne!(thief.get("/api/user").status, 200, "{name}");
        let renewed = thief.post("/api/auth/refresh", &json!({}));
        assert!(
            renewed.cookie("refreshToken").is_none_or(|cookie| cookie.removes()),
            "{name}"
        );
        assert!(
            thief
                .get("/enter?rd=https://app.example.org/")
                .header("location")
                .is_some_and(|to| to.starts_with("/login"))
        );
    }
    let bearer = format!("Bearer {key}");
    assert_eq!(
        site.client()
            .request("GET", "/api/user")
            .header("authorization", &bearer)
            .send()
            .status,
        401
    );
}

#[test]
fn the_key_ends_with_the_session() {
    let out_after = |what: &str, act: &dyn Fn(&Site, &Person)| {
        let site = guarding();
        let ada = site.user("ada");
        let thief = holding(&site, DOMAIN_DOOR, &door_of(&ada));
        assert_eq!(ask(&thief, "nginx", APP).status, 200, "{what}");
        act(&site, &ada);
        assert_eq!(ask_about(&thief, "nginx", "GET", APP, &[]).status, 401, "{what}");
    };
    out_after("logged out", &|_, ada| {
        ada.client.copy().post("/api/auth/logout", &json!({}));
    });
    out_after("revoked", &|site, _| site.sql("DELETE FROM sessions"));
    out_after("disabled", &|site, ada| {
        site.run(site.app.set_disabled(&ada.account(site), true, &Actor::Console))
            .expect("disabled");
    });
    out_after("banned", &|site, ada| {
        let subject = Subject::User(ada.account(site).id);
        site.run(site.app.add_ban(subject, None, "", &Actor::Console))
            .expect("stored")
            .expect("banned");
    });
    out_after("deleted", &|site, ada| {
        site.run(site.app.delete_user(&ada.account(site), &Actor::Console))
            .expect("deleted");
    });
    out_after("over", &|site, _| site.clock.advance(days(7)));
}

#[test]
fn the_key_is_renewed_where_nobody_notices_and_taken_away_at_the_logout() {
    let site = guarding();
    let mut ada = site.user("ada");
    let key = door_of(&ada);
    ada.client.forget(DOMAIN_DOOR);
    let answer = ada.refresh();
    assert_eq!(answer.cookie(DOMAIN_DOOR).map(|set| set.value), Some(key.clone()));
    // A key that is lost, or made with another secret, costs a redirect.
    ada.client.set_cookie(DOMAIN_DOOR, "old");
    let answer = ask(&ada.client.copy(), "caddy", APP);
    assert_eq!(
        answer.status, 200,
        "the login cookie counts at our own host only, but tests send it everywhere"
    );
    let answer = ada.client.get("/enter?rd=https://app.example.org/x");
    assert_eq!(answer.location(), (303, "https://app.example.org/x"));
    assert_eq!(answer.cookie(DOMAIN_DOOR).map(|set| set.value), Some(key));
    let answer = ada.client.post("/api/auth/logout", &json!({}));
    let removed = answer.cookie(DOMAIN_DOOR).expect("taken away");
    assert!(
        removed.removes() && removed.has("Domain=example.org") && removed.has("Path=/"),
        "{removed:?}"
    );
}

#[test]
fn without_a_domain_no_key_is_shared() {
    let site = guarding_with(|config| config.cookies.domain = None);
    let ada = site.user("ada");
    assert_eq!(ada.client.cookie(DOMAIN_DOOR), None);
    let enter = set_out(&site.client(), "https://app.example.org/a");
    assert!(
        enter.starts_with("https://auth.example.org/enter?rd="),
        "a key of its own: {enter}"
    );
}
