//! Every 401, 403 and 429 carries a number, the page shows it, and the number leads to the reason.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::bans::Why;
use librechat_auth::domain::moderation::policy::Mode;

use super::kit::{API_SECRET, MALLORY, Visitor, every_route, reported_to, strict_with};
use crate::support::{Answer, Site};

const REFUSED: [u16; 3] = [401, 403, 429];

fn is_reference(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let plain = |c: &char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"ILOU".contains(*c));
    letters.len() == 9 && letters[4] == '-' && letters.iter().filter(|c| **c != '-').all(plain)
}

/// What is known of a refusal. The server writes refusals down by itself, too: then the last ones may be on their way.
fn why(site: &Site, reference: &str) -> Why {
    let found = (0..10_000).find_map(|_| {
        site.run(site.app.flush_refusals()).expect("written");
        site.run(site.app.why(reference)).expect("no fault")
    });
    found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// Checks one answer; tells whether it was a refusal.
fn is_referred(site: &Site, method: &str, path: &str, answer: &Answer) -> bool {
    let reference = answer.header("x-reference");
    if answer.status == 302 && path.starts_with("/oauth/") {
        // The refusal is told by the login page that the browser is sent to, in LibreChat's way.
        return false;
    }
    if !REFUSED.contains(&answer.status) {
        assert_eq!(reference, None, "{method} {path}: {}", answer.status);
        return false;
    }
    let reference = reference.unwrap_or_else(|| panic!("{method} {path}: {} without a number", answer.status));
    assert!(is_reference(reference), "{method} {path}: {reference}");
    if answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"))
    {
        assert!(
            answer.says(reference),
            "{method} {path}: the page does not show {reference}"
        );
    }
    let refused = why(site, reference).refused;
    assert_eq!((refused.reference.as_str(), refused.status), (reference, answer.status));
    assert_eq!(refused.route, format!("{method} {path}"));
    assert_eq!(refused.address, MALLORY);
    assert!(
        !refused.cause.is_empty() && refused.cause != "refused",
        "{method} {path}: {refused:?}"
    );
    true
}

fn walk(site: &Site, ask: impl Fn(&Visitor, &str, &str) -> Answer) -> usize {
    let visitor = Visitor::at(site, MALLORY);
    // A proxy that asks whether a request may pass is told "not yet" all day: that is no refusal to look up.
    let routes = every_route().into_iter();
    let routes = routes.filter(|(_, path)| !path.starts_with("/forward-auth/"));
    let answers = routes.map(|(method, path)| {
        let answer = ask(&visitor, method, &path);
        is_referred(site, method, &path, &answer)
    });
    answers.filter(|refused| *refused).count()
}

#[test]
fn nobody_is_turned_away_without_a_number() {
    let site = reported_to(|_| {});
    assert!(walk(&site, Visitor::send) >= 5);
}

#[test]
fn no_bad_key_is_refused_without_a_number() {
    let site = reported_to(|_| {});
    let count = walk(&site, |visitor, method, path| {
        visitor.client.set_cookie("refreshToken", "garbage");
        visitor.bearer(method, path, "garbage")
    });
    assert!(count >= 6, "{count}");
}

#[test]
fn no_form_of_another_site_is_refused_without_a_number() {
    let site = reported_to(|_| {});
    let count = walk(&site, |visitor, method, path| {
        let request = visitor.request(method, path).header("origin", "https://evil.example");
        let request = request.header("sec-fetch-site", "cross-site");
        if method == "POST" {
            request.json(&serde_json::json!({})).send()
        } else {
            request.send()
        }
    });
    assert!(count >= 10, "{count}");
}

#[test]
fn no_limit_is_exceeded_without_a_number() {
    let site = strict_with(|config| {
        config.moderation.policy.mode = Mode::Off;
        config.limits.login.max = Some(0);
        config.limits.register.max = Some(0);
    });
    let visitor = Visitor::at(&site, MALLORY);
    let tried = ["/api/auth/login", "/api/auth/register", "/login", "/register"].map(|path| {
        // As a browser that has seen the form: what is refused is the excess, not the form.
        let csrf = if path.starts_with("/api") {
            String::new()
        } else {
            visitor.send("GET", path).csrf()
        };
        let fields = [
            ("csrf", csrf.as_str()),
            ("email", "ada@example.org"),
            ("password", "a long walk at dusk"),
        ];
        let request = visitor.request("POST", path);
        let answer = if csrf.is_empty() {
            request.json(&serde_json::json!({})).send()
        } else {
            request.form(&fields).send()
        };
        assert_eq!(answer.status, 429, "{path}");
        assert!(answer.header("retry-after").is_some(), "{path}");
        is_referred(&site, "POST", path, &answer)
    });
    assert_eq!(tried, [true; 4]);
}

#[test]
fn a_number_tells_the_cause_and_how_the_address_was_found() {
    let site = reported_to(|_| {});
    let answer = Visitor::at(&site, MALLORY).send("GET", "/api/user");
    let refused = why(&site, answer.header("x-reference").expect("a number")).refused;
    assert_eq!((refused.status, refused.cause.as_str()), (401, "no_access_token"));
    assert!(refused.derived.contains("127.0.0.1"), "{}", refused.derived);
    assert_eq!(refused.user, None);
}

#[test]
fn a_number_leads_to_the_user_if_the_key_was_genuine() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let account = ada.account(&site);
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("disabled");
    let answer = Visitor::at(&site, MALLORY).bearer("GET", "/api/user", &ada.token);
    let found = why(&site, answer.header("x-reference").expect("a number"));
    assert_eq!(found.refused.user, Some(account.id));
    assert!(found.user.is_some() && found.address.is_some());
}

#[test]
fn nothing_of_a_query_or_a_key_is_kept() {
    let site = reported_to(|_| {});
    let visitor = Visitor::at(&site, MALLORY);
    for path in [
        "/setup?token=planted-secret",
        "/api/user?token=planted-secret",
        "/?x=planted-secret",
    ] {
        let request = visitor.request("POST", path).bearer("planted-secret");
        let request = request.header("origin", "https://evil.example");
        request
            .json(&serde_json::json!({ "password": "planted-secret" }))
            .send();
        visitor.bearer("GET", path, "planted-secret");
    }
    visitor.bearer("POST", "/api/violations", &format!("{API_SECRET}x"));
    let site = site.restarted();
    let data = std::fs::read_dir(&site.app.config.data_dir).expect("the data directory");
    let files = data
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file());
    let hidden = |file: &std::path::Path, words: &str| {
        let bytes = std::fs::read(file).expect("a file");
        !bytes.windows(words.len()).any(|window| window == words.as_bytes())
    };
    let mut count = 0;
    for file in files {
        count += 1;
        assert!(
            hidden(&file, "planted-secret") && hidden(&file, API_SECRET),
            "{}",
            file.display()
        );
    }
    assert!(count > 0);
}

#[test]
fn a_ban_keeps_one_number_and_leads_to_its_first_refusal() {
    let site = strict_with(|_| {});
    let visitor = Visitor::at(&site, MALLORY);
    visitor.flood(20);
    let [first, second] = ["/api/user", "/login"].map(|path| {
        let answer = visitor.send("GET", path);
        answer.header("x-reference").expect("a number").to_owned()
    });
    assert_eq!(first, second);
    assert_eq!(why(&site, &first).refused.cause, "banned");
    let explained = site
        .run(site.app.explain_ban(&first))
        .expect("no fault")
        .expect("a ban");
    assert_eq!(explained.sum.events.len(), 20);
    let typed = format!(" {} ", first.to_lowercase());
    assert!(
        site.run(site.app.why(&typed)).expect("no fault").is_some(),
        "however it is typed"
    );
}
