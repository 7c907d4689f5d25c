//! Time-based one-time passwords (RFC 6238) as every authenticator knows them: HMAC-SHA1, thirty seconds, six digits.

use std::fmt::Write as _;

use totp_rs::{Builder, Secret as Shared, Totp};

use crate::domain::second_factor::{Code, Step};
use crate::domain::secret::Secret;

/// Bytes of a shared secret (RFC 4226 §4, R6: 160 bits).
pub const SECRET_BYTES: usize = 20;

/// How many seconds a step has, as the algorithm wants to be told the time.
const STEP_SECONDS: u64 = 30;

/// A shared secret, ready to compute codes with. Wiped when dropped.
pub struct Authenticator(Totp);

impl Authenticator {
    /// From the secret's bytes; other lengths than ours may come from elsewhere and work too.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let totp = Builder::new()
            .with_secret(secret.to_vec())
            .with_step_duration(STEP_SECONDS);
        Self(totp.build_noncompliant())
    }

    /// The code of a step; steps before 1970 have none.
    fn code(&self, step: Step) -> Option<Code> {
        let number = u64::try_from(step.number()).ok()?;
        let token = self.0.generate(number.checked_mul(STEP_SECONDS)?);
        Code::parse(&token.to_string())
    }

    /// The first of `steps` that has this code. Takes the same time whichever it is.
    #[must_use]
    pub fn find(&self, code: Code, steps: impl IntoIterator<Item = Step>) -> Option<Step> {
        let mut found = None;
        for step in steps {
            let is_it = self.code(step) == Some(code);
            found = found.or(is_it.then_some(step));
        }
        found
    }

    /// The secret as people type it into an authenticator: base32 (RFC 4648 §6) without padding.
    #[must_use]
    pub fn base32(&self) -> Secret {
        Secret::new(Shared::to_base32(self.0.secret()))
    }

    /// What the QR code says. `secret` is followed by `&`: LibreChat's client cuts it out there.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> Secret {
        let (issuer, account) = (escaped(issuer.trim()), escaped(account));
        let secret = self.base32();
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            secret.expose()
        ))
    }
}

/// Percent-encodes everything but what is plain in the path and in the query of any URI (RFC 3986 §2.3), and `@`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => out.push(char::from(byte)),
            _ => {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    /// The secret of RFC 6238's appendix B for SHA-1.
    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        // Appendix B has eight digits; six are their last ones.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = Step::at(Timestamp::from_seconds(seconds));
            let code = Code::parse(code).expect("six digits");
            assert_eq!(Authenticator::new(RFC).find(code, [step]), Some(step), "{seconds}");
        }
    }

    #[test]
    fn counters_are_those_of_the_older_rfc() {
        // RFC 4226, appendix D.
        let codes = ["755224", "287082", "359152", "969429", "338314"];
        for (number, code) in (0..).zip(codes) {
            let code = Code::parse(code).expect("six digits");
            let steps = (0..5).map(Step::from_row);
            assert_eq!(Authenticator::new(RFC).find(code, steps), Some(Step::from_row(number)));
        }
    }

    #[test]
    fn before_the_epoch_there_is_no_code() {
        let zero = Code::parse("000000").expect("six digits");
        assert_eq!(Authenticator::new(RFC).find(zero, [Step::from_row(-1)]), None);
    }

    #[test]
    fn the_uri_cannot_be_broken_by_a_title() {
        let uri = Authenticator::new(RFC).uri("A&B=c?d#e: \u{e9}", "a+b@example.org");
        let title = "A%26B%3Dc%3Fd%23e%3A%20%C3%A9";
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(
            uri.expose(),
            format!("otpauth://totp/{title}:a%2Bb@example.org?secret={secret}&issuer={title}")
        );
    }
}
