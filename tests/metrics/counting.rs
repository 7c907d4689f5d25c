//! What is counted, after it really happened.

use std::io::Write as _;
use std::process::{Command, Stdio};

use librechat_auth::domain::email::Email;
use serde_json::json;

use super::kit::{Scrape, ask, scrape, site};
use crate::support::postbox::{At, Mishap};
use crate::support::{Person, Postbox, START, Site, credentials, minutes, seconds};

/// Sends somebody's wrong password.
fn guess(site: &Site, name: &str) {
    let mut wrong = credentials(name);
    wrong["password"] = json!("not the password");
    site.client().post("/api/auth/login", &wrong);
}

#[test]
fn requests_are_counted_by_route_method_and_class() {
    let site = site(|_| {});
    let client = site.client();
    client.get("/api/roles/USER");
    client.get("/api/roles/ADMIN");
    client.get("/login");
    client.get("/a/path/that/somebody/typed");
    client.request("BREW", "/login").send();
    let seen = scrape(&site);
    let requests = |labels: &str| seen.count(&format!("librechat_auth_http_requests_total{{{labels}}}"));
    assert_eq!(requests(r#"route="/api/roles/{name}",method="GET",status="4xx""#), 2);
    assert_eq!(requests(r#"route="/login",method="GET",status="2xx""#), 1);
    assert_eq!(requests(r#"route="/login",method="other",status="4xx""#), 1);
    assert_eq!(requests(r#"route="unmatched",method="GET",status="4xx""#), 1);
    let spread = r#"librechat_auth_http_request_duration_seconds_count{route="/login",method="GET"}"#;
    assert_eq!(seen.count(spread), 1);
    assert_eq!(seen.count("librechat_auth_http_requests_in_flight"), 1, "this one");
}

#[test]
fn nothing_that_a_stranger_types_becomes_a_label() {
    let site = site(|_| {});
    let client = site.client();
    for at in 0..50 {
        client.get(&format!("/typed-{at}"));
        client.request(&format!("TYPED{at}"), "/login").send();
        client.get(&format!("/oauth/typed-{at}"));
        client.post(
            "/api/auth/login",
            &json!({ "email": format!("typed-{at}@example.org"), "password": "typed" }),
        );
    }
    let text = ask(&site, "text/plain").text().to_lowercase();
    assert!(!text.contains("typed"), "{text}");
}

#[test]
fn logins_and_refusals_are_counted_by_what_came_of_them() {
    let site = site(|_| {});
    Person::register(&site, "ada");
    let mut ada = Person::log_in(&site, "ada");
    guess(&site, "ada");
    guess(&site, "nobody");
    ada.refresh();
    site.clock.advance(minutes(1));
    site.client().post("/api/auth/refresh", &json!({}));
    let seen = scrape(&site);
    let logins = |outcome: &str| {
        seen.count(&format!(
            r#"librechat_auth_logins_total{{method="password",outcome="{outcome}"}}"#
        ))
    };
    assert_eq!((logins("signed_in"), logins("bad_credentials")), (1, 2));
    assert_eq!(
        seen.count(r#"librechat_auth_registrations_total{outcome="accepted"}"#),
        1
    );
    assert_eq!(seen.count(r#"librechat_auth_refreshes_total{outcome="renewed"}"#), 1);
    assert_eq!(
        seen.count(r#"librechat_auth_refusals_total{cause="bad_credentials"}"#),
        2
    );
    assert_eq!(seen.count("librechat_auth_sessions"), 1);
    assert_eq!(seen.count("librechat_auth_accounts"), 1);
    assert_eq!(seen.count("librechat_auth_password_hash_seconds_count"), 4);
    assert!(seen.count("librechat_auth_store_batch_jobs_count") > 0);
    assert!(seen.count("librechat_auth_store_commit_seconds_count") > 0);
}

#[test]
fn violations_and_bans_are_counted_and_those_that_are_over_are_not_in_force() {
    let site = site(|config| {
        config.limits.login.max = Some(1);
        config.server.trust_proxy = 1;
    });
    for _ in 0..22 {
        let client = site.client();
        let request = client
            .request("POST", "/api/auth/login")
            .header("x-forwarded-for", "203.0.113.9");
        request.json(&credentials("nobody")).send();
    }
    let seen = scrape(&site);
    assert_eq!(seen.count(r#"librechat_auth_violations_total{kind="logins"}"#), 20);
    assert_eq!(seen.count(r#"librechat_auth_bans_issued_total{subject="network"}"#), 1);
    assert_eq!(seen.count(r#"librechat_auth_bans_in_force{subject="network"}"#), 1);
    assert_eq!(seen.count(r#"librechat_auth_refusals_total{cause="too_many"}"#), 20);
    assert_eq!(seen.count(r#"librechat_auth_refusals_total{cause="banned"}"#), 1);
    site.clock.advance(minutes(121));
    let seen = scrape(&site);
    assert_eq!(seen.count(r#"librechat_auth_bans_in_force{subject="network"}"#), 0);
    assert_eq!(seen.count(r#"librechat_auth_bans_issued_total{subject="network"}"#), 1);
}

#[test]
fn letters_are_counted_while_they_wait_and_once_they_are_given_up() {
    let postbox = Postbox::open();
    let site = site(|config| postbox.serve(config));
    let ada = Email::from_row("ada@example.org".to_owned());
    let write = || {
        let queued = site.app.queue_test_letter(&ada, None);
        assert!(site.run(queued).expect("the outbox"));
        site.mail_rests();
    };
    postbox.next(At::Recipient, Mishap::Says("451 4.7.1 greylisted, come back later"));
    write();
    site.clock.advance(seconds(59));
    let seen = scrape(&site);
    let letters = |seen: &Scrape, state: &str| seen.count(&format!("librechat_auth_mail_letters{{state=\"{state}\"}}"));
    let outcomes = |seen: &Scrape, outcome: &str| {
        seen.count(&format!(
            "librechat_auth_mail_deliveries_total{{outcome=\"{outcome}\"}}"
        ))
    };
    assert_eq!((letters(&seen, "waiting"), letters(&seen, "failed")), (1, 0));
    assert_eq!(seen.count("librechat_auth_mail_oldest_waiting_seconds"), 59);
    assert_eq!(outcomes(&seen, "postponed"), 1);
    site.clock.advance(minutes(2));
    site.mail_rests();
    postbox.next(At::Recipient, Mishap::Says("550 5.1.1 no such user"));
    write();
    let seen = scrape(&site);
    assert_eq!((letters(&seen, "waiting"), letters(&seen, "failed")), (0, 1));
    assert_eq!((outcomes(&seen, "sent"), outcomes(&seen, "given_up")), (1, 1));
    assert_eq!(seen.count("librechat_auth_mail_oldest_waiting_seconds"), 0);
}

#[test]
fn the_process_tells_of_itself() {
    let site = site(|_| {});
    let seen = scrape(&site);
    assert_eq!(seen.count("process_start_time_seconds"), START.seconds());
    for name in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_threads",
        "process_cpu_seconds_total",
    ] {
        assert!(seen.value(name) > 0.0, "{name}");
    }
    assert!(seen.count(r#"librechat_auth_store_file_bytes{file="database"}"#) > 0);
    let version = format!("librechat_auth_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen.count(&version), 1);
}

#[test]
fn counters_never_go_back() {
    let site = site(|_| {});
    let first = scrape(&site);
    site.client().get("/login");
    let second = scrape(&site);
    for (series, value) in &first.samples {
        let family = series.split('{').next().expect("a name");
        if first.kinds.get(family).is_some_and(|kind| kind == "counter") {
            assert!(second.value(series) >= *value, "{series}");
        }
    }
}

/// Reads both forms with the parsers of the Prometheus project's own library.
const READ: &str = "
import sys
from prometheus_client import parser, openmetrics
from prometheus_client.openmetrics import parser as strict
text = sys.stdin.read()
families = strict.text_string_to_metric_families if sys.argv[1] == 'open' else parser.text_string_to_metric_families
print(sum(len(family.samples) for family in families(text)))
";

#[test]
#[ignore = "needs python3-prometheus-client: run make test"]
fn the_library_of_prometheus_reads_both_forms() {
    let site = site(|_| {});
    guess(&site, "ada");
    let mut counts = Vec::new();
    for (form, accept) in [
        ("plain", "text/plain"),
        ("open", "application/openmetrics-text; version=1.0.0"),
    ] {
        let answer = ask(&site, accept);
        let expected = if form == "open" {
            "application/openmetrics-text"
        } else {
            "text/plain; version=0.0.4"
        };
        assert!(
            answer
                .header("content-type")
                .is_some_and(|kind| kind.starts_with(expected))
        );
        let mut reader = Command::new("/usr/bin/python3")
            .args(["-c", READ, form])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut input = reader.stdin.take().expect("piped");
        input.write_all(&answer.body).expect("written");
        drop(input);
        let output = reader.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout).trim().parse::<i64>();
        counts.push(said.expect("a count"));
    }
    assert!(counts[0] > 100 && counts[1] >= counts[0], "{counts:?}");
}
