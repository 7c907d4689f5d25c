//! The doctor: looks at the machine, and goes through the front door as a browser would, to find what is wrong before
//! somebody is locked out by it.
//!
//! Behind the door waits an echo that says how a request arrived. It answers for a one-time number that was made here, and
//! signs what it says, so that no other server can be mistaken for this one.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::{App, Failure};
use crate::domain::doctor::{Finding, Grade, Proxy};
use crate::domain::hex::hex;
use crate::domain::secret::{Token, TokenDigest};
use crate::store::doctor;

mod door;
mod guarded;
mod here;

pub use crate::probe::Authority;

/// Where the echo is.
pub const ECHO: &str = "/api/doctor/echo";

/// How long a number for the echo can be used.
const LIFETIME: Duration = Duration::from_mins(5);

const LABEL: &str = "doctor echo";

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
    /// Which proxy is in front.
    pub proxy: Proxy,
}

impl Report {
    /// The worst grade.
    #[must_use]
    pub fn worst(&self) -> Grade {
        self.findings.iter().map(Finding::grade).max().unwrap_or(Grade::Good)
    }
}

/// How a request arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    /// Who is connected.
    pub peer: Option<SocketAddr>,
    /// Whose request it is.
    pub address: IpAddr,
    /// What says so.
    pub by: String,
    /// A forwarding header that came and was not believed.
    pub ignored: Option<String>,
    /// The forwarding header that would be believed.
    pub header: String,
    /// What it says.
    pub forwarded: String,
    /// `Host`.
    pub host: Option<String>,
    /// What came back in the cookie of the echo.
    pub cookie: Option<String>,
    /// Whether it asks for a WebSocket.
    pub upgrade: bool,
    /// How many bytes came in the header of the long request.
    pub length: usize,
}

/// An echo with its signature, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct Signed {
    /// The echo, as JSON.
    pub said: String,
    /// The code over it and the number it answers.
    pub code: String,
}

impl App {
    /// Numbers for so many questions to the echo.
    ///
    /// # Errors
    /// [`crate::domain::refusal::Refusal::Busy`], or a fault.
    pub async fn new_echo_numbers(&self, count: usize) -> Result<Vec<Token>, Failure> {
        let tokens: Vec<Token> = (0..count).map(|_| self.new_token()).collect();
        let digests: Vec<TokenDigest> = tokens.iter().map(Token::digest).collect();
        let (now, end) = (self.now(), self.now().after(LIFETIME));
        self.store
            .write(move |tx| digests.iter().try_for_each(|digest| doctor::put(tx, *digest, now, end)))
            .await?;
        Ok(tokens)
    }

    /// Signs an echo, once for each number.
    ///
    /// # Errors
    /// A fault. `None` for a number that was never made, or used before.
    pub async fn echo(&self, number: &Token, echo: &Echo) -> Result<Option<Signed>, Failure> {
        let (digest, now) = (number.digest(), self.now());
        if !self.store.write(move |tx| doctor::take(tx, digest, now)).await? {
            return Ok(None);
        }
        let said = serde_json::to_string(echo).unwrap_or_default();
        let code = hex(&self.signer.mac(LABEL, &[digest.bytes(), said.as_bytes()]));
        Ok(Some(Signed { said, code }))
    }

    /// The echo in an answer, if this installation has signed it for this number.
    fn heard(&self, number: &Token, signed: &Signed) -> Option<Echo> {
        let code = hex(&self
            .signer
            .mac(LABEL, &[number.digest().bytes(), signed.said.as_bytes()]));
        (code == signed.code).then(|| serde_json::from_str(&signed.said).ok())?
    }
}

/// What the echo's cookie says for a question: enough to tell one from another.
#[must_use]
pub fn cookie_value(number: &Token) -> String {
    hex(&number.digest().bytes()[..8])
}
