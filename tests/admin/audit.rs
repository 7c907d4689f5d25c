//! Tests of the administration: what happened.

use librechat_auth::domain::account::Role;
use librechat_auth::domain::audit::EventKind;
use serde_json::{Value, json};

use super::kit::{ask, auditor};
use crate::support::{Person, Site, credentials};

fn get(person: &Person, path: &str) -> Value {
    let answer = ask(person, "GET", path, &json!({}));
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn kinds(list: &Value) -> Vec<String> {
    let events = list["events"].as_array().expect("events").iter();
    events
        .map(|event| event["kind"].as_str().expect("a kind").to_owned())
        .collect()
}

fn fail(site: &Site, name: &str) {
    let mut wrong = credentials(name);
    wrong["password"] = json!("not the password");
    assert_eq!(site.client().post("/api/auth/login", &wrong).status, 400);
}

#[test]
fn programs_search_the_log_page_by_page() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    for _ in 0..5 {
        fail(&site, "ada");
    }
    let (mut seen, mut before) = (0, String::new());
    loop {
        let path = format!("/api/admin/audit?kind=login_refused&limit=2{before}");
        let page = get(&root, &path);
        seen += kinds(&page).len();
        match page["next"].as_i64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 5);
    let timeline = get(&root, "/api/admin/audit?user=ada@example.org");
    assert_eq!(kinds(&timeline).last().map(String::as_str), Some("account_created"));
    assert_eq!(timeline["events"][0]["address"], "127.0.0.1");
    let elsewhere = get(&root, "/api/admin/audit?address=192.0.2.0/24");
    assert_eq!((kinds(&elsewhere).len(), &elsewhere["next"]), (0, &Value::Null));
}

#[test]
fn what_makes_no_sense_is_named() {
    let site = Site::start();
    let root = site.admin();
    for (query, field) in [
        ("user=eve@example.org", "user"),
        ("actor=eve@example.org", "actor"),
        ("kind=x", "kind"),
        ("address=x", "address"),
        ("reference=x", "reference"),
        ("since=x", "since"),
        ("until=x", "until"),
    ] {
        let answer = ask(&root, "GET", &format!("/api/admin/audit?{query}"), &json!({}));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(field), "{query}: {}", answer.text());
        let page = root.client.get(&format!("/admin/audit?{query}"));
        assert_eq!(page.status, 400, "{query}");
        assert!(page.text().contains(&format!("audit-{field}-error")), "{query}");
    }
    let answer = ask(&root, "GET", "/api/admin/audit/export?format=xls", &json!({}));
    assert_eq!(answer.status, 400);
}

#[test]
fn an_export_is_the_whole_log_and_is_written_down_with_who_made_it() {
    let site = Site::start();
    let root = site.admin();
    for _ in 0..3 {
        fail(&site, "nobody");
    }
    let csv = root.client.get("/admin/audit/export?format=csv&kind=login_refused");
    assert_eq!(csv.status, 200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.header("content-disposition").expect("a name").contains(".csv"));
    assert_eq!(
        csv.text().matches("\r\n").count(),
        4,
        "a title and three rows: {}",
        csv.text()
    );
    let lines = ask(&root, "GET", "/api/admin/audit/export", &json!({}));
    let events: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events[0]["id"], 1);
    let exports: Vec<&Value> = events
        .iter()
        .filter(|event| event["kind"] == "audit_exported")
        .collect();
    assert_eq!(exports.len(), 2, "this one, too");
    let own = root.account(&site).id.to_string();
    for (export, shape) in exports.iter().zip(["csv", "jsonl"]) {
        assert_eq!((&export["detail"], &export["actor"]), (&json!(shape), &json!(own)));
        assert_eq!(export["address"], "127.0.0.1");
    }
}

#[test]
fn a_long_export_arrives_whole() {
    let site = Site::start();
    let root = site.admin();
    let rows = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2500) \
                INSERT INTO audit SELECT 1000000 + n, n, 'login_refused', NULL, '', NULL, 'x', NULL, NULL, NULL, NULL, \
                zeroblob(32) FROM many";
    site.sql(rows);
    let lines = ask(&root, "GET", "/api/admin/audit/export?kind=login_refused", &json!({}));
    assert_eq!(lines.text().lines().count(), 2500);
    // Nothing on the first pages fits, and the file does not end there.
    let none = ask(&root, "GET", "/api/admin/audit/export?address=192.0.2.1", &json!({}));
    assert_eq!((none.status, none.text()), (200, ""));
}

#[test]
fn programs_verify_the_log_and_keep_its_head() {
    let site = Site::start();
    let root = site.admin();
    let head = get(&root, "/api/admin/audit/head")["line"]
        .as_str()
        .expect("a line")
        .to_owned();
    let kept = head.replace(' ', "%20");
    assert_eq!(get(&root, "/api/admin/audit/verify")["whole"], true);
    let compared = get(&root, &format!("/api/admin/audit/verify?head={kept}"));
    assert_eq!(
        (&compared["whole"], &compared["headsCompared"]),
        (&json!(true), &json!(1))
    );
    let bad = ask(&root, "GET", "/api/admin/audit/verify?head=x", &json!({}));
    assert_eq!(bad.status, 400);
    site.sql("UPDATE audit_marks SET seq = seq + 1 WHERE name = 'head'");
    let broken = get(&root, "/api/admin/audit/verify");
    assert_eq!((&broken["whole"], &broken["problem"]), (&json!(false), &json!("gone")));
    let page = root.client.get("/admin/audit/verify");
    assert!(page.text().contains("Somebody touched it"), "{}", page.text());
}

#[test]
fn the_page_shows_timelines_and_says_whether_anybody_touched_the_log() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.create("ada", Role::User);
    fail(&site, "ada");
    let page = root.client.get("/admin/audit");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("login_refused"), "{}", page.text());
    let timeline = root.client.get(&format!("/admin/audit?user={}", ada.id));
    assert!(timeline.text().contains("Timeline of ada@example.org"));
    assert!(timeline.text().contains("127.0.0.1"));
    let verified = root.client.get("/admin/audit/verify");
    assert!(verified.text().contains("Nobody has touched it"), "{}", verified.text());
    assert!(verified.text().contains("librechat-auth-audit-head v1"));
    let french = root.client.get("/admin/audit/verify?lang=fr");
    assert!(french.text().contains("Personne n’y a touché"));
    assert_eq!(root.client.get("/admin/audit/verify?head=x").status, 400);
}

#[test]
fn an_auditor_reads_exports_and_verifies() {
    let site = Site::start();
    site.admin();
    let audrey = auditor(&site);
    for path in [
        "/admin/audit",
        "/admin/audit/verify",
        "/admin/audit/export?format=jsonl",
    ] {
        assert_eq!(audrey.client.get(path).status, 200, "{path}");
    }
    let newest = get(&audrey, "/api/admin/audit");
    assert_eq!(newest["events"][0]["kind"], EventKind::AuditExported.key());
    assert_eq!(newest["events"][0]["actor"], audrey.account(&site).id.to_string());
}

#[test]
fn nobody_else_sees_any_of_it() {
    let site = Site::start();
    site.admin();
    Person::register(&site, "eve");
    let eve = Person::log_in(&site, "eve");
    for path in ["/admin/audit", "/admin/audit/verify", "/admin/audit/export?format=csv"] {
        assert_eq!(eve.client.get(path).status, 404, "{path}");
    }
    for path in [
        "/api/admin/audit",
        "/api/admin/audit/export",
        "/api/admin/audit/verify",
        "/api/admin/audit/head",
    ] {
        assert_eq!(ask(&eve, "GET", path, &json!({})).status, 403, "{path}");
    }
}
