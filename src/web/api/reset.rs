//! `/api/auth/requestPasswordReset` and `/api/auth/resetPassword`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::reset_password::{NewPassword, ResetLink};
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::web::extract::{Body, Field};
use crate::web::reply;
use crate::web::{Web, guard, visitor};

/// The answer to whoever asks for a link, whether or not there is such an account.
const SENT: &str = "If an account with that email exists, a password reset link has been sent to it.";

/// A body with nothing but an address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressForm {
    #[serde(default)]
    email: Field,
}

impl AddressForm {
    pub(super) fn parse(self) -> Result<Email, Refusal> {
        let invalid = |issue| Refusal::Invalid(vec![issue]);
        let text = self.email.required("email").map_err(invalid)?;
        Email::parse(&text).map_err(|_| invalid(Issue::new("email", Rule::InvalidEmail)))
    }
}

/// `POST /api/auth/requestPasswordReset`
pub async fn ask(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::ResetPassword, &visitor::limit_key(&req, &web));
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        if !web.app.reset_is_offered() {
            return Err(Refusal::ResetNotOffered.into());
        }
        let email = body.parse::<AddressForm>()?.parse()?;
        web.app.ask_reset(email, &visitor::origin(&req, &web)).await?;
        Ok(reply::ok(&json!({ "message": SENT })))
    };
    reply::limited(&quota, outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetForm {
    #[serde(default, rename = "userId")]
    user_id: Field,
    #[serde(default)]
    token: Field,
    #[serde(default)]
    password: Field,
    #[serde(default)]
    confirm_password: Field,
}

impl ResetForm {
    fn parse(self) -> (Option<ResetLink>, NewPassword) {
        let link = ResetLink::parse(&self.user_id.text(), &self.token.text());
        let confirm = match self.confirm_password {
            Field::Absent | Field::Null => None,
            given @ (Field::Text(_) | Field::Other(_)) => Some(Secret::new(given.text())),
        };
        let password = Secret::new(self.password.text());
        (link, NewPassword { password, confirm })
    }
}

/// `POST /api/auth/resetPassword`
pub async fn redeem(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::ResetPasswordSubmission, &visitor::limit_key(&req, &web));
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        let (link, new) = body.parse::<ResetForm>()?.parse();
        web.app.redeem_reset(link, new, &visitor::origin(&req, &web)).await?;
        Ok(reply::ok(&json!({ "message": "Password reset was successful" })))
    };
    reply::limited(&quota, outcome.await)
}
