//! `/api/user/verify…` and `/api/user/email/…`: proving an address, and having another one.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::change_email::{ChangeLink, EmailChange};
use crate::app::verify_email::VerificationLink;
use crate::domain::email_change::{Confirmed, Side};
use crate::domain::refusal::LimitedAction;
use crate::domain::secret::Secret;
use crate::web::api::auth::CHECK_YOUR_EMAIL;
use crate::web::api::identity;
use crate::web::api::reset::AddressForm;
use crate::web::extract::{Body, Field};
use crate::web::reply::{self, Reply};
use crate::web::{Web, guard, visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyForm {
    #[serde(default)]
    email: Field,
    #[serde(default)]
    token: Field,
}

/// `POST /api/user/verify`
pub async fn verify(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::VerifyEmailSubmission, &visitor::limit_key(&req, &web));
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        let VerifyForm { email, token } = body.parse()?;
        let link = VerificationLink::parse(&decoded(&email.text()), &token.text());
        web.app.verify_email(link, &visitor::origin(&req, &web)).await?;
        let body = json!({ "message": "Email verification was successful", "status": "success" });
        Ok(reply::ok(&body))
    };
    reply::limited(&quota, outcome.await)
}

/// LibreChat's client may send the address as it stands in the link, percent-encoded.
fn decoded(email: &str) -> String {
    let whole = format!("email={}", email.replace('+', "%2B"));
    url::form_urlencoded::parse(whole.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// `POST /api/user/verify/resend`
pub async fn resend(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::VerifyEmail, &visitor::limit_key(&req, &web));
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        let email = body.parse::<AddressForm>()?.parse()?;
        web.app.ask_verification(email, &visitor::origin(&req, &web)).await?;
        Ok(reply::ok(&json!({ "message": CHECK_YOUR_EMAIL })))
    };
    reply::limited(&quota, outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeForm {
    #[serde(default, rename = "currentPassword")]
    current_password: Field,
    #[serde(default, rename = "newEmail")]
    new_email: Field,
}

/// `POST /api/user/email/change`
///
/// # Errors
/// 401 without a valid access token.
pub async fn change(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    let who = identity(&req, &web).await?;
    let quota = web.app.take_email_change(&who);
    let outcome = async {
        quota.check()?;
        let ChangeForm {
            current_password,
            new_email,
        } = body.parse()?;
        let wanted = EmailChange {
            password: Secret::new(current_password.text()),
            new: new_email.text(),
        };
        let origin = visitor::origin(&req, &web);
        web.app.ask_email_change(&who, wanted, &origin).await?;
        let message = "Verification link sent to your new email address";
        Ok(reply::ok(&json!({ "message": message })))
    };
    Ok(reply::limited(&quota, outcome.await))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmForm {
    #[serde(default)]
    email: Field,
    #[serde(default)]
    token: Field,
    #[serde(default, rename = "userId")]
    user_id: Field,
}

/// `POST /api/user/email/verify`: the link of either side. LibreChat asks the new side only, and knows no answer for a
/// change that waits: the status is the same, the text says what is still to be done.
///
/// # Errors
/// LibreChat's refusals, each with its code.
pub async fn confirm(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    let ConfirmForm { email, token, user_id } = body.parse()?;
    let link = ChangeLink::parse(&user_id.text(), &decoded(&email.text()), &token.text());
    let confirmed = web.app.confirm_email_change(link, &visitor::origin(&req, &web)).await?;
    let message = match confirmed {
        Confirmed::Changed => "Email address changed successfully",
        Confirmed::WaitsFor(Side::Old) => "Confirmed. Now open the link sent to your old email address",
        Confirmed::WaitsFor(Side::New) => "Confirmed. Now open the link sent to your new email address",
    };
    Ok(reply::ok(&json!({ "message": message })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_decoded_once_and_a_plus_stays_one() {
        for text in ["ada+x@example.org", "ada%2Bx%40example.org", "ada%2Bx@example.org"] {
            assert_eq!(decoded(text), "ada+x@example.org", "{text}");
        }
        assert_eq!(decoded(""), "");
        assert_eq!(decoded("a&email=b"), "ab");
    }
}
