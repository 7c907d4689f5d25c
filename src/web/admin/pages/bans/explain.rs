//! `/admin/bans/{reference}`: what is known of a number.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::bans::{Explained, Standing, Why};
use crate::app::{App, Failure};
use crate::domain::moderation::refused::read_reference;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::web::admin::pages::bans::rows;
use crate::web::admin::subjects::Names;
use crate::web::admin::{bar, reading};
use crate::web::pages::{Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::ban::MOST_EVENTS;
use crate::web::views::admin::bans::chart::ScoreChart;
use crate::web::views::admin::bans::{BanPage, BanRow, Explanation, RefusalView, StandingView};
use crate::web::views::texts::Texts;

/// Bans of one subject that are told, newest first.
const MOST_BANS: usize = 5;

/// `GET /admin/bans/{reference}`
pub async fn show(web: State, req: HttpRequest, reference: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let reference = read_reference(&reference).ok_or(Refusal::NotFound)?;
        let texts = scene.lang.texts();
        let (why, explained) = (web.app.why(&reference).await?, web.app.explain_ban(&reference).await?);
        if why.is_none() && explained.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let refusal = match &why {
            Some(why) => Some(refusal(&web.app, why, texts).await?),
            None => None,
        };
        let ban = match explained {
            Some(explained) => Some(explanation(&web.app, explained, texts).await?),
            None => None,
        };
        let view = BanPage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Bans, None),
            reference,
            refusal,
            ban,
        };
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

async fn explanation(app: &App, mut explained: Explained, texts: &Texts) -> Result<Explanation, Failure> {
    let network = match explained.ban.subject {
        Subject::Network(network) => Some(network.to_string()),
        Subject::User(_) => None,
    };
    let together = rows(app, &explained.together, texts).await?;
    let mut own = rows(app, std::slice::from_ref(&explained.ban), texts).await?;
    let row: BanRow = own.pop().ok_or(Refusal::NotFound)?;
    let by_hand = explained.ban.is_by_hand();
    let sum = (!by_hand).then(|| explained.sum.written());
    let surplus = explained.sum.events.len().saturating_sub(MOST_EVENTS);
    explained.sum.events.drain(..surplus);
    Ok(Explanation {
        row,
        lifted: explained.ban.lifted_at.map(|at| texts.moment(at)),
        network,
        sum,
        is_complete: by_hand || (explained.sum.is_complete && surplus == 0),
        chart: app.timeline(&explained).map(|line| ScoreChart::of(&line, texts)),
        together,
    })
}

async fn refusal(app: &App, why: &Why, texts: &Texts) -> Result<RefusalView, Failure> {
    let (refused, w) = (&why.refused, texts.admin.bans);
    let user = refused.user.map(Subject::User);
    let names = Names::find(app, user.as_slice(), []).await?;
    let user = user.map(|user| names.subject(user, texts));
    let mut standings = Vec::new();
    if let Some(standing) = &why.address {
        standings.push(stands(app, refused.address.clone(), standing, texts).await?);
    }
    if let (Some(standing), Some(name)) = (&why.user, &user) {
        standings.push(stands(app, name.clone(), standing, texts).await?);
    }
    Ok(RefusalView {
        meaning: (w.refusals)(&refused.cause),
        at: texts.moment(refused.at),
        request: (w.answered)(&refused.route, refused.status),
        address: refused.address.clone(),
        derived: refused.derived.clone(),
        user,
        standings,
    })
}

async fn stands(app: &App, whom: String, standing: &Standing, texts: &Texts) -> Result<StandingView, Failure> {
    let w = texts.admin.bans;
    let interval = app.config.moderation.policy.interval.to_string();
    let latest = standing.bans.get(..MOST_BANS).unwrap_or(&standing.bans);
    Ok(StandingView {
        whom,
        scores: standing
            .scores
            .iter()
            .map(|(kind, _, worth)| (w.score_now)((w.kinds)(*kind), &worth.to_string(), &interval))
            .collect(),
        bans: rows(app, latest, texts).await?,
    })
}
