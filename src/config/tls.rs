//! Built-in TLS: `[server] tls_cert` and `tls_key`.

use std::path::PathBuf;

use super::problem::Findings;
use super::settled::Settled;

/// Where certificate and key are, both in the PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and after it those that vouch for it.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

const CERT: &str = "server.tls_cert";
const KEY: &str = "server.tls_key";

impl Settled {
    pub(super) fn tls(&self) -> Option<Tls> {
        let (cert, key) = (self.text(CERT), self.text(KEY));
        (!cert.is_empty() && !key.is_empty()).then(|| Tls {
            cert: cert.into(),
            key: key.into(),
        })
    }
}

/// What cannot be meant, and what is surely not.
pub(super) fn review(settled: &Settled, findings: &mut Findings) {
    let is_set = |key: &str| !settled.text(key).is_empty();
    for (one, other) in [(CERT, KEY), (KEY, CERT)] {
        if is_set(one) && !is_set(other) {
            let place = &settled.origin(one).given.place;
            findings.error(place, one, format!("needs {other} as well"));
        }
    }
    if settled.tls().is_none() {
        return;
    }
    let place = &settled.origin(CERT).given.place;
    if settled.flag("server.proxy_protocol") {
        let message = "cannot be combined with server.proxy_protocol: let the proxy speak TLS, or take it away";
        findings.error(place, CERT, message);
    }
    let is_plain = settled
        .url("server.public_url")
        .is_some_and(|url| url.scheme() == "http");
    if is_plain {
        let message =
            "makes the server speak https, and server.public_url begins with http; one of them is surely wrong";
        findings.warning(place, CERT, message);
    }
}
