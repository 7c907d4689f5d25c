//! Logins with a real, certified provider (npm `oidc-provider`), by all the ways in which its clients can be registered.

use librechat_auth::config::Keeping;
use librechat_auth::domain::federation::trouble::Trouble;
use librechat_auth::domain::secret::Secret;
use librechat_auth::providers::{Answer as Returned, Arrival, Moment, Providers, Redeemed, Secrets};
use serde_json::{Value, json};
use url::Url;

use super::kit::{assert_turned_away, details, leave, logged_in_as, reason};
use super::real::{OURS, Real, callback, site_of};
use crate::peers::free_address;
use crate::support::{Client, seconds};

fn next(provider: &Real, login: &str) {
    provider.peer.control("next", &json!({ "login": login }));
}

fn fail(provider: &Real, path: &str, status: u16, count: u32) {
    let body = json!({ "path": path, "status": status, "count": count, "body": "down" });
    provider.peer.control("fail", &body);
}

#[test]
fn every_kind_of_client_logs_in_and_all_are_the_same_person() {
    let clients = [
        "app",
        "app-post",
        "app-es256",
        "app-eddsa",
        "app-ps256",
        "app-pub",
        "app-pkce",
        "app-juserinfo",
    ];
    let provider = Real::start(&clients, &[]);
    let site = provider.site(&clients, |_| {});
    for id in clients {
        let client = site.client();
        let answer = provider.log_in(&client, id);
        assert_eq!(answer.location().1, "/", "{id}: {answer:?}");
        assert_eq!(logged_in_as(&client).as_deref(), Some("alice@example.test"), "{id}");
    }
    assert_eq!(site.user_count(), 1);
    let log = provider.peer.ask("log");
    let asked: Vec<&Value> = log.as_array().expect("a list").iter().collect();
    let starts: Vec<_> = asked.iter().filter(|entry| entry["path"] == "/auth").collect();
    assert_eq!(starts.len(), clients.len());
    for entry in starts {
        assert_eq!(entry["query"]["code_challenge_method"], "S256");
        assert_eq!(entry["query"]["response_type"], "code");
        assert!(entry["query"]["nonce"].as_str().is_some_and(|nonce| nonce.len() == 43));
    }
}

#[test]
fn a_wrong_secret_is_a_wrong_secret_either_way() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |openid| {
        openid.client_secret = Some(Secret::new("not the secret"));
    });
    assert_turned_away(&provider.log_in(&site.client(), "app"), "bad_answer");
    assert_eq!(provider.count("/token"), 2);
}

#[test]
fn a_shared_secret_signs_nothing() {
    let provider = Real::start(&["app-hs256"], &[]);
    let site = provider.site(&["app-hs256"], |openid| {
        openid.client_secret = Some(Secret::new("app-secret-that-is-32-bytes-long"));
    });
    assert_turned_away(&provider.log_in(&site.client(), "app-hs256"), "bad_answer");
    assert_eq!(site.user_count(), 0);
    assert!(matches!(redeemed(&provider, "app-hs256"), Err(Trouble::Algorithm(_))));
}

/// What the provider says, without anything being made of it.
fn redeemed(provider: &Real, id: &str) -> Result<Redeemed, Trouble> {
    let site = provider.site(&[id], |openid| {
        openid.scope = "openid profile email groups offline_access".to_owned();
        openid.client_secret = Some(Secret::new(match id {
            "app-hs256" => "app-secret-that-is-32-bytes-long",
            _ => "app-secret",
        }));
    });
    let providers = Providers::new(&site.app.config).expect("providers");
    let known = providers.find(id).expect("known");
    let at = Moment {
        wall: site.app.now(),
        steady: site.app.now(),
    };
    let secrets = Secrets {
        state: "s".repeat(43),
        nonce: "n".repeat(43),
        verifier: Secret::new("v".repeat(43)),
    };
    let callback = callback(id);
    let location = site.run(providers.authorization(known, &secrets, &callback, at));
    let back = provider.walk(&location.expect("an address"));
    let back = Url::parse(&format!("{OURS}{back}")).expect("an address");
    let query = |name: &str| {
        let found = back.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    let (code, issuer) = (query("code").expect("a code"), query("iss"));
    assert_eq!(issuer.as_deref(), Some(provider.issuer.as_str()), "RFC 9207");
    let arrival = Arrival {
        answer: &Returned::Code(code),
        issuer: issuer.as_deref(),
        secrets: &secrets,
        callback: &callback,
        profile: None,
    };
    site.run(providers.redeem(known, &arrival, at))
}

#[test]
fn groups_are_among_what_is_said_and_the_tokens_are_kept_apart() {
    let provider = Real::start(&["app", "app-juserinfo"], &[]);
    for id in ["app", "app-juserinfo"] {
        let Redeemed { vouched, tokens } = redeemed(&provider, id).expect("a person");
        assert_eq!(vouched.subject.subject, "sub-alice");
        let groups = vouched.said.merged().get("groups").cloned();
        assert_eq!(groups, Some(json!(["admins", "users"])), "{id}");
        let tokens = tokens.expect("tokens");
        assert!(tokens.id.is_some() && tokens.expires_at.is_some());
        assert!(!format!("{tokens:?}").contains(tokens.access.expose()));
    }
}

#[test]
fn what_the_provider_says_of_an_address_decides() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    let come = |login: &str| -> (Client, crate::support::Answer) {
        next(&provider, login);
        let client = site.client();
        let answer = provider.log_in(&client, "app");
        (client, answer)
    };
    assert_eq!(come("alice").1.location().1, "/");
    for login in ["dave", "erin"] {
        let (client, answer) = come(login);
        assert_turned_away(&answer, "account_exists");
        assert_eq!(logged_in_as(&client), None, "{login}");
    }
    assert_turned_away(&come("carol").1, "email_missing");
    let (client, answer) = come("bob");
    assert_eq!(answer.location().1, "/");
    assert_eq!(logged_in_as(&client).as_deref(), Some("bob@example.test"));
    let accounts = super::kit::count(&site, "SELECT count(*) FROM users WHERE email_verified_at IS NOT NULL");
    assert_eq!((site.user_count(), accounts), (2, 1), "bob's address is not proved");
}

#[test]
fn the_persons_no_at_the_provider_is_a_no_here() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    let no = json!({ "error": "access_denied", "error_description": "no" });
    provider.peer.control("next", &no);
    assert_turned_away(&provider.log_in(&site.client(), "app"), "cancelled");
}

#[test]
fn new_keys_are_taken_up_while_running() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    assert_eq!(provider.log_in(&site.client(), "app").location().1, "/");
    for keep_old in [true, false] {
        provider.peer.control("rotate", &json!({ "keep_old": keep_old }));
        site.clock.advance(seconds(11));
        let answer = provider.log_in(&site.client(), "app");
        assert_eq!(answer.location().1, "/", "keep_old {keep_old}");
    }
    assert_eq!(provider.count("/jwks"), 3);
}

#[test]
fn an_endpoint_that_fails_is_a_passing_trouble() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    for path in ["/.well-known/openid-configuration", "/token", "/jwks"] {
        let client = site.client();
        fail(&provider, path, 503, 1);
        let answer = client.get("/oauth/app");
        let answer = match answer.location().1 {
            location if location.starts_with(&provider.issuer) => client.get(&provider.walk(location)),
            _ => answer,
        };
        assert_eq!(reason(&answer), "provider_down", "{path}");
        assert_eq!(logged_in_as(&client), None, "{path}");
        site.clock.advance(seconds(6));
    }
    assert_eq!(provider.log_in(&site.client(), "app").location().1, "/");
    // Whoever is known by the ID token needs no userinfo.
    fail(&provider, "/me", 500, 1);
    let client = site.client();
    assert_eq!(provider.log_in(&client, "app").location().1, "/");
    assert_eq!(logged_in_as(&client).as_deref(), Some("alice@example.test"));
    let account = site.run(site.app.find_user("alice@example.test"));
    let account = account.expect("a look-up").expect("an account");
    assert_eq!(details(&site, &account)[0], "login_succeeded app");
}

#[test]
fn a_provider_that_was_restarted_is_the_same_provider() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    assert_eq!(provider.log_in(&site.client(), "app").location().1, "/");
    let client = site.client();
    let location = leave(&client, "/oauth/app");
    let port = provider.address.port().to_string();
    drop(provider);
    let over = site.client();
    // Its description is still known here, so that somebody is sent on; what they bring back cannot be redeemed.
    let state = Url::parse(&location).expect("an address");
    let state = state
        .query_pairs()
        .find(|(key, _)| key == "state")
        .expect("a state")
        .1
        .into_owned();
    let issuer = format!("http://localhost:{port}");
    let back = format!("/oauth/app/callback?code=c&state={state}&iss={issuer}");
    assert_eq!(reason(&client.get(&back)), "provider_down");
    let provider = Real::start(&["app"], &["--port", &port]);
    site.clock.advance(seconds(11));
    assert_eq!(provider.log_in(&over, "app").location().1, "/");
    assert_eq!(logged_in_as(&over).as_deref(), Some("alice@example.test"));
}

#[test]
fn newer_tokens_come_from_a_real_refresh() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |openid| {
        openid.scope = "openid profile email offline_access".to_owned();
        openid.ties.prompt = Some("consent".to_owned());
        openid.ties.keeping = Keeping::Strict;
    });
    let client = site.client();
    assert_eq!(provider.log_in(&client, "app").location().1, "/");
    for turn in 2..4 {
        // As if its tokens were about to run out; the provider's own clock goes on by itself.
        site.sql("UPDATE upstream SET due_at = 1");
        assert_eq!(site.run(site.app.renew_upstream()).expect("no fault"), 1);
        assert_eq!(provider.count("/token"), turn);
        assert_eq!(super::kit::count(&site, "SELECT failures FROM upstream"), 0);
    }
    assert_eq!(logged_in_as(&client).as_deref(), Some("alice@example.test"));
}

#[test]
fn the_way_out_is_one_that_the_provider_takes() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |openid| openid.ties.end_session = true);
    let client = site.client();
    assert_eq!(provider.log_in(&client, "app").location().1, "/");
    let url = super::kit::onward(&client.submit("/", "/logout", &[]));
    let url = Url::parse(&url).expect("an address");
    let asked = Client::new(provider.address).get(&format!("{}?{}", url.path(), url.query().expect("a query")));
    // A hint that it did not sign, and an address that is not registered, are 400 there.
    assert_eq!(asked.status, 200, "{}", asked.text());
    let foreign = url.as_str().replace("%2Flogin", "%2Fevil");
    let foreign = Url::parse(&foreign).expect("an address");
    let refused =
        Client::new(provider.address).get(&format!("{}?{}", foreign.path(), foreign.query().expect("a query")));
    assert_eq!(refused.status, 400);
}

#[test]
fn logging_out_there_ends_the_session_here() {
    let port = free_address("127.0.0.1").port().to_string();
    let site = site_of(&format!("http://localhost:{port}"), &["app"], |_| {});
    let ours = format!("http://localhost:{}/oauth/app/backchannel-logout", site.address.port());
    let provider = Real::start(&["app"], &["--port", &port, "--backchannel-logout-uri", &ours]);
    let [browser, other] = [(); 2].map(|()| Client::new(provider.address));
    let [left, stays] = [(); 2].map(|()| site.client());
    assert_eq!(provider.log_in_with(&browser, &left, "app").location().1, "/");
    assert_eq!(provider.log_in_with(&other, &stays, "app").location().1, "/");

    let page = browser.get("/session/end");
    let (_, rest) = page.text().split_once("name=\"xsrf\" value=\"").expect("a form");
    let (xsrf, _) = rest.split_once('"').expect("its end");
    let over = browser.post_bare("/session/end/confirm", &[("xsrf", xsrf), ("logout", "yes")]);
    assert_eq!(over.status, 303, "{}", over.text());
    assert_eq!(logged_in_as(&left), None, "the provider has said so");
    assert_eq!(
        logged_in_as(&stays).as_deref(),
        Some("alice@example.test"),
        "another session of the same person"
    );
}
