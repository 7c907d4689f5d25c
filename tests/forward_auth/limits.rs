//! LibreChat's limits on messages, held at the door by the rules that ship.

use std::fs;
use std::path::Path;

use librechat_auth::app::bans::Filter;
use librechat_auth::config::{Config, Inputs, load};
use librechat_auth::domain::access::Rule;
use librechat_auth::domain::ids::UserId;

use super::kit::{ALL, FORWARDED, PUBLIC_URL, ask_about};
use crate::support::{Answer, Client, Person, Site, minutes};

const CHAT: &str = "https://chat.example.org";
const BROWSER: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
);

/// The rules that are given away.
fn shipped() -> Vec<Rule> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/librechat/access.toml");
    let dir = tempfile::tempdir().expect("a folder");
    let rules = fs::read_to_string(file).expect("given away");
    let secrets =
        "[secrets]\njwt = \"0123456789abcdef0123456789abcdef\"\njwt_refresh = \"fedcba9876543210fedcba9876543210\"\n";
    let creds = format!("creds_key = \"{}\"\n\n", "0123456789abcdef".repeat(4));
    fs::write(
        dir.path().join("librechat-auth.toml"),
        format!("{secrets}{creds}{rules}"),
    )
    .expect("written");
    let loaded = load(&Inputs {
        working_dir: dir.path().to_owned(),
        ..Inputs::default()
    });
    assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);
    loaded.config.expect("a configuration").access.rules
}

fn chatting(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.server.public_url = Some(PUBLIC_URL.parse().expect("an address"));
        config.access.rules = shipped();
        config.messages.by_address.max = Some(3);
        change(config);
    })
}

fn post(client: &Client, proxy: &str, path: &str, address: &str) -> Answer {
    let url = format!("{CHAT}{path}");
    ask_about(client, proxy, "POST", &url, &[BROWSER, ("x-forwarded-for", address)])
}

fn message(person: &Person, address: &str) -> u16 {
    post(&person.client, "caddy", "/api/agents/chat/openAI", address).status
}

/// What was recorded: kind, and whether the account is known.
fn violations(site: &Site) -> Vec<(String, Option<UserId>, String)> {
    let recorded = site
        .run(site.app.violations(Filter {
            limit: 100,
            ..Filter::default()
        }))
        .expect("read");
    let told = |one: &librechat_auth::domain::moderation::violation::Recorded| {
        (one.kind.key().to_owned(), one.user, one.address.clone())
    };
    recorded.iter().map(told).collect()
}

#[test]
fn an_address_sends_so_many_messages_a_minute_and_no_more() {
    let site = chatting(|_| {});
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    let sent: Vec<_> = [&ada, &bob, &ada, &bob, &ada]
        .iter()
        .map(|who| message(who, "203.0.113.7"))
        .collect();
    assert_eq!(sent, [200, 200, 200, 429, 429]);
    assert_eq!(message(&ada, "203.0.113.8"), 200);
    site.clock.advance(minutes(1));
    assert_eq!(message(&ada, "203.0.113.7"), 200);
    assert_eq!(
        violations(&site),
        [
            (
                "message_limit".to_owned(),
                Some(bob.account(&site).id),
                "203.0.113.7".to_owned()
            ),
            (
                "message_limit".to_owned(),
                Some(ada.account(&site).id),
                "203.0.113.7".to_owned()
            ),
        ]
    );
}

#[test]
fn an_account_sends_so_many_from_all_its_addresses_together() {
    let site = chatting(|config| {
        config.messages.by_user = config.messages.by_address;
        config.messages.by_address.max = None;
    });
    let ada = site.user("ada");
    let sent: Vec<_> = (1..=5)
        .map(|last| message(&ada, &format!("203.0.113.{last}")))
        .collect();
    assert_eq!(sent, [200, 200, 200, 429, 429]);
    assert_eq!(message(&site.user("bob"), "203.0.113.1"), 200);
}

#[test]
fn a_refusal_says_when_to_come_back_and_has_a_number() {
    let site = chatting(|config| config.messages.by_address.max = Some(0));
    let ada = site.user("ada");
    for proxy in FORWARDED {
        let answer = post(&ada.client, proxy, "/api/ask/openAI", "203.0.113.7");
        assert_eq!(
            answer.message(),
            (429, "Too many messages, please try again after 1 minute(s)".to_owned()),
            "{proxy}"
        );
        assert!(answer.header("retry-after").is_some() && answer.header("x-reference").is_some());
        assert_eq!(answer.header("remote-user"), None);
    }
    let answer = post(&ada.client, "nginx", "/api/ask/openAI", "203.0.113.7");
    assert_eq!((answer.status, answer.header("x-refused-with")), (403, Some("429")));
    assert!(answer.header("retry-after").is_some() && answer.header("x-reference").is_some());
}

#[test]
fn whoever_ignores_the_limit_is_banned_at_every_door() {
    let site = chatting(|config| config.messages.by_address.max = Some(1));
    let ada = site.user("ada");
    for _ in 0..20 {
        assert_ne!(message(&ada, "203.0.113.7"), 403);
    }
    assert_eq!(message(&ada, "203.0.113.7"), 429);
    assert_eq!(message(&ada, "203.0.113.7"), 403);
    let page = post(&ada.client, "caddy", "/", "198.51.100.1");
    assert_eq!(page.status, 401, "the session is over");
}

#[test]
fn each_rule_counts_what_it_says() {
    let site = chatting(|config| config.messages.by_address.max = Some(0));
    let ada = site.user("ada");
    let cases = [
        ("POST", "/api/agents/chat/openAI", 429),
        ("POST", "/api/agents/chat", 429),
        ("POST", "/api/edit/google", 429),
        ("POST", "/api/assistants/v1/chat", 429),
        ("POST", "/api/assistants/v2/chat/x", 429),
        ("POST", "//api//agents/./chat", 429),
        ("POST", "/API/agents/chat", 429),
        ("POST", "/api/agents/chat/abort", 200),
        ("POST", "/api/ask/openAI/abort", 200),
        ("GET", "/api/agents/chat/stream/1", 200),
        ("GET", "/api/files", 200),
        ("POST", "/api/convos/update", 200),
        ("GET", "/", 200),
    ];
    for (method, path, expected) in cases {
        let url = format!("{CHAT}{path}");
        let answer = ask_about(&ada.client, "traefik", method, &url, &[BROWSER]);
        assert_eq!(answer.status, expected, "{method} {path}");
    }
}

#[test]
fn programs_are_refused_where_browsers_are_expected_and_nowhere_else() {
    let site =
        chatting(|config| config.moderation.policy.mode = librechat_auth::domain::moderation::policy::Mode::Shadow);
    let ada = site.user("ada");
    for (path, expected) in [
        ("/api/agents/chat/openAI", 403),
        ("/api/agents/chat/abort", 403),
        ("/api/files/images", 403),
        ("/api/permissions/agent", 403),
        ("/api/convos", 200),
        ("/", 200),
    ] {
        for proxy in ALL {
            for headers in [vec![("user-agent", "curl/8.14.1")], vec![("user-agent", "")]] {
                let url = format!("{CHAT}{path}");
                let answer = ask_about(&ada.client, proxy, "POST", &url, &headers);
                assert_eq!(answer.status, expected, "{proxy} {path}");
                assert!(expected == 200 || answer.message().1 == "Illegal request");
            }
        }
    }
    assert!(
        violations(&site)
            .iter()
            .all(|(kind, user, _)| kind == "non_browser" && *user == Some(ada.account(&site).id))
    );
}

#[test]
fn one_program_where_a_browser_is_expected_is_a_ban() {
    let site = chatting(|_| {});
    let ada = site.user("ada");
    let program = [("user-agent", "curl/8.14.1"), ("x-forwarded-for", "203.0.113.7")];
    let url = format!("{CHAT}/api/files");
    assert_eq!(
        ask_about(&ada.client, "caddy", "GET", &url, &program).message().1,
        "Illegal request"
    );
    let banned = ask_about(
        &ada.client,
        "caddy",
        "GET",
        &url,
        &[BROWSER, ("x-forwarded-for", "203.0.113.7")],
    );
    assert!(banned.message().1.contains("banned"), "{banned:?}");
}

#[test]
fn answers_run_side_by_side_up_to_the_maximum_until_they_end() {
    let site = chatting(|config| {
        config.messages.by_address.max = None;
        config.access.rules[1].limits = vec![librechat_auth::domain::access::Meter::Concurrent];
    });
    let ada = site.user("ada");
    let start = || message(&ada, "203.0.113.7");
    assert_eq!([start(), start(), start()], [200, 200, 429]);
    let stopped = post(&ada.client, "caddy", "/api/agents/chat/abort", "203.0.113.7");
    assert_eq!(stopped.status, 200);
    assert_eq!([start(), start()], [200, 429]);
    site.clock.advance(minutes(1));
    assert_eq!(start(), 200);
    assert!(violations(&site).iter().all(|(kind, _, _)| kind == "concurrent"));
}

#[test]
fn what_is_switched_off_is_not_counted() {
    let site = chatting(|config| {
        config.messages.by_address.max = None;
        config.messages.concurrent = None;
        config.access.rules[1].limits = librechat_auth::domain::access::Meter::ALL.to_vec();
    });
    let ada = site.user("ada");
    assert!((0..100).all(|_| message(&ada, "203.0.113.7") == 200));
    assert!(violations(&site).is_empty());
}

#[test]
fn whoever_is_not_signed_in_is_sent_to_the_login_and_not_counted() {
    let site = chatting(|config| config.messages.by_address.max = Some(0));
    let answer = ask_about(
        &site.client(),
        "caddy",
        "POST",
        &format!("{CHAT}/api/files"),
        &[("user-agent", "curl/8")],
    );
    assert_eq!(answer.status, 401);
    assert!(violations(&site).is_empty());
}
