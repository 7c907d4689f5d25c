//! Logging out between a provider and us: where people are sent to log out there too (OpenID Connect RP-Initiated Logout
//! 1.0), and what a provider says of people who logged out (Back-Channel Logout 1.0).

use serde_json::Value;
use url::Url;

use super::id_token::{seconds, subject};
use crate::domain::federation::claims::Claims;
use crate::domain::federation::issuer::IssuerRule;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::upstream::LogoutNotice;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// What a logout token has to say of itself (Back-Channel Logout §2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Somebody who has logged out here and shall log out at the provider.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'l> {
    /// The ID token of their login, if it was kept.
    pub id_token: Option<&'l Secret>,
    /// What the provider calls them.
    pub called: Option<&'l str>,
    /// Where they shall come back to.
    pub return_to: &'l str,
    /// What comes back with them.
    pub state: &'l str,
    /// How long the address may become.
    pub longest: usize,
}

/// Where somebody is sent to log out. An ID token that makes the address too long is left out, and the person named instead,
/// as LibreChat does.
pub(super) fn address(end_session: &Url, client_id: &str, leaving: &Leaving<'_>) -> String {
    let with = |hint: Option<(&str, &str)>| {
        let mut url = end_session.clone();
        let mut query = url.query_pairs_mut();
        if let Some((name, value)) = hint {
            query.append_pair(name, value);
        }
        query
            .append_pair("client_id", client_id)
            .append_pair("post_logout_redirect_uri", leaving.return_to)
            .append_pair("state", leaving.state);
        drop(query);
        String::from(url)
    };
    let whole = leaving
        .id_token
        .map(|token| with(Some(("id_token_hint", token.expose()))))
        .filter(|address| address.len() <= leaving.longest);
    whole.unwrap_or_else(|| with(leaving.called.map(|called| ("logout_hint", called))))
}

/// What a logout token has to fit.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e IssuerRule,
    pub(super) client_id: &'e str,
    pub(super) now: Timestamp,
    pub(super) tolerance: i64,
}

/// Reads the claims of a logout token whose signature is good (Back-Channel Logout §2.6).
pub(super) fn notice(claims: &Claims, expected: &Expected<'_>) -> Result<LogoutNotice, Trouble> {
    let text = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=255).contains(&text.len()) => Ok(Some(text.clone())),
        Some(_) => Err(Trouble::Claim(name)),
    };
    let issuer = text("iss")?.ok_or(Trouble::Claim("iss"))?;
    let tenant = claims.get("tid").and_then(Value::as_str);
    if !expected.issuer.admits(&issuer, tenant) {
        return Err(Trouble::OtherIssuer {
            expected: expected.issuer.as_str().to_owned(),
            said: quoted(&issuer),
        });
    }
    audience(claims, expected.client_id)?;
    let expires_at = times(claims, expected)?;
    if claims.contains_key("nonce") {
        // An ID token in the place of a logout token.
        return Err(Trouble::Claim("events, but a nonce"));
    }
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err(Trouble::Claim("events"));
    }
    let subject = match claims.get("sub") {
        None => None,
        Some(_) => Some(subject(claims).ok_or(Trouble::Claim("sub"))?.to_owned()),
    };
    let session = text("sid")?;
    if subject.is_none() && session.is_none() {
        return Err(Trouble::Claim("sub or sid"));
    }
    Ok(LogoutNotice {
        issuer,
        subject,
        session,
        id: text("jti")?.ok_or(Trouble::Claim("jti"))?,
        expires_at,
    })
}

fn audience(claims: &Claims, client_id: &str) -> Result<(), Trouble> {
    let is_ours = match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(client_id)),
        _ => return Err(Trouble::Claim("aud")),
    };
    if is_ours {
        return Ok(());
    }
    Err(Trouble::Audience("somebody else".to_owned()))
}

/// When the token is over, the tolerance included.
fn times(claims: &Claims, expected: &Expected<'_>) -> Result<Timestamp, Trouble> {
    let required = |name: &'static str| seconds(claims, name)?.ok_or(Trouble::Claim(name));
    let (issued, expires) = (required("iat")?, required("exp")?);
    let now = expected.now.seconds();
    if issued > now.saturating_add(expected.tolerance) {
        return Err(Trouble::ClockAhead {
            seconds: issued.saturating_sub(now),
        });
    }
    let over = expires.saturating_add(expected.tolerance);
    if over <= now {
        return Err(Trouble::Expired {
            seconds: now.saturating_sub(expires),
        });
    }
    Ok(Timestamp::from_seconds(over))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaving(id_token: Option<&Secret>, longest: usize) -> Leaving<'_> {
        Leaving {
            id_token,
            called: Some("ada@example.org"),
            return_to: "https://auth.example.org/login?a=1&b",
            state: "s",
            longest,
        }
    }

    #[test]
    fn a_token_that_is_too_long_gives_way_to_a_name() {
        let end = Url::parse("https://id.example.org/end?tenant=1").expect("an address");
        let token = Secret::new("t".repeat(100));
        let whole = address(&end, "our client", &leaving(Some(&token), 2000));
        assert!(
            whole.starts_with("https://id.example.org/end?tenant=1&id_token_hint=ttt"),
            "{whole}"
        );
        assert!(
            whole.contains("client_id=our+client&post_logout_redirect_uri=https%3A%2F%2Fauth"),
            "{whole}"
        );
        let exactly = address(&end, "our client", &leaving(Some(&token), whole.len()));
        assert_eq!(exactly, whole);
        let short = address(&end, "our client", &leaving(Some(&token), whole.len() - 1));
        assert!(
            !short.contains("ttt") && short.contains("logout_hint=ada%40example.org"),
            "{short}"
        );
        let unknown = Leaving {
            called: None,
            ..leaving(None, 2000)
        };
        assert!(!address(&end, "c", &unknown).contains("hint"));
    }
}
