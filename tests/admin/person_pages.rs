//! The page of one person, without scripts.

use librechat_auth::domain::account::Role;

use super::kit::{auditor, post};
use super::person::{last_event, link, with_provider};
use crate::api_keys::reading_key;
use crate::support::{Person, Site};
use crate::two_factor::kit::enrolled;

fn path(site: &Site, name: &str, rest: &str) -> String {
    let account = site.account(name).expect("there");
    format!("/admin/users/{}{rest}", account.id)
}

/// The form of an account, with other values in it.
fn form<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("name", "ada example"),
        ("username", ""),
        ("email", "ada@example.org"),
        ("role", "USER"),
        ("groups", ""),
        ("until", ""),
    ];
    usual
        .into_iter()
        .map(|(field, value)| {
            let other = change.iter().find(|(known, _)| *known == field);
            (field, other.map_or(value, |(_, other)| *other))
        })
        .collect()
}

#[test]
fn the_page_shows_everything_and_the_list_leads_to_it() {
    let site = Site::start();
    let root = site.admin();
    let ada = enrolled(&site, "ada").person;
    reading_key(&site, &ada);
    link(&site, "ada");
    let here = path(&site, "ada", "");
    assert!(root.client.get("/admin/users").says(&format!("href=\"{here}\"")));
    let page = root.client.get(&here);
    assert_eq!(page.status, 200);
    let id = site.account("ada").expect("there").id;
    for words in [
        "ada@example.org",
        "10 backup codes left",
        "1234",
        "end-session?which=",
        "unlink-identity?which=",
        "revoke-key?which=",
        &format!("/admin/audit?user={id}"),
        &format!("{here}/export"),
    ] {
        assert!(page.says(words), "{words}");
    }
    for other in ["/admin/users/x", "/admin/users/000000000000000000000000"] {
        assert_eq!(root.client.get(other).status, 404, "{other}");
    }
}

#[test]
fn the_form_saves_what_is_another_and_says_what_is_wrong_at_the_field() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let here = path(&site, "ada", "");
    let changed = form(&[("groups", "choir, Team Lead"), ("role", "Family"), ("until", "30d")]);
    let saved = post(&root, &here, &changed);
    assert_eq!(saved.location(), (303, format!("{here}?done=edit").as_str()));
    let ada = site.account("ada").expect("there");
    let groups: Vec<_> = ada.groups.iter().map(ToString::to_string).collect();
    assert_eq!(
        (ada.role.as_str(), groups),
        ("Family", vec!["Team Lead".to_owned(), "choir".to_owned()])
    );
    let page = root.client.get(&format!("{here}?done=edit"));
    assert!(page.says("Saved."));
    let until = page.value_of("until").expect("its field");
    let same = form(&[("groups", "choir, Team Lead"), ("role", "Family"), ("until", &until)]);
    assert_eq!(
        post(&root, &here, &same).location(),
        (303, format!("{here}?done=same").as_str())
    );
    for (field, value) in [
        ("name", "A"),
        ("username", "a"),
        ("email", "nowhere"),
        ("email", "root@example.org"),
        ("role", "x\u{7}"),
        ("groups", "a;b"),
        ("until", "yesterday"),
    ] {
        let again = post(&root, &here, &form(&[(field, value)]));
        assert_eq!(again.status, 400, "{field}");
        assert!(again.says(&format!("id=\"edit-{field}-error\"")), "{field}");
        assert_eq!(site.account("ada").expect("there").role.as_str(), "Family", "{field}");
    }
    let own = path(&site, "root", "");
    let demoted = form(&[("name", "root example"), ("email", "root@example.org")]);
    let refused = post(&root, &own, &demoted);
    assert_eq!(refused.status, 400);
    assert!(refused.says("Without this administrator"));
}

#[test]
fn a_page_says_what_will_happen_and_how_it_is_undone_before_it_does() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let (here, lock) = (path(&site, "ada", ""), path(&site, "ada", "/disable"));
    let asks = root.client.get(&lock);
    assert!(asks.says("signed out everywhere") && asks.says("You can unlock it here"));
    assert!(ada.open_doors()[0], "asking does nothing");
    let done = post(&root, &lock, &[]);
    assert_eq!(done.location(), (303, format!("{here}?done=disable").as_str()));
    assert_eq!(ada.open_doors(), [false; 3]);
    let id = site.account("ada").expect("there").id.to_string();
    let by = root.account(&site).id.to_string();
    assert_eq!(last_event(&site, &id), ("account_disabled".to_owned(), by));
    let page = root.client.get(&format!("{here}?done=disable"));
    assert!(page.says("The account is locked.") && page.says("/enable\""));
    let own = post(&root, &path(&site, "root", "/disable"), &[]);
    assert_eq!((own.status, own.says("Without this administrator")), (403, true));
    assert_eq!(root.client.get(&path(&site, "ada", "/dance")).status, 404);
    assert_eq!(root.client.get(&path(&site, "ada", "/end-session?which=7")).status, 404);
}

#[test]
fn one_session_is_named_before_it_is_ended() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    let page = root.client.get(&path(&site, "ada", ""));
    let (_, rest) = page.text().split_once("end-session?which=").expect("a link");
    let number = rest.split('"').next().expect("its end");
    let asks = root
        .client
        .get(&path(&site, "ada", &format!("/end-session?which={number}")));
    assert_eq!(asks.value_of("which").as_deref(), Some(number));
    let done = post(&root, &path(&site, "ada", "/end-session"), &[("which", number)]);
    assert_eq!(done.status, 303);
    assert!(!ada.open_doors()[0]);
}

#[test]
fn a_ban_and_a_link_take_what_is_filled_in() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let (here, ban) = (path(&site, "ada", ""), path(&site, "ada", "/ban"));
    let long = "x".repeat(201);
    let wrong = post(&root, &ban, &[("length", "1d"), ("note", &long)]);
    assert_eq!((wrong.status, wrong.says("at most 200 characters")), (400, true));
    let done = post(&root, &ban, &[("length", "1d"), ("note", "noise")]);
    assert_eq!(done.location(), (303, format!("{here}?done=ban").as_str()));
    assert!(root.client.get(&here).says("noise"));
    assert_eq!(post(&root, &path(&site, "ada", "/unban"), &[]).status, 303);
    let reset = path(&site, "ada", "/reset-link");
    let wrong = post(&root, &reset, &[("valid", "8d")]);
    assert_eq!((wrong.status, wrong.says("between 1m and 7d")), (400, true));
    let made = post(&root, &reset, &[("valid", "")]);
    assert!(made.says("/reset-password?") && made.says("shown this once"));
    assert!(!root.client.get(&here).says("/reset-password?"));
}

#[test]
fn a_deleted_account_has_a_page_that_brings_it_back() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let (here, delete, restore) = (
        path(&site, "ada", ""),
        path(&site, "ada", "/delete"),
        path(&site, "ada", "/restore"),
    );
    assert_eq!(
        post(&root, &delete, &[]).location(),
        (303, format!("{here}?done=delete").as_str())
    );
    let page = root.client.get(&here);
    assert!(page.says("Deleted account") && page.says("root@example.org"));
    site.create("ada", Role::User);
    let taken = post(&root, &restore, &[]);
    assert_eq!((taken.status, taken.says("role=\"alert\"")), (409, true));
    assert_eq!(post(&root, &path(&site, "ada", "/delete"), &[]).status, 303);
    assert_eq!(
        post(&root, &restore, &[]).location(),
        (303, format!("{here}?done=restore").as_str())
    );
    assert!(
        root.client
            .get(&format!("{here}?done=restore"))
            .says("The account is back.")
    );
}

#[test]
fn who_waits_is_let_in_or_turned_away_on_their_page() {
    let site = Site::with(|config| config.accounts.approval = true);
    let root = site.admin();
    Person::register(&site, "ada");
    Person::register(&site, "bob");
    assert!(root.client.get(&path(&site, "ada", "")).says("/approve\""));
    assert_eq!(post(&root, &path(&site, "ada", "/approve"), &[]).status, 303);
    let rejected = post(&root, &path(&site, "bob", "/reject"), &[]);
    assert_eq!(rejected.location(), (303, "/admin/invitations?done=rejected&count=1"));
}

#[test]
fn an_auditor_looks_and_takes_the_document() {
    let site = Site::start();
    let audrey = auditor(&site);
    site.user("ada");
    let page = audrey.client.get(&path(&site, "ada", ""));
    assert!(page.says("ada@example.org") && !page.says("end-session") && !page.says("/delete\""));
    let document = audrey.client.get(&path(&site, "ada", "/export"));
    assert_eq!(document.status, 200);
    assert!(
        document
            .header("content-disposition")
            .is_some_and(|value| value.starts_with("attachment"))
    );
    assert_eq!(document.json()["email"], "ada@example.org");
    assert_eq!(post(&audrey, &path(&site, "ada", "/disable"), &[]).status, 403);
}

#[test]
fn somebody_is_expected_from_a_provider_of_the_list() {
    let site = with_provider();
    let root = site.admin();
    site.create("ada", Role::User);
    let (here, expect) = (path(&site, "ada", ""), path(&site, "ada", "/expect"));
    assert!(root.client.get(&here).says("/expect\""));
    for (fields, words) in [
        ([("provider", "nobody"), ("email", "")], "Choose a provider"),
        ([("provider", "openid"), ("email", "nowhere")], "no email address"),
    ] {
        let again = post(&root, &expect, &fields);
        assert_eq!((again.status, again.says(words)), (400, true), "{words}");
    }
    let done = post(
        &root,
        &expect,
        &[("provider", "openid"), ("email", "countess@example.org")],
    );
    assert_eq!(done.location(), (303, format!("{here}?done=expect").as_str()));
    let page = root.client.get(&here);
    assert!(page.says("countess@example.org") && page.says("withdraw-expected?which="));
}
