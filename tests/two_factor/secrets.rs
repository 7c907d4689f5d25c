//! What lies in the database is of no use to whoever steals it, moves it, or has another key.

use std::fs;

use serde_json::json;

use super::kit::{enrolled, first_step, second_step, settings, sha256};
use crate::support::Site;

/// The bytes of the database as they lie on the disk.
fn on_disk(site: &Site) -> Vec<u8> {
    let database = site.app.config.data_dir.join("librechat-auth.db");
    let log = database.with_extension("db-wal");
    [fs::read(database).expect("readable"), fs::read(log).unwrap_or_default()].concat()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn neither_secrets_nor_codes_nor_searchable_digests_are_stored() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let bytes = on_disk(&site);
    assert!(has(&bytes, b"ada@example.org"), "the file is read wrongly");
    assert!(!has(&bytes, &ada.authenticator.secret()));
    for code in &ada.codes {
        assert!(!has(&bytes, code.as_bytes()), "the code itself");
        let digest = sha256(code);
        assert!(!has(&bytes, digest.as_bytes()), "LibreChat's digest");
        let raw: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        assert!(!has(&bytes, &raw), "the same in bytes");
    }
}

#[test]
fn a_secret_that_was_changed_or_sealed_with_another_key_is_said_and_opens_nothing() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    site.sql("UPDATE second_factors SET secret = zeroblob(49)");
    let unreadable = (400, "2FA secret is missing or corrupted".to_owned());
    let client = site.client();
    let code = ada.authenticator.now(&site);
    let answer = second_step(&client, &first_step(&client, "ada"), "token", &code);
    assert_eq!(answer.message(), unreadable);
    let answer = settings(&ada.person, "disable", &json!({ "token": code }));
    assert_eq!(answer.message(), unreadable);
    let answer = second_step(&client, &first_step(&client, "ada"), "backupCode", &ada.codes[0]);
    assert_eq!(answer.status, 200, "backup codes need no secret");
}

#[test]
fn a_secret_is_bound_to_its_account() {
    let site = Site::start();
    enrolled(&site, "ada");
    let mallory = enrolled(&site, "mallory");
    site.sql("UPDATE second_factors SET secret = (SELECT secret FROM second_factors ORDER BY user_seq DESC LIMIT 1)");
    site.sql(
        "INSERT INTO backup_codes SELECT (SELECT min(seq) FROM users), digest, salt, place, active_at, used_at \
         FROM backup_codes WHERE user_seq = (SELECT max(seq) FROM users)",
    );
    let client = site.client();
    let code = mallory.authenticator.now(&site);
    assert_eq!(
        second_step(&client, &first_step(&client, "ada"), "token", &code).status,
        400
    );
    let answer = second_step(&client, &first_step(&client, "ada"), "backupCode", &mallory.codes[0]);
    assert_eq!(answer.status, 401);
    assert_eq!(
        second_step(&client, &first_step(&client, "mallory"), "token", &code).status,
        200
    );
}
