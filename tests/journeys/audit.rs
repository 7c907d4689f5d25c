//! The audit log of a running server: what is in it, what is left of people, and where its head goes.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use librechat_auth::config::HeadTo;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::{ERASED, EventKind};
use librechat_auth::domain::audit_chain::Mark;
use serde_json::json;

use crate::support::{PASSWORD, Person, Site, days, with_mail};

/// A head that was sent belongs to the log, and the log is whole.
fn assert_fits(site: &Site, text: &str) {
    let heads = Mark::read_heads(text);
    assert_eq!(heads.len(), 1, "{text}");
    let found = site.run(site.app.verify_audit(heads)).expect("verified");
    assert_eq!(found.expect("whole").compared, 1);
}

fn publish(site: &Site) -> bool {
    site.run(site.app.publish_audit_head()).expect("no fault")
}

#[test]
fn the_head_of_the_log_goes_to_the_system_log_once_a_day() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("log");
    let log = UnixDatagram::bind(&path).expect("a socket");
    log.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let site = Site::with(|config| {
        config.audit.head_to = HeadTo::Syslog;
        config.audit.syslog.clone_from(&path);
    });
    site.create("ada", Role::User);
    let received = || {
        let mut bytes = [0; 1024];
        let length = log.recv(&mut bytes).expect("a datagram");
        String::from_utf8(bytes[..length].to_vec()).expect("text")
    };
    // The server itself may have been faster.
    publish(&site);
    let line = received();
    assert!(line.starts_with("<85>Nov 14 22:13:20 librechat-auth["), "{line}");
    assert_fits(&site, &line);
    assert!(!publish(&site), "once a day");
    site.clock.advance(days(1));
    site.create("bob", Role::User);
    publish(&site);
    let line = received();
    assert!(line.starts_with("<85>Nov 15 "), "{line}");
    assert_fits(&site, &line);
}

#[test]
fn a_system_log_that_is_not_there_is_tried_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("log");
    let site = Site::with(|config| {
        config.audit.head_to = HeadTo::Syslog;
        config.audit.syslog.clone_from(&path);
    });
    site.create("ada", Role::User);
    assert!(!publish(&site));
    let log = UnixDatagram::bind(&path).expect("a socket");
    log.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    assert!(publish(&site));
    assert!(log.recv(&mut [0; 1024]).expect("a datagram") > 100);
}

#[test]
fn the_head_of_the_log_goes_to_every_admin_by_mail() {
    let site = Site::with(|config| {
        with_mail(config);
        config.audit.head_to = HeadTo::Mail;
    });
    site.create("ada", Role::Admin);
    site.create("bob", Role::User);
    publish(&site);
    assert!(!publish(&site), "once a day");
    let sent = site.letters_of("audit_head");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, "ada@example.org");
    assert_fits(&site, &sent[0].text);
}

#[test]
fn nothing_is_sent_unless_somebody_wants_it() {
    let site = Site::start();
    site.create("ada", Role::Admin);
    assert!(!publish(&site));
}

#[test]
fn somebody_who_does_not_prove_that_it_is_them_is_in_the_log() {
    let site = Site::start();
    let root = site.admin();
    let body = json!({ "password": "a wrong password" });
    let request = root.client.request("POST", "/api/admin/confirm").bearer(&root.token);
    assert_eq!(request.json(&body).send().status, 400);
    let events = site.events_about(&root.account(&site));
    let refused = events.iter().find(|event| event.kind == EventKind::PasswordRefused);
    let refused = refused.expect("recorded");
    assert_eq!(
        (refused.detail.as_str(), refused.address.as_str()),
        ("password", "127.0.0.1")
    );
}

#[test]
fn whoever_deletes_their_account_takes_along_what_the_log_says_of_them() {
    let site = Site::with(|config| config.accounts.keep_deleted = Duration::ZERO);
    Person::register(&site, "ada");
    let ada = Person::log_in(&site, "ada");
    let account = ada.account(&site);
    let seen = site.events_about(&account);
    assert!(seen.iter().any(|event| event.address == "127.0.0.1"), "{seen:?}");
    let head = site.run(site.app.audit_head()).expect("readable").expect("there");
    assert_eq!(ada.api("DELETE", "/api/user/delete").status, 200);
    let left = site.events_about(&account);
    assert!(left.len() > seen.len(), "the deletion is recorded, too");
    assert!(
        left.iter()
            .all(|event| event.address == ERASED || event.address.is_empty()),
        "{left:?}"
    );
    let found = site.run(site.app.verify_audit(vec![head])).expect("verified");
    assert_eq!(found.expect("whole").compared, 1);
}

#[test]
fn what_is_too_old_goes_and_the_rest_stays_whole() {
    let site = Site::with(|config| config.audit.keep = days(1));
    site.create("ada", Role::User);
    site.clock.advance(days(2));
    let attempt = json!({ "email": "ada@example.org", "password": PASSWORD });
    assert_eq!(
        site.client()
            .request("POST", "/api/auth/login")
            .json(&attempt)
            .send()
            .status,
        200
    );
    site.run(site.app.purge_history()).expect("purged");
    let whole = site
        .run(site.app.verify_audit(Vec::new()))
        .expect("verified")
        .expect("whole");
    assert!(whole.first > 1 && whole.rows > 0, "{whole:?}");
}
