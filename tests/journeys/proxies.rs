//! Headers that a client or a proxy sends: which are believed, and which never reach an answer.

use librechat_auth::config::{Config, Limit};

use crate::support::{Client, PASSWORD, Person, Site, credentials, raw};

fn three_logins(config: &mut Config) {
    config.limits.login = Limit {
        max: Some(3),
        window_minutes: 5.0,
    };
}

fn behind(proxies: u8) -> Site {
    Site::with(|config| {
        three_logins(config);
        config.server.trust_proxy = proxies;
    })
}

fn status(site: &Site, forwarded_for: &str) -> u16 {
    let client = site.client();
    let request = client
        .request("POST", "/api/auth/login")
        .header("x-forwarded-for", forwarded_for);
    request.json(&credentials("nobody")).send().status
}

#[test]
fn by_default_nobody_is_believed_about_addresses() {
    let site = Site::with(three_logins);
    assert_eq!(site.app.config.server.trust_proxy, 0);
    let statuses: Vec<_> = (1..=5).map(|at| status(&site, &format!("192.0.2.{at}"))).collect();
    assert_eq!(statuses, [400, 400, 400, 429, 429]);
}

#[test]
fn behind_one_proxy_the_last_entry_counts() {
    let site = behind(1);
    let spoofed: Vec<_> = (1..=4)
        .map(|at| status(&site, &format!("6.6.6.{at}, 192.0.2.1")))
        .collect();
    assert_eq!(spoofed, [400, 400, 400, 429]);
    assert_eq!(status(&site, "192.0.2.2"), 400, "somebody else is not stopped");
}

#[test]
fn behind_two_proxies_the_last_but_one_counts() {
    let site = behind(2);
    let spoofed: Vec<_> = (1..=4)
        .map(|at| status(&site, &format!("6.6.6.6, 192.0.2.1, 10.0.0.{at}")))
        .collect();
    assert_eq!(spoofed, [400, 400, 400, 429]);
}

#[test]
fn a_household_with_ipv6_is_one_client() {
    let site = behind(1);
    let statuses: Vec<_> = (1..=4)
        .map(|at| status(&site, &format!("2001:db8:1:2::{at}")))
        .collect();
    assert_eq!(statuses, [400, 400, 400, 429]);
    assert_eq!(status(&site, "[2001:db8:1:2:ffff::1]:443"), 429);
    assert_eq!(status(&site, "2001:db8:1:3::1"), 400);
}

#[test]
fn a_mapped_address_is_the_ipv4_one() {
    let site = behind(1);
    let statuses = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "192.0.2.1:80"].map(|one| status(&site, one));
    assert_eq!(statuses, [400, 400, 400, 429]);
}

#[test]
fn a_login_is_never_limited_by_somebody_elses_tries() {
    let site = behind(1);
    Person::register(&site, "ada");
    for _ in 0..5 {
        status(&site, "192.0.2.66");
    }
    let client = site.client();
    let request = client
        .request("POST", "/api/auth/login")
        .header("x-forwarded-for", "192.0.2.1");
    assert_eq!(request.json(&credentials("ada")).send().status, 200);
}

#[test]
fn the_sessions_show_the_clients_address_and_device() {
    let site = behind(1);
    Person::register(&site, "ada");
    let client = site.client();
    let request = client
        .request("POST", "/api/auth/login")
        .header("x-forwarded-for", "6.6.6.6, 192.0.2.7");
    assert_eq!(request.json(&credentials("ada")).send().status, 200);
    let page = client.get("/");
    assert!(page.says("192.0.2.7") && !page.says("6.6.6.6"));
    assert!(page.says("Firefox on Linux"));
    assert_eq!(site.events_about(&site.account("ada").unwrap())[0].address, "192.0.2.7");
}

#[test]
fn a_hostile_device_name_is_shown_as_text() {
    let site = Site::start();
    Person::register(&site, "ada");
    let client = site.client();
    let request = client
        .request("POST", "/api/auth/login")
        .header("user-agent", "<img src=x onerror=alert(1)>\"'");
    assert_eq!(request.json(&credentials("ada")).send().status, 200);
    assert!(!client.get("/").says("<img"));
}

const EVIL: [(&str, &str); 6] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-prefix", "/evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
    ("x-original-url", "//evil.example/"),
];

fn with_evil_headers(client: &Client, method: &str, path: &str) -> crate::support::Answer {
    let request = client.request(method, path);
    EVIL.iter()
        .fold(request, |request, (name, value)| request.header(name, value))
        .send()
}

#[test]
fn no_header_changes_an_address_that_we_hand_out() {
    for url in [None, Some("https://home.example.org/auth")] {
        let site = Site::with(|config| config.server.public_url = url.map(|url| url.parse().unwrap()));
        let ada = site.user("ada");
        for (client, path) in [
            (&site.client(), "/login"),
            (&site.client(), "/register"),
            (&site.client(), "/setup"),
            (&site.client(), "/"),
            (&site.client(), "/nothing"),
            (&site.client(), "/api/config"),
            (&ada.client, "/"),
            (&ada.client, "/login"),
        ] {
            let plain = client.copy().get(path);
            let answer = with_evil_headers(client, "GET", path);
            assert_eq!(answer.location(), plain.location(), "{path}");
            assert!(!answer.says("evil.example"), "{path}");
        }
        let logout = with_evil_headers(&ada.client, "POST", "/api/auth/logout");
        assert_eq!(logout.status, 200);
        assert!(
            logout
                .cookies()
                .iter()
                .all(|cookie| !cookie.attributes.concat().contains("Domain"))
        );
    }
}

#[test]
fn absolute_addresses_and_two_hosts_on_the_request_line_change_nothing() {
    let site = Site::start();
    for request in [
        "GET http://evil.example/api/config HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET /api/config HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET /api/config HTTP/1.0\r\n\r\n",
    ] {
        let answer = raw(&site, request.as_bytes());
        assert!([200, 400].contains(&answer.status), "{}", answer.text);
        assert!(!answer.text.contains("evil.example"), "{}", answer.text);
    }
}

#[test]
fn nothing_typed_comes_back_in_a_header() {
    let site = Site::start();
    Person::register(&site, "ada");
    let client = site.client();
    let fields = [
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", "/x\r\nset-cookie: planted=1"),
    ];
    let answer = client.submit("/login", "/login", &fields);
    assert_eq!(answer.location(), (303, "/"));
    assert_eq!(client.cookie("planted"), None);
}
