//! What a proxy says about the request, believed from trusted proxies only. Each header is there exactly once, or the
//! question is malformed: a client may have sent another.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, UPGRADE};

use crate::domain::access::{Asked, Malformed, Method};
use crate::web::{Web, visitor};

const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const SOCKET_VERSION: HeaderName = HeaderName::from_static("sec-websocket-version");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// How a proxy describes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// nginx: one header with the whole address.
    OriginalUrl,
    /// The others: one header for each part.
    Forwarded,
}

/// Why a question has no answer but no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// Whoever asks is no trusted proxy.
    #[error("whoever asks is no trusted proxy")]
    Stranger,
    /// It is malformed.
    #[error("{0}")]
    Malformed(#[from] Malformed),
}

/// Reads the question.
///
/// # Errors
/// [`Unanswerable`].
pub fn read(req: &HttpRequest, web: &Web, convention: Convention) -> Result<Asked, Unanswerable> {
    if !visitor::is_proxy(req, web) {
        return Err(Unanswerable::Stranger);
    }
    let headers = req.headers();
    let address = visitor::address(req, web);
    let asked = match convention {
        Convention::OriginalUrl => {
            let url = one(headers, &ORIGINAL_URL, "X-Original-URL")?;
            let method = at_most_one(headers, &ORIGINAL_METHOD, "X-Original-Method")?;
            Asked::from_url(url, method, address)?
        }
        Convention::Forwarded => {
            let scheme = one(headers, &FORWARDED_PROTO, "X-Forwarded-Proto")?;
            let host = one(headers, &FORWARDED_HOST, "X-Forwarded-Host")?;
            let target = one(headers, &FORWARDED_URI, "X-Forwarded-Uri")?;
            let method = at_most_one(headers, &FORWARDED_METHOD, "X-Forwarded-Method")?;
            Asked::new(scheme, host, target, method, address)?
        }
    };
    Ok(asked)
}

fn one<'r>(headers: &'r HeaderMap, name: &HeaderName, written: &'static str) -> Result<&'r str, Malformed> {
    at_most_one(headers, name, written)?.ok_or(Malformed::Missing(written))
}

fn at_most_one<'r>(
    headers: &'r HeaderMap,
    name: &HeaderName,
    written: &'static str,
) -> Result<Option<&'r str>, Malformed> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Malformed::Doubled(written));
    }
    // Beyond ASCII there is nothing that a scheme, host, path or method could be.
    value.to_str().map(Some).map_err(|_| Malformed::Missing(written))
}

/// Whether a person waits for a page, so that a redirect to the login page makes sense. A web socket, a script or another
/// program would take the login page for the answer it wanted.
#[must_use]
pub fn is_navigation(headers: &HeaderMap, asked: &Asked) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let reads = asked
        .method
        .as_ref()
        .map(Method::as_str)
        .is_none_or(|method| matches!(method, "GET" | "HEAD"));
    // Some proxies keep `Upgrade` to themselves, and pass on the rest of a handshake.
    let is_program = text(&UPGRADE).is_some()
        || text(&SOCKET_VERSION).is_some()
        || text(&REQUESTED_WITH).is_some_and(|with| with.eq_ignore_ascii_case("xmlhttprequest"))
        || text(&AUTHORIZATION).is_some();
    if !reads || is_program {
        return false;
    }
    // Browsers say it themselves (Fetch Metadata Request Headers §2.2); the older ones ask for HTML.
    match text(&FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => text(&ACCEPT).is_some_and(|accepted| accepted.contains("text/html")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use actix_web::http::header::HeaderValue;

    use super::*;

    fn navigates(method: Option<&str>, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let asked = Asked::from_url("https://a.example/", method, IpAddr::V4(Ipv4Addr::LOCALHOST));
        is_navigation(&map, &asked.expect("a question"))
    }

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    #[test]
    fn people_who_open_a_page_are_sent_to_the_login() {
        assert!(navigates(Some("GET"), &[HTML]) && navigates(None, &[HTML]) && navigates(Some("HEAD"), &[HTML]));
        assert!(navigates(
            Some("GET"),
            &[HTML, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]
        ));
    }

    #[test]
    fn programs_are_not() {
        for (method, headers) in [
            ("GET", vec![]),
            ("GET", vec![("accept", "*/*")]),
            ("GET", vec![("accept", "application/json")]),
            ("POST", vec![HTML]),
            ("GET", vec![HTML, ("sec-fetch-mode", "cors")]),
            ("GET", vec![HTML, ("sec-fetch-mode", "websocket")]),
            ("GET", vec![HTML, ("sec-fetch-mode", "no-cors")]),
            ("GET", vec![HTML, ("upgrade", "websocket")]),
            ("GET", vec![HTML, ("sec-websocket-version", "13")]),
            ("GET", vec![HTML, ("x-requested-with", "XMLHttpRequest")]),
            ("GET", vec![HTML, ("authorization", "Bearer x")]),
        ] {
            assert!(!navigates(Some(method), &headers), "{method} {headers:?}");
        }
    }

    #[test]
    fn a_header_counts_once_or_not_at_all() {
        let mut headers = HeaderMap::new();
        assert_eq!(one(&headers, &FORWARDED_URI, "X"), Err(Malformed::Missing("X")));
        headers.append(FORWARDED_URI, HeaderValue::from_static("/a"));
        assert_eq!(one(&headers, &FORWARDED_URI, "X"), Ok("/a"));
        headers.append(FORWARDED_URI, HeaderValue::from_static("/a"));
        assert_eq!(one(&headers, &FORWARDED_URI, "X"), Err(Malformed::Doubled("X")));
    }
}
