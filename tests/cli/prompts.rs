//! What the commands ask at a terminal, and what they show there.

use std::fs::File;

use super::kit::{Home, PASSWORD};
use super::terminal::Terminal;

fn at_terminal(home: &Home, arguments: &[&str]) -> Terminal {
    let mut command = home.command();
    command.args(arguments);
    Terminal::start(command, 80, None)
}

#[test]
fn create_user_asks_librechats_questions_and_generates_a_password_for_a_blank_one() {
    let home = Home::new();
    let mut terminal = at_terminal(&home, &["create-user"]);
    terminal.expect("Email:\r\n> ").type_line("ada@example.org");
    terminal
        .expect("Name: (default is: ada)\r\n> ")
        .type_line("Ada Lovelace");
    terminal.expect("Username: (default is: ada)\r\n> ").type_line("");
    terminal.expect("Password: (leave blank, to generate one)\r\n> ");
    terminal.expect_hiding().type_line("");
    terminal
        .expect("Email verified? (Y/n, default is Y)\r\n> ")
        .type_line("");
    terminal.expect("User created successfully!\r\nEmail verified: true\r\nYour password is: ");
    assert_eq!(terminal.end().0, Some(0));
    let ada = home.account("ada@example.org").expect("made");
    assert_eq!(
        (&ada["name"], &ada["username"]),
        (&"Ada Lovelace".into(), &"ada".into())
    );
}

#[test]
fn a_typed_password_is_never_shown() {
    let home = Home::new();
    let mut terminal = at_terminal(&home, &["create-user", "ada@example.org", "Ada", "ada"]);
    terminal.expect("Password: (leave blank, to generate one)\r\n> ");
    terminal.expect_hiding().type_line(PASSWORD);
    terminal.expect("Email verified?").type_line("n");
    terminal.expect("User created successfully!\r\nEmail verified: false");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0));
    assert!(
        !screen.contains(PASSWORD) && !screen.contains("Your password is"),
        "{screen}"
    );
}

#[test]
fn flags_answer_questions() {
    let home = Home::new();
    let arguments = [
        "create-user",
        "ada@example.org",
        "--generate-password",
        "--email-verified=false",
    ];
    let mut terminal = at_terminal(&home, &arguments);
    terminal.expect("Name: (default is: ada)\r\n> ").type_line("");
    terminal.expect("Username: (default is: ada)\r\n> ").type_line("");
    terminal.expect("User created successfully!");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0));
    assert!(!screen.contains("Email verified?"), "{screen}");
}

#[test]
fn delete_user_asks_and_takes_only_yes_for_yes() {
    let home = Home::with_people();
    let question = "Really delete user bob@example.org and ALL their data? (y/N)\r\n> ";
    for answer in ["", "n", "ye", "no"] {
        let mut terminal = at_terminal(&home, &["delete-user", "bob@example.org"]);
        terminal.expect(question).type_line(answer);
        terminal.expect("cancelled: nothing was changed");
        assert_eq!(terminal.end().0, Some(1));
    }
    assert!(home.account("bob@example.org").is_some());
    let mut terminal = at_terminal(&home, &["delete-user"]);
    terminal.expect("Email:\r\n> ").type_line("bob@example.org");
    terminal.expect(question).type_line("Y");
    terminal.expect("✔ Successfully deleted user bob@example.org");
    assert_eq!(terminal.end().0, Some(0));
    assert!(home.account("bob@example.org").is_none());
}

#[test]
fn the_end_of_input_changes_nothing() {
    let home = Home::with_people();
    let mut terminal = at_terminal(&home, &["delete-user", "bob@example.org"]);
    terminal.expect("> ").type_keys("\u{4}");
    terminal.expect("the input ended: nothing was changed");
    assert_eq!(terminal.end().0, Some(1));
    assert!(home.account("bob@example.org").is_some());
}

#[test]
fn the_last_admin_is_asked_about() {
    let home = Home::with_people();
    for arguments in [
        &["disable-user", "ada@example.org"][..],
        &["set-role", "ada@example.org", "USER"],
    ] {
        let mut terminal = at_terminal(&home, arguments);
        terminal.expect("ada@example.org is the last admin").type_line("n");
        assert_eq!(terminal.end().0, Some(1), "{arguments:?}");
    }
    let mut terminal = at_terminal(&home, &["delete-user", "ada@example.org"]);
    terminal.expect("This is the last admin").expect("> ").type_line("y");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn reset_password_asks_twice_and_hides_both() {
    let home = Home::with_people();
    let before = home.account("bob@example.org");
    let asked = |again: &str| {
        let mut terminal = at_terminal(&home, &["reset-password"]);
        terminal.expect("Enter user email:\r\n> ").type_line("bob@example.org");
        terminal.expect("Enter new password: ").expect_hiding();
        terminal.type_line("eleven brass buttons");
        terminal.expect("Confirm new password: ").expect_hiding();
        terminal.type_line(again);
        let (code, screen) = terminal.end();
        assert!(!screen.contains("brass"), "{screen}");
        (code, screen)
    };
    let (code, screen) = asked("eleven brass buttns");
    assert!(
        code == Some(1) && screen.contains("the passwords did not match"),
        "{screen}"
    );
    assert_eq!(home.account("bob@example.org"), before);
    let (code, screen) = asked("eleven brass buttons");
    assert!(
        code == Some(0) && screen.contains("Password successfully reset!"),
        "{screen}"
    );
}

#[test]
fn reset_terms_asks_librechats_question() {
    let home = Home::with_people();
    let question = "Are you sure you want to proceed? (y/n):\r\n> ";
    let mut terminal = at_terminal(&home, &["reset-terms"]);
    terminal.expect(question).type_line("n");
    assert_eq!(terminal.end().0, Some(1));
    let mut terminal = at_terminal(&home, &["reset-terms"]);
    terminal.expect(question).type_line("y");
    terminal.expect("Updated 0 user(s).");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn on_a_terminal_lists_are_tables_that_fit() {
    let home = Home::with_people();
    for command in ["list-users", "user-stats"] {
        let (code, screen) = at_terminal(&home, &[command]).end();
        assert_eq!(code, Some(0));
        assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
        assert!(
            screen.contains("Email") && screen.contains("Total Users: 2"),
            "{screen}"
        );
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let home = Home::with_people();
    let printed = |settings: &[(&str, &str)]| {
        let mut command = home.command();
        command
            .args(["enable-user", "bob@example.org"])
            .envs(settings.iter().copied());
        Terminal::start(command, 80, None).end().1
    };
    assert!(printed(&[("TERM", "xterm")]).contains('\u{1b}'));
    assert!(!printed(&[("TERM", "xterm"), ("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!printed(&[("TERM", "dumb")]).contains('\u{1b}'));
    let mut piped = home.command();
    piped.args(["enable-user", "bob@example.org"]).env("TERM", "xterm");
    let output = piped.output().expect("it runs");
    assert!(!output.stdout.contains(&0x1b) && output.status.success());
}

#[test]
fn long_work_shows_a_bar_on_the_terminal_only() {
    let home = Home::with_people();
    home.populate(2500);
    let mut command = home.command();
    command.args(["reset-terms", "--yes"]).env("TERM", "xterm");
    let (code, screen) = Terminal::start(command, 80, None).end();
    assert!(code == Some(0) && screen.contains("of 2,502 users"), "{screen:?}");
    let file = home.dir.path().join("list");
    let mut command = home.command();
    command.args(["list-users"]).env("TERM", "xterm");
    let redirect = Some(File::create(&file).expect("a file"));
    let (code, screen) = Terminal::start(command, 80, redirect).end();
    assert!(code == Some(0) && screen.contains("of 2,502 users"), "{screen:?}");
    let listed = std::fs::read_to_string(&file).expect("the list");
    assert_eq!(listed.lines().count(), 2503);
    assert_eq!(home.run(&["list-users"]).err, "Total Users: 2502\n");
}
