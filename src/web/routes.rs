//! Which URLs exist, on one screen.

use actix_web::web::{self, ServiceConfig, get, post};
use actix_web::{Resource, Route, guard};

use crate::web::api::{
    auth, backchannel, config, doctor, health, reset, roles, set_up_two_factor, two_factor, user, verify, violations,
};
use crate::web::observed::Pattern;
use crate::web::pages::doctor as doctor_page;
use crate::web::pages::verify as verify_page;
use crate::web::pages::{
    account, activity, api_docs, api_keys, ask_link, backup_codes, connections, email, enter, error, login, not_me,
    oauth, recover, register, required_set_up, reset_password, second_factor, second_step, sessions, set_up, step_up,
    trusted_devices,
};
use crate::web::{admin, api, assets, avatars, forward_auth, metrics, openapi};

/// Registers every route. Where `public_url` has a path, all of them exist below it too, so that it does not matter
/// whether the proxy strips it.
pub fn all(base: &str) -> impl FnOnce(&mut ServiceConfig) {
    move |routes| {
        if !base.is_empty() {
            // The address as people type it; the scope alone would want a slash after it.
            routes.service(
                named(base, "/")
                    .default_service(web::to(error::not_found))
                    .route(read().to(account::show)),
            );
            routes.service(
                web::scope(base)
                    .configure(below)
                    .default_service(web::to(error::not_found)),
            );
        }
        below(routes);
        routes.default_service(web::to(error::not_found));
    }
}

/// The routes are tried one after the other, so what is asked for most often comes first.
fn below(routes: &mut ServiceConfig) {
    doors(routes);
    often(routes);
    below_api(routes);
    pages(routes);
    providers(routes);
    admin::routes::below(routes);
    routes.service(web::resource(["/api", "/api/{rest:.*}"]).default_service(web::to(api::not_found)));
}

fn often(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/user").route(get().to(user::show)))
        .service(api("/api/auth/refresh").route(post().to(auth::refresh)))
        .service(
            page("/login")
                .route(read().to(login::show))
                .route(post().to(login::submit)),
        )
        .service(page("/static/{name}").route(read().to(assets::serve)));
}

fn below_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/health").route(read().to(health::live)))
        .service(api("/livez").route(read().to(health::live)))
        .service(api("/readyz").route(read().to(health::ready)))
        .service(api("/api/config").route(get().to(config::show)))
        .service(api("/api/openapi.json").route(read().to(openapi::show)))
        .service(page("/api/docs").route(read().to(api_docs::show)))
        .service(api("/api/auth/register").route(post().to(auth::register)))
        .service(api("/api/auth/login").route(post().to(auth::login)))
        .service(api("/api/auth/logout").route(post().to(auth::logout)))
        .service(api("/api/auth/requestPasswordReset").route(post().to(reset::ask)))
        .service(api("/api/auth/resetPassword").route(post().to(reset::redeem)))
        .service(
            api("/api/auth/2fa/enable")
                .route(post().to(two_factor::enable))
                .route(get().to(two_factor::enable)),
        )
        .service(api("/api/auth/2fa/verify").route(post().to(two_factor::verify)))
        .service(api("/api/auth/2fa/confirm").route(post().to(two_factor::confirm)))
        .service(api("/api/auth/2fa/disable").route(post().to(two_factor::disable)))
        .service(api("/api/auth/2fa/backup/regenerate").route(post().to(two_factor::regenerate)))
        .service(api("/api/auth/2fa/verify-temp").route(post().to(two_factor::verify_temp)))
        .service(api("/api/auth/2fa/setup").route(post().to(set_up_two_factor::begin)))
        .service(api("/api/auth/2fa/setup/confirm").route(post().to(set_up_two_factor::confirm)))
        .service(api("/api/auth/2fa/setup/acknowledge").route(post().to(set_up_two_factor::acknowledge)))
        .service(api("/api/auth/2fa/setup/finalize").route(post().to(set_up_two_factor::finalize)))
        .service(api("/api/user/verify").route(post().to(verify::verify)))
        .service(api("/api/user/verify/resend").route(post().to(verify::resend)))
        .service(api("/api/user/email/change").route(post().to(verify::change)))
        .service(api("/api/user/email/verify").route(post().to(verify::confirm)))
        .service(api("/api/user/delete").route(web::delete().to(user::delete)))
        .service(api("/api/user/terms").route(get().to(user::terms)))
        .service(api("/api/user/terms/accept").route(post().to(user::accept_terms)))
        .service(api("/api/doctor/echo").route(get().to(doctor::echo)))
        .service(api("/api/violations").route(post().to(violations::report)))
        .service(api("/api/roles/{name}").route(get().to(roles::show)))
        .service(page("/metrics").route(read().to(metrics::show)));
}

fn doors(routes: &mut ServiceConfig) {
    routes
        .service(api("/forward-auth/nginx").route(web::to(forward_auth::nginx)))
        .service(api(FORWARDED[0]).route(web::to(forward_auth::forwarded)))
        .service(api(FORWARDED[1]).route(web::to(forward_auth::forwarded)))
        .service(api(FORWARDED[2]).route(web::to(forward_auth::forwarded)))
        .service(api(FORWARDED[3]).route(web::to(forward_auth::forwarded)))
        .service(api("/forward-auth/jwks.json").route(read().to(forward_auth::keys)));
}

/// To other providers and back.
fn providers(routes: &mut ServiceConfig) {
    routes
        .service(page("/oauth/error").route(read().to(oauth::error)))
        .service(
            page("/oauth/connect")
                .route(read().to(oauth::offered))
                .route(post().to(oauth::answer_offer)),
        )
        .service(
            page("/oauth/{provider}")
                .route(get().to(oauth::start))
                .route(post().to(oauth::begin_connecting)),
        )
        .service(api("/oauth/{provider}/backchannel-logout").route(post().to(backchannel::told)))
        .service(
            page("/oauth/{provider}/callback")
                .route(get().to(oauth::callback))
                .route(post().to(oauth::callback_by_form)),
        );
}

fn pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/enter").route(read().to(enter::show)))
        .service(page("/avatars/{name}.png").route(read().to(avatars::serve)))
        .service(
            page("/setup")
                .route(read().to(set_up::show))
                .route(post().to(set_up::submit)),
        )
        .service(
            page("/register")
                .route(read().to(register::show))
                .route(post().to(register::submit)),
        )
        .service(
            page("/forgot-password")
                .route(read().to(ask_link::show_reset))
                .route(post().to(ask_link::ask_reset)),
        )
        .service(
            page("/recover")
                .route(read().to(recover::show))
                .route(post().to(recover::submit)),
        )
        .service(
            page("/reset-password")
                .route(read().to(reset_password::show))
                .route(post().to(reset_password::submit)),
        )
        .service(
            page("/verify")
                .route(read().to(verify_page::show))
                .route(post().to(verify_page::verify)),
        )
        .service(page("/verify/change").route(post().to(verify_page::confirm_change)))
        .service(
            page("/verify/resend")
                .route(read().to(ask_link::show_verification))
                .route(post().to(ask_link::ask_verification)),
        )
        .service(page("/logout").route(post().to(login::logout)))
        .service(
            page("/not-me")
                .route(read().to(not_me::show))
                .route(post().to(not_me::submit)),
        )
        .configure(account_pages)
        .configure(two_factor_pages);
}

fn account_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/").route(read().to(account::show)))
        .service(page("/account/activity").route(read().to(activity::show)))
        .service(page("/account/doctor").route(read().to(doctor_page::show)))
        .service(
            page("/account/api-keys")
                .route(read().to(api_keys::show))
                .route(post().to(api_keys::make)),
        )
        .service(page("/account/api-keys/revoke").route(post().to(api_keys::revoke)))
        .service(page("/account/name").route(post().to(account::rename)))
        .service(page("/account/password").route(post().to(account::change_password)))
        .service(page("/account/email").route(post().to(email::change)))
        .service(page("/account/delete").route(post().to(account::delete)))
        .service(page("/account/notices").route(post().to(sessions::dismiss)))
        .service(page("/sessions/end").route(post().to(sessions::end)))
        .service(page("/sessions/end-others").route(post().to(sessions::end_others)));
}

/// Where proxies ask that describe a request part by part. Some ask with the method of the request itself.
const FORWARDED: [&str; 4] = [
    "/forward-auth/caddy",
    "/forward-auth/traefik",
    "/forward-auth/apache",
    "/forward-auth/haproxy",
];

fn two_factor_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            page("/login/2fa")
                .route(read().to(second_step::show))
                .route(post().to(second_step::submit)),
        )
        .service(
            page("/login/2fa/setup")
                .route(read().to(required_set_up::show))
                .route(post().to(required_set_up::confirm)),
        )
        .service(page("/login/2fa/setup/done").route(post().to(required_set_up::done)))
        .service(
            page("/second-factor")
                .route(read().to(step_up::show))
                .route(post().to(step_up::submit)),
        )
        .service(page("/two-factor/codes.txt").route(post().to(backup_codes::download)))
        .service(page("/account/connections").route(read().to(connections::show)))
        .service(page("/account/connections/disconnect").route(post().to(connections::disconnect)))
        .service(page("/account/two-factor").route(read().to(second_factor::show)))
        .service(page("/account/two-factor/begin").route(post().to(second_factor::begin)))
        .service(page("/account/two-factor/setup").route(read().to(second_factor::set_up)))
        .service(page("/account/two-factor/confirm").route(post().to(second_factor::confirm)))
        .service(page("/account/two-factor/codes").route(post().to(second_factor::regenerate)))
        .service(page("/account/two-factor/disable").route(post().to(second_factor::disable)))
        .service(page("/account/two-factor/distrust").route(post().to(trusted_devices::distrust)))
        .service(page("/account/two-factor/distrust-all").route(post().to(trusted_devices::distrust_all)));
}

/// GET, and HEAD where a page or a probe is read.
pub(super) fn read() -> Route {
    Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A route whose other methods do not exist: 404 in JSON, as LibreChat answers.
pub(super) fn api(path: &'static str) -> Resource {
    named(path, path).default_service(web::to(api::not_found))
}

/// A route whose other methods do not exist: 404 as a page.
pub(super) fn page(path: &'static str) -> Resource {
    named(path, path).default_service(web::to(error::not_found))
}

/// A route that is told apart in log and metrics by its pattern.
fn named(path: &str, pattern: &'static str) -> Resource {
    web::resource(path.to_owned()).app_data(Pattern(pattern))
}
