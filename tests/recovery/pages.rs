//! The pages that links open, and the forms that ask for links.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;

use super::{NEW, doors, log_in, proved, reset_letter, site};
use crate::support::{Answer, Client, PASSWORD, Site, minutes, registration, with_mail};

const EVIL: &str = "\"><img src=x onerror=alert(1)>";

fn register(site: &Site, name: &str) -> String {
    site.client().post("/api/auth/register", &registration(name));
    site.letter("verify_address", name).path()
}

fn is_proved(site: &Site, name: &str) -> bool {
    site.account(name).expect("there").email_verified
}

/// Sends the form of a page with the hidden fields it came with.
fn press(client: &Client, page: &Answer, action: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = Vec::new();
    for name in ["csrf", "token", "user_id", "email"] {
        let text = page.text().contains(&format!("type=\"hidden\" name=\"{name}\""));
        fields.extend(text.then(|| (name, page.value_of(name).expect("a value"))));
    }
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend_from_slice(more);
    client.post_bare(action, &fields)
}

#[test]
fn opening_a_link_changes_nothing_and_its_button_proves_the_address() {
    let site = site();
    let path = register(&site, "ada");
    let scanner = site.client();
    for method in ["GET", "HEAD", "GET"] {
        assert_eq!(scanner.request(method, &path).send().status, 200);
    }
    assert!(!is_proved(&site, "ada"));
    let client = site.client();
    let page = client.get(&path);
    assert!(page.says("ada@example.org") && page.says("Confirm address"));
    let answer = press(&client, &page, "/verify", &[]);
    assert_eq!(answer.location(), (303, "/login?notice=email_verified"));
    assert!(is_proved(&site, "ada"));
    assert!(
        client
            .get("/login?notice=email_verified")
            .says("Your address is confirmed.")
    );
    let again = client.get(&path);
    assert_eq!(again.status, 400);
    assert!(again.says("This link does not work any more") && again.says("/verify/resend"));
}

#[test]
fn a_page_without_or_with_a_wrong_link_says_how_to_get_another() {
    let site = site();
    register(&site, "ada");
    for path in [
        "/verify",
        "/verify?token=&email=",
        "/verify?token=AAAA&email=ada%40example.org",
        "/verify?token=a&token=b",
    ] {
        let page = site.client().get(path);
        assert_eq!(page.status, 400, "{path}");
        assert!(page.says("/verify/resend"), "{path}");
    }
    for path in [
        "/reset-password",
        "/reset-password?token=AAAA&userId=000000000000000000000000",
    ] {
        let page = site.client().get(path);
        assert_eq!(page.status, 400, "{path}");
        assert!(page.says("/forgot-password"), "{path}");
    }
    let page = site.client().get("/verify?type=email-change&userId=x&email=x&token=x");
    assert_eq!(page.status, 400);
}

#[test]
fn a_forgotten_password_is_replaced_without_leaving_the_pages() {
    let site = site();
    let ada = proved(&site, "ada");
    assert!(site.client().get("/login").says("/forgot-password"));
    let client = site.client();
    let asked = client.submit(
        "/forgot-password",
        "/forgot-password",
        &[("email", " ada@example.org ")],
    );
    assert_eq!(asked.location(), (303, "/forgot-password?sent=1"));
    assert!(client.get("/forgot-password?sent=1").says("a link is on its way"));
    let path = site.letter("reset_password", "ada").path();
    let page = client.get(&path);
    assert!(page.says("For the account ada@example.org."), "{}", page.text());
    for (password, repeated, field) in [
        ("short", "short", "password"),
        (NEW, "something else", "confirm_password"),
    ] {
        let page = press(
            &client,
            &page,
            "/reset-password",
            &[("password", password), ("confirm_password", repeated)],
        );
        assert_eq!(page.status, 400);
        assert!(page.says(&format!("id=\"reset-{field}-error\"")), "{field}");
        assert!(page.value_of("token").is_some(), "the form is still there");
    }
    let answer = press(
        &client,
        &page,
        "/reset-password",
        &[("password", NEW), ("confirm_password", NEW)],
    );
    assert_eq!(answer.location(), (303, "/login?notice=password_reset"));
    assert!(
        client
            .get("/login?notice=password_reset")
            .says("Your new password is set.")
    );
    assert_eq!(client.get("/").location(), (303, "/login"), "nobody is logged in");
    assert_eq!(ada.open_doors(), [false, false, false]);
    assert_eq!(doors(&site, "ada"), (false, true));
}

#[test]
fn every_address_gets_the_same_page() {
    let site = site();
    proved(&site, "ada");
    let locked = proved(&site, "bob").account(&site);
    site.run(site.app.set_disabled(&locked, true, &Actor::Console))
        .expect("locked");
    site.create_unverified("eve");
    for page in ["/forgot-password", "/verify/resend"] {
        let shown: Vec<_> = ["ada", "bob", "eve", "nobody"]
            .iter()
            .map(|name| {
                let email = format!("{name}@example.org");
                let answer = site.client().submit(page, page, &[("email", &email)]);
                (answer.status, answer.header("location").map(str::to_owned), answer.body)
            })
            .collect();
        assert_eq!(shown[0].0, 303);
        assert!(shown.iter().all(|one| *one == shown[0]), "{page}: {shown:?}");
    }
}

#[test]
fn what_is_no_address_is_said_at_its_field_and_kept() {
    let site = site();
    for page in ["/forgot-password", "/verify/resend"] {
        let answer = site.client().submit(page, page, &[("email", "ada@example")]);
        assert_eq!(answer.status, 400, "{page}");
        assert!(answer.says("id=\"ask-email-error\""), "{page}");
        assert_eq!(answer.value_of("email").as_deref(), Some("ada@example"));
    }
}

#[test]
fn where_no_links_are_sent_the_page_says_whom_to_ask() {
    let contact = |config: &mut librechat_auth::config::Config| {
        config.moderation.contact = Some("Ada, first floor <ada@example.org>".to_owned());
    };
    let off = Site::with(|config| {
        with_mail(config);
        contact(config);
    });
    let no_mail = Site::with(|config| config.accounts.password_reset = true);
    let named = off.client().get("/forgot-password");
    assert!(
        named.says("Ada, first floor &#60;ada@example.org&#62;"),
        "{}",
        named.text()
    );
    let unnamed = no_mail.client().get("/forgot-password");
    assert!(unnamed.says("the person who runs this server"));
    for page in [&named, &unnamed] {
        assert_eq!(page.status, 200);
        assert!(!page.says("<form method=\"post\" action=\"/forgot-password\""));
    }
    for site in [&off, &no_mail] {
        let answer = site
            .client()
            .submit("/login", "/forgot-password", &[("email", "ada@example.org")]);
        assert_eq!(answer.status, 403);
    }
    assert!(
        no_mail
            .client()
            .get("/verify/resend")
            .says("This server sends no email")
    );
}

#[test]
fn a_form_that_is_too_old_is_shown_again_with_the_link_still_good() {
    let site = site();
    let path = register(&site, "ada");
    let (token, email) = {
        let page = site.client().get(&path);
        (
            page.value_of("token").expect("there"),
            page.value_of("email").expect("there"),
        )
    };
    let client = site.client();
    let fields = [("csrf", "AAAA"), ("token", token.as_str()), ("email", email.as_str())];
    for _ in 0..2 {
        let page = client.post_bare("/verify", &fields);
        assert_eq!(page.status, 400);
        assert!(page.says("open for too long") && page.says("Confirm address"));
    }
    assert!(!is_proved(&site, "ada"));
    proved(&site, "bob");
    let letter = reset_letter(&site, "bob");
    let (token, user) = (letter.value("token"), letter.value("userId"));
    let fields = [
        ("csrf", "AAAA"),
        ("token", token.as_str()),
        ("user_id", user.as_str()),
        ("password", NEW),
        ("confirm_password", NEW),
    ];
    let page = client.post_bare("/reset-password", &fields);
    assert!(page.status == 400 && page.says("open for too long") && page.says("name=\"password\""));
    assert_eq!(doors(&site, "bob"), (true, false));
}

#[test]
fn the_address_of_a_page_with_a_key_in_it_is_repeated_nowhere() {
    let site = site();
    proved(&site, "ada");
    let paths = [register(&site, "bob"), reset_letter(&site, "ada").path()];
    for path in &paths {
        let page = site.client().get(path);
        assert_eq!(page.header("referrer-policy"), Some("strict-origin"), "{path}");
        assert!(page.says("<meta name=\"referrer\" content=\"strict-origin\">"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let key = path
            .split("token=")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .expect("a token");
        for link in page
            .text()
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().expect("an end"))
        {
            assert!(!link.contains(key) || link.contains("lang="), "{link}");
        }
    }
    let usual = site.client().get("/login");
    assert_eq!(usual.header("referrer-policy"), Some("same-origin"));
}

#[test]
fn a_refused_login_offers_a_new_link_with_one_press() {
    let site = site();
    register(&site, "ada");
    let client = site.client();
    let page = client.submit(
        "/login",
        "/login",
        &[("email", "ada@example.org"), ("password", PASSWORD)],
    );
    assert_eq!(page.status, 422);
    assert!(page.says("action=\"/verify/resend\""));
    let answer = client.post_bare(
        "/verify/resend",
        &[("csrf", &page.csrf()), ("email", "ada@example.org")],
    );
    assert_eq!(answer.location(), (303, "/verify/resend?sent=1"));
    assert_eq!(site.letters().len(), 2);
}

#[test]
fn registering_on_the_page_sends_a_link_and_says_so() {
    let site = site();
    let fields = [
        ("name", "Ada Lovelace"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    for _ in 0..2 {
        let answer = site.client().submit("/register", "/register", &fields);
        assert_eq!(answer.location(), (303, "/login?notice=check_mail"), "taken or not");
    }
    let page = site.client().get("/login?notice=check_mail");
    assert!(page.says("open the link in the message") && page.says("/verify/resend"));
    let kinds: Vec<String> = site.letters().into_iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, ["verify_address", "address_has_account"]);
}

#[test]
fn an_address_is_changed_without_leaving_the_pages() {
    let site = site();
    let ada = proved(&site, "ada");
    let page = ada.client.get("/");
    assert!(page.says("Email address") && page.says("action=\"/account/email\""));
    let fields = [("email", "ada@new.example"), ("current_password", PASSWORD)];
    let answer = ada.client.submit("/", "/account/email", &fields);
    assert_eq!(answer.location(), (303, "/?done=email_asked"));
    assert!(
        ada.client
            .get("/?done=email_asked")
            .says("Two messages are on their way")
    );
    let phone = site.client();
    let join = phone.get(&site.letter("join_address", "ada@new.example").path());
    assert!(join.says("ada@new.example") && join.says("Confirm change"));
    let waits = press(&phone, &join, "/verify/change", &[]);
    assert!(waits.status == 200 && waits.says("One more step"), "{}", waits.text());
    let leave = ada.client.get(&site.letter("leave_address", "ada").path());
    let done = press(&ada.client, &leave, "/verify/change", &[]);
    assert_eq!(
        done.location(),
        (303, "/?done=email_changed"),
        "the session that asked is still open"
    );
    let page = ada.client.get("/?done=email_changed");
    assert!(page.says("ada@new.example") && page.says("Your email address was changed."));
    assert_eq!(log_in(&site, "ada@new.example", PASSWORD).status, 200);
}

#[test]
fn mistakes_in_a_change_are_said_at_their_fields() {
    let site = site();
    let ada = proved(&site, "ada");
    proved(&site, "bob");
    for (email, password, field) in [
        ("nobody", PASSWORD, "email"),
        ("ada@example.org", PASSWORD, "email"),
        ("bob@example.org", PASSWORD, "email"),
        ("ada@new.example", "a wrong password", "current_password"),
    ] {
        let fields = [("email", email), ("current_password", password)];
        let page = ada.client.submit("/", "/account/email", &fields);
        assert_eq!(page.status, 400, "{email}");
        assert!(page.says(&format!("id=\"address-{field}-error\"")), "{email}");
        assert!(page.says(&format!("value=\"{email}\"")), "{email} is kept");
    }
    assert!(site.letters().is_empty());
}

#[test]
fn the_account_page_says_why_an_address_cannot_be_changed() {
    let off = Site::with(|config| {
        with_mail(config);
        config.accounts.email_change = false;
    });
    for (site, words) in [
        (off, "Addresses cannot be changed here."),
        (Site::start(), "This server sends no email"),
    ] {
        let ada = proved(&site, "ada");
        let page = ada.client.get("/");
        assert!(page.says(words), "{words}");
        assert!(!page.says("action=\"/account/email\""));
        let fields = [("email", "ada@new.example"), ("current_password", PASSWORD)];
        assert_eq!(ada.client.submit("/", "/account/email", &fields).status, 400);
    }
}

#[test]
fn somebody_let_in_unproved_can_ask_for_a_link_on_the_account_page() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.unverified_login = true;
    });
    let ada = site.user("ada");
    let page = ada.client.get("/");
    assert!(page.says("not confirmed") && page.says("action=\"/verify/resend\""));
    let link = ada.client.get(&site.letter("verify_address", "ada").path());
    let answer = press(&ada.client, &link, "/verify", &[]);
    assert_eq!(answer.location(), (303, "/?done=email_verified"));
    let page = ada.client.get("/?done=email_verified");
    assert!(page.says("Your address is confirmed.") && !page.says("action=\"/verify/resend\""));
}

#[test]
fn links_with_markup_in_them_stay_text() {
    let site = site();
    let evil: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in [
        format!("/verify?token={evil}&email={evil}"),
        format!("/verify?type=email-change&token={evil}&email={evil}&userId={evil}"),
        format!("/reset-password?token={evil}&userId={evil}"),
        format!("/forgot-password?sent={evil}&email={evil}"),
        format!("/login?notice={evil}"),
    ] {
        let page = site.client().get(&path);
        assert!(!page.says("<img"), "{path}");
    }
}

#[test]
fn the_forms_share_their_limits_with_the_api() {
    let limit = Limit {
        max: Some(2),
        window_minutes: 2.0,
    };
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.limits.reset_password = limit;
        config.limits.reset_password_submission = limit;
        config.limits.verify_email = limit;
        config.limits.verify_email_submission = limit;
    });
    for (page, api) in [
        ("/forgot-password", "/api/auth/requestPasswordReset"),
        ("/reset-password", "/api/auth/resetPassword"),
        ("/verify/resend", "/api/user/verify/resend"),
        ("/verify", "/api/user/verify"),
    ] {
        let client = site.client();
        client.post(api, &serde_json::json!({}));
        let once = client.submit("/login", page, &[]);
        assert_ne!(once.status, 429, "{page}");
        assert_eq!(once.header("x-ratelimit-remaining"), Some("0"), "{page}");
        let twice = client.submit("/login", page, &[]);
        assert_eq!(twice.status, 429, "{page}");
        assert!(twice.says("2 minutes"), "{page}: {}", twice.text());
        assert_eq!(client.get(page).header("retry-after"), None, "looking is free");
    }
    site.clock.advance(minutes(2));
    let client = site.client();
    let answer = client.submit("/forgot-password", "/forgot-password", &[("email", "ada@example.org")]);
    assert_eq!(answer.status, 303);
}

#[test]
fn a_person_signed_in_who_resets_is_signed_out_everywhere() {
    let site = site();
    let ada = proved(&site, "ada");
    let page = ada.client.get(&reset_letter(&site, "ada").path());
    let answer = press(
        &ada.client,
        &page,
        "/reset-password",
        &[("password", NEW), ("confirm_password", NEW)],
    );
    assert_eq!(answer.location(), (303, "/login?notice=password_reset"));
    assert!(answer.cookie("librechat_auth").is_some_and(|cookie| cookie.removes()));
    assert!(answer.cookie("refreshToken").is_some_and(|cookie| cookie.removes()));
}
