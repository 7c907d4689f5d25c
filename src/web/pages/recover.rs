//! `/recover`: opens from a link that was made at the console, changes nothing until its form is sent. It logs nobody in:
//! the next login asks for the second factor as ever.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::web::extract::Body;
use crate::web::pages::reset_password::{Opened, Sent, form_page, receive};
use crate::web::pages::{Scene, State};
use crate::web::views::FieldErrors;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
}

/// `GET /recover?token=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let outcome = async {
        let Asked { token } = scene.query();
        form_page(
            &scene,
            StatusCode::OK,
            &Opened::Recovery { token },
            FieldErrors::default(),
        )
        .await
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
}

impl From<Form> for Sent {
    fn from(form: Form) -> Self {
        Self {
            csrf: form.csrf,
            opened: Opened::Recovery { token: form.token },
            password: form.password,
            confirm_password: form.confirm_password,
        }
    }
}

/// `POST /recover`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    receive::<Form>(&web, &req, body).await
}
