//! From where, by which way and under which name somebody is a guest.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Login;
use librechat_auth::domain::guest;

use super::{guest_token, is_guest, open_house, open_house_with, renewal};

#[test]
fn with_a_login_nobody_is_a_guest() {
    for login in [Login::Required, Login::StillRequired] {
        let site = open_house_with(|config| config.login = login);
        let answer = renewal(&site, &[]);
        assert_eq!((answer.status, answer.text()), (200, "Refresh token not provided"));
        assert_eq!(site.client().get("/").location().0, 303);
        assert!(site.account_at(guest::EMAIL).is_none());
    }
}

#[test]
fn whoever_comes_from_elsewhere_logs_in() {
    let site =
        open_house_with(|config| config.login = Login::GuestsFrom(vec!["10.0.0.0/8".parse().expect("a network")]));
    assert!(!is_guest(&renewal(&site, &[])));
    assert_eq!(site.client().get("/").location().0, 303);
}

#[test]
fn behind_a_proxy_that_is_believed_the_visitor_counts() {
    let site = open_house_with(|config| config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")]);
    for (visitor, expected) in [
        ("192.168.1.20", true),
        ("203.0.113.7", false),
        ("192.168.1.20, 203.0.113.7", false),
        ("203.0.113.7, 192.168.1.20", true),
        ("nonsense", false),
    ] {
        let answer = renewal(&site, &[("x-forwarded-for", visitor)]);
        assert_eq!(is_guest(&answer), expected, "{visitor}");
    }
    // A proxy that does not say whose request it is would lend its own address to everybody.
    assert!(!is_guest(&renewal(&site, &[])));
}

#[test]
fn behind_a_proxy_that_is_not_believed_nobody_is_a_guest() {
    let site = open_house();
    for name in [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "via",
        "x-forwarded-proto",
        "x-forwarded-host",
        "cf-connecting-ip",
        "true-client-ip",
    ] {
        assert!(!is_guest(&renewal(&site, &[(name, "192.168.1.20")])), "{name}");
    }
    assert!(is_guest(&renewal(&site, &[])));
}

#[test]
fn counted_proxies_let_nobody_choose_their_address_from_outside() {
    let site = open_house_with(|config| {
        config.server.trust_proxy = 1;
        config.login = Login::GuestsFrom(vec!["192.168.0.0/16".parse().expect("a network")]);
    });
    assert!(is_guest(&renewal(&site, &[("x-forwarded-for", "192.168.1.20")])));
    assert!(!is_guest(&renewal(
        &site,
        &[("x-forwarded-for", "192.168.1.20, 203.0.113.7")]
    )));
    assert!(!is_guest(&renewal(&site, &[])));
}

#[test]
fn a_page_of_a_stranger_whose_name_points_at_us_gets_nothing() {
    let site = open_house();
    for (host, expected) in [
        ("evil.example", false),
        ("evil.example:3081", false),
        ("nas.lan.evil.example", false),
        ("nas.lan", true),
        ("nas.lan:3081", true),
        ("localhost:3081", true),
        ("192.168.1.5:3081", true),
        ("[::1]:3081", true),
        ("nas", true),
        ("user@nas.lan", false),
        ("", false),
    ] {
        assert_eq!(is_guest(&renewal(&site, &[("host", host)])), expected, "{host}");
    }
}

#[test]
fn a_guests_token_opens_nothing_from_elsewhere_or_under_another_name() {
    let site = open_house_with(|config| config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")]);
    let token = renewal(&site, &[("x-forwarded-for", "192.168.1.20")]).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let client = site.client();
    let user = |address: &str, host: &str| {
        let ask = client.request("GET", "/api/user").bearer(&token);
        ask.header("x-forwarded-for", address)
            .header("host", host)
            .send()
            .status
    };
    assert_eq!(user("192.168.1.20", "nas.lan"), 200);
    assert_eq!(user("203.0.113.7", "nas.lan"), 401);
    assert_eq!(user("192.168.1.20", "evil.example"), 401);
    let site = site.restarted_with(|config| config.login = Login::Required);
    let client = site.client();
    let answer = client
        .request("GET", "/api/user")
        .bearer(&token)
        .header("x-forwarded-for", "192.168.1.20");
    assert_eq!(answer.send().status, 401, "the login is back");
}

#[test]
fn open_to_everyone_means_everyone() {
    let site = open_house_with(|config| {
        config.login = Login::Open;
        config.server.public_url = Some("https://auth.example.org".parse().expect("an address"));
    });
    assert!(is_guest(&renewal(
        &site,
        &[("x-forwarded-for", "203.0.113.7"), ("host", "any.example")]
    )));
}

#[test]
fn guests_share_one_account_and_one_session_however_many_come() {
    let site = open_house();
    let tokens: Vec<_> = (0..20).map(|_| guest_token(&site)).collect();
    let guest = site.account_at(guest::EMAIL).expect("there");
    assert_eq!(site.run(site.app.sessions_of(guest.key)).expect("read").len(), 1);
    // Time after time a new one takes the place of the old one.
    for _ in 0..3 {
        site.clock.advance(std::time::Duration::from_hours(24 * 8));
        guest_token(&site);
    }
    assert_eq!(site.run(site.app.sessions_of(guest.key)).expect("read").len(), 1);
    assert_eq!(
        site.client()
            .request("GET", "/api/user")
            .bearer(&tokens[0])
            .send()
            .status,
        401
    );
    let site = site.restarted();
    guest_token(&site);
    assert_eq!(site.run(site.app.sessions_of(guest.key)).expect("read").len(), 1);
}

#[test]
fn an_admin_can_lock_the_guests_out_and_cannot_make_admins_of_them() {
    let site = open_house();
    guest_token(&site);
    let guest = site.account_at(guest::EMAIL).expect("there");
    site.run(site.app.set_disabled(&guest, true, &Actor::Console))
        .expect("locked");
    assert!(!is_guest(&renewal(&site, &[])));
    site.run(site.app.set_disabled(&guest, false, &Actor::Console))
        .expect("unlocked");
    assert!(is_guest(&renewal(&site, &[])));
    let admin = librechat_auth::domain::account::Role::Admin;
    site.run(site.app.set_role(&guest, admin, &Actor::Console))
        .expect("changed");
    assert!(!is_guest(&renewal(&site, &[])));
}
