//! Pages of the administration: what letters look like. Nothing is sent.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::web::admin::{bar, reading};
use crate::web::pages::{Scene, State};
use crate::web::reply;
use crate::web::views::admin::Section;
use crate::web::views::admin::letters::{LetterPage, LettersPage};

/// A letter stands alone: it runs nothing, loads nothing and has no origin, and no page of ours has it in a frame. Mail
/// programs want its style sheet inside.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; form-action 'none'; frame-ancestors 'none'; \
                      base-uri 'none'";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(rename = "in")]
    lang: String,
}

/// The language of the letter: that of the page unless another one is named.
fn spoken(scene: &Scene<'_>) -> Lang {
    let asked: Asked = scene.query();
    Lang::parse(&asked.lang).unwrap_or(scene.lang)
}

/// `GET /admin/mail/letters`
pub async fn list(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let spoken = spoken(&scene);
        let letters = web.app.sample_letters(spoken).into_iter();
        let view = LettersPage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Mail, None),
            spoken,
            letters: letters.map(|(name, letter)| (name, letter.subject)).collect(),
        };
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

/// `GET /admin/mail/letters/{name}`: subject and text of a letter.
pub async fn show(web: State, req: HttpRequest, name: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let spoken = spoken(&scene);
        let mut letters = web.app.sample_letters(spoken);
        let at = letters.iter().position(|(other, _)| *other == *name);
        let at = at.ok_or(Refusal::NotFound)?;
        let name_at = |at: usize| letters.get(at).map(|(name, _)| *name);
        let (previous, next) = (at.checked_sub(1).and_then(name_at), name_at(at + 1));
        let (name, letter) = letters.swap_remove(at);
        let view = LetterPage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Mail, None),
            spoken,
            name,
            subject: letter.subject,
            text: letter.text,
            previous,
            next,
        };
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

/// `GET /admin/mail/letters/{name}/html`: the HTML part and nothing else.
pub async fn html(web: State, req: HttpRequest, name: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |_| {
        let letter = web.app.sample_letter(&name, spoken(&scene)).ok_or(Refusal::NotFound)?;
        // A sandbox and an opener policy exclude each other (HTML §7.4.5).
        Ok(reply::respond(StatusCode::OK)
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((X_FRAME_OPTIONS, "DENY"))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .content_type("text/html; charset=utf-8")
            .body(letter.html))
    })
    .await;
    scene.finish(outcome)
}
