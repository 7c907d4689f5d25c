//! Programs behind a real nginx: one that asks, and all the ways in which one does not.

use std::net::SocketAddr;
use std::path::Path;

use librechat_auth::app::doctor::Report;
use librechat_auth::domain::access::{Effect, HostPattern, Rule};
use librechat_auth::domain::doctor::{Finding, Guarded};

use super::kit::{House, RIGHT};
use crate::peers::{Program, Proxy, free_address};

fn rule(host: SocketAddr, effect: Effect) -> Rule {
    Rule {
        hosts: vec![HostPattern::parse(&host.to_string()).expect("a host")],
        ..Rule::of(effect)
    }
}

/// What the doctor finds at a program before which nginx has this `location`; `{auth}` is our server.
fn examined(effect: Effect, location: Option<&str>) -> Report {
    let program = free_address("127.0.0.1");
    let house = House::with("http", |config| config.access.rules = vec![rule(program, effect)]);
    let (front, auth) = (house.front, house.site.address);
    let _nginx = Proxy::custom(front, |dir: &Path| {
        let own = format!("server {{ listen {front}; location / {{ proxy_pass http://{auth}; {RIGHT} }} }}");
        let guarded = location.map_or_else(String::new, |location| {
            let location = location.replace("{auth}", &auth.to_string());
            format!("server {{ listen {program}; {location} }}")
        });
        let paths = Program::nginx_paths(dir);
        Program::nginx(&format!("http {{ access_log off; {paths} {own} {guarded} }}"), dir)
    });
    house.examine()
}

fn program(report: &Report) -> Option<&Guarded> {
    report.findings.iter().find_map(|finding| match finding {
        Finding::Guarded(guarded) => Some(guarded),
        Finding::Way(_) | Finding::Arrival(_) | Finding::Here(_) => None,
    })
}

const ASKS: &str = "location / { auth_request /ask; return 204; } \
                    location = /ask { internal; proxy_pass http://{auth}/forward-auth/nginx; \
                    proxy_set_header X-Original-URL $scheme://$http_host$request_uri; \
                    proxy_set_header X-Original-Method $request_method; }";

#[test]
#[ignore = "needs nginx: run make test"]
fn a_program_whose_proxy_asks_is_closed() {
    // `return` comes before `auth_request` in nginx, so the program is a file.
    let asks = ASKS.replace("return 204;", "try_files /nothing =204;");
    let report = examined(Effect::Allow, Some(&asks));
    assert!(matches!(program(&report), Some(Guarded::Closed { .. })), "{report:?}");
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_program_that_answers_to_anybody_is_named() {
    for location in ["location / { return 204; }", "location / { return 302 /dashboard; }"] {
        let report = examined(Effect::Allow, Some(location));
        assert!(matches!(program(&report), Some(Guarded::Open { .. })), "{report:?}");
    }
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_program_that_believes_the_headers_of_clients_is_named() {
    let believes = "location / { if ($http_remote_user = \"\") { return 401; } return 204; }";
    let report = examined(Effect::Allow, Some(believes));
    assert!(matches!(program(&report), Some(Guarded::Forged { .. })), "{report:?}");
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_program_that_is_down_is_told_from_one_that_is_closed() {
    let report = examined(Effect::Allow, Some("location / { return 502; }"));
    assert!(
        matches!(program(&report), Some(Guarded::Lost { status: 502, .. })),
        "{report:?}"
    );
    let report = examined(Effect::Allow, None);
    assert!(
        matches!(program(&report), Some(Guarded::Unreachable { .. })),
        "{report:?}"
    );
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_program_that_is_open_by_its_rule_is_not_looked_at() {
    let report = examined(Effect::Bypass, Some("location / { return 204; }"));
    assert_eq!(program(&report), None, "{report:?}");
}
