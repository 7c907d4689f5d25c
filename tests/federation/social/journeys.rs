//! What is the same with each of the five: who gets in, who does not, and what is said.

use librechat_auth::domain::federation::social::Social;
use serde_json::{Value, json};

use super::kit::{World, user, user_with};
use crate::federation::kit::{assert_turned_away, count, details, leave, logged_in_as, reason};
use crate::support::{PASSWORD, Site};

#[test]
fn the_first_login_makes_an_account_and_the_second_finds_it() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|_| {});
        let client = site.client();
        let answer = world.log_in(&site, &client, *social, user("ada"));
        assert_eq!(answer.location(), (302, "/"), "{}", social.key());
        assert_eq!(
            logged_in_as(&client).as_deref(),
            Some("ada@example.org"),
            "{}",
            social.key()
        );
        let account = site.account("ada").expect("made");
        assert_eq!(
            (account.provider.as_str(), account.role.as_str()),
            (social.key(), "USER")
        );
        assert_eq!(account.email_verified, *social != Social::Facebook, "{}", social.key());
        // The address and the names have changed at the provider; the person has not.
        let renamed = user_with(
            "ada",
            json!({ "login": "countess", "name": "C", "email": "c@example.org" }),
        );
        let answer = world.log_in(&site, &site.client(), *social, renamed);
        assert_eq!(answer.location(), (302, "/"), "{}", social.key());
        assert_eq!(site.user_count(), 1);
        // And whoever has the old names now is somebody else.
        let heir = user_with("ada", json!({ "id": "99", "email": "heir@example.org" }));
        assert_eq!(
            world.log_in(&site, &site.client(), *social, heir).location(),
            (302, "/")
        );
        assert_eq!(site.user_count(), 2, "{}", social.key());
    }
}

#[test]
fn the_names_are_those_that_librechat_takes() {
    let world = World::start();
    for (social, name, username) in [
        (Social::Google, "ada Elsewhere", "ada"),
        (Social::Facebook, "ada Elsewhere", "ada@example.org"),
        (Social::GitHub, "ada elsewhere", "countess"),
        (Social::Discord, "ada elsewhere", "countess"),
        (Social::Apple, "ada Elsewhere", "ada"),
    ] {
        let site = world.site(|_| {});
        let person = user_with("ada", json!({ "login": "countess" }));
        world.log_in(&site, &site.client(), social, person);
        let account = site.account("ada").expect("made");
        assert_eq!(
            (account.name.as_str(), account.username.as_deref()),
            (name, Some(username)),
            "{}",
            social.key()
        );
    }
}

#[test]
fn sign_up_that_is_off_lets_known_people_in_only() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|_| {});
        world.log_in(&site, &site.client(), *social, user("ada"));
        let site = site.restarted_with(|config| {
            config
                .federation
                .social
                .iter_mut()
                .for_each(|one| one.doors.sign_up = false);
        });
        let answer = world.log_in(&site, &site.client(), *social, user("bob"));
        assert_turned_away(&answer, "sign_up_off");
        let answer = world.log_in(&site, &site.client(), *social, user("ada"));
        assert_eq!(answer.location(), (302, "/"), "{}", social.key());
        assert_eq!(site.user_count(), 1);
    }
}

#[test]
fn login_that_is_off_begins_nothing_and_hides_the_button() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|one| one.doors.login = one.social != *social);
        let path = format!("/oauth/{}", social.key());
        assert_eq!(reason(&site.client().get(&path)), "login_off");
        let page = site.client().get("/login");
        for other in Social::ALL {
            let is_shown = page.text().contains(&format!("/oauth/{}\"", other.key()));
            assert_eq!(is_shown, other != social, "{}", other.key());
        }
        let told = site.client().get("/api/config").json();
        assert_eq!(told[format!("{}LoginEnabled", social.key())], false);
    }
}

#[test]
fn domains_are_asked_of_what_is_proved() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|one| one.doors.domains = vec!["example.org".to_owned()]);
        let elsewhere = user_with("eve", json!({ "email": "eve@elsewhere.example" }));
        assert_turned_away(&world.log_in(&site, &site.client(), *social, elsewhere), "domain");
        let unproved = user_with("eve", json!({ "email_verified": false }));
        assert_turned_away(
            &world.log_in(&site, &site.client(), *social, unproved),
            "email_unproved",
        );
        let answer = world.log_in(&site, &site.client(), *social, user("ada"));
        if *social == Social::Facebook {
            // It never says whether an address was proved, and anybody has an account there.
            assert_turned_away(&answer, "email_unproved");
        } else {
            assert_eq!(answer.location(), (302, "/"), "{}", social.key());
        }
    }
    let site = world.site(|one| {
        one.doors.domains = vec!["example.org".to_owned()];
        one.trust_email = true;
    });
    let answer = world.log_in(&site, &site.client(), Social::Facebook, user("ada"));
    assert_eq!(answer.location(), (302, "/"));
    assert!(site.account("ada").expect("made").email_verified);
}

#[test]
fn whoever_says_no_there_is_back_at_the_login_page() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|_| {});
        let client = site.client();
        world.next(
            *social,
            json!({ "error": if *social == Social::Apple { Value::Null } else { json!("access_denied") } }),
        );
        if *social == Social::Apple {
            world.next(*social, json!({ "error": "user_cancelled_authorize" }));
        }
        let back = world.go(&leave(&client, &format!("/oauth/{}", social.key())));
        let answer = super::kit::come(&site, &client, &back);
        assert_turned_away(&answer, "cancelled");
        world.next(
            *social,
            json!({ "error": "server_error", "error_description": "<b>\r\nSet-Cookie: x=y" }),
        );
        let back = world.go(&leave(&client, &format!("/oauth/{}", social.key())));
        assert_turned_away(&super::kit::come(&site, &client, &back), "bad_answer");
        assert_eq!(site.user_count(), 0);
    }
}

#[test]
fn an_address_in_common_connects_nothing() {
    let world = World::start();
    for social in Social::ALL {
        let site = world.site(|one| one.trust_email = true);
        let ada = site.user("ada");
        for proved in [json!(true), json!(false), json!("true"), json!("false"), json!(1)] {
            let client = site.client();
            let guest = user_with(
                "ada",
                json!({ "id": "66", "email": "Ada@Example.org", "email_verified": proved }),
            );
            assert_turned_away(&world.log_in(&site, &client, *social, guest), "account_exists");
            assert_eq!(logged_in_as(&client), None);
        }
        assert_eq!(count(&site, "SELECT count(*) FROM identities"), 0, "{}", social.key());
        assert_eq!(ada.open_doors(), [true; 3]);
        let refused = format!("login_refused {}: account_exists", social.key());
        assert!(details(&site, &ada.account(&site)).contains(&refused));
    }
}

#[test]
fn one_that_is_known_at_one_provider_is_a_stranger_at_another() {
    let world = World::start();
    let site = world.site(|_| {});
    world.log_in(&site, &site.client(), Social::GitHub, user("ada"));
    for social in Social::ALL.iter().filter(|social| **social != Social::GitHub) {
        let answer = world.log_in(&site, &site.client(), *social, user("ada"));
        assert_turned_away(&answer, "account_exists");
    }
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 1);
}

#[test]
fn whoever_is_signed_in_connects_each_of_them() {
    let world = World::start();
    let site = world.site(|one| one.doors.sign_up = false);
    let ada = site.user("ada");
    for (already, social) in (0..).zip(Social::ALL) {
        let csrf = ada.client.get("/").csrf();
        let fields = [("csrf", csrf.as_str()), ("password", PASSWORD)];
        let answer = ada.client.post_bare(&format!("/oauth/{}", social.key()), &fields);
        world.next(*social, json!({ "user": user("other") }));
        let back = world.go(&crate::federation::kit::onward(&answer));
        let answer = super::kit::come(&site, &ada.client, &back);
        let done = format!("/oauth/connect?done={}", social.key());
        assert_eq!(answer.location(), (303, done.as_str()), "{}", social.key());
        assert_eq!(count(&site, "SELECT count(*) FROM identities"), already + 1);
        let client = site.client();
        world.log_in(&site, &client, *social, user("other"));
        assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    }
}

/// What LibreChat's client and our page are told.
fn shown(site: &Site) -> (Value, Vec<String>) {
    let page = site.client().get("/login");
    let links = page.text().split("href=\"/oauth/").skip(1);
    let links = links.filter_map(|rest| rest.split_once('"').map(|(id, _)| id.to_owned()));
    (site.client().get("/api/config").json(), links.collect())
}

#[test]
fn buttons_are_in_the_order_of_the_configuration() {
    let world = World::start();
    let (told, links) = shown(&world.site(|_| {}));
    assert_eq!(links, ["google", "facebook", "github", "discord", "apple"]);
    for social in Social::ALL {
        assert_eq!(told[format!("{}LoginEnabled", social.key())], true);
    }
    let site = world.site_with(
        |_| {},
        |config| config.site.social_logins = vec!["apple".into(), "saml".into(), "github".into()],
    );
    let (told, links) = shown(&site);
    assert_eq!(
        (links, &told["socialLogins"]),
        (
            vec!["apple".to_owned(), "github".to_owned()],
            &json!(["apple", "saml", "github"])
        )
    );
    // Without a button it still works by its address.
    let answer = world.log_in(&site, &site.client(), Social::Google, user("ada"));
    assert_eq!(answer.location(), (302, "/"));
    let site = world.site_with(|_| {}, |config| config.federation.enabled = false);
    let (told, links) = shown(&site);
    assert!(links.is_empty() && told["googleLoginEnabled"] == false && told["socialLoginEnabled"] == false);
    assert_eq!(reason(&site.client().get("/oauth/google")), "no_provider");
}
