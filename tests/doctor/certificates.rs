//! Certificates as the doctor sees them, behind nginx with certificates made by openssl.

use std::fs;
use std::path::Path;
use std::process::Command;

use librechat_auth::domain::doctor::{Finding, Way};
use tempfile::TempDir;

use super::kit::{House, RIGHT, complaints, found};

/// An authority in a folder, and certificates of one key signed by it.
pub struct Certificates(TempDir);

impl Certificates {
    pub fn new() -> Self {
        let made = Self(tempfile::tempdir().expect("a folder"));
        made.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=authority \
             -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem",
        );
        made.openssl("ecparam -name prime256v1 -genkey -noout -out server.key");
        made
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("openssl runs");
        assert!(output.status.success(), "{arguments}: {output:?}");
    }

    /// A certificate for this name, good for so many days.
    pub fn sign(&self, file: &str, name: &str, days: u32) {
        fs::write(
            self.0.path().join("extensions"),
            format!("subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"),
        )
        .expect("written");
        self.openssl("req -new -key server.key -subj /CN=server -out request");
        self.openssl(&format!(
            "x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -extfile extensions -days {days} \
             -out {file}"
        ));
    }

    pub fn path(&self, file: &str) -> std::path::PathBuf {
        self.0.path().join(file)
    }

    pub fn authority(&self) -> Vec<u8> {
        fs::read(self.path("ca.pem")).expect("made")
    }
}

fn encrypted(house: &House, folder: &Path, file: &str) -> crate::peers::Proxy {
    let server = format!(
        "ssl_certificate {0}/{file}; ssl_certificate_key {0}/server.key; listen {1} ssl;",
        folder.display(),
        house.front
    );
    house.nginx_encrypted(RIGHT, &server)
}

#[test]
#[ignore = "needs nginx and openssl: run make test"]
fn a_certificate_that_is_known_trusted_and_young_is_good() {
    let certificates = Certificates::new();
    certificates.sign("good.pem", "localhost", 60);
    let house = House::with("https", |_| {});
    let _nginx = encrypted(&house, certificates.path("").as_path(), "good.pem");
    let report = house.examine_trusting(Some(&certificates.authority()));
    assert_eq!(complaints(&report), [], "{report:?}");
    assert!(matches!(
        found(&report, "certificate"),
        Finding::Way(Way::Encrypted { days: 59 | 60 })
    ));
}

#[test]
#[ignore = "needs nginx and openssl: run make test"]
fn what_browsers_would_refuse_is_said_in_words() {
    let certificates = Certificates::new();
    certificates.sign("good.pem", "localhost", 60);
    certificates.sign("other.pem", "other.example", 60);
    certificates.sign("old.pem", "localhost", 3);
    let house = House::with("https", |_| {});
    let authority = certificates.authority();
    for (file, own, says) in [
        ("other.pem", Some(authority.as_slice()), "it is for another name"),
        ("old.pem", Some(authority.as_slice()), "the certificate ends in"),
        ("good.pem", None, "nobody that browsers know has signed it"),
    ] {
        let _nginx = encrypted(&house, certificates.path("").as_path(), file);
        let said = complaints(&house.examine_trusting(own));
        assert_eq!(said.len(), 1, "{file}: {said:?}");
        assert!(said[0].0.contains(says), "{file}: {said:?}");
    }
    // A clock far in the future sees the same certificate as over.
    house.site.clock.advance(crate::support::days(100));
    let _nginx = encrypted(&house, certificates.path("").as_path(), "good.pem");
    let report = house.examine_trusting(Some(&authority));
    assert!(matches!(
        found(&report, "certificate"),
        Finding::Way(Way::EncryptionEnds { days: ..0 })
    ));
}
