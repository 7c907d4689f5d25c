//! `GET /api/doctor/echo`: how a request arrived, for those who look after this server.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, UPGRADE};
use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::app::doctor::{Echo, cookie_value};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Token;
use crate::web::reply::{self, Reply};
use crate::web::{Web, cookies, visitor};

/// The header that is long on purpose.
const LONG: &str = "x-doctor";

/// Nobody has so many proxies.
const MOST_OF_FORWARDED: usize = 500;

/// The question.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    nonce: String,
}

/// `GET /api/doctor/echo?nonce=…`: answers each number once; to everybody else there is nothing here.
///
/// # Errors
/// 404 for a number that was not made here, or used before.
pub async fn echo(web: Data<Web>, req: HttpRequest, asked: Query<Asked>) -> Reply {
    let number = Token::parse(&asked.nonce).ok_or(Refusal::NotFound)?;
    let text = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    let derived = visitor::derived(&req, &web);
    let echo = Echo {
        peer: req.peer_addr(),
        address: derived.address,
        by: derived.by.to_owned(),
        ignored: web.proxies.ignored(derived.peer, req.headers()).map(str::to_owned),
        header: web.proxies.header_name().to_owned(),
        forwarded: forwarded(&req, web.proxies.header_name()),
        host: text(HOST.as_str()).map(str::to_owned),
        cookie: cookies::find(req.headers(), cookies::DOCTOR).map(str::to_owned),
        upgrade: text(UPGRADE.as_str()).is_some_and(|wanted| wanted.eq_ignore_ascii_case("websocket")),
        length: text(LONG).map_or(0, str::len),
    };
    let signed = web.app.echo(&number, &echo).await?.ok_or(Refusal::NotFound)?;
    let cookie = web.place.doctor(cookie_value(&number));
    Ok(reply::with_cookies(reply::ok(&signed), vec![cookie]))
}

/// All lines of a header as one, from the right, where proxies append.
fn forwarded(req: &HttpRequest, name: &str) -> String {
    let lines = req.headers().get_all(name).filter_map(|line| line.to_str().ok());
    let whole = lines.collect::<Vec<_>>().join(", ");
    let from = whole.len().saturating_sub(MOST_OF_FORWARDED);
    whole[whole.ceil_char_boundary(from)..].to_owned()
}
