//! A rule that asks for the second factor: people are asked for it and come back, programs are told no.

use librechat_auth::domain::access::Effect;

use super::doors::{path_of, target_of};
use super::kit::{ALL, APP, ask, ask_about, guarding_with, rule};
use crate::support::{Answer, Site};
use crate::two_factor::kit::{Enrolled, enrol};

const PAGE: &str = "/second-factor?rd=https%3A%2F%2Fapp.example.org";

fn strict() -> Site {
    guarding_with(|config| {
        config.access.rules = vec![rule("app.example.org", &[], Effect::SecondFactor)];
    })
}

/// Somebody who has a second factor and did not prove it on this session: as after a login by other means.
fn unproved(site: &Site) -> Enrolled {
    let ada = enrol(site, site.user("ada"));
    site.sql("UPDATE sessions SET method = 'password'");
    ada
}

fn prove(ada: &Enrolled, page: &str, code: &str) -> Answer {
    let client = &ada.person.client;
    let csrf = client.get(page).csrf();
    client.post_bare("/second-factor", &[("csrf", &csrf), ("rd", APP), ("code", code)])
}

#[test]
fn people_are_asked_for_the_code_and_come_back() {
    for proxy in ALL {
        let site = strict();
        let ada = unproved(&site);
        let sent = target_of(&ask(&ada.person.client, proxy, APP));
        assert!(path_of(&sent).starts_with(PAGE), "{proxy}: {sent}");
        let answer = prove(&ada, path_of(&sent), &ada.authenticator.now(&site));
        let (status, enter) = answer.location();
        assert_eq!(status, 303, "{}", answer.text());
        assert!(enter.starts_with("/enter?rd="), "{enter}");
        assert_eq!(ask(&ada.person.client, proxy, APP).status, 200, "{proxy}");
        let kinds: Vec<_> = site
            .events_about(&ada.person.account(&site))
            .into_iter()
            .map(|event| event.kind.key())
            .collect();
        assert!(kinds.contains(&"second_factor_proved"), "{kinds:?}");
    }
}

#[test]
fn a_backup_code_serves_once_and_a_wrong_code_does_not() {
    let site = strict();
    let ada = unproved(&site);
    for wrong in ["", "not a code", &ada.authenticator.wrong(&site)] {
        let answer = prove(&ada, PAGE, wrong);
        assert_eq!(answer.status, 400, "{wrong:?}: {}", answer.text());
        assert_eq!(answer.value_of("rd").as_deref(), Some("https://app.example.org/"));
        assert_ne!(ask(&ada.person.client, "caddy", APP).status, 200, "{wrong:?}");
    }
    assert_eq!(prove(&ada, PAGE, &ada.codes[0]).status, 303);
    assert_eq!(ask(&ada.person.client, "caddy", APP).status, 200);
    site.sql("UPDATE sessions SET method = 'password'");
    assert_eq!(prove(&ada, PAGE, &ada.codes[0]).status, 400, "it is used up");
}

#[test]
fn whoever_has_none_is_told_to_set_one_up() {
    let site = strict();
    let ada = site.user("ada");
    let sent = target_of(&ask(&ada.client, "caddy", APP));
    let page = ada.client.get(path_of(&sent));
    assert!(
        page.status == 200 && page.says("Set up two-step sign-in"),
        "{}",
        page.text()
    );
    let csrf = page.csrf();
    let answer = ada
        .client
        .post_bare("/second-factor", &[("csrf", &csrf), ("rd", APP), ("code", "123456")]);
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_ne!(ask(&ada.client, "caddy", APP).status, 200);
}

#[test]
fn programs_are_told_no_and_strangers_log_in_first() {
    let site = strict();
    let ada = unproved(&site);
    for proxy in ALL {
        assert_eq!(
            ask_about(&ada.person.client, proxy, "GET", APP, &[]).status,
            403,
            "{proxy}"
        );
        let stranger = target_of(&ask(&site.client(), proxy, APP));
        assert!(path_of(&stranger).starts_with("/login?rd="), "{proxy}: {stranger}");
    }
    assert!(site.client().get(PAGE).location().1.starts_with("/login?rd="));
}

#[test]
fn the_page_leads_nowhere_but_to_guarded_hosts() {
    let site = strict();
    let ada = unproved(&site);
    for evil in ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""] {
        let escaped: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let answer = ada.person.client.get(&format!("/second-factor?rd={escaped}"));
        assert_eq!(answer.location(), (303, "/"), "{evil}");
        let csrf = ada.person.client.get(PAGE).csrf();
        let code = ada.authenticator.now(&site);
        let fields = [("csrf", csrf.as_str()), ("rd", evil), ("code", code.as_str())];
        assert_eq!(
            ada.person.client.post_bare("/second-factor", &fields).location(),
            (303, "/"),
            "{evil}"
        );
    }
    let forged = [("csrf", "x"), ("rd", APP), ("code", "123456")];
    assert_eq!(ada.person.client.post_bare("/second-factor", &forged).status, 403);
}
