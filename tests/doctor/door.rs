//! Through real proxies: the right configuration is not complained about, and each wrong one is named, with the line that
//! puts it right.

use librechat_auth::domain::doctor::{Arrival, Finding, Grade, Proxy as Named, Way};

use super::kit::{House, RIGHT, assert_only, complaints, found};
use crate::support::Site;

fn without(line: &str) -> String {
    assert!(RIGHT.contains(line), "{line}");
    RIGHT.replace(line, "")
}

#[test]
fn without_a_proxy_all_is_well_but_the_missing_encryption() {
    let mut house = House::new();
    house.url = format!("http://{}", house.site.address).parse().expect("an address");
    let report = house.examine();
    assert_eq!(found(&report, "address"), &Finding::Arrival(Arrival::Direct));
    assert_eq!(found(&report, "certificate").grade(), Grade::Fair, "on this machine");
    assert!(matches!(
        found(&report, "public_url"),
        Finding::Arrival(Arrival::UrlOther { .. })
    ));
    for key in [
        "answer",
        "host",
        "forged_address",
        "cookie",
        "websockets",
        "header_size",
        "clock",
    ] {
        assert_eq!(found(&report, key).grade(), Grade::Good, "{key}: {report:?}");
    }
}

#[test]
fn nobody_at_home_and_no_such_name_are_told_apart() {
    let mut house = House::new();
    assert!(matches!(
        found(&house.examine(), "answer"),
        Finding::Way(Way::Unreachable { .. })
    ));
    house.url = "http://nowhere.invalid/".parse().expect("an address");
    let report = house.examine();
    assert!(matches!(found(&report, "name"), Finding::Way(Way::NameUnknown { .. })));
    assert_eq!(report.findings.len(), 1);
}

#[test]
fn a_missing_public_url_is_named_with_the_line_to_write() {
    let mut house = House::with("http", |config| config.server.public_url = None);
    house.url = format!("http://{}", house.site.address).parse().expect("an address");
    let line = format!("public_url = \"http://{}\"", house.site.address);
    assert_only(&house.examine(), "public_url is not set", &line);
}

#[test]
fn another_installation_is_not_mistaken_for_this_one() {
    let mut house = House::new();
    let other = Site::with(|config| {
        config.secrets.jwt = librechat_auth::domain::secret::Secret::new("the access secret of somebody else entirely");
    });
    house.url = format!("http://{}", other.address).parse().expect("an address");
    let report = house.examine();
    assert!(matches!(
        found(&report, "answer"),
        Finding::Way(Way::Elsewhere { status: 404 })
    ));
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_right_nginx_is_not_complained_about() {
    let house = House::new();
    let _nginx = house.nginx(RIGHT, "");
    let report = house.examine();
    assert_eq!(complaints(&report).len(), 1, "only http: {:?}", complaints(&report));
    assert_eq!(report.proxy, Named::Nginx);
    assert!(matches!(
        found(&report, "address"),
        Finding::Arrival(Arrival::Through { by, .. }) if by == "X-Forwarded-For"
    ));
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_proxy_that_is_not_trusted_is_named_with_its_address() {
    let house = House::with("http", |config| config.server.trusted_proxies = Vec::new());
    let _nginx = house.nginx(RIGHT, "");
    assert_only(
        &house.examine(),
        "the proxy 127.0.0.1 sends X-Forwarded-For, but is not trusted",
        "[server] trusted_proxies = [\"127.0.0.1\"]",
    );
}

#[test]
#[ignore = "needs nginx: run make test"]
fn a_proxy_that_does_not_say_whose_request_it_is_lets_clients_choose() {
    let house = House::new();
    let _nginx = house.nginx(
        &without("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),
        "",
    );
    let report = house.examine();
    let line = "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
    let wrong: Vec<_> = complaints(&report)
        .into_iter()
        .filter(|(_, remedy)| remedy == line)
        .collect();
    assert_eq!(wrong.len(), 2, "{:?}", complaints(&report));
    assert!(wrong[0].0.contains("does not say whose request"), "{wrong:?}");
    assert!(
        wrong[1]
            .0
            .contains("a client chooses its address by sending X-Forwarded-For"),
        "{wrong:?}"
    );
    assert_eq!(report.worst(), Grade::Bad);
}

#[test]
#[ignore = "needs nginx: run make test"]
fn each_forgotten_or_harmful_line_of_nginx_is_named() {
    let house = House::new();
    let upgrade = without("proxy_set_header Upgrade $http_upgrade;");
    let harmful = |line: &str| format!("{RIGHT} {line}");
    for (location, server, sentence, remedy) in [
        (
            without("proxy_set_header Host $http_host;"),
            "",
            "the proxy writes 127.0.0.1:",
            "nginx: proxy_set_header Host $http_host;",
        ),
        (
            upgrade,
            "",
            "WebSockets do not come through",
            "proxy_set_header Upgrade $http_upgrade;",
        ),
        (
            RIGHT.to_owned(),
            "large_client_header_buffers 4 2k;",
            "headers of 7 KiB are refused, with status 400",
            "nginx: large_client_header_buffers 4 16k;",
        ),
        (
            harmful("proxy_hide_header Set-Cookie;"),
            "",
            "a cookie does not come back",
            "proxy_hide_header Set-Cookie",
        ),
        (
            harmful("proxy_set_header Cookie \"\";"),
            "",
            "a cookie does not come back",
            "proxy_set_header Cookie",
        ),
        (
            harmful("proxy_cookie_path / \"/; Domain=example.org\";"),
            "",
            "the proxy changes cookies: Domain",
            "proxy_cookie_*",
        ),
        (
            harmful("proxy_cookie_flags ~ nohttponly;"),
            "",
            "the proxy changes cookies: HttpOnly",
            "proxy_cookie_*",
        ),
    ] {
        let _nginx = house.nginx(&location, server);
        assert_only(&house.examine(), sentence, remedy);
    }
}

#[test]
#[ignore = "needs nginx: run make test"]
fn what_answers_in_our_place_is_named_by_its_status() {
    let house = House::new();
    for (location, status) in [("return 403;", 403), ("proxy_pass http://127.0.0.1:1;", 502)] {
        let server = format!("location /api/ {{ {location} }}");
        let _nginx = house.nginx(RIGHT, &server);
        let report = house.examine();
        assert_eq!(
            found(&report, "answer"),
            &Finding::Way(Way::Elsewhere { status }),
            "{location}"
        );
    }
}

#[test]
#[ignore = "needs Caddy: run make test"]
fn a_right_caddy_is_not_complained_about_and_wrong_ones_are_named() {
    let house = House::new();
    {
        let _caddy = house.caddy("");
        let report = house.examine();
        assert_eq!(complaints(&report).len(), 1, "only http: {:?}", complaints(&report));
        assert_eq!(report.proxy, Named::Caddy);
    }
    for (line, sentence, remedy) in [
        (
            "header_up X-Forwarded-For {http.request.header.X-Forwarded-For}",
            "a client chooses its address by sending X-Forwarded-For",
            "Caddyfile: delete every line with header_up X-Forwarded-For",
        ),
        (
            "header_up Host elsewhere.example",
            "the proxy writes elsewhere.example as the host",
            "header_up Host {host}",
        ),
        (
            "header_down -Set-Cookie",
            "a cookie does not come back",
            "Caddyfile: delete every line with",
        ),
    ] {
        let _caddy = house.caddy(line);
        let said = complaints(&house.examine());
        assert!(
            said.iter()
                .any(|(what, how)| what.contains(sentence) && how.contains(remedy)),
            "{line}: {said:?}"
        );
    }
}
