//! Questions that make no sense, or come from somebody who may not ask: nobody passes.

use super::kit::{ALL, APP, ask, ask_about, guarding, guarding_with};

const FORWARDED: [(&str, &str); 4] = [
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "app.example.org"),
    ("x-forwarded-uri", "/public"),
    ("x-forwarded-method", "GET"),
];

#[test]
fn by_default_nobody_is_believed() {
    let site = guarding_with(|config| config.server.trusted_proxies.clear());
    let ada = site.user("ada");
    for proxy in ALL {
        for url in [APP, "https://app.example.org/public"] {
            let answer = ask(&ada.client, proxy, url);
            assert_eq!(
                (answer.status, answer.header("remote-user")),
                (401, None),
                "{proxy} {url}"
            );
            assert_eq!(answer.message().1, "whoever asks is no trusted proxy");
        }
    }
}

#[test]
fn another_proxy_is_not_believed() {
    let site = guarding_with(|config| config.server.trusted_proxies = vec!["10.0.0.1".parse().expect("an address")]);
    let ada = site.user("ada");
    for proxy in ALL {
        assert_eq!(ask(&ada.client, proxy, APP).status, 401, "{proxy}");
    }
}

#[test]
fn a_part_that_is_missing_or_doubled_makes_the_question_malformed() {
    let site = guarding();
    let ada = site.user("ada");
    for (missing, _) in &FORWARDED[..3] {
        let mut ask = ada.client.request("GET", "/forward-auth/caddy");
        for (name, value) in FORWARDED.iter().filter(|(name, _)| name != missing) {
            ask = ask.header(name, value);
        }
        assert_eq!(ask.send().status, 401, "{missing}");
    }
    for (name, value) in FORWARDED {
        let mut ask = ada.client.request("GET", "/forward-auth/traefik");
        for (name, value) in FORWARDED {
            ask = ask.header(name, value);
        }
        assert_eq!(ask.header(name, value).send().status, 401, "{name} twice");
    }
    let bare = ada.client.get("/forward-auth/nginx");
    assert_eq!(bare.message(), (401, "the header X-Original-URL is missing".to_owned()));
    let twice = ada.client.request("GET", "/forward-auth/nginx");
    let twice = twice
        .header("x-original-url", APP)
        .header("x-original-url", "https://app.example.org/public");
    assert_eq!(twice.send().status, 401);
}

#[test]
fn the_headers_of_another_convention_mean_nothing() {
    let site = guarding();
    let public = "https://app.example.org/public";
    let client = site.client();
    let nginx = client.request("GET", "/forward-auth/nginx");
    let nginx = FORWARDED
        .iter()
        .fold(nginx, |ask, (name, value)| ask.header(name, value));
    assert_eq!(nginx.send().status, 401);
    let caddy = client.request("GET", "/forward-auth/caddy");
    assert_eq!(caddy.header("x-original-url", public).send().status, 401);
    // Nor do they add anything to those of the right one.
    let answer = ask_about(
        &site.client(),
        "nginx",
        "GET",
        APP,
        &[("x-forwarded-uri", "/public"), ("x-original-uri", "/public")],
    );
    assert_eq!(answer.status, 401);
}

#[test]
fn what_is_odd_is_refused_even_where_everything_is_open() {
    let site = guarding();
    for url in [
        "https://app.example.org/public/%",
        "https://app.example.org/public/%zz",
        "https://app.example.org/public/%00",
        "https://app.example.org/public/%0d%0ax",
        "https://app.example.org/public/%5c",
        "https://app.example.org/public/%252e%252e/secret",
        "https://app.example.org/public#x",
        "https://app.example.org/public\\..\\secret",
        "https://app.example.org:0/public",
        "https://user@app.example.org/public",
        "https://app.example.org,evil.example/public",
        "https://app.example .org/public",
        "ftp://app.example.org/public",
    ] {
        for proxy in ["nginx", "caddy"] {
            let answer = ask_about(&site.client(), proxy, "GET", url, &[]);
            assert_eq!(answer.status, 401, "{proxy} {url}");
        }
    }
    for method in ["G T", "", "GET,POST", "GET\u{e9}"] {
        let answer = ask_about(&site.client(), "caddy", method, "https://app.example.org/public", &[]);
        assert_eq!(answer.status, 401, "{method:?}");
    }
}

#[test]
fn no_spelling_of_a_closed_path_passes_as_an_open_one() {
    let site = guarding();
    let ada = site.user("ada");
    for target in [
        "/secret",
        "//secret",
        "/public/../secret",
        "/public/%2e%2e/secret",
        "/public/..;/secret",
        "/public%2f..%2fsecret",
        "/public/..%2fsecret",
        "/secret;/public",
        "/Secret",
        "/%73ecret",
        "/secret?/public",
        "/secret/.",
        "/secret%20",
    ] {
        for proxy in ALL {
            for client in [&site.client(), &ada.client] {
                let answer = ask_about(client, proxy, "GET", &format!("{APP}{target}"), &[]);
                assert_eq!(answer.status, 403, "{proxy} {target}");
            }
        }
    }
}

#[test]
fn every_method_is_answered_the_same_way() {
    let site = guarding();
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "BREW"] {
        let ask = site.client();
        let ask = ask.request(method, "/forward-auth/traefik");
        let ask = FORWARDED.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        assert_eq!(ask.send().status, 200, "{method}");
    }
    assert_eq!(site.client().get("/forward-auth/squid").status, 404);
    assert_eq!(site.client().get("/forward-auth/").status, 404);
}

#[test]
fn the_path_of_public_url_may_be_there_or_not() {
    let site = guarding_with(|config| {
        config.server.public_url = Some("https://home.example.org/auth".parse().expect("an address"));
    });
    for path in ["/forward-auth/nginx", "/auth/forward-auth/nginx"] {
        let answer = site
            .client()
            .request("GET", path)
            .header("x-original-url", "https://app.example.org/public")
            .send();
        assert_eq!(answer.status, 200, "{path}");
    }
}
