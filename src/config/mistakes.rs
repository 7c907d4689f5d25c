//! Values that can be read but are surely not meant: what they mean, and what was probably meant.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::access;
use super::cookie_domain;
use super::data_dir::hex;
use super::federation;
use super::guests;
use super::mail;
use super::moderation;
use super::observe;
use super::problem::Findings;
use super::proxies;
use super::settled::{Origin, Settled};
use crate::domain::duration::format;

/// SHA-256 of secrets that LibreChat's documentation printed as samples: everybody knows them.
const PUBLISHED: [&str; 4] = [
    "69024f21e9ad17594dcccd93e87399af24a5426ccfe6108d1787f0335966abc4",
    "282ad5f60261639fefed381976b4d0dde52eab5527a1ab2ec75d5be1efa1165b",
    "7c1154b5152983978147ea87e4a2066d4768673e9d85d6a792cddc2f784efd2f",
    "06d2e911edb4d45985b9d6338ec3d4c6b4bde69f8143437797c187ab07085531",
];

/// What RFC 7518 §3.2 asks of a key for HS256: 256 bits.
pub const SECRET_CHARACTERS: usize = 32;

/// Looks at each setting and at what they mean together.
pub fn review(settled: &Settled, findings: &mut Findings) {
    super::tls::review(settled, findings);
    lifetimes(settled, findings);
    secrets(settled, findings);
    addresses(settled, findings);
    cookies(settled, findings);
    cookie_domain::review(settled, findings);
    registration(settled, findings);
    mail::review(settled, findings);
    access::review(settled, findings);
    moderation::review(settled, findings);
    proxies::review(settled, findings);
    federation::review(settled, findings);
    guests::review(settled, findings);
    observe::review(settled, findings);
}

/// Notes a warning about what decided a setting.
pub fn warn(findings: &mut Findings, origin: &Origin, message: impl Into<String>) {
    findings.warning(&origin.given.place, &origin.given.name, message);
}

fn lifetimes(settled: &Settled, findings: &mut Findings) {
    for key in [
        "session.lifetime",
        "session.idle",
        "session.refresh_grace",
        "server.shutdown_timeout",
        "mail.timeout",
        "mail.retry_for",
        "mail.keep",
        "two_factor.grace",
        "two_factor.trust_device",
        "accounts.keep_deleted",
        "accounts.expiry_warning",
    ] {
        let origin = settled.origin(key);
        if let Some(message) = seconds_meant(origin, settled.span(key)) {
            warn(findings, origin, message);
        }
    }
    access_lifetime(settled, findings);
    let lifetime = settled.origin("session.lifetime");
    if settled.span("session.lifetime") < settled.span("session.access_lifetime") {
        warn(
            findings,
            lifetime,
            "is shorter than the access token's lifetime (SESSION_EXPIRY)",
        );
    }
}

fn access_lifetime(settled: &Settled, findings: &mut Findings) {
    const SHORT: Duration = Duration::from_mins(2);
    let origin = settled.origin("session.access_lifetime");
    let access = settled.span("session.access_lifetime");
    let shown = format(access);
    let whole = Duration::from_secs(access.as_secs());
    match seconds_meant(origin, access) {
        Some(message) if whole == access => warn(findings, origin, message),
        Some(message) if whole > SHORT => {
            let used = format(whole);
            warn(
                findings,
                origin,
                format!("{message}; {used} is used, since tokens count whole seconds"),
            );
        }
        Some(message) => findings.error(&origin.given.place, &origin.given.name, message),
        None if whole == access => {}
        None => {
            let message = format!("is {shown}, which is no whole number of seconds: LibreChat's logins would all fail");
            findings.error(&origin.given.place, &origin.given.name, message);
        }
    }
    if access <= SHORT {
        let message =
            format!("is only {shown}: LibreChat's client then asks for a new token before every request; 15m is usual");
        warn(findings, origin, message);
    }
    if access > Duration::from_hours(24) {
        let message = format!(
            "is {shown}: other programs accept a stolen access token for that long; the length of a login is \
             REFRESH_TOKEN_EXPIRY (session.lifetime)"
        );
        warn(findings, origin, message);
    }
}

/// A bare number is milliseconds. One that is odd as such but round as seconds was probably meant as seconds.
pub fn seconds_meant(origin: &Origin, span: Duration) -> Option<String> {
    let number: u64 = origin.given.raw.text().trim().parse().ok()?;
    let is_days = number.is_multiple_of(86_400);
    let is_minutes = number.is_multiple_of(60) && !number.is_multiple_of(1000);
    let looks_like_seconds = !number.is_multiple_of(60_000) && (is_days || is_minutes);
    looks_like_seconds.then(|| {
        let meant = format(Duration::from_secs(number));
        format!(
            "is a number of milliseconds and means {}; if {meant} was meant, write {meant}",
            format(span)
        )
    })
}

fn secrets(settled: &Settled, findings: &mut Findings) {
    for key in [
        "secrets.jwt",
        "secrets.jwt_refresh",
        "secrets.creds_key",
        "secrets.creds_iv",
    ] {
        let origin = settled.origin(key);
        let Some(secret) = settled.secret(key) else { continue };
        let digest = hex(&Sha256::digest(secret.expose()));
        let count = secret.expose().chars().count();
        if PUBLISHED.contains(&digest.as_str()) {
            let message = "is the sample printed in LibreChat's documentation, which everybody knows: anybody can log in \
                           as anybody; replace it, for example by the output of `openssl rand -hex 32`";
            warn(findings, origin, message);
        } else if count < SECRET_CHARACTERS {
            let message = format!(
                "has only {count} characters and can be guessed; 32 or more are needed: remove it and one is \
                 generated, or use the output of `openssl rand -hex 32`"
            );
            warn(findings, origin, message);
        }
    }
    let refresh = settled.origin("secrets.jwt_refresh");
    if let Some(secret) = settled.secret("secrets.jwt_refresh")
        && settled.secret("secrets.jwt") == Some(secret)
    {
        warn(
            findings,
            refresh,
            "is the same as JWT_SECRET; use two different secrets",
        );
    }
}

fn addresses(settled: &Settled, findings: &mut Findings) {
    for key in ["server.public_url", "server.client_url"] {
        if let Some(url) = settled.url(key)
            && matches!(url.host_str(), Some("0.0.0.0" | "[::]"))
        {
            let message =
                "is an address to listen on, not one that people can type; write the name or address they use";
            warn(findings, settled.origin(key), message);
        }
    }
    let Some(url) = settled.url("server.public_url") else {
        return;
    };
    let origin = settled.origin("server.public_url");
    if url.scheme() == "http" && !is_loopback(&url) {
        let message = "is not https: passwords and cookies travel unprotected, and cookies are not Secure; \
                       put a proxy with TLS in front and write https://…";
        warn(findings, origin, message);
    }
}

fn cookies(settled: &Settled, findings: &mut Findings) {
    let url = settled.url("server.public_url");
    let is_https = url.as_ref().is_some_and(|url| url.scheme() == "https");
    let secure = settled.tristate("cookies.secure");
    if secure == Some(true)
        && url
            .as_ref()
            .is_some_and(|url| url.scheme() == "http" && !is_loopback(url))
    {
        let message = "is true, but people come by http, and browsers drop Secure cookies there: nobody stays logged in; \
                       either serve https and write it in DOMAIN_SERVER (server.public_url), or say false";
        warn(findings, settled.origin("cookies.secure"), message);
    }
    if secure == Some(false) && is_https {
        let message = "is false although people come by https: cookies could leak over http; remove it";
        warn(findings, settled.origin("cookies.secure"), message);
    }
    if settled.text("cookies.same_site") == "none" && !secure.unwrap_or(is_https) {
        let message = "is none, which browsers accept with Secure cookies only; serve https, or say strict";
        warn(findings, settled.origin("cookies.same_site"), message);
    }
}

/// A list of domains keeps nobody out who may write down any address.
fn registration(settled: &Settled, findings: &mut Findings) {
    let policy = settled.registration();
    if policy.registration && !policy.domains.is_empty() && !policy.proof && !policy.approval {
        let message = "keeps nobody out: nobody has to prove an address, so that strangers register with one that is not \
                       theirs; set up mail and let accounts.unverified_login be false, or set LIBRECHAT_AUTH_APPROVAL \
                       (accounts.approval) to true";
        warn(findings, settled.origin("accounts.allowed_domains"), message);
    }
}

/// Whether browsers treat the address as this very machine, where http is as good as https.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
