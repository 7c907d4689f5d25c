//! Who may read the metrics: nobody who was not named.

use std::time::Duration;

use librechat_auth::app::api_keys::Wanted;
use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::api_key::Scope;

use super::kit::{TOKEN, ask, site};
use crate::support::{Person, Site};

/// The page for an address that leads nowhere, without what differs from visit to visit.
fn nothing(answer: &crate::support::Answer) -> (u16, bool) {
    (answer.status, answer.says("librechat_auth_"))
}

#[test]
fn to_strangers_there_is_nothing() {
    let site = Site::start();
    for accept in ["text/plain", "application/openmetrics-text"] {
        let client = site.client();
        let answer = client.request("GET", "/metrics").header("accept", accept).send();
        let elsewhere = client.request("GET", "/nowhere").header("accept", accept).send();
        assert_eq!(nothing(&answer), (404, false));
        assert_eq!(answer.header("content-type"), elsewhere.header("content-type"));
        assert_eq!(
            answer.body.len(),
            elsewhere.body.len(),
            "it looks like any other address"
        );
    }
}

#[test]
fn the_token_opens_it_and_no_other_does() {
    let site = site(|_| {});
    assert_eq!(ask(&site, "*/*").status, 200);
    let client = site.client();
    for wrong in ["", "a", &TOKEN[1..], &format!("{TOKEN}a"), &TOKEN.to_uppercase()] {
        let answer = client.request("GET", "/metrics").bearer(wrong).send();
        assert_eq!(nothing(&answer), (404, false), "{wrong}");
    }
    let in_query = client.get(&format!("/metrics?token={}", TOKEN.replace(' ', "%20")));
    assert_eq!(nothing(&in_query), (404, false));
}

#[test]
fn a_network_counts_only_for_who_is_connected_directly() {
    let site = Site::with(|config| config.metrics.networks = vec!["127.0.0.0/8".parse().expect("a network")]);
    let client = site.client();
    assert_eq!(client.get("/metrics").status, 200);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"] {
        let answer = client.request("GET", "/metrics").header(header, "127.0.0.1").send();
        assert_eq!(nothing(&answer), (404, false), "{header}: somebody passed it on");
    }
}

#[test]
fn no_header_makes_a_stranger_a_neighbour() {
    let site = Site::with(|config| {
        config.metrics.networks = vec!["192.0.2.0/24".parse().expect("a network")];
        config.server.trust_proxy = 1;
    });
    let client = site.client();
    for header in ["x-forwarded-for", "x-real-ip"] {
        let answer = client.request("GET", "/metrics").header(header, "192.0.2.7").send();
        assert_eq!(nothing(&answer), (404, false), "{header}");
    }
}

#[test]
fn a_key_that_reads_administration_opens_it() {
    let site = Site::start();
    let status = |name: &str, role: Role, scope: Scope| {
        let account = site.create(name, role);
        let wanted = Wanted {
            name: "prometheus".to_owned(),
            scopes: vec![scope],
            hosts: Vec::new(),
            life: Some(Duration::from_hours(24)),
        };
        let key = site
            .run(site.app.make_key(&account, wanted, &Actor::Console))
            .expect("a key");
        let client = site.client();
        client.request("GET", "/metrics").bearer(key.expose()).send().status
    };
    assert_eq!(status("ada", Role::Admin, Scope::AdminRead), 200);
    assert_eq!(status("audrey", Role::Auditor, Scope::AdminRead), 200);
    assert_eq!(status("eve", Role::Admin, Scope::ApiRead), 404);
    assert_eq!(status("bob", Role::User, Scope::AdminRead), 404);
}

#[test]
fn an_ordinary_access_token_does_not_open_it() {
    let site = Site::start();
    let bob: Person = site.user("bob");
    assert_eq!(bob.api("GET", "/metrics").status, 404);
}

#[test]
fn it_is_read_and_nothing_else() {
    let site = site(|_| {});
    for method in ["POST", "PUT", "DELETE"] {
        let client = site.client();
        let answer = client.request(method, "/metrics").bearer(TOKEN).send();
        assert_eq!(nothing(&answer), (404, false), "{method}");
    }
    let head = site.client().request("HEAD", "/metrics").bearer(TOKEN).send();
    assert_eq!((head.status, head.body.len()), (200, 0));
}
