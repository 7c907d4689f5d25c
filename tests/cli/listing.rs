//! Long output: into pipes, into `head`, and documents for shells and `man`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use super::kit::Home;

#[test]
fn in_a_pipe_lists_have_a_line_per_account() {
    let home = Home::with_people();
    let ended = home.run(&["list-users"]);
    let rows: Vec<Vec<&str>> = ended.done().lines().map(|line| line.split('\t').collect()).collect();
    let titles = "ID,Email,Username,Name,Role,Provider,State,2FA,Created,Terms Accepted";
    assert_eq!(rows[0].join(","), titles);
    assert_eq!(
        rows[1][1..7],
        ["ada@example.org", "ada", "ada", "ADMIN", "local", "active"]
    );
    assert!(rows.len() == 3 && rows.iter().all(|row| row.len() == 10), "{rows:?}");
    assert_eq!(ended.err, "Total Users: 2\n");
    let ended = home.run(&["user-stats"]);
    let rows: Vec<&str> = ended.done().lines().collect();
    assert_eq!(rows[0], "User\tEmail\tSessions\tLogins\tLast Login");
    assert_eq!(rows[2], "bob\tbob@example.org\t0\t0\t-");
}

#[test]
fn states_are_told_apart() {
    let home = Home::with_people();
    home.create("cyd", &["--email-verified=false"]);
    home.run(&["disable-user", "bob@example.org"]).done();
    let ended = home.run(&["list-users"]);
    let states = ended.done().lines().skip(1).map(|line| line.split('\t').nth(6));
    assert_eq!(
        states.collect::<Vec<_>>(),
        [Some("active"), Some("disabled"), Some("unverified")]
    );
}

#[test]
fn every_page_of_a_long_list_is_there_once_and_in_order() {
    let home = Home::with_people();
    home.populate(2500);
    for command in ["list-users", "user-stats"] {
        let all = home.json(&[command]);
        let emails: Vec<&str> = all
            .as_array()
            .expect("an array")
            .iter()
            .map(|account| account["email"].as_str().expect("text"))
            .collect();
        let expected: Vec<String> = (1..=2500).map(|number| format!("p{number}@example.org")).collect();
        assert_eq!(emails[..2], ["ada@example.org", "bob@example.org"]);
        assert_eq!(emails[2..], expected);
    }
    assert_eq!(home.json(&["reset-terms", "--yes"])["updated"], 2500);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::with_people();
    home.populate(5000);
    for arguments in [
        &["list-users"][..],
        &["list-users", "--json"],
        &["user-stats"],
        &["config", "explain"],
        &["completions", "bash"],
    ] {
        let mut child = home
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut first = String::new();
        let mut reader = BufReader::with_capacity(16, child.stdout.take().expect("piped"));
        reader.read_line(&mut first).expect("a line");
        drop(reader);
        let mut errors = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        stderr.read_to_string(&mut errors).expect("text");
        assert_eq!(
            child.wait().expect("it ends").code(),
            Some(0),
            "{arguments:?}: {errors}"
        );
        assert!(!errors.contains("Error"), "{arguments:?}: {errors}");
    }
}

#[test]
fn completions_exist_for_every_shell_and_know_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = home.run(&["completions", shell]);
        for word in ["create-user", "reset-password", "restore", "generate-password"] {
            assert!(ended.done().contains(word), "{shell}: {word}");
        }
    }
    home.run(&["completions", "cmd"]).refused(2, "possible values");
    assert!(!home.data().exists());
}

#[test]
fn the_manual_is_one_page_or_a_page_per_command() {
    let home = Home::new();
    let page = home.run(&["man"]);
    assert!(page.done().contains(".TH librechat-auth 1"), "{page:?}");
    assert!(page.out.contains("Exit codes"));
    let dir = home.dir.path().join("man1");
    home.run(&["man".as_ref(), "--dir".as_ref(), dir.as_os_str()]).done();
    for page in [
        "librechat-auth.1",
        "librechat-auth-create-user.1",
        "librechat-auth-db-restore.1",
    ] {
        assert!(dir.join(page).exists(), "{page}");
    }
    let file = home.dir.path().join("file");
    std::fs::write(&file, "").expect("written");
    home.run(&["man".as_ref(), "--dir".as_ref(), file.as_os_str()])
        .refused(1, "cannot write to");
}

#[test]
fn config_check_and_explain_have_a_form_for_programs() {
    let home = Home::new();
    let fine = home.json(&["config", "check"]);
    assert_eq!(fine["ok"], true);
    std::fs::write(home.dir.path().join("librechat-auth.toml"), "[server]\nprot = 1\n").expect("written");
    let ended = home.run(&["config", "check", "--json"]);
    assert_eq!(ended.code, Some(1));
    let found: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((&found["ok"], &found["errors"][0]["line"]), (&false.into(), &2.into()));
    assert_eq!(home.run(&["config", "check"]).code, Some(1));
    home.run(&["config", "explain", "server.prot"])
        .refused(1, "did you mean server.port?");
    assert!(home.run(&["config", "explain", "PORT"]).done().contains("server.port"));
    home.run(&["list-users"]).refused(1, "librechat-auth.toml:2");
}

#[test]
fn a_command_line_that_makes_no_sense_is_exit_2() {
    let home = Home::new();
    home.run(&["creat-user"]).refused(2, "create-user");
    home.run(&["set-role", "ada@example.org"]).refused(2, "<ROLE>");
    home.run(&["list-users", "--jsn"]).refused(2, "--json");
    home.run(&["db", "restore"]).refused(2, "<FILE>");
}

#[test]
fn a_folder_named_by_mistake_stays_empty() {
    let home = Home::new();
    for arguments in [
        &["list-users"][..],
        &["user-stats"],
        &["setup-link"],
        &["delete-user", "ada@example.org", "--yes"],
        &["reset-terms", "--yes"],
        &["db", "snapshot"],
    ] {
        home.run(arguments).refused(1, "there is no database in");
    }
    assert!(!home.data().exists());
}
