//! `/two-factor/codes.txt`: backup codes as a file. The server knows only their digests, so the page sends them along; they
//! come back as a file to keep, and nothing else does.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::domain::refusal::{BodyError, Refusal};
use crate::domain::second_factor::{BACKUP_CODES, BackupCode};
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Scene, State};
use crate::web::reply;
use crate::web::views::BackupCodes;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    codes: String,
}

/// `POST /two-factor/codes.txt`
pub async fn download(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        scene.same_site()?;
        let Form { csrf, codes } = body.parse()?;
        if scene.check_form(&csrf) != FormCheck::Good {
            return Err(Refusal::CrossSite.into());
        }
        let codes = read(&codes).ok_or(Refusal::BadBody(BodyError::Malformed))?;
        let text = BackupCodes::file(&scene.frame(None), &web.app.link("/"), &codes);
        let name = HeaderValue::from_static("attachment; filename=\"backup-codes.txt\"");
        Ok(reply::respond(StatusCode::OK)
            .insert_header((CONTENT_DISPOSITION, name))
            .content_type("text/plain; charset=utf-8")
            .body(text))
    };
    scene.finish(outcome.await)
}

/// Backup codes and nothing else.
fn read(text: &str) -> Option<Vec<String>> {
    let codes: Option<Vec<String>> = text
        .split(' ')
        .map(|code| BackupCode::parse(code).map(|code| code.expose().to_owned()))
        .collect();
    codes.filter(|codes| codes.len() <= BACKUP_CODES)
}
