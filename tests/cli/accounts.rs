//! Commands about accounts, without a server and without a terminal.

use std::collections::BTreeSet;

use super::kit::{Home, PASSWORD};

const KEYS: &[&str] = &[
    "created_at",
    "disabled_at",
    "email",
    "email_verified",
    "id",
    "last_login_at",
    "login_count",
    "name",
    "provider",
    "role",
    "terms_accepted_at",
    "two_factor_at",
    "two_factor_demanded_at",
    "updated_at",
    "username",
    "valid_until",
    "waiting_since",
];

#[test]
fn create_user_takes_librechats_arguments_and_warns_about_the_password() {
    let home = Home::new();
    let ended = home.run(&[
        "create-user",
        "Ada@Example.org",
        "Ada Lovelace",
        "ada",
        PASSWORD,
        "--email-verified=false",
        "--provider=openid",
    ]);
    assert_eq!(ended.done(), "User created successfully!\nEmail verified: false\n");
    assert!(
        ended.err.contains("warning: a password on the command line"),
        "{ended:?}"
    );
    assert!(!ended.err.contains(PASSWORD));
    let ada = home.account("ada@example.org").expect("made");
    assert_eq!(ada["name"], "Ada Lovelace");
    assert_eq!(ada["username"], "ada");
    assert_eq!(ada["email_verified"], false);
    assert_eq!(ada["provider"], "openid");
    assert_eq!(ada["role"], "USER");
}

#[test]
fn flags_may_stand_anywhere() {
    let home = Home::new();
    home.run_with(
        &[
            "create-user",
            "--email-verified=false",
            "ada@example.org",
            "--password-stdin",
            "Ada Lovelace",
            "ada",
        ],
        "seven copper kettles\n",
    )
    .done();
    assert!(home.account("ada@example.org").is_some());
}

#[test]
fn name_and_user_name_default_to_the_local_part_and_the_address_counts_as_proved() {
    let home = Home::new();
    home.run_with(&["create-user", "ada.king@example.org", "--password-stdin"], PASSWORD)
        .done();
    let ada = home.account("ada.king@example.org").expect("made");
    assert_eq!(
        (&ada["name"], &ada["username"]),
        (&"ada.king".into(), &"ada.king".into())
    );
    assert_eq!(ada["email_verified"], true);
}

#[test]
fn a_generated_password_is_long_and_printed_once() {
    let home = Home::new();
    let ended = home.run(&["create-user", "ada@example.org", "--generate-password"]);
    let (_, password) = ended.done().split_once("Your password is: ").expect("shown");
    assert_eq!(password.trim().len(), 29, "{ended:?}");
    let made = home.json(&["create-user", "bob@example.org", "--generate-password"]);
    assert_eq!(made["password"].as_str().map(str::len), Some(29));
    assert_ne!(made["password"].as_str(), Some(password.trim()));
    assert_eq!(home.account("bob@example.org").expect("made").get("password"), None);
}

#[test]
fn create_user_refuses_an_address_or_user_name_that_is_taken() {
    let home = Home::with_people();
    let taken = "Error: A user with that email or username already exists!";
    for arguments in [["ADA@example.org", "Ada", "other"], ["other@example.org", "Ada", "ada"]] {
        let all = [&["create-user", "--generate-password"], &arguments[..]].concat();
        home.run(&all).refused(1, taken);
    }
    assert_eq!(home.json(&["list-users"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn create_user_names_every_rule_that_is_broken() {
    let home = Home::new();
    let ended = home.run_with(&["create-user", "ada", "A", "<", "--password-stdin"], "short");
    ended.refused(1, "email: Invalid email");
    ended.refused(1, "name: String must contain at least 3 character(s)");
    ended.refused(1, "username: ");
    ended.refused(1, "password: String must contain at least 8 character(s)");
}

#[test]
fn allowed_domains_hold_on_the_command_line_too() {
    let home = Home::new();
    std::fs::write(
        home.dir.path().join("librechat-auth.toml"),
        "[accounts]\nallowed_domains = [\"example.org\"]\n",
    )
    .expect("written");
    let ended = home.run(&["create-user", "ada@elsewhere.org", "--generate-password"]);
    ended.refused(1, "accounts.allowed_domains");
    home.create("ada", &[]);
}

#[test]
fn without_a_terminal_create_user_says_what_to_pass() {
    let home = Home::new();
    home.run(&["create-user"]).refused(2, "EMAIL");
    home.run(&["create-user", "ada@example.org"])
        .refused(2, "--password-stdin");
    assert!(!home.database().exists());
}

#[test]
fn a_role_or_provider_that_cannot_be_is_a_usage_error() {
    let home = Home::new();
    for flag in ["--role=<b>", "--provider=Open ID", "--email-verified=maybe"] {
        home.run(&["create-user", "ada@example.org", "--generate-password", flag])
            .refused(2, flag.split_once('=').expect("a flag").0);
    }
}

#[test]
fn an_admin_made_here_completes_the_set_up() {
    let home = Home::new();
    home.create("bob", &[]);
    let link = home.json(&["setup-link"]);
    assert!(link["link"].as_str().expect("a link").contains("/setup?token="));
    assert_eq!(link["valid_seconds"], 3600);
    home.create("ada", &["--role=ADMIN"]);
    home.run(&["setup-link"]).refused(1, "set-role EMAIL ADMIN");
}

#[test]
fn who_makes_the_first_account_without_the_role_is_told_that_there_is_no_admin() {
    let home = Home::new();
    let ended = home.run(&["create-user", "ada@example.org", "--generate-password"]);
    ended.done();
    assert!(ended.err.contains("There is no admin yet"), "{ended:?}");
}

#[test]
fn every_command_about_an_account_prints_the_same_keys() {
    let home = Home::with_people();
    let mut objects = vec![
        home.json(&["disable-user", "bob@example.org"]),
        home.json(&["enable-user", "bob@example.org"]),
        home.json(&["set-role", "bob@example.org", "Team lead"]),
    ];
    objects.extend(home.json(&["list-users"]).as_array().expect("an array").clone());
    for object in objects {
        let keys: Vec<&str> = object
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, KEYS);
    }
    let with = |key| {
        let mut keys = [KEYS, &[key]].concat();
        keys.sort_unstable();
        keys
    };
    let more = [
        (home.json(&["user-stats"])[1].clone(), "sessions"),
        (
            home.json(&["reset-password", "bob@example.org", "--generate-password"]),
            "password",
        ),
    ];
    for (object, key) in more {
        let keys: Vec<&str> = object
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, with(key));
    }
    let deleted = home.json(&["delete-user", "bob@example.org", "--yes"]);
    let keys: BTreeSet<&str> = deleted
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let more = ["deleted", "restorable_until"];
    assert_eq!(keys, KEYS.iter().copied().chain(more).collect());
}

#[test]
fn an_account_is_named_by_address_in_any_case_or_by_id() {
    let home = Home::with_people();
    let cyd = home.create("cyd", &[]);
    assert_eq!(home.json(&["disable-user", "CYD@example.org"])["id"], *cyd);
    assert_eq!(home.json(&["enable-user", &cyd.to_uppercase()])["id"], *cyd);
    assert_eq!(home.json(&["set-role", &cyd, "ADMIN"])["role"], "ADMIN");
    assert_eq!(home.json(&["delete-user", &cyd, "--yes"])["deleted"], true);
}

#[test]
fn an_account_that_is_not_there_is_exit_1_everywhere() {
    let home = Home::with_people();
    for name in ["nobody@example.org", "000000000000000000000000", "nobody", ""] {
        home.run(&["delete-user", name, "--yes"]).refused(1, "User not found!");
        home.run(&["disable-user", name]).refused(1, "User not found!");
        home.run(&["enable-user", name]).refused(1, "User not found!");
        home.run(&["set-role", name, "ADMIN"]).refused(1, "User not found!");
        home.run(&["reset-password", name, "--generate-password"])
            .refused(1, "User not found!");
    }
}

#[test]
fn delete_user_needs_a_confirmation() {
    let home = Home::with_people();
    home.run(&["delete-user", "bob@example.org"]).refused(2, "--yes");
    assert!(home.account("bob@example.org").is_some());
    let ended = home.run(&["delete-user", "bob@example.org", "--yes"]);
    let (first, more) = ended.done().split_once('\n').expect("two lines");
    assert_eq!(first, "✔ Successfully deleted user bob@example.org");
    assert!(
        more.contains("it can be restored: librechat-auth restore-user "),
        "{more}"
    );
    assert!(home.account("bob@example.org").is_none());
}

#[test]
fn the_last_admin_is_not_lost_without_a_confirmation() {
    let home = Home::with_people();
    home.run(&["disable-user", "ada@example.org"]).refused(2, "--yes");
    home.run(&["set-role", "ada@example.org", "USER"]).refused(2, "--yes");
    let ada = home.account("ada@example.org").expect("there");
    assert_eq!((&ada["role"], ada["disabled_at"].is_null()), (&"ADMIN".into(), true));
    home.run(&["set-role", "bob@example.org", "ADMIN"]).done();
    home.run(&["set-role", "ada@example.org", "USER"]).done();
    home.run(&["set-role", "bob@example.org", "USER", "--yes"]).done();
    home.run(&["set-role", "bob@example.org", "ADMIN"]).done();
}

#[test]
fn disabling_twice_keeps_the_first_time() {
    let home = Home::with_people();
    let first = home.json(&["disable-user", "bob@example.org"]);
    assert!(first["disabled_at"].is_string());
    assert_eq!(
        home.json(&["disable-user", "bob@example.org"])["disabled_at"],
        first["disabled_at"]
    );
    assert!(home.json(&["enable-user", "bob@example.org"])["disabled_at"].is_null());
    assert!(home.json(&["enable-user", "bob@example.org"])["disabled_at"].is_null());
}

#[test]
fn reset_password_takes_a_line_from_standard_input_or_generates_one() {
    let home = Home::with_people();
    let ended = home.run_with(
        &["reset-password", "bob@example.org", "--password-stdin"],
        "another horse battery\r\n",
    );
    assert!(ended.done().starts_with("Password successfully reset!\n"));
    assert!(!ended.out.contains("another"), "{ended:?}");
    let ended = home.run(&["reset-password", "bob@example.org", "--generate-password"]);
    assert!(ended.done().contains("Your password is: "));
}

#[test]
fn reset_password_refuses_bad_passwords_and_changes_nothing() {
    let home = Home::with_people();
    let before = home.account("bob@example.org");
    let too_long = "x".repeat(5000);
    let stdin = ["reset-password", "bob@example.org", "--password-stdin"];
    home.run_with(&stdin, "short")
        .refused(1, "password: String must contain");
    home.run_with(&stdin, "").refused(1, "password: ");
    home.run_with(&stdin, "password1").refused(1, "password: ");
    home.run_with(&stdin, &too_long).refused(1, "that is no password");
    home.run(&["reset-password", "bob@example.org"])
        .refused(2, "--password-stdin");
    assert_eq!(home.account("bob@example.org"), before);
}

#[test]
fn two_sources_of_a_password_are_a_usage_error() {
    let home = Home::with_people();
    home.run(&[
        "reset-password",
        "bob@example.org",
        "--generate-password",
        "--password-stdin",
    ])
    .refused(2, "cannot be used with");
    home.run(&[
        "create-user",
        "x@example.org",
        "Xen",
        "xen",
        PASSWORD,
        "--generate-password",
    ])
    .refused(2, "cannot be used with");
}

#[test]
fn reset_terms_counts_who_had_accepted() {
    let home = Home::with_people();
    home.run(&["reset-terms"]).refused(2, "--yes");
    rusqlite::Connection::open(home.database())
        .and_then(|database| database.execute("UPDATE users SET terms_accepted_at = 5 WHERE email LIKE 'bob%'", []))
        .expect("accepted");
    assert_eq!(home.run(&["reset-terms", "--yes"]).done(), "Updated 1 user(s).\n");
    assert_eq!(home.json(&["reset-terms", "--yes"])["updated"], 0);
    let log = home.json(&["audit", "list", "--kind", "terms_reset"]);
    assert_eq!(
        (log.as_array().map(Vec::len), &log[0]["actor"]),
        (Some(2), &"console".into())
    );
}

#[test]
fn everything_about_one_person_is_one_document_without_secrets() {
    let home = Home::with_people();
    home.run(&["groups", "add", "bob@example.org", "family"]).done();
    let told = home.run(&["export-user", "bob@example.org"]);
    let document: serde_json::Value = serde_json::from_str(told.done()).expect("JSON");
    assert_eq!(
        (&document["email"], &document["groups"][0]["name"]),
        (&"bob@example.org".into(), &"family".into())
    );
    assert!(!document.to_string().contains("$argon2"));
    let ended = home.run(&["audit", "list", "--user", "bob@example.org", "--kind", "audit_exported"]);
    assert!(ended.done().contains("console"));
    home.run(&["export-user", "nobody@example.org"])
        .refused(1, "No account");
}
