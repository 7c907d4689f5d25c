//! Tests of the administration: how the server is doing.

use librechat_auth::app::moderation::Report;
use librechat_auth::domain::moderation::violation::Violation;
use serde_json::{Value, json};

use super::kit::{ask, auditor};
use crate::support::{Person, Site, credentials, days, minutes};

fn overview(person: &Person, span: &str) -> Value {
    let answer = ask(person, "GET", &format!("/api/admin/overview?span={span}"), &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn database(site: &Site) -> rusqlite::Connection {
    let path = site.app.config.data_dir.join("librechat-auth.db");
    rusqlite::Connection::open(path).expect("the database opens")
}

/// Every number that is kept, as text.
fn tallies(site: &Site) -> Vec<String> {
    let database = database(site);
    let mut statement = database
        .prepare("SELECT hour || kind || count FROM tallies ORDER BY hour, kind")
        .expect("a statement");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("text")).collect()
}

/// The last number of a curve.
fn last(overview: &Value, curve: &str) -> u64 {
    let numbers = overview["curves"][curve].as_array().expect("a curve");
    numbers.last().and_then(Value::as_u64).expect("a number")
}

fn fail(site: &Site, name: &str) {
    let mut wrong = credentials(name);
    wrong["password"] = json!("not the password");
    assert_eq!(site.client().post("/api/auth/login", &wrong).status, 400);
}

#[test]
fn what_happens_is_counted_in_the_hour_in_which_it_happens() {
    let site = Site::start();
    let mut root = site.admin();
    site.user("ada");
    fail(&site, "ada");
    site.clock.advance(minutes(60));
    site.user("bob");
    root.refresh();
    let seen = overview(&root, "24h");
    let at_the_end = |curve: &str| {
        let numbers = seen["curves"][curve].as_array().expect("a curve");
        (numbers[22].as_u64(), numbers[23].as_u64())
    };
    assert_eq!(at_the_end("sign_ins"), (Some(2), Some(1)));
    assert_eq!(at_the_end("failures"), (Some(1), Some(0)));
    assert_eq!(at_the_end("registrations"), (Some(2), Some(1)));
    assert_eq!(seen["starts"].as_array().map(Vec::len), Some(24));
}

#[test]
fn violations_and_the_bans_they_lead_to_are_counted() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada").account(&site);
    for _ in 0..20 {
        let report = Report {
            kind: Violation::Logins,
            user: Some(ada.id),
            address: None,
            source: "server",
            detail: String::new(),
        };
        site.run(site.app.report(report)).expect("reported");
    }
    let seen = overview(&root, "7d");
    assert_eq!((last(&seen, "violations"), last(&seen, "bans")), (20, 1));
    assert_eq!(seen["bans"], 1);
}

#[test]
fn longer_spans_put_hours_together() {
    let site = Site::start();
    let mut root = site.admin();
    for _ in 0..3 {
        fail(&site, "root");
        site.clock.advance(minutes(30));
    }
    root.refresh();
    for (span, steps, hours) in [("24h", 24, 1), ("7d", 28, 6), ("30d", 30, 24), ("90d", 90, 24)] {
        let seen = overview(&root, span);
        let failures = seen["curves"]["failures"].as_array().expect("a curve");
        assert_eq!((failures.len(), &seen["stepHours"]), (steps, &json!(hours)), "{span}");
        assert_eq!(failures.iter().filter_map(Value::as_u64).sum::<u64>(), 3, "{span}");
    }
    assert_eq!(ask(&root, "GET", "/api/admin/overview?span=1y", &json!({})).status, 404);
}

#[test]
fn numbers_of_what_happened_before_the_upgrade_are_there() {
    let site = Site::start();
    site.user("ada");
    fail(&site, "ada");
    site.admin();
    let before = tallies(&site);
    assert!(before.len() >= 3, "{before:?}");
    site.sql("DELETE FROM tallies");
    let (_, backfill) = include_str!("../../src/store/migrations/sqlite/0022_overview.sql")
        .split_once("WITHOUT ROWID;")
        .expect("the first table");
    let (backfill, _) = backfill.split_once("-- What was changed").expect("the second table");
    database(&site).execute_batch(backfill).expect("filled in");
    assert_eq!(tallies(&site), before);
}

#[test]
fn numbers_are_forgotten_when_nobody_can_look_back_so_far() {
    let site = Site::start();
    site.user("ada");
    site.clock.advance(days(99));
    site.run(site.app.purge_history()).expect("purged");
    assert!(!tallies(&site).is_empty());
    site.clock.advance(days(2));
    site.run(site.app.purge_history()).expect("purged");
    assert!(tallies(&site).is_empty());
}

#[test]
fn who_is_here_is_known_also_after_a_restart_and_gone_after_minutes() {
    let site = Site::start();
    site.user("ada");
    let site = site.restarted();
    let root = site.admin();
    let seen = overview(&root, "24h");
    assert_eq!(seen["online"], 2);
    let names: Vec<&str> = seen["newest"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["email"].as_str())
        .collect();
    assert!(names.contains(&"ada@example.org") && names.contains(&"root@example.org"));
    site.clock.advance(minutes(6));
    let seen = overview(&root, "24h");
    assert_eq!(
        (&seen["online"], &seen["newest"][0]["email"]),
        (&json!(1), &json!("root@example.org"))
    );
}

#[test]
fn whoever_logs_out_is_not_here_any_more() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.user("ada");
    assert_eq!(overview(&root, "24h")["online"], 2);
    assert_eq!(ada.api("POST", "/api/auth/logout").status, 200);
    assert_eq!(overview(&root, "24h")["online"], 1);
}

#[test]
fn the_page_draws_the_numbers_and_repeats_them_as_a_table() {
    let site = Site::start();
    let auditor = auditor(&site);
    let page = auditor.client.get("/admin?span=7d");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<svg viewBox=\"0 0 280 100\""));
    assert!(
        page.text()
            .contains("<rect class=\"bar\" x=\"271\" y=\"0\" width=\"8\" height=\"100\">")
    );
    assert!(
        page.text()
            .contains("<td class=\"number\" data-label=\"New accounts\">1</td>")
    );
    assert!(page.says("1 session was used within the last five minutes."));
    assert!(
        page.says("Sound") || page.text().contains("class=\"badge\""),
        "health is shown"
    );
    assert!(!page.text().contains("style="), "the policy would refuse it");
}

#[test]
fn what_is_wrong_is_examined_once_for_everybody() {
    let site = Site::start();
    let root = site.admin();
    let seen = overview(&root, "24h");
    let checks = |seen: &Value| seen["health"].as_array().expect("examined").len();
    assert!(checks(&seen) >= 4, "{}", seen["health"]);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&site.app.config.data_dir, open).expect("opened");
    assert_eq!(overview(&root, "24h")["health"], seen["health"], "not looked at again");
    site.clock.advance(minutes(1));
    site.run(site.app.renew_health());
    let seen = overview(&root, "24h")["health"].to_string();
    assert!(seen.contains("\"red\"") && seen.contains("700"), "{seen}");
}

#[test]
fn admins_are_warned_where_nobody_has_to_log_in() {
    let site = Site::with(|config| config.login = librechat_auth::config::Login::Open);
    let root = site.admin();
    assert!(
        root.client
            .get("/admin")
            .text()
            .contains("class=\"message bad\" role=\"note\"")
    );
}
