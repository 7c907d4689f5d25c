//! Our session and the provider's: logging out of both, going straight on, and its tokens.

use librechat_auth::config::{Keeping, OpenId};
use serde_json::{Value, json};
use url::Url;

use super::idp::Idp;
use super::kit::{count, details, leave, log_in, logged_in_as, onward, person, reason, site, site_with};
use crate::support::{Answer, Client, Site, minutes, seconds};

fn with_end(idp: &Idp) {
    let end = format!("{}/end", idp.issuer);
    idp.describe(move |document| document["end_session_endpoint"] = json!(end));
}

fn query(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).expect("an address");
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

fn token(client: &Client) -> String {
    let answer = client.request("POST", "/api/auth/refresh").send().json();
    answer["token"].as_str().expect("a token").to_owned()
}

fn api_logout(client: &Client) -> Answer {
    let token = token(client);
    client.request("POST", "/api/auth/logout").bearer(&token).send()
}

#[test]
fn a_secret_that_belongs_into_the_body_is_found_out_once() {
    let idp = Idp::start();
    idp.state().secret_in_form_only = true;
    idp.describe(|document| {
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic", "client_secret_post"]);
    });
    let site = site(&idp);
    for _ in 0..2 {
        assert_eq!(log_in(&site.client(), &idp, &person("ada")).location(), (302, "/"));
    }
    assert_eq!(idp.count("/token"), 3);
}

#[test]
fn logging_out_of_the_pages_leads_on_to_the_provider_and_back_to_a_page_that_waits() {
    let idp = Idp::start();
    with_end(&idp);
    let site = site_with(&idp, |openid| {
        openid.ties.end_session = true;
        openid.ties.auto_redirect = true;
    });
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let left = client.submit("/", "/logout", &[]);
    let url = onward(&left);
    assert!(url.starts_with(&format!("{}/end?", idp.issuer)), "{url}");
    let back = query(&url, "post_logout_redirect_uri").expect("a way back");
    assert_eq!(back, site.app.link("/login"));
    assert_eq!(query(&url, "client_id").as_deref(), Some(super::idp::CLIENT_ID));
    let hint = query(&url, "id_token_hint").expect("a hint");
    assert_eq!(crate::support::claims_of(&hint)["sub"], "sub-ada");
    assert_eq!(logged_in_as(&client), None);
    assert_eq!(count(&site, "SELECT count(*) FROM upstream"), 0);
    let state = query(&url, "state").expect("a state");
    let page = client.get(&format!("/login?state={state}"));
    assert_eq!(page.status, 200);
    assert!(page.says("You are signed out."));
    assert_eq!(client.get("/login").status, 200, "it still waits");
    let stranger = site.client().get(&format!("/login?state={state}"));
    assert!(!stranger.says("You are signed out."));
    // A click is enough, and from then on nobody waits any more.
    assert_eq!(log_in(&client, &idp, &person("ada")).location(), (302, "/"));
    assert!(client.cookie("librechat_auth_pause").is_none());
}

#[test]
fn librechats_client_is_told_where_to_go_on() {
    let idp = Idp::start();
    with_end(&idp);
    let site = site_with(&idp, |openid| {
        openid.ties.end_session = true;
        openid.ties.auto_redirect = true;
        openid.ties.return_to = Some("https://chat.example.org/bye".to_owned());
    });
    let client = site.client();
    let automatic = |client: &Client| client.get("/api/config").json()["openidAutoRedirect"].clone();
    assert_eq!(automatic(&client), json!(true));
    log_in(&client, &idp, &person("ada"));
    client.set_cookie("openid_id_token", "left over");
    let answer = api_logout(&client);
    let body = answer.json();
    assert_eq!(body["message"], "Logout successful");
    let url = body["redirect"].as_str().expect("a redirect");
    assert_eq!(
        query(url, "post_logout_redirect_uri").as_deref(),
        Some("https://chat.example.org/bye")
    );
    assert!(query(url, "id_token_hint").is_some());
    assert!(answer.cookie("openid_id_token").is_some_and(|cookie| cookie.removes()));
    assert_eq!(automatic(&client), json!(false), "the client would log them in again");
}

#[test]
fn an_address_that_gets_too_long_names_the_person_instead() {
    let idp = Idp::start();
    with_end(&idp);
    let site = site_with(&idp, |openid| {
        openid.ties.end_session = true;
        openid.ties.longest_url = 300;
    });
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let url = api_logout(&client).json()["redirect"]
        .as_str()
        .expect("a redirect")
        .to_owned();
    assert!(url.len() <= 300, "{url}");
    assert_eq!(query(&url, "id_token_hint"), None);
    assert_eq!(query(&url, "logout_hint").as_deref(), Some("ada@example.org"));
}

#[test]
fn nobody_is_sent_away_who_did_not_come_from_there() {
    let idp = Idp::start();
    with_end(&idp);
    let site = site_with(&idp, |openid| openid.ties.end_session = true);
    let local = site.user("bob");
    let answer = local
        .client
        .request("POST", "/api/auth/logout")
        .bearer(&local.token)
        .send();
    assert_eq!(answer.json(), json!({ "message": "Logout successful" }));
    // Nor where the provider has no such place, or does not answer.
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.ties.end_session = true);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(
        client.submit("/", "/logout", &[]).location(),
        (303, "/login?notice=logged_out")
    );
    log_in(&client, &idp, &person("ada"));
    let site = site.restarted();
    idp.answer("/.well-known/openid-configuration", 503, "text/plain", "down");
    let client = client.moved_to(site.address);
    assert_eq!(
        client.submit("/", "/logout", &[]).location(),
        (303, "/login?notice=logged_out")
    );
    assert_eq!(logged_in_as(&client), None);
}

#[test]
fn the_login_page_goes_straight_on_but_not_in_circles() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.ties.auto_redirect = true);
    let straight = |path: &str| {
        let answer = site.client().get(path);
        (answer.status == 303).then(|| answer.location().1.to_owned())
    };
    assert_eq!(straight("/login").as_deref(), Some("/oauth/openid"));
    assert_eq!(
        straight("/login?redirect_to=%2Fc%2Fnew").as_deref(),
        Some("/oauth/openid?redirect_to=%2Fc%2Fnew")
    );
    assert_eq!(
        straight("/login?notice=sign_in_again").as_deref(),
        Some("/oauth/openid")
    );
    for stays in [
        "/login?redirect=false",
        "/login?error=auth_failed",
        "/login?reason=cancelled",
        "/login?notice=logged_out",
        "/login?state=x",
    ] {
        assert_eq!(straight(stays), None, "{stays}");
    }
    let client = site.client();
    assert_eq!(client.get("/login").status, 303);
    assert_eq!(client.get("/login").status, 200, "back at once");
    let answer = client.get(&idp.refuse(&leave(&client, "/oauth/openid"), "access_denied", None));
    assert_eq!(reason(&answer), "cancelled");
    // Logged out of a password login: a failed logout leads to the login page, too.
    let client = site.client();
    client.request("POST", "/api/auth/logout").send();
    assert_eq!(client.get("/login").status, 200);
}

fn keeping(idp: &Idp, keeping: Keeping) -> Site {
    idp.state().gives_refresh = true;
    site_with(idp, |openid: &mut OpenId| openid.ties.keeping = keeping)
}

fn pass(site: &Site, idp: &Idp, span: std::time::Duration) {
    site.clock.advance(span);
    idp.state().now += i64::try_from(span.as_secs()).expect("a short time");
}

fn renew(site: &Site) -> usize {
    site.run(site.app.renew_upstream()).expect("no fault")
}

#[test]
fn tokens_are_renewed_before_they_run_out_and_never_reach_a_browser() {
    let idp = Idp::start();
    let site = keeping(&idp, Keeping::All);
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    assert_eq!(renew(&site), 0, "not yet");
    for _ in 0..3 {
        pass(&site, &idp, minutes(9));
        assert_eq!((renew(&site), renew(&site)), (1, 0));
    }
    assert_eq!(idp.count("/token"), 4);
    // What LibreChat's client gets is ours: its own token, and no cookie of the provider's.
    let refreshed = client.request("POST", "/api/auth/refresh").send();
    let claims = crate::support::claims_of(refreshed.json()["token"].as_str().expect("a token"));
    assert_eq!(claims["provider"], "openid");
    assert_eq!(claims["iss"], Value::Null);
    for answer in [&answer, &refreshed] {
        for name in ["openid_access_token", "openid_id_token", "openid_user_id"] {
            assert!(answer.cookie(name).is_none(), "{name}");
        }
        let provider = answer.cookie("token_provider").expect("set");
        assert_eq!(provider.value, "librechat");
    }
    let readable = "SELECT count(*) FROM upstream WHERE instr(sealed, 'token') > 0";
    assert_eq!(
        (count(&site, "SELECT count(*) FROM upstream"), count(&site, readable)),
        (1, 0)
    );
    // They go with the session.
    client.submit("/", "/logout", &[]);
    assert_eq!(count(&site, "SELECT count(*) FROM upstream"), 0);
}

#[test]
fn two_that_renew_at_once_use_the_refresh_token_once() {
    let idp = Idp::start();
    let site = keeping(&idp, Keeping::Strict);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    pass(&site, &idp, minutes(9));
    let both = async { tokio::join!(site.app.renew_upstream(), site.app.renew_upstream()) };
    let (one, two) = site.run(both);
    one.expect("no fault");
    two.expect("no fault");
    assert_eq!(idp.count("/token"), 2);
    assert!(logged_in_as(&client).is_some());
}

#[test]
fn trouble_upstream_ends_a_session_only_if_it_is_strict_and_the_provider_says_no() {
    for (how, ends) in [(Keeping::All, false), (Keeping::Strict, true)] {
        let idp = Idp::start();
        let site = keeping(&idp, how);
        let client = site.client();
        log_in(&client, &idp, &person("ada"));
        // Down: tried again after growing pauses, and nobody notices.
        idp.answer("/token", 503, "text/plain", "down");
        pass(&site, &idp, minutes(9));
        assert_eq!((renew(&site), renew(&site)), (1, 0));
        pass(&site, &idp, seconds(31));
        assert_eq!(renew(&site), 1);
        pass(&site, &idp, seconds(31));
        assert_eq!(renew(&site), 0, "the pause grows");
        assert!(logged_in_as(&client).is_some(), "{how:?}");
        // Up again.
        idp.state().instead.clear();
        pass(&site, &idp, minutes(1));
        assert_eq!(renew(&site), 1);
        assert!(logged_in_as(&client).is_some(), "{how:?}");
        // No.
        idp.forget_refresh_tokens();
        pass(&site, &idp, minutes(9));
        assert_eq!(renew(&site), 1);
        assert_eq!(logged_in_as(&client).is_none(), ends, "{how:?}");
        pass(&site, &idp, minutes(60));
        assert_eq!(renew(&site), 0, "whoever says no is not asked again");
        let ada = site.account("ada").expect("there");
        let ended = details(&site, &ada).contains(&"session_ended openid: refresh_refused".to_owned());
        assert_eq!(ended, ends, "{how:?}");
    }
}

#[test]
fn newer_tokens_of_somebody_else_are_not_taken() {
    let idp = Idp::start();
    let site = keeping(&idp, Keeping::Strict);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    idp.forge(|draft| draft.claims["sub"] = json!("sub-eve"));
    pass(&site, &idp, minutes(9));
    assert_eq!(renew(&site), 1);
    assert_eq!(count(&site, "SELECT failures FROM upstream"), 1);
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
}

#[test]
fn a_provider_that_is_down_at_the_start_is_asked_again_by_itself() {
    let idp = Idp::start();
    let site = site(&idp);
    idp.answer("/.well-known/openid-configuration", 503, "text/plain", "down");
    let watch = || site.run(site.app.watch_providers());
    let seen = || {
        site.app
            .seen_providers()
            .into_iter()
            .map(|seen| seen.trouble.is_none())
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(), [true; 0]);
    watch();
    watch();
    assert_eq!(
        (seen(), idp.count("/.well-known/openid-configuration")),
        (vec![false], 1)
    );
    site.clock.advance(seconds(6));
    watch();
    assert_eq!(idp.count("/.well-known/openid-configuration"), 2);
    idp.state().instead.clear();
    site.clock.advance(seconds(12));
    watch();
    assert_eq!((seen(), idp.count("/jwks")), (vec![true], 1));
    // Whoever comes now waits for nothing but their own tokens.
    assert_eq!(log_in(&site.client(), &idp, &person("ada")).location(), (302, "/"));
    assert_eq!(
        (idp.count("/.well-known/openid-configuration"), idp.count("/jwks")),
        (3, 1)
    );
}
