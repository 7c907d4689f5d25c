//! Rules against requests: examples, and what holds for all of them.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;
use crate::domain::account::Role;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));

fn asked(url: &str) -> Asked {
    Asked::from_url(url, Some("GET"), HOME).expect("a question")
}

fn paths(texts: &[&str], effect: Effect) -> Rule {
    Rule {
        paths: texts
            .iter()
            .map(|text| PathPattern::parse(text).expect("a path"))
            .collect(),
        ..Rule::of(effect)
    }
}

fn group(name: &str) -> GroupName {
    GroupName::parse(name).expect("a name")
}

fn host(text: &str, effect: Effect) -> Rule {
    Rule {
        hosts: vec![HostPattern::parse(text).expect("a host")],
        ..Rule::of(effect)
    }
}

fn person(second_factor: bool) -> Who<'static> {
    Who {
        id: UserId::new(Timestamp::from_seconds(1), [7; 8]),
        email: "ada@example.org",
        role: &Role::User,
        groups: &[],
        second_factor,
    }
}

fn verdict(rules: &[Rule], url: &str, who: Option<&Who<'_>>) -> Verdict {
    decide(rules, &asked(url), who).verdict
}

#[test]
fn without_a_rule_that_fits_the_answer_is_no() {
    let url = "https://app.example.org/";
    for who in [None, Some(&person(true))] {
        assert_eq!(verdict(&[], url, who), Verdict::Deny);
        assert_eq!(
            verdict(&[host("other.example.org", Effect::Bypass)], url, who),
            Verdict::Deny
        );
    }
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = [
        paths(&["/a"], Effect::Deny),
        paths(&["/a/b", "/c"], Effect::Bypass),
        Rule::of(Effect::Allow),
    ];
    let ada = person(false);
    for (url, expected, rule) in [
        ("https://x.example/a/b", Verdict::Deny, 0),
        ("https://x.example/c", Verdict::Bypass, 1),
        ("https://x.example/d", Verdict::Allow, 2),
    ] {
        let decision = decide(&rules, &asked(url), Some(&ada));
        assert_eq!((decision.verdict, decision.rule), (expected, Some(rule)), "{url}");
    }
    assert_eq!(verdict(&rules, "https://x.example/d", None), Verdict::LogIn);
}

#[test]
fn a_second_factor_is_asked_for_after_the_login() {
    let rules = [Rule::of(Effect::SecondFactor)];
    let url = "https://x.example/";
    assert_eq!(verdict(&rules, url, None), Verdict::LogIn);
    assert_eq!(verdict(&rules, url, Some(&person(false))), Verdict::SecondFactor);
    assert_eq!(verdict(&rules, url, Some(&person(true))), Verdict::Allow);
}

#[test]
fn users_roles_and_groups_are_alternatives() {
    let family = [group("family")];
    let ada = Who {
        groups: &family,
        ..person(false)
    };
    let rule = |users: &[&str], roles: &[Role], groups: &[&str]| Rule {
        users: users.iter().map(|&user| user.to_owned()).collect(),
        roles: roles.to_vec(),
        groups: groups.iter().map(|&name| group(name)).collect(),
        ..Rule::of(Effect::Allow)
    };
    let id = ada.id.to_string();
    for fitting in [
        rule(&["ada@example.org"], &[], &[]),
        rule(&[&id], &[], &[]),
        rule(&[&id.to_uppercase()], &[], &[]),
        rule(&["bob@example.org"], &[], &["family"]),
        rule(&["bob@example.org"], &[Role::User], &["x"]),
    ] {
        assert_eq!(verdict(&[fitting], "https://x.example/", Some(&ada)), Verdict::Allow);
    }
    for other in [
        rule(&["bob@example.org"], &[Role::Admin], &["families", "Family"]),
        rule(&["", "ada"], &[], &[]),
    ] {
        assert_eq!(verdict(&[other], "https://x.example/", Some(&ada)), Verdict::Deny);
    }
}

#[test]
fn whoever_is_kept_out_by_name_does_not_get_in_by_logging_out() {
    let bobs = Rule {
        users: vec!["bob@example.org".to_owned()],
        ..Rule::of(Effect::Deny)
    };
    let rules = [bobs, Rule::of(Effect::Bypass)];
    let bob = Who {
        email: "bob@example.org",
        ..person(false)
    };
    assert_eq!(verdict(&rules, "https://x.example/", Some(&bob)), Verdict::Deny);
    assert_eq!(verdict(&rules, "https://x.example/", None), Verdict::LogIn);
    assert_eq!(
        verdict(&rules, "https://x.example/", Some(&person(false))),
        Verdict::Bypass
    );
}

#[test]
fn networks_and_methods_narrow_a_rule() {
    let lan = Rule {
        networks: vec!["192.168.0.0/16".parse().expect("a network")],
        methods: vec![Method::parse("get").expect("a method")],
        ..Rule::of(Effect::Bypass)
    };
    let ask = |method: Option<&str>, address: [u8; 4]| {
        let asked = Asked::from_url("https://x.example/", method, IpAddr::from(address)).expect("a question");
        decide(std::slice::from_ref(&lan), &asked, None).verdict
    };
    assert_eq!(ask(Some("GET"), [192, 168, 1, 7]), Verdict::Bypass);
    assert_eq!(ask(Some("POST"), [192, 168, 1, 7]), Verdict::Deny);
    assert_eq!(ask(Some("GET"), [203, 0, 113, 7]), Verdict::Deny);
    assert_eq!(ask(None, [192, 168, 1, 7]), Verdict::Deny);
}

#[test]
fn a_rule_about_methods_denies_when_nobody_says_the_method() {
    let posts = Rule {
        methods: vec![Method::parse("POST").expect("a method")],
        ..Rule::of(Effect::Deny)
    };
    let unknown = Asked::from_url("https://x.example/", None, HOME).expect("a question");
    assert_eq!(
        decide(&[posts, Rule::of(Effect::Bypass)], &unknown, None).verdict,
        Verdict::Deny
    );
    assert_eq!(
        decide(&[Rule::of(Effect::Bypass)], &unknown, None).verdict,
        Verdict::Bypass
    );
}

#[test]
fn no_spelling_of_a_path_gets_past_a_rule() {
    let guarded = [
        paths(&["/public"], Effect::Bypass),
        paths(&["/admin"], Effect::Deny),
        Rule::of(Effect::Allow),
    ];
    for target in [
        "/admin",
        "/admin/",
        "/admin/x",
        "//admin",
        "/./admin",
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/..;/admin",
        "/public%2f..%2fadmin",
        "/public/..%2fadmin",
        "/admin;x",
        "/admin;x/y",
        "/Admin",
        "/ADMIN/x",
        "/%61dmin",
        "/admin.",
        "/admin%20",
        "/admin?/public",
        "/public/..//admin",
        "/public/.%2e/admin",
        "/;/admin",
        "/.;/admin",
        "/public;/..;/admin",
        "/a/../admin",
        "/%41dmin",
        "/admin%3bx",
        "/admin%2f",
        "/public/x/..;a/..;b/admin",
    ] {
        let decision = decide(
            &guarded,
            &asked(&format!("https://x.example{target}")),
            Some(&person(true)),
        );
        assert_eq!(decision.verdict, Verdict::Deny, "{target}");
    }
}

#[test]
fn a_rule_in_capitals_covers_what_a_server_takes_for_the_same() {
    let rules = [paths(&["/Admin"], Effect::Deny), Rule::of(Effect::Bypass)];
    for target in ["/Admin", "/admin", "/ADMIN/x", "/admin;x"] {
        let url = format!("https://x.example{target}");
        assert_eq!(verdict(&rules, &url, None), Verdict::Deny, "{target}");
    }
    let open = [paths(&["/Public"], Effect::Bypass), Rule::of(Effect::Allow)];
    assert_eq!(verdict(&open, "https://x.example/public", None), Verdict::LogIn);
    assert_eq!(verdict(&open, "https://x.example/Public", None), Verdict::Bypass);
}

#[test]
fn an_explanation_names_every_rule_that_was_passed_over() {
    let rules = [
        host("other.example", Effect::Bypass),
        paths(&["/x"], Effect::Deny),
        Rule {
            users: vec!["bob@example.org".to_owned()],
            ..Rule::of(Effect::Allow)
        },
        Rule::of(Effect::Allow),
        Rule::of(Effect::Deny),
    ];
    let (steps, reading) = explain(&rules, &asked("https://x.example/a//b"), Some(&person(false)));
    let outcomes: Vec<_> = steps.iter().map(|step| step.outcome).collect();
    assert_eq!(
        outcomes,
        [Err(Miss::Host), Err(Miss::Path), Err(Miss::Person), Ok(Verdict::Allow)]
    );
    assert_eq!(reading, "/a/b");
    let (steps, reading) = explain(&rules, &asked("https://x.example/X;y"), None);
    assert_eq!(
        (steps.last().map(|step| step.outcome), reading.as_str()),
        (Some(Ok(Verdict::Deny)), "/x")
    );
}

/// Paths of the pieces that servers disagree on.
fn target() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "admin", "Admin", "public", "..", ".", "%2e", "%2E", "%2f", "%2F", ";", ";x=1", "%3b", "//", "a", "%61",
        "%25", "?", "%20", "%5c", "%00", "#", "\\", "%c3%a9",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn rule() -> impl Strategy<Value = Rule> {
    let effect = prop::sample::select(vec![Effect::Allow, Effect::SecondFactor, Effect::Deny, Effect::Bypass]);
    let path = prop::sample::select(vec!["/", "/admin", "/public", "=/admin", "/*/a", "/a", "=/", "/Admin"]);
    let personal = prop::sample::select(vec![None, Some("ada@example.org"), Some("bob@example.org")]);
    (effect, path, personal).prop_map(|(effect, path, user)| Rule {
        users: user.into_iter().map(str::to_owned).collect(),
        ..paths(&[path], effect)
    })
}

/// Resolves the way a browser and most servers do, apart from what is under test.
fn as_a_browser(target: &str) -> Option<String> {
    let url = url::Url::parse(&format!("http://x.example{target}")).ok()?;
    Some(url.path().to_owned())
}

proptest! {
    #[test]
    fn the_verdict_is_never_laxer_than_that_of_the_path_the_server_may_see(rules in prop::collection::vec(rule(), 0..5), target in target()) {
        if let Ok(asked) = Asked::from_url(&format!("http://x.example{target}"), Some("GET"), HOME) {
            let ada = person(false);
            for who in [None, Some(&ada)] {
                let verdict = decide(&rules, &asked, who).verdict;
                for seen in as_a_browser(&target).into_iter().filter(|seen| !seen.contains('%')) {
                    let direct = Asked::from_url(&format!("http://x.example{seen}"), Some("GET"), HOME).expect("resolved");
                    prop_assert!(verdict >= first(&rules, &direct, direct.path.as_written(), who).verdict, "{} seen as {}", target, seen);
                }
            }
        }
    }

    #[test]
    fn nobody_gets_more_by_not_being_signed_in_except_by_a_bypass(rules in prop::collection::vec(rule(), 0..5), target in target()) {
        if let Ok(asked) = Asked::from_url(&format!("http://x.example{target}"), Some("GET"), HOME) {
            let verdict = decide(&rules, &asked, None).verdict;
            prop_assert!(matches!(verdict, Verdict::Bypass | Verdict::LogIn | Verdict::Deny));
            let has_bypass = rules.iter().any(|rule| rule.effect == Effect::Bypass && !rule.is_personal());
            prop_assert!(verdict != Verdict::Bypass || has_bypass);
        }
    }

    #[test]
    fn an_explanation_ends_with_the_decision(rules in prop::collection::vec(rule(), 0..5), target in target()) {
        if let Ok(asked) = Asked::from_url(&format!("http://x.example{target}"), Some("GET"), HOME) {
            let ada = person(true);
            for who in [None, Some(&ada)] {
                let decision = decide(&rules, &asked, who);
                let (steps, _) = explain(&rules, &asked, who);
                match (decision.rule, steps.last()) {
                    (Some(rule), Some(step)) => prop_assert_eq!((step.rule, step.outcome), (rule, Ok(decision.verdict))),
                    (None, _) => prop_assert!(steps.iter().all(|step| step.outcome.is_err())),
                    (Some(_), None) => prop_assert!(false, "no step"),
                }
            }
        }
    }

    #[test]
    fn a_resolved_path_resolves_to_itself(target in target()) {
        if let Ok(path) = RequestPath::parse(&target) {
            let text = path.as_written().text();
            prop_assert!(text.starts_with('/') && !text.contains("//") && !text.contains("/../") && !text.contains("/./"));
            if text.is_ascii() && !text.contains(['%', ' ']) {
                let again = RequestPath::parse(text).expect("resolved");
                prop_assert_eq!(again.as_written().text(), text);
            }
        }
    }

    #[test]
    fn no_input_at_all_panics(url in "\\PC{0,80}", method in "\\PC{0,8}", host in "\\PC{0,40}", target in "\\PC{0,80}") {
        let _ = Asked::from_url(&url, Some(&method), HOME);
        let _ = Asked::new("http", &host, &target, None, HOME);
        let _ = (HostPattern::parse(&host), PathPattern::parse(&target));
    }
}
