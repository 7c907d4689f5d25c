//! Backups that the server makes by itself.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Timestamp;

use super::names;
use crate::support::{Site, days, just_under, minutes};

const HOUR: Duration = Duration::from_hours(1);

fn made(site: &Site) -> Vec<String> {
    if site.app.config.backups.dir.exists() {
        names(&site.app.config.backups.dir)
    } else {
        Vec::new()
    }
}

/// Makes a backup if one is due; answers with whether it was.
fn look(site: &Site) -> bool {
    let is_due = site.app.backup_is_due();
    if is_due {
        site.app.back_up();
    }
    is_due
}

#[test]
fn the_first_comes_after_an_hour_and_then_one_every_day_at_its_time() {
    let site = Site::start();
    assert!(!look(&site));
    site.clock.advance(just_under(HOUR));
    assert!(!look(&site));
    site.clock.advance(Duration::from_secs(1));
    assert!(look(&site), "23:13");
    assert_eq!(made(&site), ["librechat-auth-20231114T231320Z.tar.gz"]);
    assert!(!look(&site));
    site.clock.advance(HOUR * 4);
    assert!(!look(&site), "03:13");
    site.clock.advance(just_under(minutes(16) + Duration::from_secs(40)));
    assert!(!look(&site), "03:29:59");
    site.clock.advance(Duration::from_secs(1));
    assert!(look(&site), "03:30");
    assert!(!look(&site));
    site.clock.advance(just_under(days(1)));
    assert!(!look(&site));
    site.clock.advance(Duration::from_secs(1));
    assert!(look(&site));
}

#[test]
fn a_server_that_was_off_catches_up_at_once() {
    let site = Site::start();
    site.clock.advance(HOUR);
    assert!(look(&site));
    let site = site.restarted();
    assert!(!look(&site));
    site.clock.advance(days(3));
    let site = site.restarted();
    // The server itself looks when it starts.
    let end = Instant::now() + Duration::from_secs(20);
    while made(&site).len() < 2 && Instant::now() < end {
        thread::yield_now();
    }
    assert_eq!(made(&site).len(), 2);
    assert!(!look(&site));
}

#[test]
fn only_the_newest_are_kept_and_other_files_are_left_alone() {
    let site = Site::with(|config| config.backups.keep = 3);
    site.clock.advance(HOUR);
    for _ in 0..5 {
        assert!(look(&site));
        site.clock.advance(days(1));
    }
    fs::write(site.app.config.backups.dir.join("librechat-auth-mine.tar.gz"), "mine").expect("written");
    site.app.back_up();
    let made = made(&site);
    assert_eq!(made.len(), 4, "{made:?}");
    assert!(made.contains(&"librechat-auth-mine.tar.gz".to_owned()));
    let newest = site.app.newest_backup().expect("readable").expect("one");
    assert_eq!(newest.made_at.seconds(), site.app.now().seconds());
}

#[test]
fn one_that_fails_is_remembered_and_tried_again_an_hour_later() {
    let site = Site::start();
    let dir = site.app.config.backups.dir.clone();
    fs::write(&dir, "in the way").expect("written");
    site.clock.advance(HOUR);
    assert!(look(&site));
    let problem = site.app.backup_problem().expect("a problem");
    assert!(problem.contains("backups"), "{problem}");
    assert!(!look(&site));
    fs::remove_file(&dir).expect("removed");
    site.clock.advance(just_under(HOUR));
    assert!(!look(&site));
    site.clock.advance(Duration::from_secs(1));
    assert!(look(&site));
    assert_eq!(site.app.backup_problem(), None);
    assert_eq!(made(&site).len(), 1);
}

#[test]
fn they_are_encrypted_where_there_is_a_passphrase_and_go_where_they_should() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let dir = elsewhere.path().join("nas");
    let site = Site::with(|config| {
        config.backups.passphrase = Some(Secret::new("a passphrase of the night"));
        config.backups.dir.clone_from(&dir);
    });
    site.clock.advance(HOUR);
    assert!(look(&site));
    let name = names(&dir).pop().expect("a file");
    assert!(name.ends_with(".tar.gz.age"), "{name}");
    let bytes = fs::read(dir.join(name)).expect("there");
    assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
}

#[test]
fn none_is_made_where_they_are_switched_off() {
    let site = Site::with(|config| config.backups.enabled = false);
    site.clock.advance(days(30));
    assert!(!look(&site));
}

#[test]
fn a_clock_that_was_wrong_for_a_while_stops_no_backups() {
    let site = Site::start();
    site.clock.advance(HOUR);
    let present = site.app.now();
    site.clock.set(Timestamp::from_seconds(4_000_000_000));
    assert!(look(&site));
    site.clock.set(present);
    assert!(look(&site), "the one from the future does not count");
    assert!(!look(&site));
}
