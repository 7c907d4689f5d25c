//! `/register`.

use librechat_auth::config::Limit;

use crate::support::{Answer, Client, PASSWORD, Person, Site};

fn register(client: &Client, changes: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("name", "Ada Lovelace"),
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    for (name, value) in changes {
        let field = fields.iter_mut().find(|(known, _)| known == name);
        field.expect("a field of the form").1 = value;
    }
    client.submit("/register", "/register", &fields)
}

/// Whether the page shows an error at the field.
fn error_at(page: &Answer, field: &str) -> bool {
    page.says(&format!("id=\"register-{field}-error\""))
}

#[test]
fn a_new_account_may_log_in_at_once() {
    let site = Site::start();
    let client = site.client();
    assert_eq!(register(&client, &[]).location(), (303, "/login?notice=registered"));
    assert_eq!(site.account("ada").unwrap().name, "Ada Lovelace");
    assert_eq!(client.cookie("librechat_auth"), None, "registering logs nobody in");
    Person::log_in(&site, "ada");
}

#[test]
fn a_taken_address_looks_like_a_free_one() {
    let site = Site::start();
    let free = register(&site.client(), &[]);
    let taken = register(&site.client(), &[("email", "ADA@example.org"), ("name", "Mallory")]);
    assert_eq!(free.location(), taken.location());
    assert_eq!((free.cookies(), &free.body), (taken.cookies(), &taken.body));
    assert_eq!(site.account("ada").unwrap().name, "Ada Lovelace");
}

#[test]
fn each_mistake_is_shown_at_its_field_with_the_rest_kept() {
    let site = Site::start();
    for (changes, field, words) in [
        (vec![("name", "ab")], "name", "Please use at least 3 characters."),
        (vec![("name", "")], "name", "Please use at least 3 characters."),
        (vec![("username", "a")], "username", "Please use at least 2 characters."),
        (
            vec![("username", "a<b>")],
            "username",
            "Some of these characters cannot be used here.",
        ),
        (
            vec![("email", "ada@")],
            "email",
            "Please enter a complete address, like name@example.org.",
        ),
        (
            vec![("password", "short"), ("confirm_password", "short")],
            "password",
            "Please use at least 8 characters.",
        ),
        (
            vec![("password", "password1"), ("confirm_password", "password1")],
            "password",
            "This is one of the passwords that get guessed first.",
        ),
        (
            vec![("confirm_password", "another one")],
            "confirm_password",
            "The two passwords are not the same.",
        ),
    ] {
        let page = register(&site.client(), &changes);
        assert_eq!(page.status, 400, "{changes:?}");
        assert!(
            error_at(&page, field) && page.says(words),
            "{changes:?}: {}",
            page.text()
        );
        for other in ["name", "username", "email", "password", "confirm_password"] {
            assert_eq!(error_at(&page, other), other == field, "{changes:?}: {other}");
        }
        let typed = |name: &str, usual: &'static str| {
            let changed = changes.iter().find(|(known, _)| *known == name);
            changed
                .map_or(usual, |(_, value)| value)
                .replace('<', "&#60;")
                .replace('>', "&#62;")
        };
        assert_eq!(page.value_of("name"), Some(typed("name", "Ada Lovelace")));
        assert_eq!(page.value_of("username"), Some(typed("username", "ada")));
        assert_eq!(page.value_of("email"), Some(typed("email", "ada@example.org")));
        assert!(!page.says(PASSWORD) && !page.says("password1"), "{changes:?}");
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_form_that_is_not_ours_is_shown_again() {
    let site = Site::start();
    let client = site.client();
    for _ in 0..2 {
        let page = client.post_bare("/register", &[("name", "Ada Lovelace"), ("password", PASSWORD)]);
        assert_eq!(page.status, 400);
        assert!(page.says("This form was open for too long."));
        assert_eq!(page.value_of("name").as_deref(), Some("Ada Lovelace"));
        assert!(!page.says(PASSWORD));
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn fields_that_would_raise_somebody_are_refused() {
    let site = Site::start();
    let client = site.client();
    for field in ["role", "provider", "emailVerified"] {
        let fields = [("name", "Mallory"), ("email", "m@example.org"), (field, "ADMIN")];
        assert_eq!(client.submit("/register", "/register", &fields).status, 400, "{field}");
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_closed_registration_has_no_form_and_takes_none() {
    let site = Site::with(|config| config.accounts.registration = false);
    let client = site.client();
    let page = client.get("/register");
    assert_eq!(page.status, 403);
    assert!(page.says("Registration is closed") && !page.says("type=\"password\""));
    let login = client.get("/login");
    assert!(!login.says("/register"), "and no link to it");
    let csrf = login.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "Ada Lovelace"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    assert_eq!(client.post_bare("/register", &fields).status, 403);
    assert_eq!(site.user_count(), 0);
}

#[test]
fn an_address_of_another_domain_is_refused_at_its_field() {
    let site = Site::with(|config| config.accounts.allowed_domains = vec!["example.com".to_owned()]);
    let page = register(&site.client(), &[]);
    assert_eq!(page.status, 400);
    assert!(error_at(&page, "email") && page.says("This address cannot be used here."));
}

#[test]
fn too_many_registrations_get_a_page_that_says_how_long_to_wait() {
    let site = Site::with(|config| {
        config.limits.register = Limit {
            max: Some(1),
            window_minutes: 60.0,
        };
    });
    let client = site.client();
    assert_eq!(register(&client, &[]).header("x-ratelimit-remaining"), Some("0"));
    let page = register(&client, &[("email", "bob@example.org")]);
    assert_eq!((page.status, page.header("retry-after")), (429, Some("3600")));
    assert!(page.says("60 minutes"));
    assert_eq!(site.user_count(), 1);
}
