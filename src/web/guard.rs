//! What is checked before a request does anything: does it come from one of our own pages?

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use crate::domain::refusal::Refusal;
use crate::web::place::Place;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request pass that a page of ours sent, or that no browser sent. As LibreChat: `Origin` is one of ours, or
/// `Sec-Fetch-Site` is `same-origin` or `none`, or neither header is present.
///
/// # Errors
/// [`Refusal::CrossSite`].
pub fn same_site(req: &HttpRequest, place: &Place) -> Result<(), Refusal> {
    let header = |name| req.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetched_from_here = header(SEC_FETCH_SITE).map(|site| matches!(site, "same-origin" | "none"));
    let origin_is_ours = header(ORIGIN).map(|origin| place.allows(origin, header(HOST)));
    match (origin_is_ours, fetched_from_here) {
        (None, None) | (Some(true), _) | (_, Some(true)) => Ok(()),
        _ => Err(Refusal::CrossSite),
    }
}

/// The page's own address as the browser sees it, for telling people why they were refused.
#[must_use]
pub fn origin_shown(req: &HttpRequest) -> String {
    let text = req
        .headers()
        .get(ORIGIN)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("?");
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
