//! `/login`, `/logout`, and where people are sent.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use librechat_auth::domain::secret::Secret;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Person, Site, minutes};

fn log_in(client: &Client, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("email", "ada@example.org"), ("password", PASSWORD)];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more);
    client.submit("/login", "/login", &fields)
}

fn with_ada() -> (Site, Client) {
    let site = Site::start();
    Person::register(&site, "ada");
    let client = site.client();
    (site, client)
}

#[test]
fn a_login_opens_the_pages_and_the_api() {
    let (_site, client) = with_ada();
    assert_eq!(log_in(&client, &[]).location(), (303, "/"));
    assert!(client.get("/").says("ada@example.org"));
    let renewed = client.post("/api/auth/refresh", &json!({}));
    assert_eq!(renewed.json()["user"]["email"], "ada@example.org");
}

#[test]
fn blanks_around_the_address_are_forgiven_on_the_page() {
    let (_site, client) = with_ada();
    assert_eq!(log_in(&client, &[("email", "  Ada@Example.org ")]).status, 303);
}

#[test]
fn after_the_login_people_go_where_they_wanted_to() {
    let (site, _) = with_ada();
    for (target, expected) in [
        ("/c/new?a=1&b=%2F#top", "/c/new?a=1&b=%2F#top"),
        ("/a/../b", "/b"),
        ("", "/"),
        ("c", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example", "/"),
        ("http://127.0.0.1@evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("JaVaScRiPt:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("/\t/evil.example", "/"),
        ("\t//evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("/%2f/evil.example", "/"),
        ("/%5cevil.example", "/"),
        ("/%255cevil.example", "/"),
        ("/.//evil.example", "/"),
        ("/%2e%2e//evil.example", "/"),
        (" /c", "/"),
        ("/\u{2028}/evil.example", "/"),
        ("\u{ff0f}\u{ff0f}evil.example", "/"),
        ("evil\u{3002}example", "/"),
    ] {
        let client = site.client();
        assert_eq!(
            log_in(&client, &[("redirect_to", target)]).location(),
            (303, expected),
            "{target:?}"
        );
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_to", target)
            .finish();
        let again = client.get(&format!("/login?{query}"));
        assert_eq!(again.location(), (303, expected), "{target:?}, already signed in");
    }
}

#[test]
fn the_target_is_kept_over_a_failed_attempt_and_an_evil_one_is_not() {
    let (_site, client) = with_ada();
    assert_eq!(
        client
            .get("/login?redirect_to=%2Fc%2Fnew")
            .value_of("redirect_to")
            .as_deref(),
        Some("/c/new")
    );
    assert_eq!(
        client
            .get("/login?redirect_to=//evil.example")
            .value_of("redirect_to")
            .as_deref(),
        Some("")
    );
    let answer = log_in(&client, &[("password", "wrong password"), ("redirect_to", "/c/new")]);
    assert_eq!(answer.value_of("redirect_to").as_deref(), Some("/c/new"));
    let answer = log_in(
        &client,
        &[("password", "wrong password"), ("redirect_to", "//evil.example")],
    );
    assert!(!answer.says("evil.example"));
}

#[test]
fn a_wrong_password_is_said_with_the_address_kept_and_the_password_not() {
    let (_site, client) = with_ada();
    let answer = log_in(&client, &[("password", "wrong \"password")]);
    assert_eq!(answer.status, 400);
    assert!(answer.says("That email address and password do not match. Please try again."));
    assert!(answer.says("role=\"alert\"") && answer.says("aria-invalid=\"true\""));
    assert_eq!(answer.value_of("email").as_deref(), Some("ada@example.org"));
    assert!(!answer.says("wrong"));
    assert_eq!(client.cookie("librechat_auth"), None);
}

#[test]
fn unknown_disabled_and_wrong_look_the_same_on_the_page() {
    let (site, _) = with_ada();
    Person::register(&site, "bob");
    site.run(
        site.app
            .set_disabled(&site.account("bob").unwrap(), true, &Actor::Console),
    )
    .unwrap();
    let shown = |email: &str, password: &str| {
        let client = site.client();
        let answer = log_in(&client, &[("email", email), ("password", password)]);
        let csrf = answer.csrf();
        (
            answer.status,
            answer.text().replace(email, "EMAIL").replace(&csrf, "CSRF"),
        )
    };
    let wrong = shown("ada@example.org", "wrong password");
    assert_eq!(shown("nobody@example.org", PASSWORD), wrong);
    assert_eq!(shown("bob@example.org", PASSWORD), wrong);
    assert_eq!(shown("no address", PASSWORD), wrong);
}

#[test]
fn empty_fields_are_asked_for() {
    let (_site, client) = with_ada();
    for more in [("email", ""), ("password", "")] {
        let answer = log_in(&client, &[more]);
        assert_eq!(answer.status, 400);
        assert!(answer.says("Please enter your email address and your password."));
    }
}

#[test]
fn what_was_typed_is_shown_as_text() {
    let (_site, client) = with_ada();
    let answer = log_in(&client, &[("email", "\"><img src=x onerror=alert(1)>")]);
    assert!(answer.says("onerror") && !answer.says("<img"));
}

#[test]
fn a_browser_that_drops_the_cookie_is_told_both_ways_out() {
    let site = Site::with(|config| config.server.public_url = Some("https://home.example.org".parse().unwrap()));
    let csrf = site.client().get("/login").csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    let answer = site
        .client()
        .request("POST", "/login")
        .header("origin", "http://192.168.1.20:3081")
        .header("sec-fetch-site", "same-origin")
        .form(&fields)
        .send();
    assert_eq!(answer.status, 400);
    for words in [
        "Your browser did not keep the sign-in cookie.",
        "this page was opened at http://192.168.1.20:3081",
        "<a href=\"https://home.example.org\">https://home.example.org</a>",
        "SESSION_COOKIE_SECURE=false",
    ] {
        assert!(answer.says(words), "{words}: {}", answer.text());
    }
    assert_eq!(answer.value_of("email").as_deref(), Some("ada@example.org"));
    assert!(!answer.says(PASSWORD));
}

#[test]
fn a_form_made_for_another_browser_has_to_be_sent_again() {
    let (site, client) = with_ada();
    let stolen = site.client().get("/login").csrf();
    client.get("/login");
    for csrf in [stolen.as_str(), "", "AAAA", "\u{e9}", &"A".repeat(10_000)] {
        let fields = [("csrf", csrf), ("email", "ada@example.org"), ("password", PASSWORD)];
        let answer = client.post_bare("/login", &fields);
        assert_eq!(answer.status, 400, "{csrf}");
        assert!(answer.says("This form was open for too long. Please send it once more."));
        assert_eq!(client.cookie("librechat_auth"), None);
    }
    let fresh = client
        .post_bare("/login", &[("csrf", ""), ("email", "ada@example.org")])
        .csrf();
    let fields = [
        ("csrf", fresh.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    assert_eq!(
        client.post_bare("/login", &fields).status,
        303,
        "the page that says so has a good form"
    );
}

#[test]
fn a_form_stays_good_over_a_restart() {
    let (site, client) = with_ada();
    let csrf = client.get("/login").csrf();
    let site = site.restarted();
    let client = client.moved_to(site.address);
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    assert_eq!(client.post_bare("/login", &fields).status, 303);
}

#[test]
fn who_is_signed_in_needs_no_login_page() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(ada.client.get("/login").location(), (303, "/"));
    assert_eq!(
        ada.client.get("/login?redirect_to=%2Fc%2Fnew").location(),
        (303, "/c/new")
    );
    assert_eq!(ada.client.get("/register").location(), (303, "/"));
}

#[test]
fn too_many_logins_are_told_how_long_to_wait() {
    let site = Site::with(|config| {
        config.limits.login = Limit {
            max: Some(1),
            window_minutes: 5.0,
        };
    });
    let client = site.client();
    assert_eq!(log_in(&client, &[]).header("x-ratelimit-remaining"), Some("0"));
    let answer = log_in(&client, &[]);
    assert_eq!(answer.status, 429);
    assert!(answer.says("Too many attempts. Please try again in 5 minutes."));
    assert_eq!(answer.header("retry-after"), Some("300"));
    assert_eq!(answer.value_of("email").as_deref(), Some("ada@example.org"));
    assert_eq!(
        client.get("/login").header("x-ratelimit-limit"),
        None,
        "looking is free"
    );
    site.clock.advance(minutes(5));
    assert_eq!(log_in(&client, &[]).status, 400);
}

#[test]
fn an_unproved_address_is_told_so() {
    let site = Site::start();
    site.create_unverified("ada");
    let answer = log_in(&site.client(), &[]);
    assert_eq!(answer.status, 422);
    assert!(answer.says("Please confirm your email address first"));
}

#[test]
fn where_login_by_email_is_off_there_is_no_form_and_no_way_around_it() {
    let site = Site::with(|config| {
        config.accounts.email_login = false;
        config.accounts.email_login_override = true;
    });
    Person::register(&site, "ada");
    let client = site.client();
    assert!(!client.get("/login").says("type=\"password\""));
    let csrf = client.get("/setup?token=").value_of("csrf");
    assert_eq!(csrf, None);
    let csrf = client.get("/register").csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    let answer = client.post_bare("/login", &fields);
    assert_eq!(answer.status, 403);
    assert!(answer.says("switched off on this server"));
}

#[test]
fn what_just_happened_is_said_above_the_form() {
    let site = Site::start();
    for (notice, words) in [
        ("registered", "Your account is ready."),
        ("logged_out", "You are signed out."),
        ("sign_in_again", "Your session has ended."),
        (
            "account_deleted",
            "Your account and everything stored with it are gone.",
        ),
    ] {
        assert!(
            site.client().get(&format!("/login?notice={notice}")).says(words),
            "{notice}"
        );
    }
    assert!(!site.client().get("/login?notice=%3Cb%3E").says("role=\"status\""));
}

#[test]
fn a_stranger_is_sent_to_the_login_page_and_a_dead_cookie_is_explained() {
    let site = Site::start();
    assert_eq!(site.client().get("/").location(), (303, "/login"));
    let ada = site.user("ada");
    site.run(site.app.set_disabled(&ada.account(&site), true, &Actor::Console))
        .unwrap();
    let answer = ada.client.get("/");
    assert_eq!(answer.location(), (303, "/login?notice=sign_in_again"));
    assert!(answer.cookie("librechat_auth").unwrap().removes());
    assert_eq!(ada.client.get("/").location(), (303, "/login"), "said once");
}

#[test]
fn whoever_has_something_to_be_told_is_told_first() {
    let (site, client) = with_ada();
    let ada = site.account("ada").unwrap();
    site.run(site.app.reset_password(&ada, Secret::new(PASSWORD), &Actor::Console))
        .unwrap();
    assert_eq!(log_in(&client, &[("redirect_to", "/c/new")]).location(), (303, "/"));
}

#[test]
fn logging_out_needs_our_own_form() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(ada.client.post_bare("/logout", &[]).location(), (303, "/"));
    assert_eq!(
        ada.client.post_bare("/logout", &[("csrf", "AAAA")]).location(),
        (303, "/")
    );
    assert_eq!(ada.open_doors(), [true, true, true]);
    let answer = ada.client.submit("/", "/logout", &[]);
    assert_eq!(answer.location(), (303, "/login?notice=logged_out"));
    for name in ["refreshToken", "token_provider", "librechat_auth"] {
        assert!(answer.cookie(name).unwrap().removes(), "{name}");
    }
    assert_eq!(
        site.client().submit("/login", "/logout", &[]).status,
        303,
        "also for who is not signed in"
    );
}
