//! Round trips, and everything that must not open.

use std::io::{Read as _, Write as _};

use super::*;

const QUICK: Work = Work(4);

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn passphrase(text: &str) -> Secret {
    Secret::new(text)
}

fn encrypted(plain: &[u8]) -> Vec<u8> {
    let mut output = Encrypting::start(Vec::new(), &passphrase("right"), QUICK, &Sevens).expect("started");
    for part in plain.chunks(1000) {
        output.write_all(part).expect("written");
    }
    output.finish().expect("finished")
}

fn decrypted(bytes: &[u8], with: &str) -> Result<Vec<u8>, AgeError> {
    let mut plain = Vec::new();
    Decrypting::open(bytes, &passphrase(with))?.read_to_end(&mut plain)?;
    Ok(plain)
}

#[test]
fn what_is_encrypted_opens_with_the_same_passphrase_only() {
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain: Vec<u8> = (0..length).map(|n: u32| n.to_le_bytes()[0]).collect();
        let file = encrypted(&plain);
        assert!(is_encrypted(&file));
        assert!(decrypted(&file, "right").expect("opened") == plain, "{length}");
        assert!(matches!(decrypted(&file, "wrong"), Err(AgeError::WrongPassphrase)));
    }
}

#[test]
fn the_layout_is_the_one_of_the_format() {
    let file = encrypted(b"");
    let header = file.split(|&c| c == b'\n').take(3).map(String::from_utf8_lossy);
    let header: Vec<_> = header.collect();
    assert_eq!(header[0], "age-encryption.org/v1");
    assert_eq!(header[1], "-> scrypt BwcHBwcHBwcHBwcHBwcHBw 4");
    assert_eq!(header[2].len(), 43);
    // Header, nonce, one sealed chunk without content.
    let mac_line = "--- ".len() + 43 + 1;
    assert_eq!(file.len(), 22 + 35 + 44 + mac_line + 16 + 16);
}

#[test]
fn nothing_that_was_changed_or_cut_opens() {
    let file = encrypted(&vec![3; 70_000]);
    let interesting = (0..200).chain(65_600..65_800).chain(file.len() - 40..file.len());
    for at in interesting {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(decrypted(&changed, "right").is_err(), "byte {at}");
        assert!(decrypted(&file[..at], "right").is_err(), "cut at {at}");
    }
    let longer = [file.as_slice(), b"x"].concat();
    assert!(decrypted(&longer, "right").is_err());
}

#[test]
fn headers_that_are_not_ours_are_named() {
    let opened = |text: &str| decrypted(text.as_bytes(), "right").expect_err("refused").to_string();
    assert!(opened("SQLite format 3\0\n").contains("not encrypted"));
    assert!(opened("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n").contains("text form"));
    assert!(opened("age-encryption.org/v1\n-> X25519 abc\nabc\n--- abc\n").contains("to keys"));
    let file = String::from_utf8_lossy(&encrypted(b"")).into_owned();
    let with_work = |work: &str| opened(&file.replace(" 4\n", &format!(" {work}\n")));
    assert!(with_work("21").contains("2^21"));
    for bad in ["04", "+4", "4 ", "", "256", "-1"] {
        assert!(with_work(bad).contains("damaged"), "{bad}");
    }
    assert!(opened("").contains("damaged"));
    assert!(opened(&"x".repeat(10_000)).contains("not encrypted"));
}
