//! To the login and back for hosts that share no cookies with ours; the story is told in [`crate::app::door`]. All of it is
//! answered where the proxy asks, so that a proxy has no second route that somebody could forget.

use actix_web::HttpResponse;
use url::form_urlencoded::{self, byte_serialize};

use super::MOST_COOKIES;
use super::answer::{Answer, unauthorized};
use crate::app::forward_auth::{Keys, Passage};
use crate::app::{Failure, door};
use crate::domain::access::Asked;
use crate::domain::door::CALLBACK;
use crate::domain::elsewhere::Elsewhere;
use crate::web::cookies::{self, Held};

/// Sends a browser to the login that wanted `target` here.
pub fn set_out(answer: &Answer<'_>, target: &Elsewhere) -> HttpResponse {
    let scheme = target.scheme();
    let held = cookies::ways(answer.req.headers(), scheme);
    let (way, digest) = answer.web.app.new_way(held.first().copied());
    let rd: String = byte_serialize(target.as_str().as_bytes()).collect();
    let login = answer.web.place.link(&format!("/enter?rd={rd}&way={digest}"));
    answer.send_on(&login, Some(cookies::way(scheme, &way)))
}

/// Answers a browser that comes back from the login.
pub async fn arrive(answer: &Answer<'_>) -> HttpResponse {
    match arrived(answer).await {
        Ok(response) => response,
        Err(failure) => answer.failure(&failure),
    }
}

async fn arrived(answer: &Answer<'_>) -> Result<HttpResponse, Failure> {
    let Answer { web, req, asked, .. } = answer;
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    if path != CALLBACK || !answer.navigates() {
        return Ok(unauthorized("Unauthorized", None));
    }
    let code = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code");
    let code = code.map(|(_, code)| code.into_owned()).unwrap_or_default();
    let mut held = cookies::ways(req.headers(), asked.scheme);
    held.truncate(MOST_COOKIES);
    let door::Arrival { target, key } = web.app.redeem(&code, asked, &held).await?;
    // Where rules lead nobody any more, nobody is sent.
    let target = target.and_then(|target| Elsewhere::parse(target.as_str(), &web.place.hosts));
    Ok(match (target, key) {
        (Some(target), Some((key, end))) => {
            answer.send_on(target.as_str(), Some(cookies::host_door(asked.scheme, &key, end)))
        }
        // Another tab was faster, or somebody went back to this page.
        (Some(target), None) if is_open(answer, &target).await? => answer.send_on(target.as_str(), None),
        (target, _) => {
            let wanted = target.map_or_else(
                || format!("{}://{}/", asked.scheme.as_str(), asked.host),
                |t| t.to_string(),
            );
            let rd: String = byte_serialize(wanted.as_bytes()).collect();
            answer.send_on(&web.place.link(&format!("/enter?rd={rd}&lost=1")), None)
        }
    })
}

/// Whether the browser has the key to `target` already.
async fn is_open(answer: &Answer<'_>, target: &Elsewhere) -> Result<bool, Failure> {
    let Answer { web, req, asked, .. } = answer;
    let held = Held::of(req.headers(), &web.place, MOST_COOKIES);
    let keys = Keys {
        doors: &held.doors,
        ..Keys::default()
    };
    let Ok(wanted) = Asked::from_url(target.as_str(), Some("GET"), asked.address) else {
        return Ok(false);
    };
    let passage = web.app.may_pass(&wanted, keys).await?;
    Ok(!matches!(passage, Passage::LogIn))
}
