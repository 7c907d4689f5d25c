//! Where the login page sends people on to: to programs that the rules name, and nowhere else.

use super::kit::guarding;
use crate::support::{PASSWORD, Site};

fn enter(rd: &str) -> String {
    let rd: String = url::form_urlencoded::byte_serialize(rd.as_bytes()).collect();
    format!("/enter?rd={rd}")
}

fn login(rd: &str) -> String {
    enter(rd).replace("/enter", "/login")
}

/// Where somebody ends up who signs in on the login page opened with `rd`, up to three redirects later.
fn ends_at(site: &Site, rd: &str) -> String {
    let client = site.client();
    let page = client.get(&login(rd));
    let kept = page.value_of("redirect_to").expect("a form");
    let csrf = page.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", kept.as_str()),
    ];
    let mut answer = client.post_bare("/login", &fields);
    for _ in 0..3 {
        let (status, target) = answer.location();
        assert_eq!(status, 303, "{rd}");
        if !target.starts_with("/enter?") && !target.starts_with("/login?") {
            return target.to_owned();
        }
        let target = target.to_owned();
        answer = client.get(&target);
        // A form leads to a page of ours first, which goes on by itself.
        if let Some(next) = answer.header("refresh").map(str::to_owned) {
            answer = client.get(next.strip_prefix("0;url=").expect("an address"));
        }
    }
    panic!("goes round in circles: {rd}");
}

#[test]
fn after_the_login_people_come_back_to_the_page_they_wanted() {
    let site = guarding();
    site.user("ada");
    for rd in ["https://app.example.org/a?b=c&d=%2F", "https://app.example.org/"] {
        assert_eq!(ends_at(&site, rd), rd);
    }
    assert_eq!(ends_at(&site, "https://auth.example.org/c/new?x=1"), "/c/new?x=1");
}

#[test]
fn whoever_is_signed_in_is_sent_on_at_once() {
    let site = guarding();
    let ada = site.user("ada");
    let rd = "https://app.example.org/x";
    assert_eq!(ada.client.get(&login(rd)).location(), (303, enter(rd).as_str()));
    assert_eq!(ada.client.get(&enter(rd)).location(), (303, rd));
    assert_eq!(site.client().get(&enter(rd)).location(), (303, login(rd).as_str()));
}

#[test]
fn nobody_is_sent_where_no_rule_leads() {
    let site = guarding();
    let ada = site.user("ada");
    for rd in [
        "https://evil.example/",
        "https://app.example.org.evil.example/",
        "https://app.example.org@evil.example/",
        "https://evil.example\\@app.example.org/",
        "http://app.example.org/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:app.example.org",
        " https://app.example.org",
        "https://app.example.org/\r\nx: y",
        "",
    ] {
        assert_eq!(ends_at(&site, rd), "/", "{rd:?}");
        assert_eq!(ada.client.get(&enter(rd)).location(), (303, "/"), "{rd:?}");
        let page = site.client().get(&login(rd));
        assert_eq!(
            (page.status, page.value_of("redirect_to").as_deref()),
            (200, Some("")),
            "{rd:?}"
        );
    }
}
