//! Every cookie of this server, with all its attributes: nothing else makes or clears one.
//!
//! | cookie | for | SameSite | life |
//! |---|---|---|---|
//! | `refreshToken`, `token_provider` | LibreChat's client | Strict (configurable) | the session |
//! | `[__Host-]librechat_auth` | the pages, and programs at our own host | Lax | the session |
//! | `[__Host-]librechat_auth_form` | form tokens of the pages | Lax | the browser session |
//! | `[__Host-]librechat_auth_device` | a device that somebody has logged in from | Lax | a year |
//! | `[__Host-]librechat_auth_trust` | a device that is not asked for a code | Lax | the trust |
//! | `[__Host-]librechat_auth_step` | the next step of a login | Lax | ten minutes |
//! | `librechat_auth_lang` | the language switch | Lax | a year |
//! | `librechat_auth_doctor` | trying out cookies, see `app::doctor` | Lax | a minute |
//! | `[__Host-]librechat_auth_attempt_…` | one login with a provider, one for each tab | Lax | ten minutes |
//! | `[__Secure-]librechat_auth_door` | programs of the shared domain, and nothing of ours | Lax | the session |
//! | `[__Host-]librechat_auth_door` | programs of one other host, set there | Lax | the session |
//! | `[__Host-]librechat_auth_way` | coming back to that host from the login | Lax | half an hour |
//! | `[__Host-]librechat_auth_pause` | the login page waits for a click | Lax | a day |
//! | `[__Host-]librechat_auth_offer` | a provider that may be connected after the next login | Lax | ten minutes |

#![expect(clippy::disallowed_methods, reason = "this is the one place that makes cookies")]

use std::borrow::Cow;

use actix_web::cookie::time::{Duration, OffsetDateTime};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderMap};

use crate::app::federated_login::AttemptCookie;
use crate::app::second_factor::trust::Trust;
use crate::app::tokens::SignedIn;
use crate::config;
use crate::domain::access::Scheme;
use crate::domain::door;
use crate::domain::federation::attempt;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::web::place::Place;

/// LibreChat's name for its refresh cookie.
pub const REFRESH: &str = "refreshToken";

/// LibreChat's name for the cookie that says who issued the refresh token.
pub const TOKEN_PROVIDER: &str = "token_provider";

/// What LibreChat's own tokens carry in [`TOKEN_PROVIDER`].
const OURS: &str = "librechat";

/// LibreChat's names for a provider's tokens in browsers. This server sets none of them.
const LEFT_OVER: [&str; 3] = ["openid_access_token", "openid_id_token", "openid_user_id"];

const LANG: &str = "librechat_auth_lang";

const TEN_MINUTES: Duration = Duration::minutes(10);
/// The cookie of the echo, which only tries out whether cookies come back.
pub const DOCTOR: &str = "librechat_auth_doctor";

/// The key to other programs: of the host alone, of the shared domain, and without TLS.
const HOST_DOOR: &str = "__Host-librechat_auth_door";
const SECURE_DOOR: &str = "__Secure-librechat_auth_door";
const DOOR: &str = "librechat_auth_door";

/// Those keys, in the order in which they are tried.
const DOORS: [&str; 3] = [HOST_DOOR, SECURE_DOOR, DOOR];

/// What a browser keeps at another host while its owner logs in, with TLS and without.
const WAY: (&str, &str) = ("__Host-librechat_auth_way", "librechat_auth_way");

const A_YEAR: Duration = Duration::days(365);

/// How the names of the cookies of attempts start, after what binds them to the host.
const ATTEMPT: &str = "librechat_auth_attempt_";

/// More tabs than anybody logs in with at the same time.
const MOST_ATTEMPTS: usize = 8;

/// The value of the first cookie of that name in a request.
#[must_use]
pub fn find<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    all(headers, name).next()
}

/// The values of all cookies of that name, in the order in which the browser sent them.
pub fn all<'r>(headers: &'r HeaderMap, name: &str) -> impl Iterator<Item = &'r str> {
    pairs(headers).filter_map(move |(key, value)| (key == name).then_some(value))
}

/// Names and values of all cookies, in the order in which the browser sent them.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The names of the cookies of attempts in a request, oldest first as browsers send them (RFC 6265 §5.4).
#[must_use]
pub fn attempts(headers: &HeaderMap, place: &Place) -> Vec<String> {
    let start = place.attempt_cookie("");
    pairs(headers)
        .filter(|(name, _)| name.starts_with(&start))
        .map(|(name, _)| name.to_owned())
        .collect()
}

impl Place {
    /// The name of the pages' cookie. Over https another name than over http, so that a forgotten Secure cookie of the
    /// same host cannot shadow it; `__Host-` binds it to this very host (RFC 6265bis §4.1.3.2).
    #[must_use]
    pub fn page_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth",
            (true, false) => "__Secure-librechat_auth",
            (false, _) => "librechat_auth",
        }
    }

    /// The name of the cookie that form tokens are bound to.
    #[must_use]
    pub fn form_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth_form",
            (true, false) => "__Secure-librechat_auth_form",
            (false, _) => "librechat_auth_form",
        }
    }

    /// The name of the cookie that makes a device known.
    #[must_use]
    pub fn device_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth_device",
            (true, false) => "__Secure-librechat_auth_device",
            (false, _) => "librechat_auth_device",
        }
    }

    /// The name of the cookie that spares a device the second factor.
    #[must_use]
    pub fn trust_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth_trust",
            (true, false) => "__Secure-librechat_auth_trust",
            (false, _) => "librechat_auth_trust",
        }
    }

    /// The name of the cookie with the ticket for the next step of a login.
    #[must_use]
    pub fn ticket_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth_step",
            (true, false) => "__Secure-librechat_auth_step",
            (false, _) => "librechat_auth_step",
        }
    }

    /// The cookies of a login or a renewal.
    #[must_use]
    pub fn signed_in(&self, signed_in: &SignedIn) -> Vec<Cookie<'static>> {
        let end = moment(signed_in.expires_at);
        let pair = self.pair_same_site();
        let mut cookies = vec![
            self.cookie(REFRESH, signed_in.refresh.expose().to_owned(), pair, Some(end)),
            self.cookie(TOKEN_PROVIDER, OURS.to_owned(), pair, Some(end)),
        ];
        if let Some(page) = &signed_in.page {
            cookies.push(self.cookie(self.page_cookie(), page.expose().to_owned(), SameSite::Lax, Some(end)));
        }
        cookies.extend(
            signed_in
                .door
                .as_ref()
                .and_then(|key| self.domain_door(key, signed_in.expires_at)),
        );
        cookies.extend(signed_in.device.as_ref().map(|device| self.device(device)));
        cookies.extend(signed_in.trust.as_ref().map(|trust| self.trust(trust)));
        cookies
    }

    /// Takes every key to a session away, with the attributes they were set with.
    #[must_use]
    pub fn signed_out(&self) -> Vec<Cookie<'static>> {
        let pair = self.pair_same_site();
        let mut cookies = vec![self.removal(REFRESH, pair), self.removal(TOKEN_PROVIDER, pair)];
        cookies.extend(self.page_signed_out());
        cookies
    }

    /// Takes the pages' cookie away.
    #[must_use]
    pub fn page_signed_out(&self) -> Vec<Cookie<'static>> {
        let mut cookies = vec![self.removal(self.page_cookie(), SameSite::Lax)];
        if let Some(mut door) = self.domain_door(&Secret::new(""), Timestamp::from_seconds(0)) {
            door.make_removal();
            cookies.push(door);
        }
        cookies
    }

    /// The key to the programs of the shared domain, if there is one. None of our own pages looks at it.
    #[must_use]
    pub fn domain_door(&self, key: &Secret, expires_at: Timestamp) -> Option<Cookie<'static>> {
        let domain = self.cookies.domain.clone()?;
        let name = if self.secure { SECURE_DOOR } else { DOOR };
        let mut cookie = self.cookie(name, key.expose().to_owned(), SameSite::Lax, Some(moment(expires_at)));
        cookie.set_path("/");
        cookie.set_domain(domain);
        Some(cookie)
    }

    fn removal(&self, name: impl Into<Cow<'static, str>>, same_site: SameSite) -> Cookie<'static> {
        let mut cookie = self.cookie(name, String::new(), same_site, None);
        cookie.make_removal();
        cookie
    }

    /// The value that form tokens are bound to.
    #[must_use]
    pub fn form(&self, value: String) -> Cookie<'static> {
        self.cookie(self.form_cookie(), value, SameSite::Lax, None)
    }

    /// Stays when its holder logs out: it says where logins came from and opens nothing.
    fn device(&self, proof: &Secret) -> Cookie<'static> {
        let mut cookie = self.cookie(self.device_cookie(), proof.expose().to_owned(), SameSite::Lax, None);
        cookie.set_max_age(A_YEAR);
        cookie
    }

    /// Stays when its holder logs out, and spares them the next code, also when they come back from a provider.
    fn trust(&self, trust: &Trust) -> Cookie<'static> {
        let (name, end) = (self.trust_cookie(), moment(trust.until));
        self.cookie(name, trust.cookie.expose().to_owned(), SameSite::Lax, Some(end))
    }

    fn bound(&self, name: &str) -> String {
        match (self.secure, self.base.is_empty()) {
            (true, true) => format!("__Host-{name}"),
            (true, false) => format!("__Secure-{name}"),
            (false, _) => name.to_owned(),
        }
    }

    /// The name of the cookie of one attempt to log in with a provider.
    #[must_use]
    pub fn attempt_cookie(&self, label: &str) -> String {
        self.bound(&format!("{ATTEMPT}{label}"))
    }

    /// What a browser keeps while its owner is at a provider.
    #[must_use]
    pub fn attempt(&self, kept: &AttemptCookie) -> Cookie<'static> {
        let name = self.attempt_cookie(&kept.label);
        let mut cookie = self.cookie(name, kept.value.expose().to_owned(), SameSite::Lax, None);
        cookie.set_max_age(lifetime(attempt::LIFETIME));
        cookie
    }

    /// Takes the cookie of an attempt away.
    #[must_use]
    pub fn attempt_over(&self, label: &str) -> Cookie<'static> {
        self.removal(self.attempt_cookie(label), SameSite::Lax)
    }

    /// Takes the oldest away where there are too many for one more.
    #[must_use]
    pub fn crowded_out(&self, held: &[String]) -> Vec<Cookie<'static>> {
        let over = (held.len() + 1).saturating_sub(MOST_ATTEMPTS);
        let oldest = held.iter().take(over);
        oldest.map(|name| self.removal(name.clone(), SameSite::Lax)).collect()
    }

    /// The name of the cookie that keeps the login page from sending its visitor straight to a provider.
    #[must_use]
    pub fn pause_cookie(&self) -> String {
        self.bound("librechat_auth_pause")
    }

    /// Somebody has logged out: the login page waits for a click. `state` is what they come back with from a provider.
    #[must_use]
    pub fn pause(&self, state: &str) -> Cookie<'static> {
        let mut cookie = self.cookie(self.pause_cookie(), state.to_owned(), SameSite::Lax, None);
        cookie.set_max_age(Duration::days(1));
        cookie
    }

    /// Somebody has just been sent straight to a provider: whoever is back at once stays, and does not go round in circles.
    #[must_use]
    pub fn brief_pause(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(self.pause_cookie(), "sent".to_owned(), SameSite::Lax, None);
        cookie.set_max_age(Duration::seconds(30));
        cookie
    }

    /// Somebody has come in.
    #[must_use]
    pub fn pause_over(&self) -> Cookie<'static> {
        self.removal(self.pause_cookie(), SameSite::Lax)
    }

    /// Takes away what LibreChat itself left in a browser that holds a provider's tokens of its own.
    #[must_use]
    pub fn leftovers(&self, headers: &HeaderMap) -> Vec<Cookie<'static>> {
        let held = LEFT_OVER.iter().filter(|name| find(headers, name).is_some());
        held.map(|name| self.removal(*name, self.pair_same_site())).collect()
    }

    /// The name of the cookie with which somebody who logs in is offered to connect a provider.
    #[must_use]
    pub fn offer_cookie(&self) -> &'static str {
        match (self.secure, self.base.is_empty()) {
            (true, true) => "__Host-librechat_auth_offer",
            (true, false) => "__Secure-librechat_auth_offer",
            (false, _) => "librechat_auth_offer",
        }
    }

    /// What a browser keeps of somebody who came from a provider and has to log in the old way first.
    #[must_use]
    pub fn offer(&self, token: &Secret) -> Cookie<'static> {
        let mut cookie = self.cookie(self.offer_cookie(), token.expose().to_owned(), SameSite::Lax, None);
        cookie.set_max_age(lifetime(attempt::LIFETIME));
        cookie
    }

    /// Takes the offer away.
    #[must_use]
    pub fn offer_over(&self) -> Cookie<'static> {
        self.removal(self.offer_cookie(), SameSite::Lax)
    }

    /// The ticket for the next step of a login. It says itself until when it is good; the browser only forgets it in time.
    #[must_use]
    pub fn ticket(&self, ticket: &Secret) -> Vec<Cookie<'static>> {
        let mut cookie = self.cookie(self.ticket_cookie(), ticket.expose().to_owned(), SameSite::Lax, None);
        cookie.set_max_age(TEN_MINUTES);
        vec![cookie]
    }

    /// Takes the ticket away.
    #[must_use]
    pub fn ticket_over(&self) -> Vec<Cookie<'static>> {
        vec![self.removal(self.ticket_cookie(), SameSite::Lax)]
    }

    /// The visitor's choice of language.
    #[must_use]
    pub fn language(&self, code: &'static str) -> Cookie<'static> {
        let mut cookie = self.cookie(LANG, code.to_owned(), SameSite::Lax, None);
        cookie.set_max_age(A_YEAR);
        cookie
    }

    /// A cookie like that of the pages, for trying out whether such cookies come back; gone in a minute.
    #[must_use]
    pub fn doctor(&self, value: String) -> Cookie<'static> {
        let mut cookie = self.cookie(DOCTOR, value, SameSite::Lax, None);
        cookie.set_max_age(Duration::minutes(1));
        cookie
    }

    fn cookie(
        &self,
        name: impl Into<Cow<'static, str>>,
        value: String,
        same_site: SameSite,
        end: Option<OffsetDateTime>,
    ) -> Cookie<'static> {
        let path = if self.base.is_empty() {
            "/".to_owned()
        } else {
            self.base.clone()
        };
        let mut cookie = Cookie::build(name, value)
            .path(path)
            .http_only(true)
            .same_site(same_site)
            .finish();
        cookie.set_secure(self.secure);
        cookie.set_expires(end);
        cookie
    }

    fn pair_same_site(&self) -> SameSite {
        match self.cookies.same_site {
            config::SameSite::Strict => SameSite::Strict,
            config::SameSite::Lax => SameSite::Lax,
            config::SameSite::None => SameSite::None,
        }
    }
}

/// What a browser brings that may open another program.
#[derive(Debug, Default)]
pub struct Held<'r> {
    /// Values of the pages' cookie.
    pub pages: Vec<&'r str>,
    /// Values of the keys to other programs, those of the host alone first.
    pub doors: Vec<&'r str>,
}

impl<'r> Held<'r> {
    /// Reads it from a request, `most` values of each kind.
    #[must_use]
    pub fn of(headers: &'r HeaderMap, place: &Place, most: usize) -> Self {
        let (mut held, page) = (Self::default(), place.page_cookie());
        let mut doors = [const { Vec::new() }; DOORS.len()];
        for (name, value) in pairs(headers) {
            if name == page {
                held.pages.push(value);
            } else if let Some(kind) = DOORS.iter().position(|door| *door == name) {
                doors[kind].push(value);
            }
        }
        held.doors = doors.concat();
        held.pages.truncate(most);
        held.doors.truncate(most);
        held
    }
}

/// The key to the programs of one other host, set there.
#[must_use]
pub fn host_door(scheme: Scheme, key: &Secret, expires_at: Timestamp) -> Cookie<'static> {
    let mut cookie = guest(scheme, (HOST_DOOR, DOOR), key);
    cookie.set_expires(moment(expires_at));
    cookie
}

/// What a browser keeps at another host while its owner logs in.
#[must_use]
pub fn way(scheme: Scheme, way: &Secret) -> Cookie<'static> {
    let mut cookie = guest(scheme, WAY, way);
    cookie.set_max_age(lifetime(door::WAY_LIFE));
    cookie
}

/// What a browser kept when it set out from another host.
#[must_use]
pub fn ways(headers: &HeaderMap, scheme: Scheme) -> Vec<&str> {
    all(headers, chosen(scheme, WAY)).collect()
}

/// A cookie at another host, which that host alone gets back.
fn guest(scheme: Scheme, names: (&'static str, &'static str), value: &Secret) -> Cookie<'static> {
    Cookie::build(chosen(scheme, names), value.expose().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(scheme == Scheme::Https)
        .finish()
}

fn chosen(scheme: Scheme, (secure, plain): (&'static str, &'static str)) -> &'static str {
    match scheme {
        Scheme::Https => secure,
        Scheme::Http => plain,
    }
}

/// The language that the visitor chose earlier.
#[must_use]
pub fn chosen_language(headers: &HeaderMap) -> Option<&str> {
    find(headers, LANG)
}

fn lifetime(span: std::time::Duration) -> Duration {
    Duration::try_from(span).unwrap_or(Duration::ZERO)
}

fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_first_cookie_of_a_name_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; refreshToken=x.y.z;b"));
        headers.append(
            COOKIE,
            HeaderValue::from_static("refreshToken=second; xrefreshToken=no"),
        );
        assert_eq!(find(&headers, REFRESH), Some("x.y.z"));
        assert_eq!(find(&headers, "b"), None);
        assert_eq!(find(&headers, "nothing"), None);
    }
}
