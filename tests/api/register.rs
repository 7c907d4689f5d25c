//! `POST /api/auth/register`.

use librechat_auth::config::Limit;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, Site, registration};

const DONE: &str = "Please check your email to verify your email address.";

fn register(site: &Site, body: &Value) -> Answer {
    site.client().post("/api/auth/register", body)
}

/// A valid registration with one field changed; `Value::Null` as name takes nothing away.
fn changed(field: &str, value: Value) -> Value {
    let mut body = registration("ada");
    body[field] = value;
    body
}

#[test]
fn a_new_account_is_a_plain_user_who_may_log_in_at_once() {
    let site = Site::start();
    let answer = register(&site, &registration("ada"));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "message": DONE }));
    let ada = site.account("ada").unwrap();
    assert_eq!((ada.role.as_str(), ada.provider.as_str()), ("USER", "local"));
    assert!(ada.email_verified, "nobody can prove an address without a mail service");
    assert_eq!(Person::log_in(&site, "ada").api("GET", "/api/user").status, 200);
}

#[test]
fn a_taken_address_is_answered_like_a_free_one_and_changes_nothing() {
    let site = Site::start();
    let free = register(&site, &registration("ada"));
    let mut again = changed("name", json!("Somebody Else"));
    again["password"] = json!("another fine secret");
    again["confirm_password"] = json!("another fine secret");
    again["email"] = json!("ADA@example.org");
    let taken = register(&site, &again);
    let shown = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers.remove("x-request-id");
        (answer.status, headers, answer.body.clone())
    };
    assert_eq!(shown(&free), shown(&taken));
    assert_eq!(site.user_count(), 1);
    let ada = Person::log_in(&site, "ada").account(&site);
    assert_eq!(ada.name, "ada example");
    let kinds: Vec<_> = site.events_about(&ada).iter().map(|event| event.kind.key()).collect();
    assert_eq!(kinds, ["login_succeeded", "registration_refused", "account_created"]);
}

#[test]
fn an_absent_null_or_empty_user_name_is_none() {
    let site = Site::start();
    for (name, value) in [("ada", Some(json!(""))), ("bob", Some(Value::Null)), ("eve", None)] {
        let mut body = registration(name);
        match value {
            Some(value) => body["username"] = value,
            None => drop(body.as_object_mut().unwrap().remove("username")),
        }
        assert_eq!(register(&site, &body).status, 200, "{body}");
        assert_eq!(site.account(name).unwrap().username, None);
    }
}

#[test]
fn two_people_may_share_a_user_name() {
    let site = Site::start();
    Person::register(&site, "ada");
    let mut body = registration("bob");
    body["username"] = json!("ada");
    assert_eq!(register(&site, &body).status, 200);
    assert_eq!(site.account("bob").unwrap().username.as_deref(), Some("ada"));
}

#[test]
fn nobody_poses_as_somebody_else() {
    let site = Site::start();
    Person::register(&site, "ada");
    for posed in [
        "ada@example.org",
        "ADA@example.org",
        " ada@example.org",
        "nobody@example.com",
    ] {
        let mut body = registration("eve");
        body["username"] = json!(posed);
        let expected = (400, "username: Invalid characters in username".to_owned());
        assert_eq!(register(&site, &body).message(), expected, "{posed}: taken or not");
    }
    let mut own = registration("bob");
    own["username"] = json!("Bob@example.org");
    assert_eq!(register(&site, &own).status, 200, "one's own address is no pose");
}

#[test]
fn no_second_spelling_of_an_address_makes_a_second_account() {
    let site = Site::start();
    Person::register(&site, "ada");
    // Another case is the same address; letters that only look alike are none.
    for (spelling, status) in [
        ("ADA@EXAMPLE.ORG", 200),
        ("Ada@example.org", 200),
        ("\u{430}da@example.org", 400),
        ("ada@ex\u{430}mple.org", 400),
        ("ada\u{200b}@example.org", 400),
        ("\u{ff41}da@example.org", 400),
        ("ada@example.org ", 400),
        ("ada@example.org\u{0}", 400),
    ] {
        assert_eq!(
            register(&site, &changed("email", json!(spelling))).status,
            status,
            "{spelling:?}"
        );
        assert_eq!(site.user_count(), 1, "{spelling:?}");
    }
}

#[test]
fn a_field_that_breaks_its_rule_is_named_in_librechats_words() {
    let site = Site::start();
    let long = "x".repeat(81);
    for (field, value, expected) in [
        ("name", json!("ab"), "name: String must contain at least 3 character(s)"),
        ("name", json!(long), "name: String must contain at most 80 character(s)"),
        ("name", json!(7), "name: Expected string, received number"),
        ("name", Value::Null, "name: Expected string, received null"),
        (
            "username",
            json!("a"),
            "username: String must contain at least 2 character(s)",
        ),
        ("username", json!("αβγ"), "username: Invalid characters in username"),
        (
            "username",
            json!("a--b"),
            "username: Potential injection attack detected",
        ),
        ("username", json!(["a"]), "username: Invalid input"),
        ("email", json!("ada@example"), "email: Invalid email"),
        ("email", json!({}), "email: Expected string, received object"),
        (
            "confirm_password",
            json!("something else"),
            ": The passwords did not match",
        ),
    ] {
        let body = changed(field, value);
        assert_eq!(register(&site, &body).message(), (400, expected.to_owned()), "{body}");
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn every_missing_field_is_reported_at_once() {
    let site = Site::start();
    let expected = "name: Required email: Required password: Required confirm_password: Required";
    assert_eq!(register(&site, &json!({})).message(), (400, expected.to_owned()));
}

#[test]
fn short_and_common_passwords_are_refused() {
    let site = Site::start();
    for (password, expected) in [
        ("short", "password: String must contain at least 8 character(s)"),
        (
            "password1",
            "password: This password is on the list of the most common ones; choose another",
        ),
        (
            "ada@example.org",
            "password: This password is on the list of the most common ones; choose another",
        ),
    ] {
        let mut body = changed("password", json!(password));
        body["confirm_password"] = json!(password);
        assert_eq!(register(&site, &body).message(), (400, expected.to_owned()));
    }
}

#[test]
fn fields_that_would_raise_somebody_are_refused() {
    let site = Site::start();
    for (field, value) in [
        ("role", json!("ADMIN")),
        ("provider", json!("google")),
        ("emailVerified", json!(true)),
        ("id", json!("0123456789abcdef01234567")),
        ("_id", json!("0123456789abcdef01234567")),
        ("twoFactorEnabled", json!(true)),
        ("$set", json!({ "role": "ADMIN" })),
        ("__proto__", json!({ "role": "ADMIN" })),
    ] {
        let (status, message) = register(&site, &changed(field, value)).message();
        assert_eq!(status, 400, "{field}");
        assert!(message.contains(field), "{message}");
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn the_first_to_register_is_no_admin() {
    let site = Site::start();
    register(&site, &registration("ada"));
    assert_eq!(site.account("ada").unwrap().role.as_str(), "USER");
    assert_eq!(site.run(site.app.admin_count()).unwrap(), 0);
}

#[test]
fn a_closed_registration_says_so() {
    let site = Site::with(|config| config.accounts.registration = false);
    let expected = (403, "Registration is not allowed.".to_owned());
    assert_eq!(register(&site, &registration("ada")).message(), expected);
    assert_eq!(register(&site, &json!({})).message(), expected, "whatever the fields");
    assert_eq!(site.user_count(), 0);
}

#[test]
fn an_invite_token_is_refused_and_the_text_undefined_is_none() {
    let site = Site::start();
    let refused = (400, "Invalid invite token".to_owned());
    for token in [json!("abc"), json!(1), json!({})] {
        assert_eq!(register(&site, &changed("token", token)).message(), refused);
    }
    assert_eq!(site.user_count(), 0);
    for (name, token) in [("ada", json!("undefined")), ("bob", json!("")), ("eve", Value::Null)] {
        let mut body = registration(name);
        body["token"] = token;
        assert_eq!(register(&site, &body).status, 200, "{body}");
    }
}

#[test]
fn an_address_of_another_domain_cannot_be_used() {
    let site = Site::with(|config| config.accounts.allowed_domains = vec!["example.com".to_owned()]);
    let text = "The email address provided cannot be used. Please use a different email address.";
    assert_eq!(register(&site, &registration("ada")).message(), (403, text.to_owned()));
    let allowed = changed("email", json!("ada@Example.com"));
    assert_eq!(register(&site, &allowed).status, 200);
}

#[test]
fn registrations_are_limited_whatever_comes_of_them() {
    let site = Site::with(|config| {
        config.limits.register = Limit {
            max: Some(2),
            window_minutes: 60.0,
        };
    });
    for left in ["1", "0"] {
        let answer = register(&site, &json!({}));
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (400, Some(left))
        );
    }
    let answer = register(&site, &registration("ada"));
    let text = "Too many accounts created, please try again after 60 minutes";
    assert_eq!(answer.message(), (429, text.to_owned()));
    assert_eq!(answer.header("retry-after"), Some("3600"));
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_password_is_used_as_it_was_typed() {
    let site = Site::start();
    let spaced = format!("  {PASSWORD}\u{e9} ");
    let mut body = changed("password", json!(spaced));
    body["confirm_password"] = json!(spaced);
    assert_eq!(register(&site, &body).status, 200);
    let log_in = |password: &str| {
        let body = json!({ "email": "ada@example.org", "password": password });
        site.client().post("/api/auth/login", &body).status
    };
    assert_eq!(log_in(&spaced), 200);
    assert_eq!(log_in(spaced.trim()), 400);
    assert_eq!(log_in(&format!("  {PASSWORD}e\u{301} ")), 400, "no normalisation");
}
