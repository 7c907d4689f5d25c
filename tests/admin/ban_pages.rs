//! The pages about bans, violations and policies, without scripts.

use librechat_auth::domain::moderation::violation::Violation;

use super::kit::{auditor, post};
use crate::moderation::kit::{MALLORY, NEIGHBOUR, Visitor, misbehave, reported_to};
use crate::support::Site;

fn site() -> Site {
    reported_to(|_| {})
}

#[test]
fn a_ban_is_made_found_explained_and_lifted() {
    let site = site();
    let root = site.admin();
    let form = [("subject", MALLORY), ("length", "2h"), ("note", "spam")];
    assert_eq!(
        post(&root, "/admin/bans", &form).location(),
        (303, "/admin/bans?done=banned")
    );
    assert!(Visitor::at(&site, MALLORY).is_banned());
    let list = root.client.get("/admin/bans?done=banned");
    assert!(list.says("The ban counts from now on.") && list.says("root@example.org") && list.says("spam"));
    let bans = site.run(site.app.bans_in_force()).expect("bans");
    let reference = &bans[0].reference;
    let typed = reference.replace('-', "").to_lowercase();
    let found = root.client.get(&format!("/admin/bans?q={typed}"));
    let path = format!("/admin/bans/{reference}");
    assert_eq!(found.location(), (303, path.as_str()));
    assert!(root.client.get(&path).says("Lift the ban"));
    let lifted = post(&root, &format!("{path}/lift"), &[]);
    assert_eq!(lifted.location(), (303, "/admin/bans?done=lifted&count=1"));
    assert!(!Visitor::at(&site, MALLORY).is_banned());
    assert!(root.client.get("/admin/bans").says("There are no such bans."));
    assert!(root.client.get("/admin/bans?standing=over").says("Lifted"));
}

#[test]
fn what_may_not_be_banned_is_told_at_its_field_and_nothing_typed_is_lost() {
    let site = site();
    let root = site.admin();
    for (subject, why) in [
        ("root@example.org", "This is your own account."),
        ("127.0.0.1", "This machine is in it"),
        ("nobody@example.org", "This is no account, address or network."),
    ] {
        let again = post(&root, "/admin/bans", &[("subject", subject), ("note", "typed")]);
        assert_eq!(again.status, 400, "{subject}");
        assert!(again.says(why), "{subject}");
        assert_eq!(again.value_of("note").as_deref(), Some("typed"));
        assert!(again.says("<details open>"));
    }
    let unknown = root.client.get("/admin/bans?q=nobody@example.org");
    assert!(unknown.says("There is no such account, address, network or number."));
}

#[test]
fn a_ban_that_a_score_led_to_is_drawn_and_told_as_a_table() {
    let site = site();
    let root = site.admin();
    let ada = site.user("ada").account(&site).id;
    let bans = misbehave(&site, Some(ada), Some(MALLORY), 20).bans;
    let page = root.client.get(&format!("/admin/bans/{}", bans[0].reference));
    assert!(page.says("<svg viewBox=\"0 0 1000 300\" role=\"img\""));
    assert!(page.says("The score rises to 20 and crosses 20."));
    assert!(page.says("The same as a table"));
    assert!(page.says(&format!("Also lift the ban of {MALLORY}, which came with it")));
    let lifted = post(
        &root,
        &format!("/admin/bans/{}/lift", bans[0].reference),
        &[("together", "on")],
    );
    assert_eq!(lifted.location(), (303, "/admin/bans?done=lifted&count=2"));
}

#[test]
fn a_refused_request_is_explained_with_how_things_stand() {
    let site = site();
    let root = site.admin();
    misbehave(&site, None, Some(NEIGHBOUR), 7);
    let refused = Visitor::at(&site, NEIGHBOUR).send("GET", "/api/user");
    site.run(site.app.flush_refusals()).expect("written");
    let reference = refused.header("x-reference").expect("a number");
    let page = root.client.get(&format!("/admin/bans/{reference}"));
    assert!(page.says("No access token was sent") && page.says("GET /api/user, answered 401"));
    assert!(page.says("Too many messages: 7 of 20"));
    assert_eq!(root.client.get("/admin/bans/ZZZZ-ZZZZ").status, 404);
}

#[test]
fn a_network_is_spared_and_taken_off_the_list() {
    let site = site();
    let root = site.admin();
    misbehave(&site, None, Some(MALLORY), 20);
    let form = [("network", "203.0.113.0/24"), ("note", "the school")];
    let spared = post(&root, "/admin/bans/spare", &form);
    assert_eq!(spared.location(), (303, "/admin/bans?done=spared&count=1"));
    assert!(root.client.get("/admin/bans").says("the school"));
    let wide = post(&root, "/admin/bans/spare", &[("network", "0.0.0.0/0")]);
    assert_eq!(
        (wide.status, wide.says("no wider than what belongs to you")),
        (400, true)
    );
    let unspared = post(&root, "/admin/bans/unspare", &[("network", "203.0.113.0/24")]);
    assert_eq!(unspared.location(), (303, "/admin/bans?done=unspared"));
}

#[test]
fn violations_are_filtered_by_a_form() {
    let site = site();
    let root = site.admin();
    misbehave(&site, None, Some(MALLORY), 2);
    let all = root.client.get("/admin/violations");
    assert!(all.says(MALLORY) && all.says("Too many messages"));
    let none = root.client.get("/admin/violations?kind=logins&hours=1");
    assert!(none.says("There are no such violations.") && none.says("value=\"logins\" selected"));
    let other = root.client.get(&format!("/admin/violations?subject={NEIGHBOUR}"));
    assert!(other.says("There are no such violations."));
    let unknown = root.client.get("/admin/violations?subject=nobody");
    assert!(unknown.says("This is no account, address or network."));
}

#[test]
fn a_policy_is_tried_by_a_plain_form() {
    let site = site();
    let root = site.admin();
    misbehave(&site, None, Some(MALLORY), 10);
    let same = root.client.get("/admin/bans/simulate");
    assert!(same.says("This is the policy in force.") && same.says("10 violations in 30 days."));
    let other = root
        .client
        .get("/admin/bans/simulate?interval=10&score_message_limit=1");
    assert!(other.says("interval = 10\n") && other.says(MALLORY));
    assert_eq!(other.value_of("interval").as_deref(), Some("10"));
    let odd = root.client.get("/admin/bans/simulate?interval=-1");
    assert!(odd.says("This is no number that fits: A ban at each multiple of"));
    for kind in Violation::ALL {
        assert!(same.says(&format!("name=\"score_{}\"", kind.key())), "{kind:?}");
    }
}

#[test]
fn an_auditor_sees_no_form_that_changes_anything() {
    let site = site();
    let audrey = auditor(&site);
    let bans = misbehave(&site, None, Some(MALLORY), 20).bans;
    for path in ["/admin/bans".to_owned(), format!("/admin/bans/{}", bans[0].reference)] {
        let page = audrey.client.get(&path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.says("method=\"post\" action=\"/admin"), "{path}");
    }
}
