//! The pages about invitations and waiting accounts, without scripts.

use librechat_auth::domain::invitation::InvitationId;

use super::kit::{auditor, post};
use crate::invitations::kit::{closed, register};
use crate::support::{Answer, Person, Site};

const PATH: &str = "/admin/invitations";

fn token(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("/register?token=").expect("a link");
    rest.split('<').next().expect("its end").to_owned()
}

#[test]
fn a_link_is_shown_once_and_lets_somebody_in_on_its_terms() {
    let site = closed();
    let root = site.admin();
    let form = [
        ("email", "ada@example.org"),
        ("role", "Family"),
        ("groups", "choir, Team Lead"),
        ("days", "2"),
        ("note", "alto"),
        ("lang", "fr"),
        ("mail", "on"),
    ];
    let made = post(&root, PATH, &form);
    assert_eq!(made.status, 200);
    assert!(made.says("It is shown this once and not kept."));
    assert!(!root.client.get(PATH).says("?token="));
    assert_eq!(register(&site, "ada", &token(&made)).status, 200);
    let ada = site.account("ada").expect("made");
    let groups: Vec<_> = ada.groups.iter().map(ToString::to_string).collect();
    assert_eq!(
        (ada.role.as_str(), groups),
        ("Family", vec!["Team Lead".to_owned(), "choir".to_owned()])
    );
    let page = root.client.get(&format!("{PATH}/1"));
    assert!(page.says("used up") && page.says("ada@example.org") && page.says("alto"));
    assert!(
        !page.says("/renew\"") && !page.says("/revoke\""),
        "there is nothing to be done"
    );
}

#[test]
fn what_is_wrong_is_told_at_each_field_and_kept() {
    let site = closed();
    let root = site.admin();
    let form = [
        ("email", "ada"),
        ("role", "x\u{7}"),
        ("groups", "a;b"),
        ("days", "0"),
        ("uses", "many"),
    ];
    let again = post(&root, PATH, &form);
    assert_eq!(again.status, 400);
    for field in ["email", "role", "groups", "days", "uses"] {
        assert!(again.says(&format!("id=\"invite-{field}-error\"")), "{field}");
    }
    assert_eq!(again.value_of("groups").as_deref(), Some("a;b"));
    let taken = post(&root, PATH, &[("email", "root@example.org"), ("days", "7")]);
    assert!(taken.says("This address has an account."));
    let admin = post(&root, PATH, &[("role", "ADMIN"), ("days", "7")]);
    assert!(admin.says("This role is not given away like that."));
}

#[test]
fn many_are_invited_with_an_outcome_each() {
    let site = closed();
    let root = site.admin();
    let emails = "ada@example.org\nnot one\nroot@example.org\n";
    let path = format!("{PATH}/many");
    let made = post(&root, &path, &[("emails", emails), ("days", "7")]);
    assert_eq!(made.status, 200);
    for words in ["hand over the link", "no email address", "has an account"] {
        assert!(made.says(words), "{words}");
    }
    assert_eq!(register(&site, "ada", &token(&made)).status, 200);
    let none = post(&root, &path, &[("emails", " \n"), ("days", "7")]);
    assert_eq!(
        (none.status, none.says("Write between 1 and 200 addresses.")),
        (400, true)
    );
}

#[test]
fn an_invitation_is_sent_again_and_taken_back() {
    let site = closed();
    let root = site.admin();
    let first = token(&post(&root, PATH, &[("email", "ada@example.org"), ("days", "7")]));
    let again = post(&root, &format!("{PATH}/1/renew"), &[("days", "3")]);
    assert_eq!((again.status, token(&again) == first), (200, false));
    let revoked = post(&root, &format!("{PATH}/1/revoke"), &[]);
    assert_eq!(revoked.location(), (303, "/admin/invitations?done=revoked"));
    assert!(root.client.get(&format!("{PATH}?state=revoked")).says("taken back"));
    assert_eq!(post(&root, &format!("{PATH}/1/renew"), &[("days", "3")]).status, 404);
    let id = InvitationId::from_row(1);
    assert!(
        site.run(site.app.find_invitation(id))
            .expect("read")
            .expect("there")
            .revoked_at
            .is_some()
    );
}

#[test]
fn waiting_accounts_are_chosen_and_let_in_or_turned_away() {
    let site = Site::with(|config| config.accounts.approval = true);
    let root = site.admin();
    for name in ["ada", "bob", "cyd"] {
        Person::register(&site, name);
    }
    let id = |name: &str| site.account(name).expect("waits").id.to_string();
    let (ada, bob, cyd) = (id("ada"), id("bob"), id("cyd"));
    assert!(root.client.get(PATH).says("Choose ada@example.org"));
    let nobody = post(&root, "/admin/approvals", &[("verdict", "approve")]);
    assert_eq!((nobody.status, nobody.says("Choose somebody first.")), (400, true));
    let approved = post(
        &root,
        "/admin/approvals",
        &[("id", &ada), ("id", &bob), ("verdict", "approve")],
    );
    assert_eq!(
        approved.location(),
        (303, "/admin/invitations?done=approved&count=2&late=0")
    );
    let rejected = post(
        &root,
        "/admin/approvals",
        &[("id", &cyd), ("id", &ada), ("verdict", "reject")],
    );
    assert_eq!(
        rejected.location(),
        (303, "/admin/invitations?done=rejected&count=1&late=1")
    );
    assert!(site.account("ada").is_some() && site.account("cyd").is_none());
    let page = root.client.get("/admin/invitations?done=rejected&count=1&late=1");
    assert!(page.says("Turned away: 1. Decided before by somebody else: 1."));
}

#[test]
fn an_auditor_sees_who_waits_and_decides_nothing() {
    let site = Site::with(|config| config.accounts.approval = true);
    let audrey = auditor(&site);
    Person::register(&site, "ada");
    let page = audrey.client.get(PATH);
    assert!(page.says("ada@example.org") && !page.says("name=\"verdict\""));
}
