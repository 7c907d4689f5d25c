//! `GET /api/config`: what LibreChat's client needs to know before and after login.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::{Map, Value, json};

use crate::config::federation::OPENID;
use crate::config::{Config, OpenId};
use crate::domain::federation::social::Social;
use crate::domain::session::Identity;
use crate::web::api::identity;
use crate::web::reply::{self, Reply};
use crate::web::{Web, cookies};

/// `GET /api/config`: an invalid access token counts as none.
///
/// # Errors
/// Only a fault.
pub async fn show(web: Data<Web>, req: HttpRequest) -> Reply {
    let who = identity(&req, &web).await.ok();
    let is_paused = cookies::find(req.headers(), &web.place.pause_cookie()).is_some();
    Ok(reply::ok(&answer(&web, who.as_deref(), is_paused)))
}

fn answer(web: &Web, who: Option<&Identity>, is_paused: bool) -> Value {
    let (config, live) = (&web.app.config, web.app.live());
    let openid = openid(config);
    let mut body = json!({
        "appTitle": live.site.title,
        "serverDomain": web.place.url,
        "emailLoginEnabled": config.accounts.email_login,
        "registrationEnabled": web.app.registration_open(),
        "socialLoginEnabled": config.federation.enabled,
        "passwordResetEnabled": web.app.reset_is_offered(),
        "emailEnabled": web.app.mail_is_configured(),
        "openidLoginEnabled": openid.is_some(),
        "openidLabel": openid.and_then(|openid| openid.label.as_deref()).unwrap_or("Continue with OpenID"),
        // Not to somebody who has just logged out: the client would log them in again at once.
        "openidAutoRedirect": openid.is_some_and(|openid| openid.ties.auto_redirect) && !is_paused,
        "samlLoginEnabled": false,
        "twoFactorAuthenticationRequired": config.two_factor.enforce,
        "minPasswordLength": config.password.min_length,
        "ldap": { "enabled": false },
        "socialLogins": config.site.social_logins,
        "interface": interface(web),
    });
    if let Value::Object(fields) = &mut body {
        fields.extend(Social::ALL.iter().map(|social| button(config, *social)));
        let image = openid.and_then(|openid| openid.image_url.clone());
        fields.extend(image.map(|url| ("openidImageUrl".to_owned(), Value::String(url))));
        fields.extend(
            config
                .site
                .turnstile
                .clone()
                .map(|value| ("turnstile".to_owned(), value)),
        );
        fields.extend(who.into_iter().flat_map(|who| signed_in_fields(web, who)));
    }
    body
}

/// Whether LibreChat's client shows the button of a provider that it knows by name: only if it leads somewhere.
fn button(config: &Config, social: Social) -> (String, Value) {
    let mut usable = config.federation.social.iter();
    let is_shown = config.federation.enabled && usable.any(|one| one.social == social && one.doors.login);
    (format!("{}LoginEnabled", social.key()), Value::Bool(is_shown))
}

/// The provider that LibreChat's client knows: the one of its own variables.
fn openid(config: &Config) -> Option<&OpenId> {
    let first = config.federation.openid.first()?;
    let is_shown = config.federation.enabled && first.doors.login && first.id.as_str() == OPENID;
    is_shown.then_some(first)
}

fn interface(web: &Web) -> Value {
    let site = &web.app.live().site;
    let mut fields = Map::new();
    fields.insert("buildInfo".to_owned(), Value::Bool(false));
    fields.extend(
        site.privacy_policy
            .clone()
            .map(|value| ("privacyPolicy".to_owned(), value)),
    );
    fields.extend(
        site.terms_of_service
            .clone()
            .map(|value| ("termsOfService".to_owned(), value)),
    );
    Value::Object(fields)
}

/// What only people who are logged in are told. Admins may always delete their account.
fn signed_in_fields(web: &Web, who: &Identity) -> [(String, Value); 6] {
    let config = &web.app.config;
    let deletion = config.accounts.deletion || who.account.role.is_admin();
    [
        (
            "helpAndFaqURL".to_owned(),
            Value::String(web.app.live().site.help_url.clone()),
        ),
        ("allowAccountDeletion".to_owned(), Value::Bool(deletion)),
        ("sharedLinksEnabled".to_owned(), Value::Bool(false)),
        ("publicSharedLinksEnabled".to_owned(), Value::Bool(false)),
        ("showBirthdayIcon".to_owned(), Value::Bool(false)),
        ("openidReuseTokens".to_owned(), Value::Bool(false)),
    ]
}
