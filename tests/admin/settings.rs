//! Tests of the administration: what is configured, and what may be changed here.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::moderation::Report;
use librechat_auth::app::settings::{NotChanged, Source};
use librechat_auth::config::live::Mistake;
use librechat_auth::domain::moderation::violation::Violation;

use crate::support::{Person, Site, credentials, registration};

fn change(site: &Site, key: &str, text: &str) -> Result<(), NotChanged> {
    let outcome = site.run(site.app.change_setting(key, text, &Actor::Console));
    outcome.expect("no fault").map(drop)
}

fn reset(site: &Site, key: &str) -> Result<(), NotChanged> {
    let outcome = site.run(site.app.reset_setting(key, &Actor::Console));
    outcome.expect("no fault").map(drop)
}

fn may_register(site: &Site, name: &str) -> bool {
    site.client().post("/api/auth/register", &registration(name)).status == 200
}

#[test]
fn registration_is_closed_and_opened_while_the_server_runs() {
    let site = Site::with(|config| config.accounts.registration = false);
    assert!(!may_register(&site, "ada"));
    change(&site, "accounts.registration", "true").expect("changed");
    assert!(may_register(&site, "ada"));
    assert_eq!(site.client().get("/api/config").json()["registrationEnabled"], true);
    change(&site, "ALLOW_REGISTRATION", "false").expect("changed by its other name");
    assert!(!may_register(&site, "bob"));
}

#[test]
fn changes_outlive_a_restart_and_are_forgotten_when_reset() {
    let site = Site::start();
    change(&site, "site.title", "Maple Street").expect("changed");
    let site = site.restarted();
    assert_eq!(site.client().get("/api/config").json()["appTitle"], "Maple Street");
    assert!(site.client().get("/login").says("Maple Street"));
    reset(&site, "site.title").expect("reset");
    assert_eq!(site.client().get("/api/config").json()["appTitle"], "LibreChat");
    let site = site.restarted();
    assert_eq!(site.client().get("/api/config").json()["appTitle"], "LibreChat");
}

#[test]
fn what_somebody_wrote_is_stronger_and_says_where_it_is() {
    let site = Site::start();
    change(&site, "accounts.registration", "false").expect("changed");
    let site = site.restarted_with(|config| config.accounts.registration_is_fixed = true);
    assert!(may_register(&site, "ada"), "what is written counts");
    let refused = change(&site, "accounts.registration", "false").expect_err("fixed");
    assert!(
        matches!(refused, NotChanged::Fixed(_) | NotChanged::NotHere),
        "{refused}"
    );
    reset(&site, "accounts.registration").expect("what was kept can be forgotten");
    let listed = site.app.setting("accounts.registration").expect("a setting");
    assert!(!listed.has_change() && !listed.is_changeable);
}

#[test]
fn allowed_domains_and_approval_count_at_once() {
    let site = Site::start();
    change(&site, "accounts.allowed_domains", "example.com").expect("changed");
    assert!(!may_register(&site, "ada"));
    change(&site, "accounts.allowed_domains", "example.com, Example.org").expect("changed");
    assert!(may_register(&site, "ada"));
    change(&site, "accounts.approval", "true").expect("changed");
    assert!(may_register(&site, "bob"));
    assert!(site.account("bob").expect("an account").is_waiting());
    assert!(!site.account("ada").expect("an account").is_waiting());
}

#[test]
fn bans_in_force_follow_the_mode() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    let report = |kind| Report {
        kind,
        user: Some(account.id),
        address: None,
        source: "server",
        detail: String::new(),
    };
    change(&site, "moderation.interval", "1").expect("changed");
    let reported = site.run(site.app.report(report(Violation::Logins))).expect("reported");
    assert_eq!(reported.bans.len(), 1, "one point is enough now");
    let log_in = || site.client().post("/api/auth/login", &credentials("ada")).status;
    assert_eq!(log_in(), 403);
    change(&site, "moderation.mode", "shadow").expect("changed");
    assert_eq!(log_in(), 200, "the ban counts no more");
    change(&site, "moderation.mode", "enforce").expect("changed");
    assert_eq!(log_in(), 403, "and counts again");
    change(&site, "moderation.enabled", "false").expect("changed");
    assert_eq!(log_in(), 200);
}

#[test]
fn a_change_by_another_process_counts_without_a_restart() {
    let site = Site::start();
    let beside = librechat_auth::app::App::open(
        site.app.config.clone(),
        site.clock.clone(),
        std::sync::Arc::new(librechat_auth::app::clock::SystemEntropy),
    )
    .expect("a second process opens the database");
    site.run(beside.change_setting("site.title", "Elsewhere", &Actor::Console))
        .expect("no fault")
        .expect("changed");
    site.run(site.app.reload_settings()).expect("read");
    assert_eq!(site.client().get("/api/config").json()["appTitle"], "Elsewhere");
    site.run(beside.close());
}

#[test]
fn every_change_is_in_the_audit_log_with_old_and_new() {
    let site = Site::start();
    let root = site.admin().account(&site);
    let by = Actor::Admin {
        id: root.id,
        origin: librechat_auth::domain::session::Origin::default(),
    };
    site.run(site.app.change_setting("site.title", "Home", &by))
        .expect("no fault")
        .expect("changed");
    reset(&site, "site.title").expect("reset");
    let path = site.app.config.data_dir.join("librechat-auth.db");
    let database = rusqlite::Connection::open(path).expect("the database opens");
    let mut statement = database
        .prepare("SELECT actor || ' ' || detail FROM audit WHERE kind = 'setting_changed' ORDER BY id")
        .expect("a statement");
    let rows: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .expect("rows")
        .map(|row| row.expect("text"))
        .collect();
    assert_eq!(
        rows,
        [
            format!("{} site.title: LibreChat → Home", root.id),
            "console site.title: Home → LibreChat".to_owned()
        ]
    );
}

#[test]
fn nothing_else_can_be_changed_and_no_secret_is_shown() {
    let site = Site::start();
    for (key, refusal) in [
        ("server.tls_key", NotChanged::NotHere),
        ("store.backup_dir", NotChanged::NotHere),
        ("secrets.jwt", NotChanged::NotHere),
        ("mail.smtp_password", NotChanged::Unknown(Some("mail.password"))),
        ("site.title", NotChanged::Mistake(Mistake::Empty)),
    ] {
        let refused = change(&site, key, "").expect_err(key);
        assert_eq!(
            std::mem::discriminant(&refused),
            std::mem::discriminant(&refusal),
            "{key}: {refused}"
        );
    }
    let everything = format!("{:?}", site.app.settings());
    for secret in [crate::support::JWT_SECRET, crate::support::REFRESH_SECRET] {
        assert!(!everything.contains(secret));
    }
}

#[test]
fn a_setting_of_a_newer_version_is_left_alone() {
    let site = Site::start();
    site.sql("INSERT INTO settings VALUES ('site.colour_of_the_moon', 'blue', 1, 'console')");
    site.sql("INSERT INTO settings VALUES ('moderation.interval', 'many', 1, 'console')");
    let site = site.restarted();
    let listed = site.app.setting("moderation.interval").expect("a setting");
    assert_eq!(listed.source, Source::Default);
    assert!(may_register(&site, "ada"));
    let _: Person = Person::log_in(&site, "ada");
}
