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
use serde_json::json;

use crate::forward_auth::kit::{APP, ask, ask_about, guarding};
use crate::support::{Client, Person, Site, credentials, days, minutes, with_mail};
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
