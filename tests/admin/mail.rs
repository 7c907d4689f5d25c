//! Tests of the administration: letters and the mail service.

use librechat_auth::domain::outbox::Progress;
use serde_json::{Value, json};

use super::kit::{ask, auditor, post};
use crate::mail::kit::{BOB, only, with, with_mail, write};
use crate::peers::smtp::{Certificate, MailServer, Speaks};
use crate::support::postbox::{At, Mishap};
use crate::support::{PASSWORD, Person, Site};

const PATH: &str = "/api/admin/mail";

fn send(admin: &Person, path: &str) -> u16 {
    ask(admin, "POST", path, &json!({})).status
}

#[test]
fn a_test_letter_arrives_and_the_page_shows_what_was_said() {
    let (postbox, site) = with_mail();
    let root = site.admin();
    let page = post(&root, "/admin/mail/test", &[("to", BOB)]);
    assert_eq!(page.status, 200);
    assert!(page.says("The mail server has taken the letter."));
    assert!(page.text().contains("→ EHLO") && page.text().contains("← 250"));
    postbox.letter_to(BOB);
    assert!(matches!(only(&site).progress, Progress::Sent(_)));
}

#[test]
fn a_real_server_with_a_certificate_of_its_own_is_named_as_the_trouble() {
    let server = MailServer::start(Speaks::Tls, Certificate::Expired);
    let site = Site::with(|config| server.serve(config));
    let root = site.admin();
    let page = post(&root, "/admin/mail/test", &[("to", BOB)]);
    assert_eq!(page.status, 200);
    assert!(page.says("The letter was not sent."), "{}", page.text());
    assert!(page.text().contains("certificate"), "{}", page.text());
    let told = ask(&root, "POST", &format!("{PATH}/test"), &json!({ "to": BOB })).json();
    assert_eq!(told["sent"], false);
    assert!(told["advice"].is_string() && told["message"].is_string());
}

#[test]
fn what_is_no_address_stays_in_the_field() {
    let (_postbox, site) = with_mail();
    let root = site.admin();
    let page = post(&root, "/admin/mail/test", &[("to", "bob")]);
    assert_eq!(page.status, 400);
    assert!(page.says("This is no email address.") && page.text().contains("value=\"bob\""));
    assert_eq!(
        ask(&root, "POST", &format!("{PATH}/test"), &json!({ "to": "bob" })).status,
        400
    );
}

#[test]
fn letters_that_failed_say_why_and_are_tried_again_or_cancelled() {
    let (postbox, site) = with_mail();
    let root = site.admin();
    postbox.next(At::Recipient, Mishap::Says("550 no such <box>"));
    write(&site, BOB);
    site.mail_rests();
    let id = only(&site).id;
    let page = root.client.get("/admin/mail");
    assert!(page.text().contains("550 no such &#60;box&#62;") && page.says("failed"));
    let retried = post(&root, &format!("/admin/mail/{id}/retry"), &[]);
    assert_eq!(retried.location(), (303, "/admin/mail?done=retried"));
    site.mail_rests();
    postbox.letter_to(BOB);
    assert_eq!(send(&root, &format!("{PATH}/{id}/retry")), 404, "it was sent");
    postbox.next(At::Recipient, Mishap::Says("550 no such box"));
    write(&site, BOB);
    site.mail_rests();
    let failed = site.outbox()[0].id;
    let dropped = post(&root, &format!("/admin/mail/{failed}/drop"), &[]);
    assert_eq!(dropped.location(), (303, "/admin/mail?done=discarded"));
    assert_eq!(only(&site).id, id);
    let told = |kind: &str| {
        let answer = ask(&root, "GET", &format!("/api/admin/audit?kind={kind}"), &json!({})).json();
        let lines = answer["events"].as_array().expect("a list").clone();
        let of_root = lines
            .iter()
            .all(|line| line["actor"] == root.account(&site).id.to_string());
        assert!(of_root, "{lines:?}");
        lines.iter().map(|line| line["detail"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("letters_retried"), [json!(id.to_string())]);
    assert_eq!(told("letter_dropped"), [json!(failed.to_string())]);
    assert_eq!(ask(&root, "DELETE", &format!("{PATH}/999"), &json!({})).status, 404);
}

#[test]
fn the_outbox_is_listed_for_programs_and_goes_on_by_pages() {
    let (_postbox, site) = with_mail();
    let root = site.admin();
    for _ in 0..3 {
        write(&site, BOB);
    }
    site.mail_rests();
    let get = |query: &str| ask(&root, "GET", &format!("{PATH}{query}"), &json!({})).json();
    assert_eq!(get("")["letters"], json!([]), "everything was sent");
    let first = get("?all=true&limit=2");
    assert_eq!(first["letters"].as_array().map(Vec::len), Some(2));
    let rest = get(&format!("?all=true&limit=2&before={}", first["next"]));
    assert_eq!(rest["letters"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["letters"][0]["state"], "sent");
    assert_eq!(rest["next"], Value::Null);
}

#[test]
fn the_settings_are_shown_without_the_password() {
    let (_postbox, site) = with(|config| crate::support::postbox::log_in_as("post", "mail secret 4711", config));
    let page = auditor(&site).client.get("/admin/mail");
    assert!(page.text().contains("127.0.0.1:") && page.text().contains("post"));
    assert!(!page.text().contains("mail secret 4711") && !page.text().contains(PASSWORD));
    assert!(
        !page.text().contains("action=\"/admin/mail"),
        "an auditor sends nothing"
    );
}

#[test]
fn without_mail_the_page_says_so() {
    let site = Site::start();
    let root = site.admin();
    assert!(
        root.client
            .get("/admin/mail")
            .says("Mail is not configured: links are handed out by admins.")
    );
    assert_eq!(post(&root, "/admin/mail/test", &[("to", BOB)]).status, 404);
}

#[test]
fn every_letter_is_shown_in_each_language_and_nothing_is_sent() {
    let (_postbox, site) = with_mail();
    let auditor = auditor(&site);
    let get = |path: &str| ask(&auditor, "GET", path, &json!({}));
    for lang in ["en", "fr"] {
        let list = get(&format!("{PATH}/letters?lang={lang}")).json();
        let letters = list["letters"].as_array().expect("a list").clone();
        assert!(letters.len() > 20 && list["lang"] == lang, "{list}");
        let page = auditor.client.get(&format!("/admin/mail/letters?in={lang}"));
        for one in &letters {
            let name = one["name"].as_str().expect("a name");
            let letter = get(&format!("{PATH}/letters/{name}?lang={lang}")).json();
            assert_eq!(letter["subject"], one["subject"], "{name}");
            assert!(
                page.text().contains(&format!("/admin/mail/letters/{name}?in={lang}\"")),
                "{name}"
            );
            let shown = auditor.client.get(&format!("/admin/mail/letters/{name}?in={lang}"));
            assert!(shown.says(one["subject"].as_str().expect("a subject")), "{name}");
            let html = auditor
                .client
                .get(&format!("/admin/mail/letters/{name}/html?in={lang}"));
            assert_eq!(json!(html.text()), letter["html"], "{name}");
            assert!(html.text().contains(&format!("<html lang=\"{lang}\">")), "{name}");
        }
    }
    assert!(site.outbox().is_empty(), "nothing was written into the outbox");
}

#[test]
fn letters_are_shown_with_the_title_and_the_colour_of_the_site() {
    let site = Site::with(|config| config.site.accent = "#8a2be2".to_owned());
    let root = site.admin();
    let path = format!("{PATH}/letters/reset_password");
    let before = ask(&root, "GET", &path, &json!({})).json();
    assert!(before["html"].as_str().expect("text").contains("#8a2be2"));
    let title = json!({ "value": "Maple Street" });
    assert_eq!(ask(&root, "PUT", "/api/admin/settings/site.title", &title).status, 200);
    let after = ask(&root, "GET", &path, &json!({})).json();
    assert!(
        after["text"].as_str().expect("text").contains("Maple Street"),
        "{after}"
    );
    let host = format!("http://localhost:{}/", site.address.port());
    assert!(after["text"].as_str().expect("text").contains(&host), "{after}");
}

#[test]
fn the_html_of_a_letter_stands_alone_and_runs_nothing() {
    let site = Site::start();
    let root = site.admin();
    let letter = root.client.get("/admin/mail/letters/test/html");
    let policy = letter.header("content-security-policy").expect("a policy").to_owned();
    let parts: Vec<&str> = policy.split("; ").collect();
    for part in [
        "default-src 'none'",
        "sandbox",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(parts.contains(&part), "{part}: {policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("allow-"), "{policy}");
    assert_eq!(letter.header("x-frame-options"), Some("DENY"));
    assert_eq!(letter.header("referrer-policy"), Some("no-referrer"));
    for path in ["/admin/mail", "/admin/mail/letters", "/admin/mail/letters/test"] {
        let page = root.client.get(path);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            !policy.contains("unsafe") && !policy.contains("frame-src"),
            "{path}: {policy}"
        );
    }
}

#[test]
fn letters_and_languages_that_there_are_not_are_refused() {
    let site = Site::start();
    let root = site.admin();
    let status = |path: &str| ask(&root, "GET", &format!("{PATH}/letters{path}"), &json!({})).status;
    assert_eq!(
        (status("/nothing"), status("?lang=de"), status("/test?lang=FR")),
        (404, 400, 400)
    );
    for path in ["/admin/mail/letters/nothing", "/admin/mail/letters/nothing/html"] {
        assert_eq!(root.client.get(path).status, 404, "{path}");
    }
}
