//! An attempt belongs to one browser, one provider and one moment, and is finished once.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use librechat_auth::app::federated_login::Homecoming;
use serde_json::json;
use url::Url;

use super::idp::{Asked, Idp};
use super::kit::{
    assert_turned_away, count, enable, leave, log_in, logged_in_as, person, provider, reason, site, site_with,
};
use crate::support::{Site, just_under, minutes};

/// The same way back with one parameter changed, or taken away.
fn changed(path: &str, name: &str, value: Option<&str>) -> String {
    let url = Url::parse(&format!("http://x{path}")).expect("an address");
    let mut new = url.clone();
    let kept = url.query_pairs().filter(|(key, _)| key != name);
    new.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        new.query_pairs_mut().append_pair(name, value);
    }
    format!("{}?{}", new.path(), new.query().unwrap_or_default())
}

#[test]
fn a_way_back_works_once() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let location = leave(&client, "/oauth/openid");
    let kept = client.copy();
    let path = idp.sign_in(&location, &person("ada"));
    assert_eq!(client.get(&path).location(), (302, "/"));
    assert_turned_away(&kept.get(&path), "attempt_over");
    assert_eq!(idp.count("/token"), 1, "the code was not shown to the provider again");
}

#[test]
fn of_many_at_once_one_gets_in() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    let rivals: Vec<_> = (0..16)
        .map(|_| {
            let (rival, path) = (client.copy(), path.clone());
            thread::spawn(move || rival.get(&path).location().1 == "/")
        })
        .collect();
    let got_in = rivals
        .into_iter()
        .filter_map(|rival| rival.join().ok())
        .filter(|in_| *in_);
    assert_eq!(got_in.count(), 1);
    assert_eq!(count(&site, "SELECT count(*) FROM sessions"), 1);
}

#[test]
fn another_browser_cannot_finish_it_and_the_right_one_still_can() {
    let idp = Idp::start();
    let site = site(&idp);
    let (victim, attacker) = (site.client(), site.client());
    // An attacker who signed in as themselves has somebody else come back with it.
    let path = idp.sign_in(&leave(&attacker, "/oauth/openid"), &person("eve"));
    assert_turned_away(&victim.get(&path), "attempt_over");
    // The same while the victim has an attempt of their own.
    leave(&victim, "/oauth/openid");
    assert_turned_away(&victim.get(&path), "attempt_over");
    assert_eq!(logged_in_as(&victim), None);
    assert_eq!(attacker.get(&path).location(), (302, "/"));
}

#[test]
fn an_attempt_is_over_after_ten_minutes() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let paths = [(); 2].map(|()| idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada")));
    site.clock.advance(just_under(minutes(10)));
    idp.state().now += 599;
    assert_eq!(client.get(&paths[0]).location(), (302, "/"));
    site.clock.advance(minutes(1));
    let stranger = site.client();
    let path = idp.sign_in(&leave(&stranger, "/oauth/openid"), &person("ada"));
    site.clock.advance(minutes(10));
    assert_turned_away(&stranger.get(&path), "attempt_over");
    site.run(site.app.purge_history()).expect("purged");
    assert_eq!(count(&site, "SELECT count(*) FROM attempts"), 0);
}

#[test]
fn a_way_back_from_one_provider_is_not_taken_for_another_s() {
    let (honest, evil) = (Idp::start(), Idp::start());
    let site = Site::with(|config| {
        enable(
            config,
            vec![provider("openid", &honest.issuer), provider("evil", &evil.issuer)],
        );
    });
    let client = site.client();
    let path = honest.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    let elsewhere = path.replace("/oauth/openid/", "/oauth/evil/");
    assert_turned_away(&client.get(&elsewhere), "attempt_over");
    assert_eq!(
        evil.count("/token"),
        0,
        "the honest provider's code reached the evil one"
    );
}

#[test]
fn the_issuer_that_the_way_back_names_must_be_the_right_one() {
    let idp = Idp::start();
    let site = site(&idp);
    let come = |issuer: Option<&str>| {
        let client = site.client();
        let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
        client.get(&changed(&path, "iss", issuer))
    };
    assert_eq!(come(Some(&idp.issuer)).location(), (302, "/"));
    assert_eq!(come(None).location(), (302, "/"), "nobody promised to name it");
    let asked = idp.count("/token");
    assert_turned_away(&come(Some("https://evil.example")), "bad_answer");
    assert_turned_away(&come(Some(&format!("{}/", idp.issuer))), "bad_answer");
    assert_eq!(idp.count("/token"), asked, "the code went nowhere");
}

#[test]
fn a_provider_that_promises_to_name_itself_has_to() {
    let idp = Idp::start();
    idp.describe(|document| document["authorization_response_iss_parameter_supported"] = json!(true));
    let site = site(&idp);
    let client = site.client();
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    assert_turned_away(&client.get(&path), "bad_answer");
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    assert_eq!(
        client.get(&changed(&path, "iss", Some(&idp.issuer))).location(),
        (302, "/")
    );
}

#[test]
fn nothing_that_is_no_way_back_is_one() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    let huge = "a".repeat(60_000);
    for bad in [
        "/oauth/openid/callback".to_owned(),
        "/oauth/openid/callback?state=&code=".to_owned(),
        changed(&path, "state", None),
        changed(&path, "state", Some("abc")),
        changed(&path, "state", Some(&"A".repeat(43))),
        format!("{path}&state=second"),
        "/oauth/openid/callback?code=x&state=%00%ff".to_owned(),
        format!("/oauth/openid/callback?state=x&code={}", &huge[..6000]),
    ] {
        assert_turned_away(&client.get(&bad), "attempt_over");
    }
    let form = client.post_bare("/oauth/openid/callback", &[("state", "x"), ("code", &huge)]);
    assert_turned_away(&form, "attempt_over");
    assert_eq!(
        client.get(&path).location(),
        (302, "/"),
        "the attempt was not lost by any of that"
    );
}

#[test]
fn a_code_that_is_absent_or_refused_lets_nobody_in() {
    let idp = Idp::start();
    let site = site(&idp);
    for code in [None, Some(""), Some("guessed")] {
        let client = site.client();
        let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
        assert_turned_away(&client.get(&changed(&path, "code", code)), "bad_answer");
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_code_of_another_attempt_is_refused_by_its_proof() {
    let idp = Idp::start();
    let site = site(&idp);
    let (victim, attacker) = (site.client(), site.client());
    let of_victim = idp.sign_in(&leave(&victim, "/oauth/openid"), &person("victim"));
    let of_attacker = idp.sign_in(&leave(&attacker, "/oauth/openid"), &person("eve"));
    let code = Asked::read(&format!("http://x{of_victim}")).get("code").to_owned();
    // A stolen code in an attempt of the thief's own (PKCE, RFC 7636 §1).
    assert_turned_away(&attacker.get(&changed(&of_attacker, "code", Some(&code))), "bad_answer");
    assert_eq!(logged_in_as(&attacker), None);
}

#[test]
fn who_says_no_is_told_so_and_nothing_of_the_provider_s_text_is_shown() {
    let idp = Idp::start();
    let site = site(&idp);
    for (error, description, expected) in [
        ("access_denied", None, "cancelled"),
        ("access_denied", Some("<script>alert(1)</script>"), "cancelled"),
        ("server_error", Some("<script>alert(1)</script>"), "bad_answer"),
        ("<script>", None, "bad_answer"),
    ] {
        let client = site.client();
        let answer = client.get(&idp.refuse(&leave(&client, "/oauth/openid"), error, description));
        assert_turned_away(&answer, expected);
        let (_, target) = answer.location();
        assert!(!target.contains("script"), "{target}");
    }
}

#[test]
fn each_tab_keeps_its_own_attempt_and_a_late_one_goes_on() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let paths: Vec<_> = (0..6)
        .map(|_| idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada")))
        .collect();
    for path in paths.iter().rev() {
        assert_eq!(client.get(path).location(), (302, "/"));
    }
    // Its attempt is over, but the browser is signed in.
    assert_eq!(client.get(&paths[0]).location(), (302, "/"));
    assert_eq!(idp.count("/token"), 6);
}

#[test]
fn a_browser_keeps_a_few_attempts_and_no_more() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let paths: Vec<_> = (0..20)
        .map(|_| idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada")))
        .collect();
    assert_turned_away(&client.get(&paths[0]), "attempt_over");
    assert_eq!(client.get(&paths[19]).location(), (302, "/"));
}

#[test]
fn the_cookie_of_an_attempt_is_for_this_host_and_goes_when_it_is_over() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.server.public_url = Some("https://login.example.org".parse().expect("an address"));
    });
    let client = site.client();
    let answer = client.get("/oauth/openid");
    let cookies = answer.cookies();
    let kept = cookies
        .iter()
        .find(|cookie| cookie.name.starts_with("__Host-librechat_auth_attempt_"))
        .expect("a cookie");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(kept.has(attribute), "{attribute}: {kept:?}");
    }
    let (_, location) = answer.location();
    assert_eq!(
        Asked::read(location).get("redirect_uri"),
        "https://login.example.org/oauth/openid/callback"
    );
    let answer = client.get(&idp.sign_in(location, &person("ada")));
    assert!(
        answer.cookie(&kept.name).is_some_and(|cookie| cookie.removes()),
        "{answer:?}"
    );
}

#[test]
fn what_the_database_keeps_of_an_attempt_finishes_none() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let location = leave(&client, "/oauth/openid");
    let asked = Asked::read(&location);
    let path = site.app.config.data_dir.join("librechat-auth.db");
    let connection = rusqlite::Connection::open(path).expect("the database opens");
    let row: Vec<Vec<u8>> = connection
        .query_row("SELECT state, browser FROM attempts", [], |row| {
            Ok(vec![row.get(0)?, row.get(1)?])
        })
        .expect("an attempt");
    for secret in [asked.get("state"), asked.get("nonce"), asked.get("code_challenge")] {
        assert!(row.iter().all(|column| column != secret.as_bytes()));
    }
    let thief = site.client();
    let path = idp.sign_in(&location, &person("ada"));
    let label = Homecoming::label_of(asked.get("state")).expect("one of ours");
    let digest = URL_SAFE_NO_PAD.encode(&row[1]);
    thief.set_cookie(&format!("librechat_auth_attempt_{label}"), &digest);
    assert_eq!(reason(&thief.get(&path)), "attempt_over");
}

#[test]
fn keys_of_another_login_are_useless_afterwards() {
    let idp = Idp::start();
    let site = site_with(&idp, |_| {});
    // Somebody planted the cookies of a session of their own.
    let eve = site.client();
    log_in(&eve, &idp, &person("eve"));
    let victim = eve.copy();
    log_in(&victim, &idp, &person("ada"));
    assert_eq!(logged_in_as(&victim).as_deref(), Some("ada@example.org"));
    assert_eq!(logged_in_as(&eve), None, "the planted session was ended");
}
