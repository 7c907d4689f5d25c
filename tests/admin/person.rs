//! One person, as programs of an admin have them.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::federation::connection::Subject;
use librechat_auth::domain::federation::provider::ProviderId;
use serde_json::{Value, json};

use super::kit::{ask, auditor};
use crate::api_keys::reading_key;
use crate::federation::kit::{enable, provider};
use crate::support::{Answer, Person, Site, credentials, days};
use crate::two_factor::kit::enrolled;

pub fn path(site: &Site, name: &str, rest: &str) -> String {
    let account = site.account(name).expect("there");
    format!("/api/admin/users/{}{rest}", account.id)
}

fn get(admin: &Person, path: &str) -> Value {
    let answer = ask(admin, "GET", path, &Value::Null);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn act(site: &Site, admin: &Person, (name, deed): (&str, &str), body: &Value) -> Answer {
    ask(admin, "POST", &path(site, name, &format!("/{deed}")), body)
}

fn edit(site: &Site, admin: &Person, name: &str, body: &Value) -> Answer {
    ask(admin, "PATCH", &path(site, name, ""), body)
}

/// Kind and actor of what the log says last of somebody.
pub fn last_event(site: &Site, id: &str) -> (String, String) {
    let account = site.run(site.app.find_user(id)).expect("read").expect("there");
    let events = site.events_about(&account);
    let last = events.first().expect("an event");
    (last.kind.key().to_owned(), last.actor.clone())
}

/// Connects an identity to somebody.
pub fn link(site: &Site, name: &str) {
    let account = site.account(name).expect("there");
    let provider = ProviderId::parse("google").expect("a name");
    let subject = Subject {
        issuer: "https://accounts.example".to_owned(),
        subject: "1234".to_owned(),
    };
    let linked = site.app.link_identity(&account, &provider, subject, &Actor::Console);
    site.run(linked).expect("linked");
}

#[test]
fn all_about_an_account_is_one_answer_without_secrets() {
    let site = Site::start();
    let root = site.admin();
    let ada = enrolled(&site, "ada").person;
    reading_key(&site, &ada);
    link(&site, "ada");
    let told = get(&root, &path(&site, "ada", ""));
    assert_eq!(
        (&told["state"], &told["email"], &told["emailVerified"]),
        (&json!("active"), &json!("ada@example.org"), &json!(true))
    );
    assert_eq!(told["twoFactor"]["backupCodesLeft"], 10);
    assert_eq!(told["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["identities"][0]["subject"], "1234");
    assert_eq!(told["apiKeys"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["audit"][0]["kind"], "identity_connected");
    assert_eq!(told["olderAudit"], false);
    let text = told.to_string();
    for secret in ["$argon2", "lca_", "digest", "refresh"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn nobody_is_found_under_an_id_that_is_nobodys() {
    let site = Site::start();
    let root = site.admin();
    for id in ["x", "000000000000000000000000", "root@example.org"] {
        let base = format!("/api/admin/users/{id}");
        assert_eq!(ask(&root, "GET", &base, &Value::Null).status, 404, "{id}");
        assert_eq!(
            ask(&root, "PATCH", &base, &json!({ "name": "Ada" })).status,
            404,
            "{id}"
        );
        for deed in ["disable", "ban", "reset-link", "restore", "dance"] {
            let answer = ask(&root, "POST", &format!("{base}/{deed}"), &json!({}));
            assert_eq!(answer.status, 404, "{id} {deed}");
        }
        assert_eq!(ask(&root, "GET", &format!("{base}/export"), &Value::Null).status, 404);
    }
    assert_eq!(act(&site, &root, ("root", "dance"), &json!({})).status, 404);
}

#[test]
fn what_is_not_in_the_body_stays_and_what_is_in_it_is_written_down() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let body = json!({
        "name": "Ada Lovelace", "username": "countess", "email": "countess@example.org", "role": "Family",
        "groups": ["choir", "Team Lead"], "validUntil": "30d",
    });
    let answer = edit(&site, &root, "ada", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!(
        answer["changed"],
        json!(["email", "username", "role", "validUntil", "name", "groups"])
    );
    let user = &answer["user"];
    assert_eq!(
        (&user["name"], &user["username"], &user["email"], &user["role"]),
        (
            &json!("Ada Lovelace"),
            &json!("countess"),
            &json!("countess@example.org"),
            &json!("Family")
        )
    );
    assert!(user["validUntil"].is_string());
    let kinds: Vec<&str> = user["audit"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect();
    assert_eq!(
        kinds[..7],
        [
            "groups_changed",
            "groups_changed",
            "name_changed",
            "expiry_set",
            "role_changed",
            "name_changed",
            "email_changed"
        ]
    );
    let by = root.account(&site).id.to_string();
    assert!(
        user["audit"].as_array().expect("lines")[..7]
            .iter()
            .all(|line| line["actor"] == by.as_str())
    );
}

#[test]
fn groups_by_hand_are_exactly_those_and_an_end_can_be_taken_away() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let first = json!({ "name": "Ada Lovelace", "groups": ["choir", "Team Lead"], "validUntil": "30d" });
    assert_eq!(edit(&site, &root, "ada", &first).status, 200);
    let base = path(&site, "ada", "");
    let again = ask(
        &root,
        "PATCH",
        &base,
        &json!({ "groups": ["choir"], "validUntil": "never", "name": null }),
    )
    .json();
    assert_eq!(again["changed"], json!(["validUntil", "groups"]));
    assert_eq!(
        again["user"]["groups"],
        json!([{ "name": "choir", "source": "console" }])
    );
    let same = ask(
        &root,
        "PATCH",
        &base,
        &json!({ "name": "Ada Lovelace", "groups": ["choir"] }),
    )
    .json();
    assert_eq!(same["changed"], json!([]));
}

#[test]
fn a_field_that_makes_no_sense_is_named_and_nothing_is_changed() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    site.create("bob", Role::User);
    for (field, value) in [
        ("name", json!("A")),
        ("username", json!("a")),
        ("email", json!("nowhere")),
        ("email", json!("bob@example.org")),
        ("role", json!("x\u{7}")),
        ("validUntil", json!("yesterday")),
        ("validUntil", json!("2020-01-01")),
        ("groups", json!(["a;b"])),
    ] {
        let mut body = json!({ "name": "Ada Changed" });
        body[field] = value;
        let answer = edit(&site, &root, "ada", &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(field), "{body}: {}", answer.text());
        assert_eq!(site.account("ada").expect("there").name, "ada example", "{body}");
    }
    assert_eq!(edit(&site, &root, "ada", &json!({ "nose": "long" })).status, 400);
    for (deed, body, field) in [
        ("ban", json!({ "duration": "soon" }), "duration"),
        ("ban", json!({ "note": "x".repeat(201) }), "note"),
        ("reset-link", json!({ "valid": "8d" }), "valid"),
        ("reset-link", json!({ "valid": "1" }), "valid"),
        ("end-session", json!({}), "which"),
        ("revoke-key", json!({ "which": "x" }), "which"),
        ("disable", json!({ "which": "1" }), "which"),
    ] {
        let answer = act(&site, &root, ("ada", deed), &body);
        assert_eq!(answer.status, 400, "{deed} {body}");
        assert!(answer.text().contains(field), "{deed} {body}: {}", answer.text());
    }
}

#[test]
fn an_account_is_locked_and_unlocked() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let by = root.account(&site).id.to_string();
    let id = ada.account(&site).id.to_string();
    let locked = act(&site, &root, ("ada", "disable"), &json!({})).json();
    assert_eq!(
        (&locked["done"], &locked["user"]["state"]),
        (&json!("disable"), &json!("disabled"))
    );
    assert_eq!(ada.open_doors(), [false; 3]);
    assert_eq!(last_event(&site, &id), ("account_disabled".to_owned(), by.clone()));
    assert_eq!(act(&site, &root, ("ada", "enable"), &json!({})).status, 200);
    assert_eq!(last_event(&site, &id), ("account_enabled".to_owned(), by));
    assert_eq!(site.client().post("/api/auth/login", &credentials("ada")).status, 200);
}

#[test]
fn waiting_accounts_are_let_in_or_turned_away() {
    let site = Site::with(|config| config.accounts.approval = true);
    let root = site.admin();
    Person::register(&site, "ada");
    Person::register(&site, "bob");
    let told = act(&site, &root, ("ada", "approve"), &json!({})).json();
    assert_eq!(told["user"]["waitingSince"], Value::Null);
    assert_eq!(
        act(&site, &root, ("ada", "approve"), &json!({})).status,
        404,
        "it waits no more"
    );
    let told = act(&site, &root, ("bob", "reject"), &json!({})).json();
    assert_eq!(told["user"], Value::Null);
    assert!(site.account("bob").is_none());
}

#[test]
fn sessions_end_one_by_one_and_all_at_once_but_not_ones_own() {
    let site = Site::start();
    let root = site.admin();
    let first = site.user("ada");
    let second = Person::log_in(&site, "ada");
    let third = Person::log_in(&site, "ada");
    let told = get(&root, &path(&site, "ada", ""));
    let newest = told["sessions"][0]["id"].as_str().expect("an id").to_owned();
    let one = json!({ "which": newest });
    assert_eq!(
        act(&site, &root, ("root", "end-session"), &one).status,
        404,
        "it is another's"
    );
    assert_eq!(act(&site, &root, ("ada", "end-session"), &one).status, 200);
    let open = [&first, &second, &third].map(|person| person.open_doors()[0]);
    assert_eq!(open.iter().filter(|open| **open).count(), 2);
    assert_eq!(
        act(&site, &root, ("ada", "end-session"), &one).status,
        404,
        "it is over"
    );
    let done = act(&site, &root, ("ada", "end-sessions"), &json!({})).json();
    assert_eq!(done["user"]["sessions"], json!([]));
    assert_eq!(
        (&done["user"]["audit"][0]["kind"], &done["user"]["audit"][0]["detail"]),
        (&json!("session_ended"), &json!("by_admin 2"))
    );
    let elsewhere = Person::log_in(&site, "root");
    assert_eq!(act(&site, &root, ("root", "end-sessions"), &json!({})).status, 200);
    assert!(!elsewhere.open_doors()[0] && root.open_doors()[0]);
}

#[test]
fn credentials_are_taken_away() {
    let site = Site::start();
    let root = site.admin();
    let ada = enrolled(&site, "ada").person;
    reading_key(&site, &ada);
    link(&site, "ada");
    let by = root.account(&site).id.to_string();
    let id = ada.account(&site).id.to_string();
    let told = get(&root, &path(&site, "ada", ""));
    let identity = json!({ "which": told["identities"][0]["id"].to_string() });
    let key = json!({ "which": told["apiKeys"][0]["id"].to_string() });
    for (deed, body, list, kind) in [
        ("revoke-key", &key, "apiKeys", "api_key_revoked"),
        ("unlink-identity", &identity, "identities", "identity_disconnected"),
    ] {
        let answer = act(&site, &root, ("ada", deed), body);
        assert_eq!(answer.status, 200, "{deed}: {answer:?}");
        assert_eq!(answer.json()["user"][list], json!([]), "{deed}");
        assert_eq!(last_event(&site, &id), (kind.to_owned(), by.clone()), "{deed}");
        assert_eq!(act(&site, &root, ("ada", deed), body).status, 404, "{deed} again");
    }
    let reset = act(&site, &root, ("ada", "reset-2fa"), &json!({})).json();
    assert_eq!(reset["user"]["twoFactor"]["enabledAt"], Value::Null);
    assert_eq!(last_event(&site, &id), ("two_factor_disabled".to_owned(), by));
    assert_eq!(act(&site, &root, ("ada", "reset-2fa"), &json!({})).status, 404);
    assert_eq!(
        act(&site, &root, ("ada", "distrust-devices"), &json!({})).status,
        404,
        "none is trusted"
    );
}

#[test]
fn a_reset_link_works_once_and_is_told_once() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let made = act(&site, &root, ("ada", "reset-link"), &json!({ "valid": "2h" }));
    assert_eq!((made.status, &made.json()["validSeconds"]), (201, &json!(7200)));
    let made = made.json();
    let link = made["link"].as_str().expect("a link");
    let (_, place) = link.split_once("/reset-password").expect("the page");
    assert_eq!(site.client().get(&format!("/reset-password{place}")).status, 200);
    let told = get(&root, &path(&site, "ada", ""));
    assert_eq!(told["audit"][0]["kind"], "reset_link_made");
    assert!(!told.to_string().contains(place), "it is not kept");
    assert!(ada.open_doors()[0], "nothing ends before it is used");
}

#[test]
fn somebody_is_banned_and_forgiven() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let made = act(
        &site,
        &root,
        ("ada", "ban"),
        &json!({ "duration": "2h", "note": "noise" }),
    );
    assert_eq!((made.status, &made.json()["note"]), (201, &json!("noise")));
    assert!(!ada.open_doors()[0]);
    let told = get(&root, &path(&site, "ada", ""));
    assert_eq!(told["bans"][0]["reference"], made.json()["reference"]);
    assert_eq!(told["bans"][0]["state"], "in_force");
    let forgiven = act(&site, &root, ("ada", "unban"), &json!({})).json();
    assert_eq!(forgiven["user"]["bans"][0]["state"], "lifted");
    assert_eq!(
        act(&site, &root, ("root", "ban"), &json!({})).status,
        409,
        "not oneself"
    );
}

#[test]
fn a_deleted_account_is_there_for_a_while_and_comes_back() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let (whole, back) = (path(&site, "ada", ""), path(&site, "ada", "/restore"));
    let gone = act(&site, &root, ("ada", "delete"), &json!({})).json();
    assert_eq!(gone["user"]["state"], "deleted");
    assert!(gone["user"]["restorableUntil"].is_string());
    assert_eq!(get(&root, &whole)["deletedBy"], root.account(&site).id.to_string());
    let restored = ask(&root, "POST", &back, &json!({})).json();
    assert_eq!(
        (&restored["done"], &restored["user"]["email"]),
        (&json!("restore"), &json!("ada@example.org"))
    );
    assert_eq!(act(&site, &root, ("ada", "delete"), &json!({})).status, 200);
    site.clock.advance(days(8));
    let root = Person::log_in(&site, "root");
    assert_eq!(ask(&root, "GET", &whole, &Value::Null).status, 404);
    assert_eq!(ask(&root, "POST", &back, &json!({})).status, 404);
}

#[test]
fn ones_own_account_and_the_last_admin_are_protected() {
    let site = Site::start();
    let root = site.admin();
    let refused = |body: &Value| {
        let answer = edit(&site, &root, "root", body);
        answer.message()
    };
    let last = "Without this admin nobody could administer the server; make somebody else admin first";
    for deed in ["disable", "delete"] {
        let answer = act(&site, &root, ("root", deed), &json!({}));
        assert_eq!(answer.message(), (403, last.to_owned()), "{deed}");
    }
    assert_eq!(refused(&json!({ "role": "USER" })), (403, last.to_owned()));
    assert_eq!(refused(&json!({ "validUntil": "1d" })), (403, last.to_owned()));
    site.create("ruth", Role::Admin);
    let own = "Admins cannot do this to their own account";
    for deed in ["disable", "delete"] {
        let answer = act(&site, &root, ("root", deed), &json!({}));
        assert_eq!(answer.message(), (403, own.to_owned()), "{deed}");
    }
    assert_eq!(refused(&json!({ "role": "USER" })), (403, own.to_owned()));
    let renamed = edit(&site, &root, "root", &json!({ "name": "Root Example" }));
    assert_eq!(renamed.status, 200, "a name takes nothing away");
    assert_eq!(act(&site, &root, ("ruth", "disable"), &json!({})).status, 200);
}

#[test]
fn an_auditor_sees_all_and_changes_nothing() {
    let site = Site::start();
    let audrey = auditor(&site);
    site.create("ada", Role::User);
    assert_eq!(get(&audrey, &path(&site, "ada", ""))["email"], "ada@example.org");
    assert_eq!(edit(&site, &audrey, "ada", &json!({ "name": "Ada X" })).status, 403);
    for deed in ["disable", "delete", "ban", "reset-link", "end-sessions"] {
        assert_eq!(act(&site, &audrey, ("ada", deed), &json!({})).status, 403, "{deed}");
    }
}

#[test]
fn the_document_has_everything_and_taking_it_is_written_down() {
    let site = Site::start();
    let root = site.admin();
    let ada = enrolled(&site, "ada").person;
    reading_key(&site, &ada);
    link(&site, "ada");
    let document = get(&root, &path(&site, "ada", "/export"));
    for list in ["sessions", "identities", "apiKeys", "audit"] {
        assert!(document[list].as_array().is_some_and(|rows| !rows.is_empty()), "{list}");
    }
    assert!(document["about"].as_str().is_some_and(|text| text.contains("10000")));
    assert!(!document.to_string().contains("$argon2"));
    let told = get(&root, &path(&site, "ada", ""));
    assert_eq!(
        (
            &told["audit"][0]["kind"],
            &told["audit"][0]["detail"],
            &told["audit"][0]["actor"]
        ),
        (
            &json!("audit_exported"),
            &json!("person"),
            &json!(root.account(&site).id.to_string())
        )
    );
}

/// A site with a provider from which people can come.
pub fn with_provider() -> Site {
    Site::with(|config| enable(config, vec![provider("openid", "https://id.example.org")]))
}

#[test]
fn somebody_is_expected_from_a_provider_and_no_more() {
    let site = with_provider();
    let root = site.admin();
    site.create("ada", Role::User);
    site.create("bob", Role::User);
    for (body, field) in [
        (json!({ "provider": "nobody" }), "provider"),
        (json!({ "provider": "openid", "email": "nowhere" }), "email"),
        (json!({ "provider": "openid", "expires": "400d" }), "expires"),
    ] {
        let answer = act(&site, &root, ("ada", "expect"), &body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(field), "{body}: {}", answer.text());
    }
    let made = act(&site, &root, ("ada", "expect"), &json!({ "provider": "openid" }));
    assert_eq!((made.status, &made.json()["email"]), (201, &json!("ada@example.org")));
    let told = get(&root, &path(&site, "ada", ""));
    assert_eq!(
        (&told["expected"][0]["provider"], &told["audit"][0]["kind"]),
        (&json!("openid"), &json!("identity_expected"))
    );
    let which = json!({ "which": made.json()["id"].to_string() });
    assert_eq!(act(&site, &root, ("bob", "withdraw-expected"), &which).status, 404);
    let done = act(&site, &root, ("ada", "withdraw-expected"), &which).json();
    assert_eq!(done["user"]["expected"], json!([]));
}
