//! Deleted accounts: gone at every door, and back as they were.

use librechat_auth::app::Failure;
use librechat_auth::app::api_keys::Wanted;
use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::api_key::Scope;
use librechat_auth::domain::group::GroupName;
use librechat_auth::domain::refusal::Refusal;
use librechat_auth::domain::session::Origin;
use librechat_auth::domain::trash::Taken;
use serde_json::{Value, json};

use super::kit::{ask as ask_as, auditor, post};
use crate::forward_auth::kit::{APP, ask, ask_about, guarding};
use crate::support::{Answer, Client, Person, Site, credentials, days, minutes, with_mail};
use crate::two_factor::kit::{enrolled, first_step, second_step};

fn delete(site: &Site, account: &Account) {
    site.run(site.app.delete_user(account, &Actor::Console))
        .expect("deleted");
}

fn restore(site: &Site, account: &Account) -> Result<Account, Failure> {
    site.run(site.app.restore_user(account.id, &Actor::Console))
}

fn log_in(client: &Client, name: &str) -> u16 {
    client.post("/api/auth/login", &credentials(name)).status
}

fn refused(outcome: Result<Account, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_opens_for_a_deleted_person() {
    let site = guarding();
    let ada = site.user("ada");
    let account = ada.account(&site);
    let wanted = Wanted {
        name: "nas".to_owned(),
        scopes: vec![Scope::Door, Scope::ApiRead],
        hosts: Vec::new(),
        life: None,
    };
    let key = site.run(site.app.make_key(&account, wanted, &Actor::Console));
    let key = [("x-api-key".to_owned(), key.expect("a key").expose().to_owned())];
    let key = [(key[0].0.as_str(), key[0].1.as_str())];
    let by_key = |site: &Site| ask_about(&site.client(), "nginx", "GET", APP, &key).status;
    let link = site.run(site.app.make_reset_link(&account, minutes(15), &Actor::Console));
    let link = link.expect("a link");
    let (_, token) = link.split_once("token=").expect("a token");
    let (token, _) = token.split_once('&').expect("an id after it");
    assert_eq!((ask(&ada.client, "nginx", APP).status, by_key(&site)), (200, 200));
    delete(&site, &account);
    let nothing = |site: &Site| {
        assert_eq!(ada.open_doors(), [false; 3]);
        assert_eq!(ask(&ada.client.copy(), "nginx", APP).status, 401);
        assert_eq!(by_key(site), 401);
        let reset = json!({ "userId": account.id.to_string(), "token": token, "password": "another copper kettle" });
        let answer = site.client().post("/api/auth/resetPassword", &reset);
        assert_eq!((answer.status, answer.text()), (403, "Password reset is not allowed."));
    };
    nothing(&site);
    assert_eq!(log_in(&site.client(), "ada"), 400, "as somebody whom nobody knows");
    restore(&site, &account).expect("restored");
    nothing(&site);
    assert_eq!(log_in(&site.client(), "ada"), 200);
}

#[test]
fn a_restored_person_logs_in_with_the_old_password_and_second_factor() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let account = ada.person.account(&site);
    let group = GroupName::parse("family").expect("a name");
    site.run(site.app.set_membership(&account, &group, true, &Actor::Console))
        .expect("in the group");
    let before = ada.person.account(&site);
    delete(&site, &account);
    assert_eq!(site.account("ada"), None);
    let after = restore(&site, &account).expect("restored");
    assert_eq!(
        Account {
            key: before.key,
            ..after
        },
        before
    );
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let code = ada.authenticator.now(&site);
    assert_eq!(second_step(&client, &ticket, "token", &code).status, 200);
    let ticket = first_step(&client, "ada");
    assert_eq!(second_step(&client, &ticket, "backupCode", &ada.codes[0]).status, 200);
    let kinds: Vec<_> = site
        .events_about(&before)
        .into_iter()
        .map(|event| event.kind.key())
        .collect();
    assert!(kinds.contains(&"account_deleted") && kinds.contains(&"account_restored"));
}

#[test]
fn a_code_that_was_used_before_the_deletion_is_not_taken_again() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let account = ada.person.account(&site);
    let code = ada.authenticator.now(&site);
    let ticket = first_step(&site.client(), "ada");
    assert_eq!(second_step(&site.client(), &ticket, "token", &code).status, 200);
    delete(&site, &account);
    restore(&site, &account).expect("restored");
    let ticket = first_step(&site.client(), "ada");
    assert_eq!(second_step(&site.client(), &ticket, "token", &code).status, 401);
}

#[test]
fn the_address_is_free_meanwhile_and_then_the_account_stays_where_it_is() {
    let site = Site::start();
    let first = site.user("ada").account(&site);
    delete(&site, &first);
    let second = site.user("ada").account(&site);
    assert_ne!(first.id, second.id);
    let email = second.email.clone();
    assert_eq!(refused(restore(&site, &first)), Refusal::Taken(Taken::Address(email)));
    delete(&site, &second);
    assert_eq!(
        site.run(site.app.find_deleted("ada@example.org")).expect("read").len(),
        2
    );
    assert_eq!(restore(&site, &first).expect("restored").id, first.id);
}

#[test]
fn after_its_time_a_deleted_account_is_gone_for_good() {
    let site = Site::start();
    let (ada, bob) = (site.create("ada", Role::User), site.create("bob", Role::User));
    delete(&site, &ada);
    site.clock.advance(days(3));
    delete(&site, &bob);
    site.clock.advance(days(4));
    assert_eq!(
        refused(restore(&site, &ada)),
        Refusal::NotFound,
        "to the moment, not to the next sweep"
    );
    assert_eq!(site.run(site.app.purge_deleted()).expect("purged"), 1);
    assert_eq!(site.run(site.app.purge_deleted()).expect("purged"), 0);
    let kinds: Vec<_> = site
        .events_about(&ada)
        .into_iter()
        .map(|event| event.kind.key())
        .collect();
    assert!(kinds.contains(&"account_erased"), "{kinds:?}");
    assert_eq!(restore(&site, &bob).expect("restored").email, bob.email);
}

#[test]
fn who_keeps_nothing_deletes_at_once() {
    let site = Site::with(|config| config.accounts.keep_deleted = std::time::Duration::ZERO);
    let ada = site.create("ada", Role::User);
    let until = site.run(site.app.delete_user(&ada, &Actor::Console)).expect("deleted");
    assert_eq!(until, None);
    assert_eq!(refused(restore(&site, &ada)), Refusal::NotFound);
    assert_eq!(site.run(site.app.deleted_after(None, 9)).expect("read"), []);
}

#[test]
fn an_owner_who_deletes_their_account_is_told_until_when_it_can_come_back() {
    let site = Site::with(with_mail);
    site.create("ada", Role::User);
    let ada = Person::log_in(&site, "ada");
    let account = ada.account(&site);
    let request = ada.client.request("DELETE", "/api/user/delete").bearer(&ada.token);
    assert_eq!(request.json(&json!({})).send().status, 200);
    assert_eq!(log_in(&site.client(), "ada"), 400);
    let letter = site.letter("account_deleted", "ada");
    assert!(letter.text.contains("can bring it back"), "{}", letter.text);
    assert_eq!(restore(&site, &account).expect("restored").id, account.id);
    assert_eq!(log_in(&site.client(), "ada"), 200);
}

#[test]
fn two_admins_cannot_delete_each_other_and_nobody_deletes_themselves_by_a_slip() {
    let site = Site::start();
    let (ada, bob) = (site.create("ada", Role::Admin), site.create("bob", Role::Admin));
    let by = |account: &Account| Actor::Admin {
        id: account.id,
        origin: Origin::default(),
    };
    let app = &site.app;
    assert!(matches!(
        site.run(app.delete_user(&ada, &by(&ada))),
        Err(Failure::Refused(Refusal::OwnAccount))
    ));
    let outcomes = site.run(async {
        let (by_ada, by_bob) = (by(&ada), by(&bob));
        tokio::join!(app.delete_user(&bob, &by_ada), app.delete_user(&ada, &by_bob))
    });
    let done = [outcomes.0.is_ok(), outcomes.1.is_ok()];
    assert_eq!(done.iter().filter(|&&done| done).count(), 1, "{done:?}");
    assert_eq!(site.run(app.admin_count()).expect("counted"), 1);
}

#[test]
fn the_last_admin_is_neither_disabled_demoted_nor_given_an_end_by_an_admin() {
    let site = Site::start();
    let ada = site.create("ada", Role::Admin);
    let bob = site.create("bob", Role::Admin);
    let by = Actor::Admin {
        id: bob.id,
        origin: Origin::default(),
    };
    let soon = site.app.now().after(days(1));
    // An admin whose time ends is no lasting one.
    site.run(site.app.set_valid_until(&bob, Some(soon), &Actor::Console))
        .expect("set");
    let outcomes = [
        site.run(site.app.set_disabled(&ada, true, &by)),
        site.run(site.app.set_role(&ada, Role::User, &by)),
        site.run(site.app.set_valid_until(&ada, Some(soon), &by)),
        site.run(site.app.delete_user(&ada, &by)).map(drop),
    ];
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(Failure::Refused(Refusal::LastAdmin))),
            "{outcome:?}"
        );
    }
}

/// Deletes three people, one a minute after the other, as root does; the last deleted first.
fn three_gone(site: &Site) -> (Person, [Account; 3]) {
    let accounts = ["eve", "bob", "ada"].map(|name| site.create(name, Role::User));
    let root = site.admin();
    let by = Actor::Admin {
        id: root.account(site).id,
        origin: Origin::default(),
    };
    for (account, by) in accounts.iter().rev().zip([&Actor::Console, &by, &by]) {
        site.run(site.app.delete_user(account, by)).expect("deleted");
        site.clock.advance(minutes(1));
    }
    (root, accounts)
}

fn listed(root: &Person, query: &str) -> Answer {
    ask_as(root, "GET", &format!("/api/admin/users/deleted{query}"), &Value::Null)
}

fn ids(root: &Person, query: &str) -> Vec<Value> {
    let body = listed(root, query).json();
    let users = body["users"].as_array().expect("a list").iter();
    users.map(|one| one["id"].clone()).collect()
}

fn id(account: &Account) -> Value {
    json!(account.id.to_string())
}

#[test]
fn programs_list_deleted_accounts_the_last_deleted_first() {
    let site = Site::start();
    let (root, [eve, bob, ada]) = three_gone(&site);
    assert_eq!(ids(&root, ""), [id(&eve), id(&bob), id(&ada)]);
    let whole = listed(&root, "").json();
    let (first, last) = (&whole["users"][0], &whole["users"][2]);
    assert_eq!(whole["next"], Value::Null);
    assert_eq!(
        (&first["email"], &first["state"]),
        (&json!("eve@example.org"), &json!("deleted"))
    );
    assert_eq!(first["deletedBy"], id(&root.account(&site)));
    assert_eq!(last["deletedBy"], "console");
    assert!(first["deletedAt"].as_str() < first["restorableUntil"].as_str());
    let mut after = String::new();
    for expected in [&eve, &bob, &ada] {
        let page = listed(&root, &format!("?limit=1{after}")).json();
        assert_eq!(page["users"][0]["id"], id(expected));
        let next = page["next"].as_str();
        after = next.map(|next| format!("&after={next}")).unwrap_or_default();
    }
    assert_eq!(after, "", "the last page says that it is the last");
}

#[test]
fn programs_find_deleted_accounts_by_exact_address_or_id() {
    let site = Site::start();
    let (root, [eve, bob, ada]) = three_gone(&site);
    assert_eq!(ids(&root, "?q=BOB@example.org"), [id(&bob)]);
    assert_eq!(ids(&root, &format!("?q={}", ada.id)), [id(&ada)]);
    assert_eq!(ids(&root, "?q=bob"), [Value::Null; 0], "exactly");
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?after=x", "after"),
        ("?q=a&q=b", "q"),
    ] {
        let answer = listed(&root, query);
        assert_eq!((answer.status, answer.says(field)), (400, true), "{query}");
    }
    restore(&site, &eve).expect("restored");
    assert_eq!(ids(&root, ""), [id(&bob), id(&ada)]);
}

#[test]
fn the_page_of_deleted_accounts_leads_to_each_of_them() {
    let site = Site::start();
    let (root, [eve, bob, ada]) = three_gone(&site);
    let list = "/admin/users/deleted";
    assert!(root.client.get("/admin/users").says(&format!("href=\"{list}\"")));
    let page = root.client.get(list);
    assert_eq!(page.status, 200);
    for account in [&eve, &bob, &ada] {
        assert!(page.says(&format!("href=\"/admin/users/{}\"", account.id)));
    }
    assert!(page.says("root@example.org") && page.says("kept for 7 days"));
    let found = root.client.get(&format!("{list}?q=ada%40example.org"));
    assert!(found.says(&ada.id.to_string()) && !found.says(&eve.id.to_string()));
    let behind = root.client.get(&format!("{list}?after={}.{}", 0, ada.id));
    assert!(!behind.says(&format!("href=\"/admin/users/{}\"", ada.id)) && behind.says("kept for 7 days"));
    assert!(
        root.client
            .get(&format!("{list}?q=nobody"))
            .says("No deleted account has exactly")
    );
    assert!(root.client.get(&format!("{list}?after=x")).says(&ada.id.to_string()));
    let audrey = auditor(&site);
    assert!(audrey.client.get(list).says(&ada.id.to_string()));
    let hers = audrey.client.get(&format!("/admin/users/{}", ada.id));
    assert!(hers.says("Deleted account") && !hers.says("/erase\"") && !hers.says("/restore\""));
}

#[test]
fn an_empty_list_says_for_how_long_accounts_are_kept() {
    let site = Site::start();
    let root = site.admin();
    assert!(root.client.get("/admin/users/deleted").says("kept for 7 days"));
    let site = Site::with(|config| config.accounts.keep_deleted = std::time::Duration::ZERO);
    let root = site.admin();
    assert!(root.client.get("/admin/users/deleted").says("removed for good at once"));
}

#[test]
fn an_admin_removes_a_deleted_account_for_good() {
    let site = Site::start();
    let (root, [eve, bob, _]) = three_gone(&site);
    let here = format!("/admin/users/{}", eve.id);
    let erase = format!("{here}/erase");
    assert!(root.client.get(&here).says(&format!("href=\"{erase}\"")));
    let asked = root.client.get(&erase);
    assert!(asked.says("This cannot be undone") && asked.says("destructive") && asked.says("eve@example.org"));
    let done = post(&root, &erase, &[]);
    assert_eq!(done.location(), (303, "/admin/users/deleted?done=erase"));
    let list = root.client.get("/admin/users/deleted?done=erase");
    assert!(list.says("The account is gone for good.") && !list.says(&eve.id.to_string()));
    for gone in [&here, &erase] {
        assert_eq!(root.client.get(gone).status, 404, "{gone}");
    }
    assert_eq!(post(&root, &erase, &[]).status, 404);
    let api = format!("/api/admin/users/{}/erase", bob.id);
    let answer = ask_as(&root, "POST", &api, &json!({}));
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "done": "erase", "user": null }))
    );
    assert_eq!(ask_as(&root, "POST", &api, &json!({})).status, 404);
    for account in [&eve, &bob] {
        assert_eq!(refused(restore(&site, account)), Refusal::NotFound);
        let events = site.events_about(account);
        let newest = events.first().expect("an event");
        assert_eq!(
            (newest.kind.key(), newest.actor.as_str()),
            ("account_erased", root.account(&site).id.to_string().as_str())
        );
    }
}

#[test]
fn an_account_that_is_there_is_not_removed_for_good() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.create("ada", Role::User);
    let erase = format!("/users/{}/erase", ada.id);
    assert_eq!(root.client.get(&format!("/admin{erase}")).status, 404);
    assert_eq!(post(&root, &format!("/admin{erase}"), &[]).status, 404);
    let answer = ask_as(&root, "POST", &format!("/api/admin{erase}"), &json!({}));
    assert_eq!(answer.status, 404);
    assert_eq!(site.account("ada").map(|account| account.id), Some(ada.id));
}
