//! Putting backups back: only where no server runs, only what is sound, and nothing is lost.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rustix::process::Signal;
use sha2::{Digest as _, Sha256};

use super::{backup, contents, names};
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::{Server, seen_by};

#[test]
fn nothing_is_restored_under_a_running_server() {
    let home = Home::with_people();
    backup(&home, "saved.tar.gz");
    let server = Server::start(&home);
    home.run(&["restore", "saved.tar.gz", "--yes"])
        .refused(1, "already running");
    assert_eq!(server.log_in("bob", PASSWORD).status, 200);
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
}

#[test]
fn a_restore_says_what_it_replaces_and_keeps_it() {
    let home = Home::with_people();
    fs::write(
        home.dir.path().join("librechat-auth.toml"),
        "[site]\ntitle = \"Then\"\n",
    )
    .expect("written");
    backup(&home, "saved.tar.gz");
    home.create("cyd", &[]);
    fs::write(home.dir.path().join("librechat-auth.toml"), "[site]\ntitle = \"Now\"\n").expect("written");
    fs::write(home.data().join("settings.toml"), "[accounts]\nregistration = true\n").expect("written");
    home.run(&["restore", "saved.tar.gz"]).refused(2, "--yes");
    let restored = home.json(&["restore", "saved.tar.gz", "--yes"]);
    assert!(home.account("cyd@example.org").is_none() && home.account("bob@example.org").is_some());
    let kept: Vec<_> = restored["kept"]
        .as_array()
        .expect("kept")
        .iter()
        .filter_map(|path| path.as_str())
        .collect();
    assert_eq!(kept.len(), 2, "{restored}");
    assert!(kept[0].contains("librechat-auth.db.replaced-") && kept[1].contains("settings.toml.replaced-"));
    assert!(kept.iter().all(|path| Path::new(path).exists()));
    assert!(!home.data().join("settings.toml").exists(), "the backup has none");
    let configuration = home.dir.path().join("librechat-auth.toml");
    assert_eq!(restored["left"][0], configuration.display().to_string());
    assert!(fs::read_to_string(&configuration).expect("there").contains("Now"));
    home.run(&["restore", "saved.tar.gz", "--yes", "--with-config"]).done();
    assert!(fs::read_to_string(&configuration).expect("there").contains("Then"));
    assert!(
        names(home.dir.path())
            .iter()
            .any(|name| name.starts_with("librechat-auth.toml.replaced-"))
    );
}

#[test]
fn an_installation_moves_to_an_empty_machine_with_all_logins() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    backup(&home, "saved.tar.gz");
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
    let elsewhere = Home::new();
    let saved = home.dir.path().join("saved.tar.gz");
    elsewhere
        .run(&["restore", &saved.display().to_string(), "--yes"])
        .done();
    assert_eq!(
        names(&elsewhere.data()),
        ["audit.pending", "librechat-auth.db", "secrets.env", "serve.lock"]
    );
    let server = Server::start(&elsewhere);
    let mut moved = bob.clone();
    moved.client = bob.client.moved_to(server.address);
    assert_eq!(seen_by(&moved).expect("still logged in")["email"], "bob@example.org");
}

#[test]
fn other_keys_are_said_to_be_replaced_and_the_same_ones_stay() {
    let home = Home::with_people();
    backup(&home, "saved.tar.gz");
    assert_eq!(
        home.json(&["restore", "saved.tar.gz", "--yes"])["kept"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let keys = home.data().join("secrets.env");
    let text = fs::read_to_string(&keys).expect("keys");
    fs::write(&keys, text.replace('a', "b")).expect("other keys");
    let kept = home.json(&["restore", "saved.tar.gz", "--yes"])["kept"].clone();
    assert!(
        kept[1].as_str().expect("kept").contains("secrets.env.replaced-"),
        "{kept}"
    );
    assert_eq!(fs::read_to_string(&keys).expect("keys"), text);
}

#[test]
fn whatever_is_not_sound_changes_nothing() {
    let home = Home::with_people();
    let saved = backup(&home, "saved.tar.gz");
    let bytes = fs::read(&saved).expect("a backup");
    let mut corrupt = bytes.clone();
    // One bit may be one that means nothing in a compressed file; sixteen bytes never do.
    let middle = bytes.len() / 2;
    corrupt[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0xff);
    home.run(&["db", "snapshot", "alone"]).done();
    let files: [(&str, Option<Vec<u8>>, &str); 6] = [
        (
            "cut.tar.gz",
            Some(bytes[..bytes.len() * 2 / 3].to_vec()),
            "is no usable backup: it is damaged",
        ),
        ("corrupt.tar.gz", Some(corrupt), "is no usable backup: it is damaged"),
        (
            "rubbish.tar.gz",
            Some(b"rubbish".repeat(500)),
            "no backup of this program",
        ),
        ("missing.tar.gz", None, "cannot be read"),
        ("alone", None, "db restore"),
        ("data", None, "cannot be read"),
    ];
    let before = contents(&home.data());
    for (name, bytes, says) in files {
        if let Some(bytes) = bytes {
            fs::write(home.dir.path().join(name), bytes).expect("written");
        }
        home.run(&["restore", name, "--yes"]).refused(1, says);
        home.run(&["backup", "verify", name]).refused(1, says);
    }
    let after = contents(&home.data());
    assert_eq!(before.get("librechat-auth.db"), after.get("librechat-auth.db"));
    assert_eq!(before.get("secrets.env"), after.get("secrets.env"));
    assert!(
        !names(&home.data())
            .iter()
            .any(|name| name.starts_with(".librechat-auth-"))
    );
}

#[test]
fn a_backup_of_a_later_schema_names_the_version_that_can_use_it() {
    let home = Home::with_people();
    Connection::open(home.database())
        .and_then(|database| {
            let sql = "INSERT INTO schema_migrations VALUES (9999, 'future', x'00', 0)";
            database.execute(sql, [])
        })
        .expect("a later schema");
    backup(&home, "future.tar.gz");
    let elsewhere = Home::new();
    let file = home.dir.path().join("future.tar.gz").display().to_string();
    for command in [&["restore", &file, "--yes"][..], &["backup", "verify", &file]] {
        let ended = elsewhere.run(command);
        ended.refused(1, "schema version 9999");
        assert!(ended.err.contains("use that version"), "{ended:?}");
    }
}

#[test]
fn what_is_wrong_inside_is_found_by_trying_it_out() {
    let home = Home::with_people();
    fs::write(
        home.dir.path().join("librechat-auth.toml"),
        "[site]\ntitle = \"Home\"\n",
    )
    .expect("written");
    let run = |sql: &str| {
        let database = Connection::open(home.database()).expect("the database");
        database.execute(sql, []).expect("changed");
    };
    run("UPDATE users SET password = 'no hash at all' WHERE email = 'bob@example.org'");
    backup(&home, "saved.tar.gz");
    let ended = home.run(&["backup", "verify", "saved.tar.gz"]);
    ended.refused(1, "1 password(s) are stored in a form that cannot be checked");
    let verified = home.run(&["backup", "verify", "saved.tar.gz", "--json"]);
    assert_eq!(verified.code, Some(1));
    assert!(verified.out.contains("\"ok\":false"), "{verified:?}");
}

#[test]
fn sealed_rows_that_the_keys_do_not_open_and_a_changed_audit_log_are_found() {
    let home = Home::with_people();
    let run = |sql: &str| {
        let database = Connection::open(home.database()).expect("the database");
        database.execute(sql, []).expect("changed");
    };
    run("UPDATE users SET two_factor_at = 5 WHERE email = 'bob@example.org'");
    run(
        "INSERT INTO second_factors (user_seq, secret, last_step) SELECT seq, x'01', 0 FROM users WHERE two_factor_at = 5",
    );
    backup(&home, "sealed.tar.gz");
    home.run(&["backup", "verify", "sealed.tar.gz"])
        .refused(1, "1 second factor(s) cannot be opened with the keys in it");
    run("DELETE FROM second_factors");
    run("UPDATE users SET two_factor_at = NULL");
    backup(&home, "sound.tar.gz");
    let sound = home.json(&["backup", "verify", "sound.tar.gz"]);
    // Two people were made, and a backup was made before this one.
    assert_eq!((&sound["second_factors"], &sound["audit"]), (&0.into(), &3.into()));
    let database = Connection::open(home.database()).expect("the database");
    let triggers: Vec<String> = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("triggers");
    for trigger in triggers {
        run(&format!("DROP TRIGGER {trigger}"));
    }
    run("UPDATE audit SET kind = 'name_changed' WHERE id = 1");
    backup(&home, "changed.tar.gz");
    home.run(&["backup", "verify", "changed.tar.gz"])
        .refused(1, "the audit log is not whole: ");
}

#[test]
fn a_configuration_that_cannot_be_used_is_pointed_out() {
    let home = Home::with_people();
    let saved = backup(&home, "saved.tar.gz");
    // A backup can outlive the settings it was made with: put in one that no version knows.
    let work = home.dir.path().join("work");
    fs::create_dir(&work).expect("made");
    let toml = "[site]\ntitel = \"Home\"\n";
    fs::write(work.join("librechat-auth.toml"), toml).expect("written");
    repacked(&saved, &work, toml);
    let bad = work.join("new.tar.gz").display().to_string();
    home.run(&["backup", "verify", &bad])
        .refused(1, "did you mean site.title");
    // The people in it are worth more than its configuration.
    Home::new().run(&["restore", &bad, "--yes"]).done();
}

/// The same backup with this configuration added, and a manifest that says so.
fn repacked(saved: &Path, work: &Path, toml: &str) {
    let run = |line: &str| {
        let status = std::process::Command::new("sh")
            .args(["-c", line])
            .current_dir(work)
            .status()
            .expect("sh runs");
        assert!(status.success(), "{line}");
    };
    run(&format!("tar --extract --gzip --file {}", saved.display()));
    let manifest = fs::read_to_string(work.join("manifest.json")).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let digest = Sha256::digest(toml)
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let part = serde_json::json!({ "name": "librechat-auth.toml", "bytes": toml.len(), "sha256": digest });
    manifest["parts"].as_array_mut().expect("parts").push(part);
    fs::write(work.join("manifest.json"), manifest.to_string()).expect("written");
    run(
        "tar --create --gzip --format=ustar --file new.tar.gz manifest.json librechat-auth.db secrets.env \
         librechat-auth.toml",
    );
}
