//! `/account/two-factor`: how two-step sign-in stands; setting it up, new backup codes, switching it off, trusted devices.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::{Answer, BackupCode, Duty};
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin};
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::{Page, Scene, State, code, connections};
use crate::web::reply;
use crate::web::views::{
    BackupCodes, CodeProblem, CodesMade, FieldErrors, Pairing, Standing, StepFlash, TrustedRow, TwoFactorPage,
};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    count: u64,
    #[serde(default)]
    redirect_to: String,
}

impl Asked {
    fn flash(&self, is_told: bool) -> Option<StepFlash> {
        match self.done.as_str() {
            "disabled" => Some(StepFlash::Disabled { is_told }),
            "proved" => Some(StepFlash::Proved),
            "distrusted" => Some(StepFlash::Distrusted),
            "distrusted_all" => Some(StepFlash::DistrustedAll(self.count)),
            _ => None,
        }
    }
}

/// What the forms of the page have to say about the last attempt.
#[derive(Default)]
struct Attempted {
    begin: FieldErrors,
    regenerate: FieldErrors,
    disable: FieldErrors,
}

/// `GET /account/two-factor`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        let asked: Asked = scene.query();
        let view = view(&scene, &who, &asked, Attempted::default()).await?;
        scene.page(StatusCode::OK, &view)
    };
    scene.finish(outcome.await)
}

async fn view<'s>(
    scene: &'s Scene<'_>,
    who: &'s Identity,
    asked: &'s Asked,
    attempted: Attempted,
) -> Result<TwoFactorPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let status = app.second_factor_status(&who.account).await?;
    let trusted = app.trusted_devices(who.account.key).await?;
    let redirect_to = LocalPath::parse(&asked.redirect_to).map(|_| asked.redirect_to.as_str());
    Ok(TwoFactorPage {
        frame: scene.frame(Some(&who.account.name)),
        standing: match status.enabled_at {
            None => Standing::Off,
            Some(at) => Standing::On {
                since: texts.moment(at),
                codes_left: status.codes_left,
                is_mandatory: status.is_mandatory,
            },
        },
        due: match status.duty {
            Duty::Until(end) => Some(texts.moment(end)),
            Duty::None | Duty::Due => None,
        },
        redirect_to: redirect_to.unwrap_or_default(),
        email: who.account.email.as_str(),
        presence: connections::presence(scene, who, "/account/two-factor").await?,
        trusted: trusted.iter().map(|device| TrustedRow::of(device, texts)).collect(),
        begin: attempted.begin,
        regenerate: attempted.regenerate,
        disable: attempted.disable,
        flash: asked.flash(app.mail_is_configured()),
    })
}

/// The forms of the page: some ask for the password, some for a code, some for both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Which of the forms was sent.
#[derive(Clone, Copy)]
enum Which {
    Begin,
    Regenerate,
    Disable,
}

impl Which {
    fn errors(self, errors: FieldErrors) -> Attempted {
        let mut attempted = Attempted::default();
        match self {
            Self::Begin => attempted.begin = errors,
            Self::Regenerate => attempted.regenerate = errors,
            Self::Disable => attempted.disable = errors,
        }
        attempted
    }
}

/// Runs a form: limited by account, and shown again with what was wrong.
async fn run<F>(web: &State, req: &HttpRequest, body: Body, which: Which, act: F) -> HttpResponse
where
    F: AsyncFnOnce(&Scene<'_>, &Sent<'_>, &mut Quota) -> Page,
{
    let scene = Scene::open(web, req);
    let mut quota = Quota::default();
    let outcome = async {
        let form: Form = body.parse()?;
        signed_in_form(&scene, &form.csrf, async |who| {
            let account = who.account.id.to_string();
            quota = web.app.take_quota(LimitedAction::TwoFactorSettings, &account);
            let sent = Sent {
                who,
                password: Secret::new(form.password.as_str()),
                code: Secret::new(form.code.as_str()),
                origin: scene.origin(),
            };
            let outcome = async {
                quota.check()?;
                act(&scene, &sent, &mut quota).await
            };
            match outcome.await {
                Err(Failure::Refused(refusal)) => again(&scene, who, refusal, which).await,
                other => other,
            }
        })
        .await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn again(scene: &Scene<'_>, who: &Identity, refusal: Refusal, which: Which) -> Page {
    let texts = scene.lang.texts();
    let Some(errors) = code::errors(&refusal, texts) else {
        return Err(refusal.into());
    };
    let asked = Asked::default();
    let view = view(scene, who, &asked, which.errors(errors)).await?;
    code::page(scene, &refusal, || view)
}

/// What somebody signed in has sent.
struct Sent<'a> {
    who: &'a Identity,
    password: Secret,
    code: Secret,
    origin: Origin,
}

impl Sent<'_> {
    fn change(&self) -> Change<'_> {
        Change {
            who: self.who,
            answer: Answer::parse_either(self.code.expose()),
            origin: &self.origin,
        }
    }
}

/// `POST /account/two-factor/begin`
pub async fn begin(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    run(&web, &req, body, Which::Begin, async |scene, sent, quota| {
        let app = &scene.web.app;
        app.confirm_owner(sent.who, sent.password.clone(), &sent.origin).await?;
        app.begin_enrolment(sent.change(), quota).await?;
        Ok(scene.to("/account/two-factor/setup"))
    })
    .await
}

/// `POST /account/two-factor/codes`
pub async fn regenerate(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    run(&web, &req, body, Which::Regenerate, async |scene, sent, quota| {
        if sent.who.account.two_factor_at.is_none() {
            return Ok(scene.to("/account/two-factor"));
        }
        let made = scene.web.app.regenerate_backup_codes(sent.change(), quota).await?;
        codes_page(scene, sent.who, &made.codes, CodesMade::Replaced)
    })
    .await
}

/// `POST /account/two-factor/disable`
pub async fn disable(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    run(&web, &req, body, Which::Disable, async |scene, sent, quota| {
        let app = &scene.web.app;
        if sent.who.account.two_factor_at.is_none() {
            return Ok(scene.to("/account/two-factor"));
        }
        app.confirm_owner(sent.who, sent.password.clone(), &sent.origin).await?;
        app.disable_second_factor(sent.change(), quota).await?;
        Ok(scene.to("/account/two-factor?done=disabled"))
    })
    .await
}

/// `GET /account/two-factor/setup`
pub async fn set_up(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        pairing(&scene, &who, None).await
    };
    scene.finish(outcome.await)
}

/// The picture that this session has begun with; without one, back to where it begins.
async fn pairing(scene: &Scene<'_>, who: &Identity, refused: Option<(&Refusal, CodeProblem)>) -> Page {
    let Some(pairing) = scene.web.app.pending_enrolment(who).await? else {
        return Ok(scene.to("/account/two-factor"));
    };
    let view = Pairing {
        frame: scene.frame(Some(&who.account.name)),
        is_required: false,
        redirect_to: "",
        uri: pairing.uri.expose(),
        secret: pairing.secret.expose(),
        problem: refused.map(|(_, problem)| problem),
    };
    match refused {
        Some((refusal, _)) => code::page(scene, refusal, || view),
        None => scene.page(StatusCode::OK, &view),
    }
}

/// `POST /account/two-factor/confirm`
pub async fn confirm(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let mut quota = Quota::default();
    let outcome = async {
        let form: Form = body.parse()?;
        signed_in_form(&scene, &form.csrf, async |who| {
            let account = who.account.id.to_string();
            quota = web.app.take_quota(LimitedAction::TwoFactorSettings, &account);
            let outcome = async {
                quota.check()?;
                let origin = scene.origin();
                let change = Change {
                    who,
                    answer: Answer::parse(Some(&form.code), None),
                    origin: &origin,
                };
                let codes = web.app.confirm_enrolment(change, true).await?.unwrap_or_default();
                codes_page(&scene, who, &codes, CodesMade::Enabled)
            };
            match outcome.await {
                Err(Failure::Refused(refusal)) => match code::problem(&refusal, CodeProblem::WrongFirstCode) {
                    Some(problem) => pairing(&scene, who, Some((&refusal, problem))).await,
                    None => Err(refusal.into()),
                },
                other => other,
            }
        })
        .await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

fn codes_page(scene: &Scene<'_>, who: &Identity, codes: &[BackupCode], made: CodesMade<'_>) -> Page {
    let view = BackupCodes {
        frame: scene.frame(Some(&who.account.name)),
        codes: codes.iter().map(BackupCode::expose).map(str::to_owned).collect(),
        made,
        is_told: scene.web.app.mail_is_configured(),
    };
    scene.page(StatusCode::OK, &view)
}
