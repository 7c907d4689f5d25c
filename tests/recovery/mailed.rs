//! The whole way by mail: the running server writes, sends by SMTP, and the link in the mailbox opens.

use super::{NEW, doors, log_in};
use crate::support::postbox::{At, Mishap, Postbox};
use crate::support::{Client, PASSWORD, Site, minutes};

fn with_postbox() -> (Postbox, Site) {
    let postbox = Postbox::open();
    let site = Site::with(|config| {
        postbox.serve(config);
        config.accounts.password_reset = true;
    });
    (postbox, site)
}

/// Opens the page and sends the form on it with what it came with.
fn press(client: &Client, page: &str, action: &str, hidden: &[&str], typed: &[(&str, &str)]) -> (u16, String) {
    let opened = client.get(page);
    assert_eq!(opened.status, 200, "{page}");
    let mut fields = vec![("csrf".to_owned(), opened.csrf())];
    fields.extend(
        hidden
            .iter()
            .map(|name| ((*name).to_owned(), opened.value_of(name).expect("hidden"))),
    );
    fields.extend(
        typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = client.post_bare(action, &fields);
    (answer.status, answer.header("location").unwrap_or_default().to_owned())
}

fn register(site: &Site) {
    let fields = [
        ("name", "Ada Lovelace"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let answer = site.client().submit("/register", "/register", &fields);
    assert_eq!(answer.location(), (303, "/login?notice=check_mail"));
}

#[test]
fn from_registering_to_a_new_password_by_mail() {
    let (postbox, site) = with_postbox();
    register(&site);
    assert_eq!(log_in(&site, "ada@example.org", PASSWORD).status, 422);
    let letter = postbox.letter_to("ada@example.org");
    assert!(letter.html().contains("/verify?token="), "both parts have the link");
    let client = site.client();
    let proved = press(&client, &letter.path_to("/verify"), "/verify", &["token", "email"], &[]);
    assert_eq!(proved, (303, "/login?notice=email_verified".to_owned()));
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(client.submit("/login", "/login", &fields).status, 303);
    let asked = client.submit("/forgot-password", "/forgot-password", &[("email", "ada@example.org")]);
    assert_eq!(asked.status, 303);
    let letter = postbox.letter_to("ada@example.org");
    let typed = [("password", NEW), ("confirm_password", NEW)];
    let set = press(
        &site.client(),
        &letter.path_to("/reset-password"),
        "/reset-password",
        &["token", "user_id"],
        &typed,
    );
    assert_eq!(set, (303, "/login?notice=password_reset".to_owned()));
    let told = postbox.letter_to("ada@example.org");
    assert!(told.path_to("/not-me").starts_with("/not-me?token="));
    assert_eq!(client.get("/").status, 303, "the session is over");
    assert_eq!(doors(&site, "ada"), (false, true));
}

#[test]
fn an_address_is_changed_by_two_mails_and_the_old_mailbox_is_told() {
    let (postbox, site) = with_postbox();
    site.create("ada", librechat_auth::domain::account::Role::User);
    let client = site.client();
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(client.submit("/login", "/login", &fields).status, 303);
    let fields = [("email", "ada@new.example"), ("current_password", PASSWORD)];
    assert_eq!(
        client.submit("/", "/account/email", &fields).location(),
        (303, "/?done=email_asked")
    );
    let hidden = ["token", "user_id", "email"];
    for (mailbox, status) in [("ada@example.org", 200), ("ada@new.example", 303)] {
        let path = postbox.letter_to(mailbox).path_to("/verify");
        assert_eq!(
            press(&site.client(), &path, "/verify/change", &hidden, &[]).0,
            status,
            "{mailbox}"
        );
    }
    let told = postbox.letter_to("ada@example.org");
    assert!(told.text().contains("ada@new.example"), "{}", told.text());
    assert_eq!(log_in(&site, "ada@new.example", PASSWORD).status, 200);
}

#[test]
fn a_mail_server_that_is_down_keeps_nobody_from_registering() {
    let (postbox, site) = with_postbox();
    postbox.next(At::Connect, Mishap::HangsUp);
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    register(&site);
    postbox.wait_for_connections(1);
    site.mail_rests();
    site.clock.advance(minutes(2));
    site.mail_rests();
    site.clock.advance(minutes(4));
    site.mail_rests();
    let letter = postbox.letter_to("ada@example.org");
    let proved = press(
        &site.client(),
        &letter.path_to("/verify"),
        "/verify",
        &["token", "email"],
        &[],
    );
    assert_eq!(proved.0, 303);
    assert_eq!(postbox.taken(), 1, "and it comes once");
}
