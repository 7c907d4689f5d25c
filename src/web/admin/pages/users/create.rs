//! A new account, made by an admin.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::manage::NewUser;
use crate::app::register::Form;
use crate::domain::account::Role;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::admin::{self, Changer, bar};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::FieldErrors;
use crate::web::views::admin::users::create::{MadeUser, TypedUser};
use crate::web::views::admin::{Section, UsersNew};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    verified: String,
}

/// `GET /admin/users/new`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let typed = TypedUser {
            is_verified: true,
            ..TypedUser::default()
        };
        scene.page(StatusCode::OK, &view(&scene, who, typed))
    })
    .await;
    scene.finish(outcome)
}

fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, typed: TypedUser) -> UsersNew<'s> {
    UsersNew {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        errors: FieldErrors::default(),
        bad_role: None,
        typed,
        made: None,
    }
}

/// `POST /admin/users/new`
pub async fn make(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::changing(&scene, body.fields(), async |changer, fields| {
        let typed: Typed = fields.parse()?;
        made(&scene, changer, typed).await
    })
    .await;
    scene.finish(outcome)
}

async fn made(scene: &Scene<'_>, changer: &Changer, typed: Typed) -> Page {
    let app = &scene.web.app;
    let (password, is_generated) = match typed.password.as_str() {
        "" => (app.new_password(), true),
        chosen => (Secret::new(chosen), false),
    };
    let shown = password.clone();
    let back = TypedUser {
        email: typed.email.clone(),
        name: typed.name.clone(),
        username: typed.username.clone(),
        role: typed.role.clone(),
        is_verified: typed.verified == "yes",
    };
    let refused = match new_user(typed, password) {
        Ok(new) => match app.create_user(new, &changer.by).await {
            Ok(account) => {
                let mut view = view(scene, &changer.who, TypedUser::default());
                view.typed.is_verified = back.is_verified;
                view.made = Some(MadeUser {
                    id: account.id.to_string(),
                    email: account.email.to_string(),
                    password: is_generated.then(|| shown.expose().to_owned()),
                });
                return scene.page(StatusCode::OK, &view);
            }
            Err(Failure::Refused(refusal)) => refusal,
            Err(fault) => return Err(fault),
        },
        Err(issue) => Refusal::Invalid(vec![issue]),
    };
    again(scene, &changer.who, back, refused)
}

fn new_user(typed: Typed, password: Secret) -> Result<NewUser, Issue> {
    let role = Role::parse(typed.role.trim()).map_err(|_| Issue::new("role", Rule::InvalidInput))?;
    let username = Some(typed.username.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(NewUser {
        form: Form {
            name: typed.name,
            username,
            email: typed.email.trim().to_owned(),
            confirm_password: password.clone(),
            password,
        },
        email_verified: typed.verified == "yes",
        provider: "local".to_owned(),
        role,
    })
}

fn again(scene: &Scene<'_>, who: &Identity, typed: TypedUser, refusal: Refusal) -> Page {
    let texts = scene.lang.texts();
    let mut view = view(scene, who, typed);
    match &refusal {
        Refusal::Invalid(issues) => {
            let (roles, rest): (Vec<Issue>, Vec<Issue>) = issues.iter().partition(|issue| issue.field == "role");
            view.bad_role = (!roles.is_empty()).then(|| texts.admin.users.bad_role.to_owned());
            view.errors = FieldErrors::of(&rest, texts);
        }
        Refusal::DomainNotAllowed => {
            view.errors.email = Some(texts.rule(Rule::DomainNotAllowed));
        }
        _ => return Err(refusal.into()),
    }
    scene.page(StatusCode::BAD_REQUEST, &view)
}
