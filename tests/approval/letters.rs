//! Who is told by mail, when, and how often.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Config;
use librechat_auth::domain::account::Role;

use crate::support::{Person, Site, with_mail};

fn asking(config: &mut Config) {
    with_mail(config);
    config.accounts.approval = true;
    config.accounts.unverified_login = true;
}

fn announce(site: &Site) {
    site.run(site.app.announce_waiting()).expect("told");
}

/// What is about waiting, among other letters.
fn about_waiting(site: &Site) -> Vec<(String, String)> {
    let kinds = ["waiting_for_approval", "approval_wanted", "approved", "rejected"];
    let mut all = site.letters_to();
    all.retain(|(kind, _)| kinds.contains(&kind.as_str()));
    all
}

fn line(kind: &str, name: &str) -> (String, String) {
    (kind.to_owned(), format!("{name}@example.org"))
}

#[test]
fn every_admin_and_the_applicant_are_told_once() {
    let site = Site::with(asking);
    for name in ["root", "vice"] {
        site.create(name, Role::Admin);
    }
    site.create("gone", Role::Admin);
    site.run(
        site.app
            .set_disabled(&site.account("gone").expect("made"), true, &Actor::Console),
    )
    .expect("disabled");
    site.create("bob", Role::User);
    Person::register(&site, "ada");
    for _ in 0..3 {
        announce(&site);
    }
    let told = about_waiting(&site);
    let expected = [
        line("waiting_for_approval", "ada"),
        line("approval_wanted", "root"),
        line("approval_wanted", "vice"),
    ];
    assert_eq!(told, expected);
    let letter = site
        .letters()
        .into_iter()
        .find(|letter| letter.kind == "approval_wanted")
        .expect("there");
    assert!(
        letter.text.contains("ada example") && letter.text.contains("ada@example.org"),
        "{}",
        letter.text
    );
}

#[test]
fn admins_hear_of_proved_addresses_only_where_that_is_asked_for() {
    let site = Site::with(|config| {
        asking(config);
        config.accounts.unverified_login = false;
    });
    site.create("root", Role::Admin);
    Person::register(&site, "ada");
    site.sql("UPDATE users SET email_verified_at = NULL WHERE email = 'ada@example.org'");
    announce(&site);
    assert_eq!(about_waiting(&site), []);
    site.sql("UPDATE users SET email_verified_at = 5 WHERE email = 'ada@example.org'");
    announce(&site);
    assert_eq!(about_waiting(&site).len(), 2);
}

#[test]
fn the_answer_reaches_the_applicant() {
    let site = Site::with(asking);
    for (name, kind) in [("ada", "approved"), ("bob", "rejected")] {
        Person::register(&site, name);
        let account = site.account(name).expect("made");
        let outcome = if kind == "approved" {
            site.run(site.app.approve(&account, &Actor::Console))
        } else {
            site.run(site.app.reject(&account, &Actor::Console))
        };
        outcome.expect("decided");
        assert_eq!(about_waiting(&site).last(), Some(&line(kind, name)));
    }
    announce(&site);
    assert_eq!(about_waiting(&site).len(), 2, "nobody waits any more");
}

#[test]
fn a_site_without_mail_tells_nobody_and_catches_up_later() {
    let site = Site::with(|config| config.accounts.approval = true);
    site.create("root", Role::Admin);
    Person::register(&site, "ada");
    announce(&site);
    assert_eq!(site.letters_to(), []);
    let site = site.restarted_with(asking);
    announce(&site);
    assert_eq!(about_waiting(&site).len(), 2);
}

#[test]
fn nothing_that_an_applicant_typed_is_markup_in_the_letter() {
    let site = Site::with(asking);
    site.create("root", Role::Admin);
    Person::register(&site, "ada");
    site.sql("UPDATE users SET name = '<img src=x onerror=alert(1)>' || char(8238) WHERE role = 'USER'");
    announce(&site);
    let letters = site.letters();
    let letter = letters
        .iter()
        .find(|letter| letter.kind == "approval_wanted")
        .expect("there");
    assert!(!letter.html.contains("<img src=x") && !letter.text.contains('\u{202e}'));
    assert!(!letter.subject.contains(['\r', '\n']));
}
