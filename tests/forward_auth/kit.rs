//! Sites that guard programs, and questions as proxies ask them.

use librechat_auth::config::Config;
use librechat_auth::domain::access::{Effect, HostPattern, PathPattern, Rule};

use crate::support::{Answer, Client, Site};

pub const PUBLIC_URL: &str = "https://auth.example.org";
pub const APP: &str = "https://app.example.org";

/// The conventions, by the last part of their address.
pub const FORWARDED: [&str; 4] = ["caddy", "traefik", "apache", "haproxy"];
pub const ALL: [&str; 5] = ["nginx", "caddy", "traefik", "apache", "haproxy"];

/// What a browser sends when somebody opens a page.
pub const NAVIGATION: &[(&str, &str)] = &[("accept", "text/html,*/*;q=0.8"), ("sec-fetch-mode", "navigate")];

pub fn rule(host: &str, paths: &[&str], effect: Effect) -> Rule {
    Rule {
        hosts: vec![HostPattern::parse(host).expect("a host")],
        paths: paths
            .iter()
            .map(|path| PathPattern::parse(path).expect("a path"))
            .collect(),
        ..Rule::of(effect)
    }
}

/// A site behind a proxy of this machine: `app.example.org` is open to whoever is signed in, its `/public` to everybody, its
/// `/secret` to nobody.
pub fn guarding() -> Site {
    guarding_with(|_| {})
}

pub fn guarding_with(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.server.public_url = Some(PUBLIC_URL.parse().expect("an address"));
        config.cookies.domain = Some("example.org".to_owned());
        config.access.rules = vec![
            rule("app.example.org", &["/public"], Effect::Bypass),
            rule("app.example.org", &["/secret"], Effect::Deny),
            rule("app.example.org", &[], Effect::Allow),
        ];
        change(config);
    })
}

/// Asks about `method` and `url` as `proxy` does, with what else the browser sent.
pub fn ask_about(client: &Client, proxy: &str, method: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
    let mut ask = client.request("GET", &format!("/forward-auth/{proxy}"));
    if proxy == "nginx" {
        ask = ask.header("x-original-url", url).header("x-original-method", method);
    } else {
        let (scheme, rest) = url.split_once("://").expect("absolute");
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, target) = rest.split_at(at);
        ask = ask
            .header("x-forwarded-proto", scheme)
            .header("x-forwarded-host", host)
            .header("x-forwarded-uri", if target.is_empty() { "/" } else { target })
            .header("x-forwarded-method", method);
    }
    for (name, value) in headers {
        ask = ask.header(name, value);
    }
    ask.send()
}

pub fn ask(client: &Client, proxy: &str, url: &str) -> Answer {
    ask_about(client, proxy, "GET", url, NAVIGATION)
}

/// What the other program would be told of the person: user, e-mail, name, groups.
pub fn told(answer: &Answer) -> [String; 4] {
    ["remote-user", "remote-email", "remote-name", "remote-groups"].map(|name| {
        let values: Vec<_> = answer.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name} exactly once: {answer:?}");
        String::from_utf8(values[0].as_bytes().to_vec()).expect("UTF-8")
    })
}
