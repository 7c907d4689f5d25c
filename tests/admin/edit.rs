//! Changing what an account says: all of it or nothing, whoever else is at it.

use librechat_auth::app::Failure;
use librechat_auth::app::audit::Actor;
use librechat_auth::app::person::Edit;
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::field::{Issue, Rule};
use librechat_auth::domain::group::GroupName;
use librechat_auth::domain::refusal::Refusal;
use librechat_auth::domain::session::Origin;
use serde_json::json;

use super::kit::ask;
use super::person::path;
use crate::support::Site;

#[test]
fn of_two_admins_who_demote_each_other_one_stays_and_nothing_is_done_by_half() {
    let site = Site::start();
    let (ada, eve) = (site.create("ada", Role::Admin), site.create("eve", Role::Admin));
    let by = |account: &Account| Actor::Admin {
        id: account.id,
        origin: Origin::default(),
    };
    let demotion = |email: &str| Edit {
        name: Some("Was Demoted".to_owned()),
        email: Some(email.to_owned()),
        role: Some(Role::User),
        groups: Some(vec![GroupName::parse("former").expect("a name")]),
        ..Edit::default()
    };
    let (by_ada, by_eve) = (by(&ada), by(&eve));
    // Both are at it before either has written.
    let (first, second) = site.run(async {
        tokio::join!(
            site.app.edit_user(&eve, demotion("was-eve@example.org"), &by_ada),
            site.app.edit_user(&ada, demotion("was-ada@example.org"), &by_eve),
        )
    });
    assert_eq!(
        first.expect("the first one is in time"),
        ["email", "role", "name", "groups"]
    );
    let refused = second.expect_err("the second one is not");
    assert!(matches!(refused, Failure::Refused(Refusal::LastAdmin)), "{refused:?}");
    let left = site.account("ada").expect("with the address that it had");
    assert_eq!((left.name, left.role, left.email), (ada.name, Role::Admin, ada.email));
    assert_eq!(
        site.run(site.app.memberships(&site.account("ada").expect("there")))
            .expect("read"),
        []
    );
    assert_eq!(site.account("was-eve").expect("moved").role, Role::User);
}

#[test]
fn of_two_who_get_the_same_address_one_is_left_as_it_was() {
    let site = Site::start();
    let (ada, bob) = (site.create("ada", Role::User), site.create("bob", Role::User));
    let wanted = || Edit {
        name: Some("Somebody Else".to_owned()),
        email: Some("carol@example.org".to_owned()),
        role: Some(Role::Auditor),
        ..Edit::default()
    };
    let (first, second) = site.run(async {
        tokio::join!(
            site.app.edit_user(&ada, wanted(), &Actor::Console),
            site.app.edit_user(&bob, wanted(), &Actor::Console),
        )
    });
    assert_eq!(first.expect("free until then"), ["email", "role", "name"]);
    let refused = second.expect_err("taken");
    let taken = [Issue::new("email", Rule::Taken)];
    assert!(
        matches!(&refused, Failure::Refused(Refusal::Invalid(issues)) if *issues == taken),
        "{refused:?}"
    );
    let left = site.account("bob").expect("with the address that it had");
    assert_eq!((left.name, left.role), (bob.name, Role::User));
    let about = site.events_about(&site.account("bob").expect("there"));
    assert!(
        about.iter().all(|event| event.kind == EventKind::AccountCreated),
        "{about:?}"
    );
}

#[test]
fn a_user_name_that_is_refused_leaves_everything_else_as_it_was() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let body = json!({ "email": "eve@example.org", "username": "bob@example.org", "name": "Ada Changed" });
    let answer = ask(&root, "PATCH", &path(&site, "ada", ""), &body);
    assert_eq!((answer.status, answer.text().contains("username")), (400, true));
    assert_eq!(
        site.account("ada").expect("with the address that it had").name,
        "ada example"
    );
}
