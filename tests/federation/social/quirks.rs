//! What each of the five does in its own way.

use librechat_auth::config::federation::social::Enterprise;
use librechat_auth::domain::federation::social::Social;
use serde_json::{Value, json};

use super::kit::{Back, World, come, user, user_with};
use crate::federation::idp::Asked;
use crate::federation::kit::{assert_turned_away, count, leave, logged_in_as};
use crate::support::Site;

fn comes_in(world: &World, site: &Site, social: Social, person: Value) {
    let answer = world.log_in(site, &site.client(), social, person);
    assert_eq!(answer.location(), (302, "/"), "{}", social.key());
}

#[test]
fn github_s_answer_may_be_a_form() {
    let world = World::start();
    let site = world.site(|_| {});
    let client = site.client();
    let back = world.sign_in(&client, Social::GitHub, user("ada"));
    let path = "/github/login/oauth/access_token";
    world.fail(
        path,
        200,
        "application/x-www-form-urlencoded",
        "error=bad_verification_code&error_description=Used",
    );
    assert_turned_away(&come(&site, &client, &back), "bad_answer");
    // With status 200, as it really comes.
    let site = world.site(|one| one.client_id = "github-client".to_owned());
    let client = site.client();
    let back = world.sign_in(&client, Social::GitHub, user("ada"));
    world.fail(
        path,
        200,
        "application/json",
        r#"{"error":"incorrect_client_credentials"}"#,
    );
    assert_turned_away(&come(&site, &client, &back), "bad_answer");
    comes_in(&world, &site, Social::GitHub, user("ada"));
    let asked = world.asked("/github/api/v3/user");
    assert!(
        asked[0]["user_agent"]
            .as_str()
            .expect("a name")
            .starts_with("librechat-auth/")
    );
    assert_eq!(world.asked("/github/api/v3/user/emails").len(), 1);
}

#[test]
fn github_s_hidden_address_is_found_and_one_that_is_not_verified_is_not_proved() {
    let world = World::start();
    let site = world.site(|_| {});
    let hidden = user_with(
        "ada",
        json!({ "private_email": true, "other_emails": [{ "email": "old@example.org", "verified": true }] }),
    );
    comes_in(&world, &site, Social::GitHub, hidden);
    assert!(site.account("ada").expect("made").email_verified);
    let unproved =
        json!({ "email_verified": false, "other_emails": [{ "email": "real@example.org", "verified": true }] });
    comes_in(&world, &site, Social::GitHub, user_with("bob", unproved));
    assert!(!site.account("bob").expect("made").email_verified);
    let none = user_with("eve", json!({ "email": null }));
    assert_turned_away(
        &world.log_in(&site, &site.client(), Social::GitHub, none),
        "email_missing",
    );
    assert!(site.account("old").is_none() && site.account("real").is_none());
}

#[test]
fn github_may_keep_its_list_of_addresses() {
    let world = World::start();
    let site = world.site(|_| {});
    world.fail(
        "/github/api/v3/user/emails",
        404,
        "application/json",
        r#"{"message":"Not Found"}"#,
    );
    comes_in(&world, &site, Social::GitHub, user("ada"));
    assert!(
        !site.account("ada").expect("made").email_verified,
        "nothing was said of it"
    );
    world.fail("/github/api/v3/user/emails", 502, "text/html", "<h1>Unicorn</h1>");
    let answer = world.log_in(&site, &site.client(), Social::GitHub, user("ada"));
    assert_turned_away(&answer, "provider_down");
}

#[test]
fn a_github_of_one_s_own_is_another_provider() {
    let world = World::start();
    let base_url = format!("{}/github", world.peer.fields["base"]);
    let enterprise = Enterprise {
        base_url: base_url.clone(),
        user_agent: Some("our login".to_owned()),
    };
    let site = world.site(|one| {
        if one.social == Social::GitHub {
            one.detours.clear();
            one.enterprise = Some(enterprise.clone());
            one.doors.domains = vec!["example.org".to_owned()];
        }
    });
    comes_in(&world, &site, Social::GitHub, user("ada"));
    assert_eq!(world.asked("/github/api/v3/user")[0]["user_agent"], "our login");
    let stored = format!("SELECT count(*) FROM identities WHERE issuer = '{base_url}'");
    assert_eq!(count(&site, &stored), 1);
    // The same number at the public one is somebody else.
    let site = site.restarted_with(|config| {
        config.federation.social = vec![world.provider(Social::GitHub)];
    });
    let other = user_with("ada", json!({ "email": "other@example.org" }));
    comes_in(&world, &site, Social::GitHub, other);
    assert_eq!(
        count(
            &site,
            "SELECT count(*) FROM identities WHERE issuer = 'https://github.com'"
        ),
        1
    );
    assert_eq!(site.user_count(), 2);
}

#[test]
fn discord_s_flag_is_believed_and_nothing_else_is() {
    let world = World::start();
    let site = world.site(|_| {});
    for (name, verified, expected) in [
        ("ada", json!(true), true),
        ("bob", json!(false), false),
        ("cyd", json!(null), false),
        ("dan", json!(1), false),
    ] {
        comes_in(
            &world,
            &site,
            Social::Discord,
            user_with(name, json!({ "email_verified": verified })),
        );
        assert_eq!(site.account(name).expect("made").email_verified, expected, "{name}");
    }
    let none = user_with("eve", json!({ "email": null }));
    assert_turned_away(
        &world.log_in(&site, &site.client(), Social::Discord, none),
        "email_missing",
    );
    let asked = Asked::read(&leave(&site.client(), "/oauth/discord"));
    assert_eq!((asked.get("scope"), asked.get("prompt")), ("identify email", "none"));
}

#[test]
fn facebook_is_asked_for_the_address_and_told_that_the_token_is_ours() {
    let world = World::with(&["--fb-proof"]);
    let site = world.site(|_| {});
    comes_in(&world, &site, Social::Facebook, user("ada"));
    let asked = &world.asked("/facebook/graph/v23.0/me")[0];
    assert!(
        asked["query"]["access_token"].is_null(),
        "the token is in no address: {asked}"
    );
    assert_eq!(asked["query"]["appsecret_proof"].as_str().map(str::len), Some(64));
    let none = user_with("eve", json!({ "email": null }));
    assert_turned_away(
        &world.log_in(&site, &site.client(), Social::Facebook, none),
        "email_missing",
    );
    // Its errors are objects.
    let client = site.client();
    let back = world.sign_in(&client, Social::Facebook, user("ada"));
    let body = r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100}}"#;
    world.fail(
        "/facebook/graph/v23.0/oauth/access_token",
        400,
        "application/json",
        body,
    );
    assert_turned_away(&come(&site, &client, &back), "bad_answer");
}

#[test]
fn google_may_say_next_to_nothing() {
    let world = World::start();
    let site = world.site(|_| {});
    let bare = user_with(
        "ada",
        json!({ "name": null, "given_name": null, "family_name": null, "login": null }),
    );
    comes_in(&world, &site, Social::Google, bare.clone());
    assert_eq!(site.account("ada").expect("made").name, "ada@example.org");
    let without = user_with("eve", json!({ "email": null }));
    assert_turned_away(
        &world.log_in(&site, &site.client(), Social::Google, without),
        "email_missing",
    );
    // Who is known needs no address.
    let known = user_with(
        "ada",
        json!({ "email": null, "name": null, "given_name": null, "family_name": null }),
    );
    comes_in(&world, &site, Social::Google, known);
}

#[test]
fn apple_s_booleans_are_texts_and_a_hidden_address_is_one() {
    let world = World::start();
    let site = world.site(|_| {});
    let hidden = user_with("ada", json!({ "private_email": "x7@privaterelay.appleid.com" }));
    comes_in(&world, &site, Social::Apple, hidden);
    let mut emails = Vec::new();
    for (name, verified, expected) in [("bob", json!("false"), false), ("cyd", json!("true"), true)] {
        comes_in(
            &world,
            &site,
            Social::Apple,
            user_with(name, json!({ "email_verified": verified })),
        );
        assert_eq!(site.account(name).expect("made").email_verified, expected, "{name}");
        emails.push(name);
    }
    let relayed =
        "SELECT count(*) FROM users WHERE email = 'x7@privaterelay.appleid.com' AND email_verified_at IS NOT NULL";
    assert_eq!((count(&site, relayed), emails.len()), (1, 2));
}

#[test]
fn apple_tells_the_name_once_and_nothing_in_the_form_is_an_address() {
    let world = World::start();
    let site = world.site(|_| {});
    let client = site.client();
    let Back::Form(path, mut fields) = world.sign_in(&client, Social::Apple, user("ada")) else {
        panic!("a form");
    };
    let told = fields
        .iter_mut()
        .find(|(name, _)| name == "user")
        .expect("the first time");
    told.1 = json!({
        "name": { "firstName": "Ada\u{202e}<b>", "lastName": "Lovelace" },
        "email": "victim@example.org", "sub": "000001.victim",
    })
    .to_string();
    let back = Back::Form(path, fields);
    assert_eq!(come(&site, &client, &back).location(), (302, "/"));
    let account = site.account("ada").expect("by the address of the token");
    assert_eq!(account.name, "Ada<b> Lovelace");
    assert!(site.account("victim").is_none());
    // The second time nothing is told, and nothing is lost.
    comes_in(&world, &site, Social::Apple, user("ada"));
    assert_eq!(site.account("ada").expect("there").name, "Ada<b> Lovelace");
}

#[test]
fn apple_s_form_brings_no_cookie_and_goes_on_by_an_address() {
    let world = World::start();
    let site = world.site(|_| {});
    let client = site.client();
    let Back::Form(path, fields) = world.sign_in(&client, Social::Apple, user("ada")) else {
        panic!("a form");
    };
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = site.client().post_bare(&path, &fields);
    let (status, target) = answer.location();
    assert_eq!(status, 303);
    assert!(
        target.starts_with("/oauth/apple/callback?state=") && !target.contains("example.org"),
        "{target}"
    );
    assert!(answer.cookies().is_empty(), "{answer:?}");
    // A browser that sends the cookie is not sent round.
    assert_eq!(client.post_bare(&path, &fields).location(), (302, "/"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    // What belongs to no attempt, or to no provider, is sent nowhere.
    for (path, fields) in [
        ("/oauth/apple/callback", vec![("state", "x"), ("code", "y")]),
        ("/oauth/nothing/callback", fields.clone()),
        ("/oauth/apple/callback", Vec::new()),
    ] {
        let answer = site.client().post_bare(path, &fields);
        let target = answer.location().1.to_owned();
        let ends = if target.contains("/callback") {
            site.client().get(&target).location().1.to_owned()
        } else {
            target
        };
        assert!(
            ends.contains("/login?redirect=false&error=auth_failed"),
            "{path}: {ends}"
        );
    }
    let long = "x".repeat(5000);
    let answer = site
        .client()
        .post_bare("/oauth/apple/callback", &[("state", fields[0].1), ("error", &long)]);
    assert!(answer.location().1.contains("reason=attempt_over"), "{answer:?}");
}

#[test]
fn apple_s_secret_is_signed_anew_and_a_wrong_key_is_told() {
    let world = World::start();
    let site = world.site(|_| {});
    comes_in(&world, &site, Social::Apple, user("ada"));
    site.clock.advance(std::time::Duration::from_secs(30));
    comes_in(&world, &site, Social::Apple, user("ada"));
    let secrets: Vec<_> = world
        .asked("/apple/auth/token")
        .iter()
        .map(|one| one["form"]["client_secret"].clone())
        .collect();
    assert!(secrets.len() == 2 && secrets[0] != secrets[1]);
    let stranger = World::start();
    let site = world.site(|one| {
        if one.social == Social::Apple {
            one.credential = stranger.provider(Social::Apple).credential;
        }
    });
    let answer = world.log_in(&site, &site.client(), Social::Apple, user("ada"));
    assert_turned_away(&answer, "bad_answer");
}

#[test]
fn a_provider_that_is_down_or_talks_nonsense_is_told_apart_from_a_refusal() {
    let world = World::start();
    for (social, path) in [
        (Social::GitHub, "/github/api/v3/user"),
        (Social::Discord, "/discord/api/users/@me"),
        (Social::Facebook, "/facebook/graph/v23.0/me"),
    ] {
        let site = world.site(|_| {});
        for (status, body, expected) in [
            (503, "busy", "provider_down"),
            (401, r#"{"message":"Bad credentials"}"#, "provider_down"),
            (200, "<html>", "provider_down"),
            (200, "[]", "bad_answer"),
            (200, r#"{"id":null,"email":"ada@example.org"}"#, "bad_answer"),
            (200, r#"{"email":"ada@example.org"}"#, "bad_answer"),
        ] {
            world.fail(path, status, "application/json", body);
            let answer = world.log_in(&site, &site.client(), social, user("ada"));
            assert_turned_away(&answer, expected);
        }
        assert_eq!(site.user_count(), 0, "{}", social.key());
    }
}
