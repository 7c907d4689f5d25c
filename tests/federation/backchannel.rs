//! What a provider says of people who logged out there (OpenID Connect Back-Channel Logout 1.0).

use serde_json::{Value, json};

use super::idp::{Draft, Idp, Signature};
use super::kit::{count, details, log_in, logged_in_as, person, site};
use crate::support::{Answer, Client, Person, Site, minutes, seconds};

/// Sends a message as the provider does.
fn tell(site: &Site, token: &str) -> Answer {
    site.client()
        .post_bare("/oauth/openid/backchannel-logout", &[("logout_token", token)])
}

fn of_session(name: &str, sid: &str) -> Value {
    let mut person = person(name);
    person["sid"] = json!(sid);
    person
}

/// Browsers of ada's two sessions at the provider, of her password, and of bob.
fn crowd(site: &Site, idp: &Idp) -> [Client; 4] {
    let come = |person: Value| {
        let client = site.client();
        assert_eq!(log_in(&client, idp, &person).location(), (302, "/"));
        client
    };
    let (one, two) = (come(of_session("ada", "one")), come(of_session("ada", "two")));
    let bob = come(of_session("bob", "three"));
    let local = Person::log_in(site, "carl").client;
    [one, two, bob, local]
}

fn there(clients: &[Client; 4]) -> [bool; 4] {
    clients.each_ref().map(|client| logged_in_as(client).is_some())
}

#[test]
fn a_provider_ends_the_sessions_that_came_from_its_own_and_no_others() {
    let idp = Idp::start();
    let site = site(&idp);
    Person::register(&site, "carl");
    for (about, left) in [
        (json!({ "sid": "one" }), [false, true, true, true]),
        (json!({ "sub": "sub-ada", "sid": "two" }), [true, false, true, true]),
        (json!({ "sub": "sub-ada" }), [false, false, true, true]),
        (json!({ "sub": "sub-bob", "sid": "one" }), [true, true, true, true]),
        (json!({ "sub": "sub-carl" }), [true, true, true, true]),
    ] {
        let clients = crowd(&site, &idp);
        let answer = tell(&site, &idp.logout_token(&about, |_| {}));
        assert_eq!(answer.status, 200, "{about}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(there(&clients), left, "{about}");
        site.sql("DELETE FROM sessions");
        site.clock.advance(seconds(1));
        idp.state().now += 1;
    }
    let ada = site.account("ada").expect("there");
    assert!(details(&site, &ada).contains(&"session_ended openid: backchannel_logout".to_owned()));
}

type Forgery = fn(&mut Draft);

const FORGERIES: &[(&str, Forgery)] = &[
    ("another key", |draft| draft.signature = Signature::Foreign),
    ("no signature", |draft| draft.signature = Signature::None),
    ("alg none", |draft| {
        draft.header["alg"] = json!("none");
        draft.signature = Signature::None;
    }),
    ("HS256 with the public key", |draft| {
        draft.header["alg"] = json!("HS256");
        draft.signature = Signature::PublicKeyAsSecret;
    }),
    ("HS256 with the client's secret", |draft| {
        draft.header["alg"] = json!("HS256");
        draft.signature = Signature::ClientSecret;
    }),
    ("an access token", |draft| draft.header["typ"] = json!("at+jwt")),
    ("crit", |draft| draft.header["crit"] = json!(["x"])),
    ("unknown key", |draft| draft.header["kid"] = json!("other")),
    ("another issuer", |draft| {
        draft.claims["iss"] = json!("https://evil.example");
    }),
    ("no issuer", |draft| without(draft, "iss")),
    ("for somebody else", |draft| {
        draft.claims["aud"] = json!("another client");
    }),
    ("no audience", |draft| without(draft, "aud")),
    ("no iat", |draft| without(draft, "iat")),
    ("iat as text", |draft| draft.claims["iat"] = json!("1700000000")),
    ("from the future", |draft| draft.claims["iat"] = json!(1_700_003_600)),
    ("no exp", |draft| without(draft, "exp")),
    ("over", |draft| draft.claims["exp"] = json!(1_699_990_000)),
    ("no events", |draft| without(draft, "events")),
    ("another event", |draft| {
        draft.claims["events"] = json!({ "http://x.example": {} });
    }),
    ("events as text", |draft| {
        draft.claims["events"] = json!("http://schemas.openid.net/event/backchannel-logout");
    }),
    ("event as flag", |draft| {
        draft.claims["events"] = json!({ "http://schemas.openid.net/event/backchannel-logout": true });
    }),
    ("a nonce", |draft| draft.claims["nonce"] = json!("n")),
    ("nonce null", |draft| draft.claims["nonce"] = json!(null)),
    ("no jti", |draft| without(draft, "jti")),
    ("neither sub nor sid", |draft| {
        without(draft, "sub");
        without(draft, "sid");
    }),
    ("sid as number", |draft| draft.claims["sid"] = json!(1)),
    ("sub empty", |draft| draft.claims["sub"] = json!("")),
];

#[test]
fn a_message_with_anything_wrong_ends_nothing() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &of_session("ada", "one"));
    let about = json!({ "sub": "sub-ada", "sid": "one" });
    for (name, forgery) in FORGERIES {
        let answer = tell(&site, &idp.logout_token(&about, *forgery));
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.json()["error"], "invalid_request", "{name}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(logged_in_as(&client).is_some(), "{name}");
    }
    let refused = "SELECT count(*) FROM audit WHERE kind = 'logout_notice_refused' AND detail LIKE 'openid: %'";
    assert_eq!(count(&site, refused), i64::try_from(FORGERIES.len()).expect("few"));
    for nonsense in ["", "x", "a.b.c", "a.b.c.d.e"] {
        assert_eq!(tell(&site, nonsense).status, 400, "{nonsense}");
    }
    assert_eq!(
        site.client().post_bare("/oauth/openid/backchannel-logout", &[]).status,
        400
    );
    let nobody = site
        .client()
        .post_bare("/oauth/nobody/backchannel-logout", &[("logout_token", "x")]);
    assert_eq!(nobody.status, 404);
    assert!(logged_in_as(&client).is_some());
    // An audience among others, and the type that older providers write, are fine.
    let good = idp.logout_token(&about, |draft| {
        draft.claims["aud"] = json!(["another", super::idp::CLIENT_ID]);
        draft.header["typ"] = json!("JWT");
    });
    assert_eq!(tell(&site, &good).status, 200);
    assert!(logged_in_as(&client).is_none());
}

fn without(draft: &mut Draft, name: &str) {
    draft.claims.as_object_mut().expect("claims").remove(name);
}

#[test]
fn a_message_counts_once_and_an_id_token_is_none() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &of_session("ada", "one"));
    let message = idp.logout_token(&json!({ "sid": "one" }), |_| {});
    assert_eq!(tell(&site, &message).status, 200);
    log_in(&client, &idp, &of_session("ada", "one"));
    assert_eq!(tell(&site, &message).status, 400, "replayed");
    assert!(logged_in_as(&client).is_some());
    // It stays used over a restart, until it is over by itself.
    let site = site.restarted();
    let client = client.moved_to(site.address);
    assert_eq!(tell(&site, &message).status, 400);
    site.clock.advance(minutes(5));
    site.run(site.app.purge_history()).expect("purged");
    assert_eq!(tell(&site, &message).status, 400);
    assert!(logged_in_as(&client).is_some());
}

#[test]
fn too_many_messages_are_turned_away_for_a_minute_without_a_ban() {
    let idp = Idp::start();
    let site = site(&idp);
    for _ in 0..600 {
        assert_eq!(tell(&site, "x").status, 400);
    }
    assert_eq!(tell(&site, "x").status, 429);
    assert_eq!(site.client().get("/login").status, 200);
    site.clock.advance(minutes(1));
    assert_eq!(tell(&site, "x").status, 400);
}
