//! Whole logins, from the button back to the site.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::json;

use super::idp::{Asked, CLIENT_ID, Idp};
use super::kit::{count, details, enable, leave, log_in, logged_in_as, person, provider, reason, site, site_with};
use crate::support::{Site, claims_of, days, minutes, seconds};

#[test]
fn somebody_new_gets_an_account_and_a_session() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    assert_eq!(answer.location(), (302, "/"));
    let account = site.account("ada").expect("made");
    assert_eq!(
        (
            account.name.as_str(),
            account.role,
            account.email_verified,
            account.provider.as_str()
        ),
        ("ada elsewhere", Role::User, true, "openid")
    );
    assert_eq!(client.get("/").status, 200);
    let refreshed = client.request("POST", "/api/auth/refresh").send().json();
    let claims = claims_of(refreshed["token"].as_str().expect("a token"));
    assert_eq!(
        (&claims["provider"], &claims["email"]),
        (&json!("openid"), &json!("ada@example.org"))
    );
    assert_eq!(
        details(&site, &site.account("ada").expect("there")),
        ["login_succeeded openid", "account_created openid: sign_up"]
    );
}

#[test]
fn the_same_person_comes_back_to_the_same_account_whatever_they_are_called_now() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let renamed =
        json!({ "sub": "sub-ada", "email": "countess@example.org", "email_verified": true, "name": "Countess" });
    let client = site.client();
    log_in(&client, &idp, &renamed);
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    assert_eq!(site.user_count(), 1);
    let other =
        json!({ "sub": "sub-eve", "email": "eve@example.org", "preferred_username": "ada", "name": "ada elsewhere" });
    log_in(&client, &idp, &other);
    assert_eq!(logged_in_as(&client).as_deref(), Some("eve@example.org"));
    assert_eq!(site.user_count(), 2);
}

#[test]
fn the_request_carries_what_the_standards_ask_for() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.audience = vec!["https://api.example.org".into()]);
    let client = site.client();
    let (one, two) = (leave(&client, "/oauth/openid"), leave(&client, "/oauth/openid"));
    let (one, two) = (Asked::read(&one), Asked::read(&two));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("audience", "https://api.example.org"),
        ("redirect_uri", &site.app.link("/oauth/openid/callback")),
    ] {
        assert_eq!(one.get(name), value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(one.get(name).len(), 43, "{name}");
        assert_ne!(one.get(name), two.get(name), "{name}");
    }
}

#[test]
fn nobody_is_sent_elsewhere_by_what_a_request_says_of_our_address() {
    let idp = Idp::start();
    let site = site(&idp);
    let ours = site.app.link("/oauth/openid/callback");
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-proto", "https"),
        ("x-original-url", "https://evil.example/"),
    ] {
        let answer = site.client().request("GET", "/oauth/openid").header(name, value).send();
        let (_, location) = answer.location();
        assert_eq!(Asked::read(location).get("redirect_uri"), ours, "{name}");
    }
}

#[test]
fn people_go_where_they_wanted_to_and_nowhere_else() {
    let idp = Idp::start();
    let site = site(&idp);
    for (wanted, target) in [
        ("/c/new%3Fa%3D1", "/c/new?a=1"),
        ("//evil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("", "/"),
    ] {
        let client = site.client();
        let location = leave(&client, &format!("/oauth/openid?redirect_to={wanted}"));
        let answer = client.get(&idp.sign_in(&location, &person("ada")));
        assert_eq!(answer.location(), (302, target), "{wanted}");
    }
}

#[test]
fn librechats_client_gets_people_back_if_it_is_elsewhere() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.server.client_url = Some("https://chat.example.org/app".parse().expect("an address"));
    });
    let client = site.client();
    assert_eq!(
        log_in(&client, &idp, &person("ada")).location(),
        (302, "https://chat.example.org/app")
    );
    let answer = client.get("/oauth/error");
    let (_, target) = answer.location();
    assert_eq!(
        target,
        "https://chat.example.org/app/login?redirect=false&error=auth_failed"
    );
    let location = leave(&client, "/oauth/openid");
    let answer = client.get(&idp.refuse(&location, "access_denied", None));
    let (_, target) = answer.location();
    assert!(
        target.starts_with("https://chat.example.org/app/login?redirect=false&error=auth_failed&reason=cancelled"),
        "{target}"
    );
}

#[test]
fn each_provider_has_people_of_its_own() {
    let (one, two) = (Idp::start(), Idp::start());
    let site = Site::with(|config| {
        enable(
            config,
            vec![provider("openid", &one.issuer), provider("office", &two.issuer)],
        );
    });
    log_in(&site.client(), &one, &person("ada"));
    let client = site.client();
    let location = leave(&client, "/oauth/office");
    let other = json!({ "sub": "sub-ada", "email": "other@example.org", "email_verified": true });
    client.get(&two.sign_in(&location, &other));
    assert_eq!(logged_in_as(&client).as_deref(), Some("other@example.org"));
    assert_eq!(site.user_count(), 2);
}

#[test]
fn what_userinfo_says_is_overlaid_and_its_failure_is_survived() {
    let idp = Idp::start();
    let site = site(&idp);
    idp.state().claims_in_id_token = false;
    idp.state().userinfo = Some(person("ada"));
    log_in(&site.client(), &idp, &person("ada"));
    assert!(site.account("ada").expect("made").email_verified);
    idp.answer("/userinfo", 500, "text/plain", "down");
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(
        logged_in_as(&client).as_deref(),
        Some("ada@example.org"),
        "known without an address"
    );
}

#[test]
fn a_provider_that_was_down_at_the_start_is_asked_again() {
    let idp = Idp::start();
    idp.answer("/.well-known/openid-configuration", 503, "text/plain", "down");
    let site = site(&idp);
    let client = site.client();
    assert_eq!(reason(&client.get("/oauth/openid")), "provider_down");
    assert!(client.get("/login").says("/oauth/openid"), "the button stays");
    idp.state().instead.clear();
    assert_eq!(
        reason(&client.get("/oauth/openid")),
        "provider_down",
        "not asked again at once"
    );
    site.clock.advance(seconds(6));
    log_in(&client, &idp, &person("ada"));
    assert!(logged_in_as(&client).is_some());
}

#[test]
fn keys_may_change_while_the_server_runs() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    for (kid, keep_old) in [("second", true), ("third", false)] {
        site.clock.advance(minutes(1));
        idp.state().now += 60;
        idp.rotate(kid, keep_old);
        let client = site.client();
        log_in(&client, &idp, &person("ada"));
        assert!(logged_in_as(&client).is_some(), "{kid}");
    }
    assert_eq!(idp.count("/jwks"), 3);
    assert_eq!(idp.count("/.well-known/openid-configuration"), 1);
}

#[test]
fn the_secret_is_sent_the_way_the_provider_takes_it() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let in_form = |idp: &Idp| {
        let state = idp.state();
        let request = state
            .log
            .iter()
            .find(|request| request.path == "/token")
            .expect("asked");
        let is_in_form = request.form.contains_key("client_secret");
        assert_ne!(request.authorization.is_some(), is_in_form);
        is_in_form
    };
    assert!(!in_form(&idp));
    let idp = Idp::start();
    idp.describe(|document| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]));
    let site = super::kit::site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    assert!(in_form(&idp));
}

#[test]
fn what_providers_say_of_addresses_and_names_is_taken_as_it_is() {
    let idp = Idp::start();
    let site = site(&idp);
    for (claims, email, verified, name) in [
        (
            json!({ "sub": "1", "email": "A@Example.org", "email_verified": "true" }),
            "a",
            true,
            "A@Example.org",
        ),
        (
            json!({ "sub": "2", "email": "b@example.org", "email_verified": "false" }),
            "b",
            false,
            "b@example.org",
        ),
        (
            json!({ "sub": "3", "email": "c@example.org" }),
            "c",
            false,
            "c@example.org",
        ),
        (
            json!({ "sub": "4", "upn": "d@example.org", "preferred_username": "d" }),
            "d",
            false,
            "d",
        ),
        (
            json!({ "sub": "5", "email": "e@example.org", "name": "<img onerror=x>\r\n\u{202e}" }),
            "e",
            false,
            "<img onerror=x>",
        ),
        (
            json!({ "sub": "6", "email": "f@example.org", "given_name": "F", "family_name": "G" }),
            "f",
            false,
            "F G",
        ),
    ] {
        let client = site.client();
        let answer = log_in(&client, &idp, &claims);
        assert_eq!(answer.status, 302, "{claims}: {answer:?}");
        let account = site.account(email).unwrap_or_else(|| panic!("{claims}: {answer:?}"));
        assert_eq!(
            (account.email_verified, account.name.as_str()),
            (verified, name),
            "{claims}"
        );
        assert!(client.get("/").status == 200, "{claims}");
    }
    let answer = log_in(
        &site.client(),
        &idp,
        &json!({ "sub": "7", "preferred_username": "nobody", "name": "N" }),
    );
    assert_eq!(reason(&answer), "email_missing");
}

#[test]
fn addresses_count_as_proved_if_the_operator_says_so_but_not_what_is_denied() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.trust_email = true);
    log_in(&site.client(), &idp, &json!({ "sub": "1", "email": "a@example.org" }));
    log_in(
        &site.client(),
        &idp,
        &json!({ "sub": "2", "email": "b@example.org", "email_verified": false }),
    );
    let verified = ["a", "b"].map(|name| site.account(name).expect("made").email_verified);
    assert_eq!(verified, [true, false]);
}

#[test]
fn two_tabs_that_bring_somebody_new_make_one_account() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let (one, two) = (leave(&client, "/oauth/openid"), leave(&client, "/oauth/openid"));
    let (one, two) = (idp.sign_in(&one, &person("ada")), idp.sign_in(&two, &person("ada")));
    let other = client.clone();
    let second = std::thread::spawn(move || other.get(&two));
    assert_eq!(client.get(&one).location(), (302, "/"));
    assert_eq!(second.join().expect("an answer").location(), (302, "/"));
    assert_eq!(site.user_count(), 1);
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 1);
}

#[test]
fn a_locked_or_banned_person_stays_out() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let account = site.account("ada").expect("there");
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("locked");
    assert_eq!(reason(&log_in(&site.client(), &idp, &person("ada"))), "locked");
    site.run(site.app.set_disabled(&account, false, &Actor::Console))
        .expect("unlocked");
    assert_eq!(log_in(&site.client(), &idp, &person("ada")).location(), (302, "/"));
}

#[test]
fn the_second_factor_is_asked_for_whoever_vouches() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    site.sql("UPDATE users SET two_factor_at = 1 WHERE email = 'ada@example.org'");
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    let (status, target) = answer.location();
    assert_eq!(status, 302);
    assert_eq!(target, "/login/2fa");
    let ticket = answer.cookie("librechat_auth_step").expect("a ticket").value;
    for name in ["refreshToken", "librechat_auth"] {
        assert!(answer.cookie(name).is_none(), "{answer:?}");
    }
    assert_eq!(logged_in_as(&client), None);
    let answer = client.request("GET", "/api/user").bearer(&ticket).send();
    assert_eq!(answer.status, 401, "the ticket opens nothing else");
}

#[test]
fn whoever_must_have_a_second_factor_sets_it_up_first() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.two_factor.required_roles = vec![Role::User];
    });
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    let (_, target) = answer.location();
    assert_eq!(target, "/login/2fa/setup");
    assert_eq!(logged_in_as(&client), None);
}

#[test]
fn new_accounts_wait_for_an_admin_where_that_is_the_rule() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.accounts.approval = true;
    });
    for _ in 0..2 {
        let client = site.client();
        assert_eq!(reason(&log_in(&client, &idp, &person("ada"))), "waiting");
        assert_eq!(logged_in_as(&client), None);
    }
    assert!(site.account("ada").expect("made").is_waiting());
}

#[test]
fn switches_are_kept_apart() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.sign_up = false);
    assert_eq!(reason(&log_in(&site.client(), &idp, &person("ada"))), "sign_up_off");
    assert_eq!(site.user_count(), 0);
    let site = site_with(&idp, |openid| openid.doors.login = false);
    assert_eq!(reason(&site.client().get("/oauth/openid")), "login_off");
    assert!(!site.client().get("/login").says("/oauth/openid"));
    let site = Site::with(|config| {
        enable(config, vec![provider("openid", &idp.issuer)]);
        config.federation.enabled = false;
    });
    assert_eq!(reason(&site.client().get("/oauth/openid")), "no_provider");
}

#[test]
fn only_the_allowed_domains_come_in() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.accounts.allowed_domains = vec!["example.org".into()];
        config.federation.openid[0].doors.domains = vec!["example.org".into(), "example.com".into()];
    });
    let come = |email: &str, verified: bool| {
        let claims = json!({ "sub": email, "email": email, "email_verified": verified });
        log_in(&site.client(), &idp, &claims)
    };
    assert_eq!(reason(&come("ada@example.com", true)), "domain");
    assert_eq!(reason(&come("ada@sub.example.org", true)), "domain");
    assert_eq!(reason(&come("ada@example.org", false)), "email_unproved");
    assert_eq!(come("ada@example.org", true).location(), (302, "/"));
}

#[test]
fn the_account_outlives_what_the_provider_says_of_its_tokens() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    idp.stop();
    site.clock.advance(days(3));
    assert!(logged_in_as(&client).is_some());
}
