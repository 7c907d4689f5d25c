//! What the settings of providers mean together. A provider that cannot be used as it is written gets no button and a
//! warning that names what is missing; the server starts without it.

use std::collections::BTreeSet;
use std::fs;

use url::Url;

use super::described::Described;
use super::proxy_url;
use super::rows::{LIST, OPENID};
use super::rules;
use super::social::{Section, callback as social_callback};
use crate::config::mistakes::warn;
use crate::config::problem::Findings;
use crate::config::settled::Settled;
use crate::domain::federation::provider::{ProviderId, TAKEN};
use crate::domain::federation::social::Social;

/// Looks at the settings of providers and of what leaves this machine.
pub fn review(settled: &Settled, findings: &mut Findings) {
    outgoing(settled, findings);
    names(settled, findings);
    for described in Described::all(settled).filter(|described| described.is_written()) {
        usable(described, findings);
        sense(described, findings);
        rules::review_provider(described, findings);
    }
    rules::review_tables(settled, findings);
    callback(settled, findings);
    for section in Section::all(settled) {
        social(section, settled, findings);
    }
    straight_on(settled, findings);
    switched_off(settled, findings);
}

/// A provider that LibreChat knows by name.
fn social(section: Section<'_>, settled: &Settled, findings: &mut Findings) {
    let callback = section.origin("callback_url");
    if callback.value.text().trim() != callback.setting.default {
        let message = format!(
            "is not where this server listens: it is always {} here; register that address with the provider and remove this",
            social_callback(section.social)
        );
        warn(findings, callback, message);
    }
    let Some(written) = section.written() else { return };
    let name = section.social.name();
    let missing = section.missing();
    if !missing.is_empty() {
        let lacks = missing.join(", ");
        let message = format!("describes {name}, which cannot be used, so that it gets no button; it lacks {lacks}");
        return warn(findings, written, message);
    }
    if !settled
        .list("site.social_logins")
        .iter()
        .any(|word| word == section.social.key())
    {
        let message = format!("describes {name}, which has no button because site.social_logins does not name it");
        warn(findings, written, message);
    }
    let is_plain = settled
        .url("server.public_url")
        .is_some_and(|url| url.scheme() == "http");
    if section.social == Social::Apple && is_plain {
        let message = "describes Apple, which sends people back to https only, and server.public_url begins with http";
        warn(findings, written, message);
    }
}

/// The login page can send people straight to one provider only.
fn straight_on(settled: &Settled, findings: &mut Findings) {
    let usable = Described::all(settled).filter(|described| described.is_written() && described.missing().is_empty());
    for described in usable.filter(|described| described.flag("auto_redirect")).skip(1) {
        let (place, name) = described.origin("auto_redirect");
        findings.warning(
            &place,
            name,
            "has no effect: the login page sends people straight to another provider",
        );
    }
}

/// Each provider of the list needs a name of its own: without one nobody can say which is meant.
fn names(settled: &Settled, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for table in settled.value(LIST).tables() {
        let name = format!("{LIST}.id");
        let place = table.place_of("id");
        let text = table.value("id").text();
        match ProviderId::parse(text.trim()) {
            _ if text.trim().is_empty() => {
                let message = "has no id, its name in addresses; write for example id = \"office\"";
                findings.error(place, LIST, message);
            }
            Err(error) => findings.error(place, name, error.to_string()),
            Ok(id) if TAKEN.contains(&id.as_str()) => {
                let message = format!("must not be \"{id}\", which means something else here; choose another name");
                findings.error(place, name, message);
            }
            Ok(id) if !seen.insert(id.clone()) => {
                let message = format!("there is another provider called \"{id}\"; each needs a name of its own");
                findings.error(place, name, message);
            }
            Ok(_) => {}
        }
    }
}

fn usable(described: Described<'_>, findings: &mut Findings) {
    let missing = described.missing();
    if missing.is_empty() {
        return;
    }
    let (place, name) = match described {
        Described::Section(_) if described.text("issuer").is_some() => described.origin("issuer"),
        Described::Section(_) => described.origin("client_id"),
        Described::Table(table) => (table.place.clone(), LIST.to_owned()),
    };
    let message = format!(
        "describes a provider that cannot be used, so that it gets no button; it lacks {}",
        missing.join(", ")
    );
    findings.warning(&place, name, message);
}

/// Values that can be read but are hardly meant.
fn sense(described: Described<'_>, findings: &mut Findings) {
    if described.is_near() && !described.flag("allow_private") {
        let (place, name) = described.origin("issuer");
        let message =
            "is in a private network or on this machine, where requests are not sent unless allow_private is true";
        findings.warning(&place, name, message);
    }
    let back = described.text("post_logout_redirect_uri").unwrap_or_default();
    if !back.is_empty() && !Url::parse(&back).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
        let (place, name) = described.origin("post_logout_redirect_uri");
        let message =
            "is no whole address such as https://chat.example.org/login; no provider sends anybody back to it";
        findings.warning(&place, name, message);
    }
    let image = described.text("image_url").unwrap_or_default();
    if !image.is_empty() && !image.starts_with("https://") && !image.starts_with('/') {
        let (place, name) = described.origin("image_url");
        let message = "should be an https address or a path: browsers load nothing else into a page with https";
        findings.warning(&place, name, message);
    }
}

fn callback(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin(&format!("{OPENID}.callback_url"));
    if origin.value.text().trim() != origin.setting.default {
        let message = "is not where this server listens: it is always /oauth/openid/callback here; register that address \
                       with the provider and remove this";
        warn(findings, origin, message);
    }
}

fn switched_off(settled: &Settled, findings: &mut Findings) {
    let first = Described::all(settled).find(|described| described.is_written());
    let openid = first.map(|described| described.origin("issuer"));
    let social = || {
        let written = Section::all(settled).find_map(Section::written)?;
        Some((written.given.place.clone(), written.given.name.clone()))
    };
    if let (Some((place, name)), false) = (openid.or_else(social), settled.flag("accounts.social_login")) {
        let message = "describes a provider, but nobody logs in with any while ALLOW_SOCIAL_LOGIN (accounts.social_login) \
                       is not true";
        findings.warning(&place, name, message);
    }
}

fn outgoing(settled: &Settled, findings: &mut Findings) {
    for key in ["outgoing.proxy", "outgoing.https_proxy"] {
        let origin = settled.origin(key);
        if let Some(secret) = settled.secret(key)
            && proxy_url(secret.expose()).is_none()
        {
            let message = "is no address of a proxy; write for example http://proxy.example.org:3128";
            findings.error(&origin.given.place, &origin.given.name, message);
        }
    }
    let origin = settled.origin("outgoing.ca_file");
    let file = settled.text("outgoing.ca_file");
    if !file.trim().is_empty()
        && let Err(error) = fs::metadata(file.trim())
    {
        let message = format!("names the file {file}, which cannot be read: {error}");
        findings.error(&origin.given.place, &origin.given.name, message);
    }
}
