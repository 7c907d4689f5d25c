//! `/` and its forms.

use librechat_auth::domain::account::Role;

use crate::support::{Answer, PASSWORD, Person, Site, minutes};

const FORMS: [&str; 7] = [
    "/account/email",
    "/account/name",
    "/account/password",
    "/account/delete",
    "/account/notices",
    "/sessions/end",
    "/sessions/end-others",
];

fn submit(person: &Person, action: &str, fields: &[(&str, &str)]) -> Answer {
    person.client.submit("/", action, fields)
}

#[test]
fn the_page_says_who_one_is_and_where_one_is_signed_in() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(5));
    Person::log_in(&site, "ada");
    let page = ada.client.get("/");
    for words in [
        "ada example",
        "ada@example.org",
        "Member",
        "This device",
        "Firefox on Linux",
        "127.0.0.1",
        "14 November 2023, 22:13 UTC",
        "14 November 2023, 22:18 UTC",
        "End all other sessions",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert_eq!(page.text().matches("class=\"session\"").count(), 2);
}

#[test]
fn dead_sessions_are_not_listed() {
    let site = Site::with(|config| config.session.idle = minutes(60));
    let ada = site.user("ada");
    site.clock.advance(minutes(60));
    let later = Person::log_in(&site, "ada");
    let page = later.client.get("/");
    assert_eq!(page.text().matches("class=\"session\"").count(), 1);
    assert_eq!(ada.open_doors(), [false, false, false]);
}

#[test]
fn the_name_can_be_changed() {
    let site = Site::start();
    let ada = site.user("ada");
    let answer = submit(&ada, "/account/name", &[("name", "Ada King")]);
    assert_eq!(answer.location(), (303, "/?done=name_saved"));
    let page = ada.client.get("/?done=name_saved");
    assert!(page.says("Ada King") && page.says("Your name was saved."));
    assert_eq!(ada.api("GET", "/api/user").json()["name"], "Ada King");
    assert_eq!(site.events_about(&ada.account(&site))[0].kind.key(), "name_changed");
}

#[test]
fn a_bad_name_is_refused_at_its_field_and_kept() {
    let site = Site::start();
    let ada = site.user("ada");
    let page = submit(&ada, "/account/name", &[("name", "A ")]);
    assert_eq!(page.status, 400);
    assert!(page.says("id=\"name-name-error\""));
    assert_eq!(page.value_of("name").as_deref(), Some("A "));
    assert_eq!(ada.account(&site).name, "ada example");
}

#[test]
fn no_form_changes_more_than_it_shows() {
    let site = Site::start();
    let ada = site.user("ada");
    for field in ["role", "email", "emailVerified", "id"] {
        let fields = [("name", "Ada King"), (field, "ADMIN")];
        assert_eq!(submit(&ada, "/account/name", &fields).status, 400, "{field}");
    }
    let account = ada.account(&site);
    assert_eq!((account.name.as_str(), account.role), ("ada example", Role::User));
}

#[test]
fn a_wrong_current_password_changes_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let fields = [
        ("current_password", "not my password"),
        ("password", "eleven wooden ladders"),
        ("confirm_password", "eleven wooden ladders"),
    ];
    let page = submit(&ada, "/account/password", &fields);
    assert_eq!(page.status, 400);
    assert!(page.says("id=\"password-current_password-error\"") && page.says("This is not your current password."));
    assert!(!page.says("ladders") && !page.says("not my password"));
    Person::log_in(&site, "ada");
}

#[test]
fn a_new_password_keeps_the_rules() {
    let site = Site::start();
    let ada = site.user("ada");
    for (new, again, field) in [
        ("short", "short", "password"),
        ("password1", "password1", "password"),
        ("ada example", "ada example", "password"),
        ("eleven wooden ladders", "eleven wooden ladder", "confirm_password"),
    ] {
        let fields = [
            ("current_password", PASSWORD),
            ("password", new),
            ("confirm_password", again),
        ];
        let page = submit(&ada, "/account/password", &fields);
        assert_eq!(page.status, 400, "{new}");
        assert!(page.says(&format!("id=\"password-{field}-error\"")), "{new}");
    }
    Person::log_in(&site, "ada");
}

#[test]
fn deleting_the_account_asks_for_the_password() {
    let site = Site::start();
    let ada = site.user("ada");
    let page = submit(&ada, "/account/delete", &[("password", "wrong password")]);
    assert_eq!(page.status, 400);
    assert!(page.says("id=\"delete-password-error\""));
    assert_eq!(site.user_count(), 1);
    let answer = submit(&ada, "/account/delete", &[("password", PASSWORD)]);
    assert_eq!(answer.location(), (303, "/login?notice=account_deleted"));
    assert!(answer.cookie("librechat_auth").unwrap().removes());
    assert_eq!(site.user_count(), 0);
}

#[test]
fn the_last_admin_is_told_why_the_account_stays() {
    let site = Site::start();
    let admin = site.admin();
    let page = submit(&admin, "/account/delete", &[("password", PASSWORD)]);
    assert_eq!(page.status, 400);
    assert!(page.says("You are the last administrator."));
    site.create("second", Role::Admin);
    assert_eq!(submit(&admin, "/account/delete", &[("password", PASSWORD)]).status, 303);
}

#[test]
fn two_admins_who_delete_themselves_at_once_leave_one() {
    let site = Site::start();
    let one = site.admin();
    site.create("second", Role::Admin);
    let two = Person::log_in(&site, "second");
    std::thread::scope(|scope| {
        for admin in [&one, &two] {
            scope.spawn(|| submit(admin, "/account/delete", &[("password", PASSWORD)]));
        }
    });
    assert_eq!(site.run(site.app.admin_count()).unwrap(), 1);
}

#[test]
fn where_deletion_is_off_it_is_not_offered_and_not_done() {
    let site = Site::with(|config| config.accounts.deletion = false);
    let ada = site.user("ada");
    assert!(!ada.client.get("/").says("/account/delete"));
    assert_eq!(submit(&ada, "/account/delete", &[("password", PASSWORD)]).status, 403);
    assert_eq!(site.user_count(), 1);
}

#[test]
fn no_form_works_without_its_hidden_field() {
    let site = Site::start();
    let ada = site.user("ada");
    Person::log_in(&site, "ada");
    let other = site.user("bob").client.get("/").csrf();
    ada.client.get("/");
    for path in FORMS {
        for csrf in ["", "AAAA", other.as_str()] {
            let answer = ada.client.post_bare(path, &[("csrf", csrf)]);
            assert_eq!(answer.status, 403, "{path} {csrf}");
        }
    }
    let page = ada.client.get("/");
    assert_eq!(page.text().matches("class=\"session\"").count(), 2, "nothing happened");
}

#[test]
fn no_form_works_for_a_stranger() {
    let site = Site::start();
    let client = site.client();
    for path in FORMS {
        assert_eq!(client.submit("/login", path, &[]).location(), (303, "/login"), "{path}");
    }
}

#[test]
fn a_number_that_is_none_is_not_found() {
    let site = Site::start();
    let ada = site.user("ada");
    for path in ["/sessions/end", "/account/notices"] {
        for id in ["", "x", "1e3", "99999999999999999999"] {
            assert_eq!(submit(&ada, path, &[("id", id)]).status, 404, "{path} {id}");
        }
        assert_eq!(submit(&ada, path, &[("id", "12345")]).status, 303, "{path}");
    }
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn names_and_roles_are_shown_as_text() {
    let site = Site::start();
    let ada = site.user("ada");
    let name = "<img src=x onerror=alert(1)>'\"&amp;";
    assert_eq!(submit(&ada, "/account/name", &[("name", name)]).status, 303);
    let page = ada.client.get("/");
    assert!(!page.says("<img"));
    assert!(page.says("&#60;img src=x onerror=alert(1)&#62;"));
    assert_eq!(ada.api("GET", "/api/user").json()["name"], name);
}

#[test]
fn the_password_behind_an_open_session_cannot_be_guessed_without_end() {
    let site = Site::with(|config| config.limits.account.max = Some(20));
    let ada = site.user("ada");
    for _ in 0..5 {
        let answer = submit(&ada, "/account/delete", &[("password", "a wrong guess")]);
        assert_eq!(answer.status, 400);
    }
    assert_eq!(submit(&ada, "/account/delete", &[("password", PASSWORD)]).status, 429);
    site.clock.advance(minutes(5));
    assert_eq!(
        submit(&ada, "/account/delete", &[("password", PASSWORD)]).location(),
        (303, "/login?notice=account_deleted")
    );
}
