//! `POST /api/admin/confirm`: an admin confirms that it is them, before they change anything.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::web::api::identity;
use crate::web::api::two_factor::answer;
use crate::web::extract::{Body, Field};
use crate::web::reply;
use crate::web::{Web, guard, visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    password: Field,
    #[serde(default)]
    token: Field,
    #[serde(default, rename = "backupCode")]
    backup_code: Field,
}

/// `POST /api/admin/confirm`
pub async fn confirm(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let mut quota = Quota::default();
    let outcome = async {
        guard::same_site(&req, &web.place)?;
        let who = identity(&req, &web).await?;
        if !who.account.role.is_admin() {
            return Err(Refusal::Forbidden.into());
        }
        let form: Form = body.parse()?;
        quota = web.app.take_confirmation(&who);
        let change = Change {
            who: &who,
            answer: answer(form.token, form.backup_code),
            origin: &visitor::origin(&req, &web),
        };
        let password = Secret::new(form.password.text());
        let until = web.app.confirm(change, password, &mut quota).await?;
        Ok(reply::ok(&json!({ "confirmedUntil": until.to_string() })))
    };
    let outcome = outcome.await;
    reply::limited(&quota, outcome)
}
