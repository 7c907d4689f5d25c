//! Bans outlive the process, come from other processes too, and can be taken back.

use std::sync::Arc;

use librechat_auth::app::App;
use librechat_auth::app::audit::Actor;
use librechat_auth::app::clock::SystemEntropy;
use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;

use super::kit::{MALLORY, NEIGHBOUR, Visitor, at, misbehave, reported_to, score, strict};
use crate::support::{Site, days, seconds};

/// Another process with the same data, such as the command line.
fn console(site: &Site) -> App {
    App::open(site.app.config.clone(), site.clock.clone(), Arc::new(SystemEntropy)).expect("the application opens")
}

#[test]
fn a_restart_keeps_bans_and_scores() {
    let site = strict();
    Visitor::at(&site, MALLORY).flood(20);
    Visitor::at(&site, NEIGHBOUR).flood(19);
    let site = site.restarted();
    assert!(Visitor::at(&site, MALLORY).is_banned());
    let neighbour = Visitor::at(&site, NEIGHBOUR);
    assert!(!neighbour.is_banned());
    neighbour.flood(1);
    assert!(neighbour.is_banned());
}

#[test]
fn a_ban_that_another_process_made_counts_once_it_is_noticed() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let console = console(&site);
    let network = Subject::Network("203.0.113.0/24".parse().expect("a network"));
    let user = Subject::User(ada.account(&site).id);
    for subject in [network, user] {
        let added = site.run(console.add_ban(subject, Some(days(1)), "by hand", &Actor::Console));
        added.expect("no fault").expect("banned");
    }
    assert_eq!(ada.open_doors(), [false; 3], "the sessions are gone at once");
    site.run(site.app.reload_bans()).expect("reloaded");
    assert!(Visitor::at(&site, MALLORY).is_banned());
    assert_eq!(Visitor::at(&site, "198.51.100.1").log_in("ada").status, 403);
    site.run(console.close());
}

#[test]
fn a_ban_that_another_process_lifted_is_over_once_it_is_noticed() {
    let site = reported_to(|_| {});
    misbehave(&site, None, Some(MALLORY), 20);
    assert!(Visitor::at(&site, MALLORY).is_banned());
    let console = console(&site);
    assert_eq!(
        site.run(console.lift_bans(|_| true, &Actor::Console))
            .expect("lifted")
            .len(),
        1
    );
    site.run(site.app.reload_bans()).expect("reloaded");
    assert!(!Visitor::at(&site, MALLORY).is_banned());
    site.run(console.close());
}

#[test]
fn a_ban_made_here_is_known_here_whatever_others_did_meanwhile() {
    let site = reported_to(|_| {});
    let console = console(&site);
    let other = site
        .run(console.add_ban(at(NEIGHBOUR), None, "", &Actor::Console))
        .expect("no fault");
    other.expect("banned");
    misbehave(&site, None, Some(MALLORY), 20);
    assert!(Visitor::at(&site, MALLORY).is_banned());
    site.run(site.app.reload_bans()).expect("reloaded");
    assert!(Visitor::at(&site, MALLORY).is_banned() && Visitor::at(&site, NEIGHBOUR).is_banned());
    site.run(console.close());
}

#[test]
fn a_lifted_ban_gives_back_access_at_once_and_a_clean_slate() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let id = ada.account(&site).id;
    misbehave(&site, Some(id), Some(MALLORY), 20);
    let visitor = Visitor::at(&site, MALLORY);
    assert!(visitor.is_banned());
    let lifted = site.run(site.app.lift_bans(|_| true, &Actor::Console)).expect("lifted");
    assert_eq!(lifted.len(), 2, "of the user and of the address");
    assert_eq!(visitor.log_in("ada").status, 200);
    assert_eq!(score(&site, Subject::User(id)), Points::ZERO);
    assert_eq!(misbehave(&site, Some(id), None, 19).bans, []);
    let kinds: Vec<_> = site
        .events_about(&ada.account(&site))
        .iter()
        .map(|event| event.kind)
        .collect();
    assert!(kinds.contains(&EventKind::BanLifted));
}

#[test]
fn lifting_one_ban_leaves_the_others() {
    let site = reported_to(|_| {});
    for address in [MALLORY, NEIGHBOUR] {
        misbehave(&site, None, Some(address), 20);
    }
    let mallory = at(MALLORY);
    site.run(site.app.lift_bans(move |ban| ban.subject == mallory, &Actor::Console))
        .expect("lifted");
    assert!(!Visitor::at(&site, MALLORY).is_banned());
    assert!(Visitor::at(&site, NEIGHBOUR).is_banned());
}

#[test]
fn a_ban_is_explained_by_exactly_what_added_up() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let id = ada.account(&site).id;
    misbehave(&site, Some(id), Some(MALLORY), 7);
    site.clock.advance(days(1));
    misbehave(&site, Some(id), Some(NEIGHBOUR), 5);
    let bans = misbehave(&site, Some(id), Some(MALLORY), 15).bans;
    assert_eq!(bans.len(), 2, "the user, who takes the address along: {bans:?}");
    site.clock.advance(seconds(1));
    misbehave(&site, Some(id), Some(MALLORY), 1);
    for ban in bans {
        let explained = site
            .run(site.app.explain_ban(&ban.reference))
            .expect("no fault")
            .expect("known");
        let addresses: Vec<_> = explained
            .sum
            .events
            .iter()
            .map(|event| event.address.as_str())
            .collect();
        assert_eq!(
            addresses,
            [vec![NEIGHBOUR; 5], vec![MALLORY; 15]].concat(),
            "{:?}",
            ban.subject
        );
    }
}
