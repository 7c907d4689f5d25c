//! What each proxy gets back.

use librechat_auth::domain::access::Effect;

use super::kit::{ALL, APP, FORWARDED, NAVIGATION, PUBLIC_URL, ask, ask_about, guarding, guarding_with, rule, told};

#[test]
fn whoever_is_signed_in_passes_in_their_own_name() {
    let site = guarding();
    let ada = site.user("ada");
    for proxy in ALL {
        let answer = ask(&ada.client, proxy, APP);
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{proxy}");
        assert_eq!(
            told(&answer),
            ["ada@example.org", "ada@example.org", "ada example", ""],
            "{proxy}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn an_access_token_opens_the_door_too() {
    let site = guarding();
    let ada = site.user("ada");
    let bearer = format!("Bearer {}", ada.token);
    for proxy in ALL {
        let answer = ask_about(&site.client(), proxy, "POST", APP, &[("authorization", &bearer)]);
        assert_eq!(
            (answer.status, told(&answer)[0].as_str()),
            (200, "ada@example.org"),
            "{proxy}"
        );
    }
}

#[test]
fn a_token_of_the_other_program_does_not_spoil_a_good_cookie() {
    let site = guarding();
    let ada = site.user("ada");
    for value in ["Bearer someone-elses", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."] {
        let answer = ask_about(&ada.client, "caddy", "GET", APP, &[("authorization", value)]);
        assert_eq!(answer.status, 200, "{value}");
        assert_eq!(
            ask_about(&site.client(), "caddy", "GET", APP, &[("authorization", value)]).status,
            401
        );
    }
}

#[test]
fn a_stale_cookie_of_the_same_name_does_not_hide_the_good_one() {
    let site = guarding();
    let ada = site.user("ada");
    let name = "__Host-librechat_auth";
    let good = ada.client.cookie(name).expect("signed in");
    let stranger = site.client();
    let both = format!("{name}=stale.x; other=1; {name}={good}");
    let answer = ask_about(&stranger, "traefik", "GET", APP, &[("cookie", &both)]);
    assert_eq!(answer.status, 200);
    let four = format!("{name}=a; {name}=b; {name}=c; {name}={good}");
    assert_eq!(
        ask_about(&stranger, "traefik", "GET", APP, &[("cookie", &four)]).status,
        401
    );
}

#[test]
fn people_are_redirected_to_the_login_and_come_back() {
    let site = guarding();
    let target = "https://app.example.org/a?b=c&d=%2F#x";
    let sent = target.replace("#x", "");
    let login = format!("{PUBLIC_URL}/login?rd=https%3A%2F%2Fapp.example.org%2Fa%3Fb%3Dc%26d%3D%252F");
    for proxy in FORWARDED {
        assert_eq!(
            ask(&site.client(), proxy, &sent).location(),
            (302, login.as_str()),
            "{proxy}"
        );
    }
    // nginx takes any other status for a failure of ours.
    assert_eq!(ask(&site.client(), "nginx", &sent).location(), (401, login.as_str()));
}

#[test]
fn programs_get_401_and_never_a_redirect() {
    let site = guarding();
    let html = ("accept", "text/html");
    for proxy in ALL {
        for (method, headers) in [
            ("GET", vec![]),
            ("GET", vec![("accept", "application/json")]),
            ("POST", NAVIGATION.to_vec()),
            ("GET", vec![html, ("upgrade", "websocket"), ("connection", "upgrade")]),
            ("GET", vec![html, ("sec-fetch-mode", "websocket")]),
            ("GET", vec![html, ("sec-fetch-mode", "cors")]),
            ("GET", vec![html, ("x-requested-with", "XMLHttpRequest")]),
            ("GET", vec![html, ("authorization", "Bearer x")]),
        ] {
            let answer = ask_about(&site.client(), proxy, method, APP, &headers);
            assert_eq!(
                (answer.status, answer.header("location")),
                (401, None),
                "{proxy} {headers:?}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.message().1, "Unauthorized");
        }
    }
}

#[test]
fn what_is_open_to_all_passes_in_nobodys_name() {
    let site = guarding();
    let ada = site.user("ada");
    for proxy in ALL {
        for client in [&site.client(), &ada.client] {
            let answer = ask(client, proxy, "https://app.example.org/public/x");
            assert_eq!(
                (answer.status, told(&answer)),
                (200, [""; 4].map(str::to_owned)),
                "{proxy}"
            );
        }
    }
}

#[test]
fn what_no_rule_opens_is_403_signed_in_or_not() {
    let site = guarding();
    let ada = site.user("ada");
    for proxy in ALL {
        for client in [&site.client(), &ada.client] {
            for url in [
                "https://app.example.org/secret",
                "https://other.example.org/",
                "https://example.org/",
            ] {
                let answer = ask_about(client, proxy, "GET", url, &[]);
                assert_eq!(answer.message(), (403, "Forbidden".to_owned()), "{proxy} {url}");
                assert_eq!(answer.header("remote-user"), None);
            }
        }
    }
}

#[test]
fn somebody_known_but_not_allowed_is_told_so_on_a_page_that_loads_from_here() {
    let site = guarding_with(|config| {
        config.access.rules[2].users = vec!["bob@example.org".to_owned()];
    });
    let ada = site.user("ada");
    let answer = ask(&ada.client, "caddy", APP);
    assert_eq!(answer.status, 403);
    assert!(answer.says("You are signed in as ada@example.org"), "{}", answer.text());
    assert!(
        answer.says("href=\"https://auth.example.org/static/") && !answer.says("href=\"/"),
        "{}",
        answer.text()
    );
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("style-src https://auth.example.org;") && !policy.contains("'self'"),
        "{policy}"
    );
    assert_eq!(answer.cookies(), []);
    let nobody = ask(&site.client(), "caddy", "https://app.example.org/secret");
    assert!(
        nobody.status == 403 && nobody.says("Nobody may open this page"),
        "{}",
        nobody.text()
    );
    // nginx shows its own page, so it gets a short answer.
    assert_eq!(ask(&ada.client, "nginx", APP).message(), (403, "Forbidden".to_owned()));
}

#[test]
fn a_second_factor_that_is_missing_does_not_pass() {
    let site = guarding_with(|config| {
        config.access.rules = vec![rule("app.example.org", &[], Effect::SecondFactor)];
    });
    let ada = site.user("ada");
    for proxy in ALL {
        assert_eq!(ask_about(&ada.client, proxy, "GET", APP, &[]).status, 403, "{proxy}");
        assert_eq!(ask_about(&site.client(), proxy, "GET", APP, &[]).status, 401, "{proxy}");
    }
}

#[test]
fn without_rules_nobody_passes() {
    let site = guarding_with(|config| config.access.rules.clear());
    let ada = site.user("ada");
    for proxy in ALL {
        assert_eq!(ask_about(&ada.client, proxy, "GET", APP, &[]).status, 403, "{proxy}");
    }
}

#[test]
fn a_fault_is_500_and_lets_nobody_pass() {
    let site = guarding();
    let ada = site.user("ada");
    site.sql("UPDATE users SET created_at = created_at, name = CAST(x'ff' AS TEXT)");
    for proxy in ALL {
        let answer = ask(&ada.client, proxy, APP);
        assert_eq!((answer.status, answer.header("remote-user")), (500, None), "{proxy}");
    }
}

#[test]
fn requests_without_a_session_do_not_crowd_out_the_refusals_that_people_ask_about() {
    let site = guarding();
    let quiet = ask(&site.client(), "caddy", APP);
    assert_eq!(quiet.header("x-reference"), None);
    assert_eq!(
        ask_about(&site.client(), "nginx", "GET", APP, &[]).header("x-reference"),
        None
    );
    let denied = ask_about(&site.client(), "nginx", "GET", "https://app.example.org/secret", &[]);
    let reference = denied.header("x-reference").expect("a number").to_owned();
    site.run(site.app.flush_refusals()).expect("written");
    let why = site.run(site.app.why(&reference)).expect("a look-up").expect("known");
    assert_eq!(why.refused.cause, "forbidden");
}
