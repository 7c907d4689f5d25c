//! Tests of the administration: what is configured, and what may be changed here.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::moderation::Report;
use librechat_auth::app::settings::{NotChanged, Source};
use librechat_auth::config::live::Mistake;
use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::kit::{ask, auditor, post};
use crate::support::{JWT_SECRET, Person, REFRESH_SECRET, Site, credentials, registration};

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

const PATH: &str = "/api/admin/settings";

#[test]
fn the_page_changes_a_setting_says_so_and_resets_it() {
    let site = Site::start();
    let root = site.admin();
    let changed = post(&root, "/admin/settings/site.title", &[("value", "Maple Street")]);
    assert_eq!(changed.location(), (303, "/admin/settings?done=changed#set-site-title"));
    let page = root.client.get("/admin/settings?done=changed&q=site.title");
    assert!(page.says("The setting was changed and counts now.") && page.says("Maple Street"));
    assert!(page.says("changed here on") && page.says("Reset to default"));
    assert!(!page.text().contains("server.port"), "only what was searched for");
    let reset = post(&root, "/admin/settings/site.title/reset", &[]);
    assert_eq!(reset.location(), (303, "/admin/settings?done=reset#set-site-title"));
    assert!(site.client().get("/login").says("LibreChat"));
}

#[test]
fn what_is_typed_wrongly_stays_in_the_field_with_a_sentence() {
    let site = Site::start();
    let root = site.admin();
    let page = post(&root, "/admin/settings/moderation.interval", &[("value", "zero <b>")]);
    assert_eq!(page.status, 400);
    assert!(page.text().contains("value=\"zero &#60;b&#62;\""));
    assert!(page.says("Write a number from 1 on, such as 20."));
    assert!(page.text().contains("id=\"set-moderation-interval-value-error\""));
    let other = post(&root, "/admin/settings/server.tls_key", &[("value", "/etc/passwd")]);
    assert_eq!(other.status, 400);
    assert_eq!(post(&root, "/admin/settings/no.such", &[("value", "x")]).status, 404);
}

#[test]
fn an_auditor_reads_every_setting_and_gets_no_form() {
    let site = Site::start();
    let page = auditor(&site).client.get("/admin/settings");
    assert!(page.text().contains("accounts.registration") && page.text().contains("secrets.jwt_refresh"));
    assert!(!page.text().contains("action=\"/admin/settings/"));
    for secret in [JWT_SECRET, REFRESH_SECRET] {
        assert!(!page.text().contains(secret));
    }
}

#[test]
fn programs_change_settings_too() {
    let site = Site::start();
    let root = site.admin();
    let put = |key: &str, value: &str| ask(&root, "PUT", &format!("{PATH}/{key}"), &json!({ "value": value }));
    let changed = put("accounts.registration", "false");
    assert_eq!(
        (changed.status, changed.json()),
        (
            200,
            json!({ "key": "accounts.registration", "old": "true", "new": "false" })
        )
    );
    assert!(!may_register(&site, "ada"));
    let all = ask(&root, "GET", PATH, &json!({})).json();
    let settings = all["settings"].as_array().expect("a list").clone();
    let one = |key: &str| {
        settings
            .iter()
            .find(|one| one["key"] == key)
            .expect("a setting")
            .clone()
    };
    assert_eq!(one("accounts.registration")["source"]["kind"], "changed");
    assert_eq!(one("secrets.jwt")["value"], json!(null));
    assert_eq!(one("secrets.jwt")["secret"], true);
    for (key, value, answer) in [
        ("moderation.mode", "nobody", (400, "no_value")),
        ("store.backup_dir", "/tmp", (400, "not_here")),
    ] {
        let refused = put(key, value);
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (answer.0, Some(answer.1)),
            "{key}"
        );
    }
    assert_eq!(put("no.such", "x").status, 404);
    assert_eq!(
        ask(&root, "DELETE", &format!("{PATH}/accounts.registration"), &json!({})).status,
        200
    );
    assert!(may_register(&site, "ada"));
}

#[test]
fn how_long_something_lasts_is_said_in_words_and_typed_as_ever() {
    let site = Site::start();
    let root = site.admin();
    let page = root.client.get("/admin/settings");
    assert!(page.text().contains("<bdi>7 days</bdi>") && page.text().contains("<bdi>15 minutes</bdi>"));
    assert!(!page.text().contains("<bdi>7d</bdi>") && !page.text().contains("<bdi>5.0</bdi>"));
    let path = "/admin/settings/moderation.duration";
    assert_eq!(post(&root, path, &[("value", "1h30m")]).status, 303);
    let changed = root.client.get("/admin/settings?q=moderation.duration&lang=fr");
    assert_eq!(changed.value_of("value").as_deref(), Some("1h30m"));
    assert!(
        changed.says("1 heure 30 minutes") && changed.says("au lieu de 2 heures"),
        "{}",
        changed.text()
    );
    let wrong = post(&root, path, &[("value", "soon")]);
    assert_eq!((wrong.status, wrong.says("1 hour 30 minutes")), (400, false));
}
