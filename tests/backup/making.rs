//! What is in a backup, and how it is made beside a server at work.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rusqlite::Connection;
use serde_json::{Value as Json, json};

use super::{PASSPHRASE, backup, names, passphrase_file};
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

fn unpacked(home: &Home, archive: &std::path::Path, part: &str) -> String {
    let text = Command::new("tar")
        .args(["--extract", "--gzip", "--to-stdout", "--file"])
        .arg(archive)
        .arg(part)
        .current_dir(home.dir.path())
        .output()
        .expect("tar runs");
    assert!(text.status.success(), "{text:?}");
    String::from_utf8_lossy(&text.stdout).into_owned()
}

#[test]
fn a_backup_holds_database_keys_and_configuration_for_its_owner_only() {
    let home = Home::with_people();
    fs::write(
        home.dir.path().join("librechat-auth.toml"),
        "[site]\ntitle = \"Home\"\n",
    )
    .expect("written");
    fs::write(home.data().join("settings.toml"), "[accounts]\nregistration = true\n").expect("written");
    let saved = home.json(&["backup", "saved.tar.gz"]);
    let log = home.json(&["audit", "list", "--kind", "backup_made"]);
    assert_eq!(
        (&log[0]["actor"], &log[0]["detail"]),
        (&"console".into(), &"saved.tar.gz".into())
    );
    let parts: Vec<_> = saved["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert_eq!(
        parts,
        [
            "librechat-auth.db",
            "secrets.env",
            "settings.toml",
            "librechat-auth.toml"
        ]
    );
    let file = home.dir.path().join("saved.tar.gz");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(
        unpacked(&home, &file, "librechat-auth.toml"),
        "[site]\ntitle = \"Home\"\n"
    );
    let keys = fs::read_to_string(home.data().join("secrets.env")).expect("keys");
    assert_eq!(unpacked(&home, &file, "secrets.env"), keys);
    let manifest: Json = serde_json::from_str(&unpacked(&home, &file, "manifest.json")).expect("JSON");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    for part in manifest["parts"].as_array().expect("parts") {
        assert_eq!(part["sha256"].as_str().map(str::len), Some(64), "{part}");
    }
}

#[test]
fn keys_that_are_set_elsewhere_are_in_the_backup_and_other_settings_are_named() {
    let home = Home::with_people();
    let secret = "a key of the environment, with # and ' in it";
    let run = home
        .command()
        .envs([("JWT_SECRET", secret), ("PORT", "4000")])
        .args(["backup", "saved.tar.gz"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("server.port (environment)"), "{said}");
    assert!(!said.contains("secrets.jwt") && !said.contains(secret), "{said}");
    let keys = unpacked(&home, &home.dir.path().join("saved.tar.gz"), "secrets.env");
    assert!(keys.contains(secret), "the key in force");
}

#[test]
fn a_backup_neither_migrates_nor_changes_the_installation() {
    let home = Home::with_people();
    let version = |to: Option<i64>| {
        let database = Connection::open(home.database()).expect("the database");
        if let Some(to) = to {
            let sql = "DELETE FROM schema_migrations WHERE version > ?1";
            database.execute(sql, [to]).expect("an older schema, as it were");
        }
        let sql = "SELECT max(version) FROM schema_migrations";
        database
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .expect("a version")
    };
    version(Some(2));
    let saved = home.json(&["backup", "saved.tar.gz"]);
    assert_eq!((saved["schema"].as_i64(), version(None)), (Some(2), 2));
    assert!(!names(&home.data()).iter().any(|name| name.ends_with(".snapshot")));
}

#[test]
fn a_backup_goes_into_a_file_a_folder_a_stream_or_to_the_others() {
    let home = Home::with_people();
    backup(&home, "here.tar.gz");
    home.run(&["backup", "here.tar.gz"]).refused(1, "add --force");
    home.run(&["backup", "here.tar.gz", "--force"]).done();
    let folder = home.dir.path().join("folder");
    fs::create_dir(&folder).expect("made");
    home.run(&["backup", "folder"]).done();
    let name = names(&folder).pop().expect("a file");
    assert!(
        name.starts_with("librechat-auth-20") && name.ends_with("Z.tar.gz"),
        "{name}"
    );
    home.run(&["backup"]).done();
    let listed = home.json(&["backup", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["encrypted"], false);
    let stream = home.command().args(["backup", "-"]).output().expect("it runs");
    assert!(stream.status.success(), "{stream:?}");
    let mut verifying = home
        .command()
        .args(["backup", "verify", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    verifying
        .stdin
        .take()
        .expect("piped")
        .write_all(&stream.stdout)
        .expect("read");
    assert!(verifying.wait().expect("it ends").success());
    home.run(&["backup", "-", "--json"]).refused(2, "leave out --json");
    home.run(&["backup", "missing/folder/file"])
        .refused(1, "missing/folder/file");
}

#[test]
fn nothing_is_saved_where_there_is_no_database() {
    let home = Home::new();
    home.run(&["backup", "saved.tar.gz"])
        .refused(1, "there is no database in");
    assert_eq!(names(home.dir.path()), Vec::<String>::new());
}

#[test]
fn a_backup_made_under_load_has_everything_that_was_acknowledged_before() {
    let home = Home::with_people();
    let limits =
        "ALLOW_REGISTRATION=true\nALLOW_UNVERIFIED_EMAIL_LOGIN=true\nREGISTER_MAX=unlimited\nLOGIN_MAX=unlimited\n";
    fs::write(home.dir.path().join(".env"), limits).expect("written");
    let server = Server::start(&home);
    let (acknowledged, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let mut rounds = Vec::new();
    thread::scope(|scope| {
        for writer in 0..3 {
            let (client, acknowledged, is_over) = (server.client(), &acknowledged, &is_over);
            scope.spawn(move || {
                for turn in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let email = format!("w{writer}-{turn}@example.org");
                    let form = json!({
                        "name": "Writer", "email": email, "password": PASSWORD, "confirm_password": PASSWORD,
                    });
                    if client.post("/api/auth/register", &form).status == 200 {
                        acknowledged.lock().expect("not poisoned").push(email);
                    }
                }
            });
        }
        for round in 0..3 {
            while acknowledged.lock().expect("not poisoned").len() < (round + 1) * 4 {
                thread::yield_now();
            }
            let before = acknowledged.lock().expect("not poisoned").clone();
            let file = backup(&home, &format!("round-{round}.tar.gz"));
            rounds.push((before, file));
        }
        is_over.store(true, Ordering::SeqCst);
    });
    for (before, file) in rounds {
        let verified = home.json(&["backup", "verify", &file.display().to_string()]);
        assert_eq!(verified["ok"], true, "{verified}");
        let elsewhere = Home::new();
        elsewhere.run(&["restore", &file.display().to_string(), "--yes"]).done();
        let there = elsewhere.json(&["list-users"]).to_string();
        let lost: Vec<_> = before.iter().filter(|email| !there.contains(email.as_str())).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn backups_at_the_same_time_do_not_disturb_each_other() {
    let home = Home::with_people();
    let run = |name: &str| home.command().args(["backup", name]).spawn().expect("it starts");
    let others: Vec<_> = (0..4).map(|n| run(&format!("{n}.tar.gz"))).collect();
    let rivals: Vec<_> = (0..3).map(|_| run("same.tar.gz")).collect();
    for mut one in others {
        assert!(one.wait().expect("it ends").success());
    }
    let won = rivals
        .into_iter()
        .filter_map(|mut one| one.wait().ok())
        .filter(std::process::ExitStatus::success);
    assert_eq!(won.count(), 1, "one of those that wanted the same name");
    for name in ["0", "1", "2", "3", "same"] {
        let verified = home.json(&["backup", "verify", &format!("{name}.tar.gz")]);
        assert_eq!(verified["accounts"], 2);
    }
    assert!(!names(&home.data()).iter().any(|name| name.contains(".copy.")));
}

#[test]
fn an_encrypted_backup_opens_with_its_passphrase_only() {
    let home = Home::with_people();
    let passphrase = passphrase_file(&home);
    home.run(&["backup", "saved.age", "--encrypt", "--passphrase-file", &passphrase])
        .done();
    let bytes = fs::read(home.dir.path().join("saved.age")).expect("there");
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    home.run(&["backup", "verify", "saved.age"])
        .refused(2, "--passphrase-file");
    home.run_with(&["backup", "verify", "saved.age", "--passphrase-stdin"], "another one")
        .refused(1, "the passphrase is wrong");
    home.run_with(&["backup", "verify", "saved.age", "--passphrase-stdin"], PASSPHRASE)
        .done();
    home.run_with(&["backup", "other.age", "--passphrase-stdin"], "short")
        .refused(1, "can be guessed");
    home.run_with(&["backup", "other.age", "--encrypt", "--passphrase-stdin"], "")
        .refused(1, "is empty");
    home.run(&["backup", "other.age", "--encrypt"])
        .refused(2, "--passphrase-stdin");
    assert!(!home.dir.path().join("other.age").exists());
}

/// Runs a shell line at a terminal at which this is typed.
fn at_a_terminal(home: &Home, line: &str, typed: &str) {
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", line, "/dev/null"])
        .current_dir(home.dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("script runs");
    script
        .stdin
        .take()
        .expect("piped")
        .write_all(typed.as_bytes())
        .expect("typed");
    assert!(script.wait().expect("it ends").success(), "{line}");
}

#[test]
#[ignore = "needs age: run make test"]
fn the_program_age_opens_what_we_encrypt_and_we_open_what_it_encrypts() {
    let home = Home::with_people();
    let passphrase = passphrase_file(&home);
    backup(&home, "plain.tar.gz");
    home.run(&["backup", "ours.age", "--passphrase-file", &passphrase])
        .done();
    at_a_terminal(
        &home,
        "age --decrypt --output ours.tar.gz ours.age",
        &format!("{PASSPHRASE}\n"),
    );
    home.run(&["backup", "verify", "ours.tar.gz"]).done();
    at_a_terminal(
        &home,
        "age --passphrase --output theirs.age plain.tar.gz",
        &format!("{PASSPHRASE}\n{PASSPHRASE}\n"),
    );
    home.run(&["backup", "verify", "theirs.age", "--passphrase-file", &passphrase])
        .done();
}
