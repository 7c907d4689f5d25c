//! An attempt belongs to one browser and one provider, and what comes back is checked.

use librechat_auth::domain::federation::social::Social;
use serde_json::{Value, json};

use super::kit::{Back, World, come, user};
use crate::federation::idp::Asked;
use crate::federation::kit::{assert_turned_away, count, leave, logged_in_as};

#[test]
fn everybody_is_sent_with_state_and_pkce_and_to_the_exact_address() {
    let world = World::start();
    let site = world.site(|_| {});
    for social in Social::ALL {
        let asked = Asked::read(&leave(&site.client(), &format!("/oauth/{}", social.key())));
        assert_eq!(asked.get("response_type"), "code");
        assert_eq!(asked.get("code_challenge_method"), "S256");
        assert_eq!(asked.get("state").len(), 43);
        let callback = format!("/oauth/{}/callback", social.key());
        assert!(
            asked.get("redirect_uri").ends_with(&callback),
            "{}",
            asked.get("redirect_uri")
        );
        if matches!(social, Social::Google | Social::Apple) {
            assert_eq!(asked.get("nonce").len(), 43);
        }
    }
    let asked = Asked::read(&leave(&site.client(), "/oauth/apple"));
    assert_eq!(asked.get("response_mode"), "form_post");
}

#[test]
fn the_state_of_one_is_nothing_at_another_and_still_good_at_its_own() {
    let world = World::start();
    let site = world.site(|_| {});
    for social in Social::ALL {
        let client = site.client();
        let back = world.sign_in(&client, *social, user("ada"));
        let own = format!("/oauth/{}/", social.key());
        for other in Social::ALL.iter().filter(|other| *other != social) {
            let theirs = format!("/oauth/{}/", other.key());
            let led = match &back {
                Back::Address(path) => Back::Address(path.replace(&own, &theirs)),
                Back::Form(path, fields) => Back::Form(path.replace(&own, &theirs), fields.clone()),
            };
            assert_turned_away(&come(&site, &client.copy(), &led), "attempt_over");
        }
        assert_eq!(come(&site, &client, &back).location(), (302, "/"), "{}", social.key());
        site.sql("DELETE FROM users");
    }
}

#[test]
fn a_way_back_works_once_and_in_its_own_browser() {
    let world = World::start();
    let site = world.site(|_| {});
    for social in Social::ALL {
        let (client, victim) = (site.client(), site.client());
        let back = world.sign_in(&client, *social, user("ada"));
        let kept = client.copy();
        assert_turned_away(&come(&site, &victim, &back), "attempt_over");
        assert_eq!(come(&site, &client, &back).location(), (302, "/"), "{}", social.key());
        assert_turned_away(&come(&site, &kept, &back), "attempt_over");
        assert_eq!(logged_in_as(&victim), None);
        site.sql("DELETE FROM users");
    }
}

#[test]
fn a_code_that_was_used_elsewhere_gets_nobody_in() {
    let world = World::start();
    let site = world.site(|_| {});
    for social in Social::ALL {
        let (one, other) = (site.client(), site.client());
        let stolen = world.sign_in(&one, *social, user("ada"));
        let own = world.sign_in(&other, *social, user("eve"));
        // Somebody puts the code of another person into their own way back: PKCE and the nonce are of another attempt.
        let injected = with_code(&own, &code(&stolen));
        assert_turned_away(&come(&site, &other, &injected), "bad_answer");
        assert_eq!(site.user_count(), 0, "{}", social.key());
    }
}

fn code(back: &Back) -> String {
    match back {
        Back::Address(path) => Asked::read(&format!("http://x{path}")).get("code").to_owned(),
        Back::Form(_, fields) => fields
            .iter()
            .find(|(name, _)| name == "code")
            .expect("a code")
            .1
            .clone(),
    }
}

fn with_code(back: &Back, new: &str) -> Back {
    let old = code(back);
    match back {
        Back::Address(path) => Back::Address(path.replace(&old, new)),
        Back::Form(path, fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), value.replace(&old, new)));
            Back::Form(path.clone(), fields.collect())
        }
    }
}

/// The keys of the counterpart, with another one under the same name.
fn forged(world: &World, path: &str) -> String {
    let base = &world.peer.fields["base"];
    let mut keys: Value = world.peer.visit(&format!("{base}{path}")).json();
    let modulus = keys["keys"][0]["n"].as_str().expect("a number");
    let middle = modulus.len() / 2;
    let other = if &modulus[middle..=middle] == "A" { "B" } else { "A" };
    let changed = format!("{}{other}{}", &modulus[..middle], &modulus[middle + 1..]);
    keys["keys"][0]["n"] = json!(changed);
    keys.to_string()
}

#[test]
fn a_token_that_somebody_else_signed_gets_nobody_in() {
    let world = World::start();
    for (social, path) in [
        (Social::Google, "/google/oauth2/v3/certs"),
        (Social::Apple, "/apple/auth/keys"),
    ] {
        let site = world.site(|_| {});
        let client = site.client();
        let back = world.sign_in(&client, social, user("ada"));
        world.fail(path, 200, "application/json", &forged(&world, path));
        assert_turned_away(&come(&site, &client, &back), "bad_answer");
        let noted = format!(
            "SELECT count(*) FROM audit WHERE detail = '{}: bad_signature'",
            social.key()
        );
        assert_eq!(count(&site, &noted), 1, "{}", social.key());
        assert_eq!(site.user_count(), 0);
    }
}

#[test]
fn a_token_of_a_provider_that_does_not_sign_gets_nobody_in() {
    let world = World::start();
    for (social, path) in [(Social::Google, "/google/token"), (Social::Apple, "/apple/auth/token")] {
        let site = world.site(|_| {});
        let client = site.client();
        let back = world.sign_in(&client, social, user("ada"));
        // {"alg":"none"}.{"sub":"1"}.
        let body = r#"{"access_token":"a","token_type":"Bearer","id_token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}"#;
        world.fail(path, 200, "application/json", body);
        assert_turned_away(&come(&site, &client, &back), "bad_answer");
    }
}
