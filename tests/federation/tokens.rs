//! ID tokens, userinfo and keys that are not what they should be. Each of them comes over the proper connection, from a
//! provider that was broken into or is badly made.

use serde_json::{Value, json};

use super::idp::{Draft, Idp, Signature};
use super::kit::{assert_turned_away, leave, log_in, logged_in_as, person, site, site_with};
use crate::support::{START, minutes};

type Forgery = fn(&mut Draft);

fn set(draft: &mut Draft, name: &str, value: Value) {
    draft.claims[name] = value;
}

fn without(draft: &mut Draft, name: &str) {
    draft.claims.as_object_mut().expect("claims").remove(name);
}

/// Comes with a forged token, and with a good one afterwards.
fn assert_refused(forgeries: &[(&str, Forgery)]) {
    let idp = Idp::start();
    let site = site(&idp);
    for (name, forgery) in forgeries {
        let forgery = *forgery;
        idp.forge(forgery);
        let client = site.client();
        let answer = log_in(&client, &idp, &person("ada"));
        assert_eq!(super::kit::reason(&answer), "bad_answer", "{name}");
        assert_turned_away(&answer, "bad_answer");
        assert_eq!(logged_in_as(&client), None, "{name}");
        // A time that passes lets the server ask for keys again.
        site.clock.advance(minutes(1));
        idp.state().now += 60;
    }
    assert_eq!(site.user_count(), 0);
    idp.forge(|_| {});
    assert_eq!(log_in(&site.client(), &idp, &person("ada")).location(), (302, "/"));
}

#[test]
fn no_algorithm_but_the_accepted_ones_and_no_key_but_the_published() {
    assert_refused(&[
        ("alg none, no signature", |draft| {
            draft.header = json!({ "alg": "none" });
            draft.signature = Signature::None;
        }),
        ("alg None with a capital", |draft| {
            draft.header["alg"] = json!("None");
            draft.signature = Signature::None;
        }),
        ("alg none, but signed", |draft| draft.header["alg"] = json!("none")),
        ("no signature at all", |draft| draft.signature = Signature::None),
        ("HS256 with the public key", |draft| {
            draft.header["alg"] = json!("HS256");
            draft.signature = Signature::PublicKeyAsSecret;
        }),
        ("HS256 with the client's secret", |draft| {
            draft.header["alg"] = json!("HS256");
            draft.signature = Signature::ClientSecret;
        }),
        ("ES256 made with HMAC", |draft| {
            draft.signature = Signature::PublicKeyAsSecret;
        }),
        ("signed by somebody else", |draft| draft.signature = Signature::Foreign),
        ("RS256 with a key for ES256", |draft| {
            draft.header["alg"] = json!("RS256");
        }),
        ("ES384 with a key for ES256", |draft| {
            draft.header["alg"] = json!("ES384");
        }),
        ("alg is no text", |draft| draft.header["alg"] = json!(1)),
        ("no alg", |draft| draft.header = json!({ "typ": "JWT" })),
        ("a key that nobody published", |draft| {
            draft.header["kid"] = json!("unknown");
        }),
        ("kid is a path", |draft| draft.header["kid"] = json!("../../dev/null")),
        ("kid is no text", |draft| draft.header["kid"] = json!(["first"])),
    ]);
}

#[test]
fn no_key_comes_with_the_token() {
    assert_refused(&[
        ("jwk in the header", |draft| {
            draft.header["jwk"] = json!({ "kty": "oct", "k": "AA" });
            draft.header["kid"] = json!("mine");
            draft.signature = Signature::Foreign;
        }),
        ("jku in the header", |draft| {
            draft.header["jku"] = json!("https://evil.example/jwks");
            draft.signature = Signature::Foreign;
        }),
        ("x5u in the header", |draft| {
            draft.header["x5u"] = json!("https://evil.example/cert");
            draft.signature = Signature::Foreign;
        }),
        ("crit in the header", |draft| draft.header["crit"] = json!(["exp"])),
        ("b64 in the header", |draft| draft.header["b64"] = json!(false)),
        ("a token of another kind", |draft| draft.header["typ"] = json!("at+jwt")),
        ("a logout token", |draft| draft.header["typ"] = json!("logout+jwt")),
    ]);
}

#[test]
fn a_token_for_somebody_else_or_from_somebody_else_is_refused() {
    assert_refused(&[
        ("iss is another", |draft| {
            set(draft, "iss", json!("https://evil.example"));
        }),
        ("iss has a slash more", |draft| {
            let issuer = format!("{}/", draft.claims["iss"].as_str().expect("a text"));
            set(draft, "iss", json!(issuer));
        }),
        ("no iss", |draft| without(draft, "iss")),
        ("iss is a list", |draft| {
            let issuer = draft.claims["iss"].clone();
            set(draft, "iss", json!([issuer]));
        }),
        ("aud is another", |draft| set(draft, "aud", json!("another client"))),
        ("no aud", |draft| without(draft, "aud")),
        ("aud is an empty list", |draft| set(draft, "aud", json!([]))),
        ("aud is no text", |draft| {
            set(draft, "aud", json!({ "our client": true }));
        }),
        ("aud is a list with a number", |draft| {
            set(draft, "aud", json!(["our client", 1]));
        }),
        ("two audiences and no azp", |draft| {
            set(draft, "aud", json!(["our client", "other"]));
        }),
        ("azp is another", |draft| set(draft, "azp", json!("other"))),
        ("two audiences and azp is the other", |draft| {
            set(draft, "aud", json!(["our client", "other"]));
            set(draft, "azp", json!("other"));
        }),
        ("no sub", |draft| without(draft, "sub")),
        ("sub is empty", |draft| set(draft, "sub", json!(""))),
        ("sub is a number", |draft| set(draft, "sub", json!(1))),
        ("sub is too long", |draft| set(draft, "sub", json!("x".repeat(256)))),
        ("sub has a line break", |draft| set(draft, "sub", json!("a\nb"))),
    ]);
}

#[test]
fn a_token_of_another_time_or_attempt_is_refused() {
    assert_refused(&[
        ("over", |draft| set(draft, "exp", json!(START.seconds() - 61))),
        ("no exp", |draft| without(draft, "exp")),
        ("exp is a text", |draft| set(draft, "exp", json!("9999999999"))),
        ("exp is a fraction", |draft| set(draft, "exp", json!(9_999_999_999.5))),
        ("exp is negative", |draft| set(draft, "exp", json!(-1))),
        ("exp is null", |draft| set(draft, "exp", Value::Null)),
        ("no iat", |draft| without(draft, "iat")),
        ("iat is a text", |draft| set(draft, "iat", json!("0"))),
        ("iat is in an hour", |draft| {
            let at = draft.claims["iat"].as_i64().expect("a time") + 3600;
            set(draft, "iat", json!(at));
        }),
        ("nbf is in an hour", |draft| {
            let at = draft.claims["iat"].as_i64().expect("a time") + 3600;
            set(draft, "nbf", json!(at));
        }),
        ("nbf is a text", |draft| set(draft, "nbf", json!("0"))),
        ("nonce is another", |draft| set(draft, "nonce", json!("another"))),
        ("no nonce", |draft| without(draft, "nonce")),
        ("nonce is a list", |draft| {
            let nonce = draft.claims["nonce"].clone();
            set(draft, "nonce", json!([nonce]));
        }),
        ("at_hash is another's", |draft| {
            set(draft, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"));
        }),
        ("at_hash is no text", |draft| set(draft, "at_hash", json!(1))),
    ]);
}

#[test]
fn clocks_may_differ_as_far_as_configured() {
    let idp = Idp::start();
    let site = site(&idp);
    for (off, expected) in [(59, true), (-655, true), (62, false), (-665, false)] {
        idp.state().now = START.seconds() + off;
        let client = site.client();
        log_in(&client, &idp, &person("ada"));
        assert_eq!(logged_in_as(&client).is_some(), expected, "{off}");
    }
}

#[test]
fn what_the_standard_leaves_open_is_accepted() {
    let idp = Idp::start();
    let site = site(&idp);
    let cases: [(&str, Forgery); 6] = [
        ("no typ", |draft| {
            draft
                .header
                .as_object_mut()
                .expect("a header")
                .retain(|name, _| name != "typ");
        }),
        ("no kid", |draft| {
            draft
                .header
                .as_object_mut()
                .expect("a header")
                .retain(|name, _| name != "kid");
        }),
        ("one audience in a list", |draft| {
            set(draft, "aud", json!(["our client"]));
        }),
        ("several, made for us", |draft| {
            set(draft, "aud", json!(["our client", "project"]));
            set(draft, "azp", json!("our client"));
        }),
        ("no at_hash", |draft| without(draft, "at_hash")),
        ("nbf in the past", |draft| set(draft, "nbf", json!(1))),
    ];
    for (name, change) in cases {
        idp.forge(change);
        let client = site.client();
        log_in(&client, &idp, &person("ada"));
        assert!(logged_in_as(&client).is_some(), "{name}");
    }
}

#[test]
fn userinfo_about_somebody_else_is_refused() {
    let idp = Idp::start();
    let site = site(&idp);
    for answer in [
        json!({ "sub": "sub-victim", "email": "ada@example.org" }),
        json!({ "email": "ada@example.org" }),
    ] {
        idp.state().userinfo = Some(answer);
        assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "bad_answer");
    }
    idp.state().userinfo =
        Some(json!({ "sub": "sub-ada", "iss": "https://evil.example", "email": "other@example.org" }));
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("other@example.org"));
    let account = site.account("other").expect("made");
    assert!(!account.email_verified, "the proof was of another address");
}

#[test]
fn no_answer_of_a_provider_breaks_anything() {
    const JSON: &str = "application/json";
    let idp = Idp::start();
    let sites = [site(&idp), site(&idp)];
    let deep = "[".repeat(100_000);
    let long = "x".repeat(600_000);
    let with = |id_token: &str| format!(r#"{{"access_token":"a","token_type":"Bearer","id_token":{id_token}}}"#);
    for (at, (path, status, kind, body, expected)) in [
        ("/token", 200, JSON, "null".to_owned(), "provider_down"),
        ("/token", 200, JSON, "[]".to_owned(), "provider_down"),
        ("/token", 200, JSON, deep, "provider_down"),
        ("/token", 200, JSON, long, "provider_down"),
        ("/token", 200, JSON, with("null"), "bad_answer"),
        ("/token", 200, JSON, with("\"x.y\""), "bad_answer"),
        ("/token", 200, JSON, with("\"a.b.c.d.e\""), "bad_answer"),
        ("/token", 200, JSON, with("1"), "provider_down"),
        ("/token", 500, "text/html", "<h1>down</h1>".to_owned(), "provider_down"),
        (
            "/token",
            400,
            JSON,
            r#"{"error":"invalid_client"}"#.to_owned(),
            "bad_answer",
        ),
        (
            "/token",
            302,
            "text/plain",
            "http://127.0.0.1:1/".to_owned(),
            "provider_down",
        ),
        (
            "/jwks",
            200,
            JSON,
            r#"{"keys":[null,1,{"kty":"EC"}]}"#.to_owned(),
            "bad_answer",
        ),
        ("/jwks", 200, JSON, "{}".to_owned(), "provider_down"),
    ]
    .into_iter()
    .enumerate()
    {
        idp.answer(path, status, kind, &body);
        // Keys are asked for once: each of the two answers gets a site that has none.
        let answer = log_in(&sites[at % 2].client(), &idp, &person("ada"));
        let start = &body[..body.len().min(80)];
        assert_eq!(super::kit::reason(&answer), expected, "{path} {status} {start}");
        idp.state().instead.clear();
    }
    let late = site(&idp);
    assert_eq!(log_in(&late.client(), &idp, &person("ada")).location(), (302, "/"));
}

#[test]
fn a_description_of_another_provider_is_refused() {
    for (name, change) in [
        ("issuer", json!("https://evil.example")),
        ("token_endpoint", json!("https://169.254.169.254/token")),
        ("token_endpoint", json!("file:///etc/passwd")),
        ("jwks_uri", json!("ftp://example.org")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("issuer", json!(null)),
    ] {
        let idp = Idp::start();
        let value = change.clone();
        idp.describe(move |document| document[name] = value.clone());
        let site = site(&idp);
        let answer = site.client().get("/oauth/openid");
        let reason = super::kit::reason(&answer);
        assert!(
            matches!(reason.as_str(), "provider_down" | "bad_answer"),
            "{name} {change}: {reason}"
        );
    }
}

#[test]
fn a_provider_for_many_is_believed_for_the_tenant_that_its_token_names() {
    let idp = Idp::start();
    let pattern = format!("{}/{{tenantid}}/v2.0", idp.issuer);
    let said = pattern.clone();
    idp.describe(move |document| document["issuer"] = json!(said));
    let document = format!("{}/common/v2.0", idp.issuer);
    let path: &'static str = "/common/v2.0/.well-known/openid-configuration";
    let (issuer, endpoints) = (pattern.clone(), idp.issuer.clone());
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{endpoints}/auth"),
        "token_endpoint": format!("{endpoints}/token"),
        "jwks_uri": format!("{endpoints}/jwks"),
    });
    idp.answer(path, 200, "application/json", &body.to_string());
    let site = site_with(&idp, |openid| {
        openid.issuer = librechat_auth::domain::federation::issuer::Issuer::new(&document);
        openid.doors.domains = vec!["example.org".into()];
    });
    let base = idp.issuer.clone();
    let come = |tenant: &str, said: &str, proved: Value| {
        let token_issuer = format!("{base}/{said}/v2.0");
        let mut claims =
            json!({ "sub": format!("s-{tenant}"), "tid": tenant, "iss": token_issuer, "email": "ada@example.org" });
        claims["email_verified"] = proved;
        let client = site.client();
        let location = leave(&client, "/oauth/openid");
        client.get(&idp.sign_in(&location, &claims))
    };
    assert_turned_away(&come("one", "two", json!(true)), "bad_answer");
    assert_turned_away(&come("one", "{tenantid}", json!(true)), "bad_answer");
    // Any organisation may call its people anything.
    assert_turned_away(&come("evil", "evil", Value::Null), "email_unproved");
    assert_eq!(come("one", "one", json!(true)).location(), (302, "/"));
}
