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
