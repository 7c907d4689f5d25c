//! Which URLs of the administration exist, on one screen: pages, and the same for programs.

use actix_web::web::{PayloadConfig, ServiceConfig, delete, get, patch, post, put};

use crate::web::admin::api::users::person;
use crate::web::admin::api::{bans, confirm, invitations};
use crate::web::admin::{api as ask, pages};
use crate::web::routes::{api, page, read};

/// Registers every route of the administration.
pub fn below(routes: &mut ServiceConfig) {
    below_api(routes);
    below_pages(routes);
    routes.configure(bans_pages).configure(invitations_pages);
}

fn users_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/admin/users").route(read().to(pages::users::show)))
        .service(
            page("/admin/users/new")
                .route(read().to(pages::users::create::show))
                .route(post().to(pages::users::create::make)),
        )
        .service(
            page("/admin/users/change")
                .route(read().to(pages::users::change::ask))
                .route(post().to(pages::users::change::make)),
        )
        .service(page("/admin/users/export").route(read().to(pages::users::import::export)))
        .service(
            page("/admin/users/import")
                .app_data(PayloadConfig::new(ask::users::file::MOST_BYTES))
                .route(read().to(pages::users::import::show))
                .route(post().to(pages::users::import::take)),
        )
        .service(page("/admin/users/deleted").route(read().to(pages::users::deleted::show)))
        .service(page("/admin/users/change/{job}").route(read().to(pages::users::change::follow)))
        .service(
            page("/admin/users/{id}")
                .route(read().to(pages::users::person::show))
                .route(post().to(pages::users::person::edit)),
        )
        .service(page("/admin/users/{id}/export").route(get().to(pages::users::person::export)))
        .service(
            page("/admin/users/{id}/{deed}")
                .route(read().to(pages::users::person::acts::ask))
                .route(post().to(pages::users::person::acts::make)),
        );
}

fn sessions_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/admin/sessions").route(read().to(pages::sessions::show)))
        .service(
            page("/admin/sessions/end")
                .route(read().to(pages::sessions::ask))
                .route(post().to(pages::sessions::end)),
        )
        .service(page("/admin/sessions/end/{job}").route(read().to(pages::sessions::follow)));
}

fn sessions_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/sessions").route(get().to(ask::sessions::list)))
        .service(api("/api/admin/sessions/end").route(post().to(ask::sessions::end)))
        .service(api("/api/admin/sessions/end/{job}").route(get().to(ask::sessions::follow)));
}

fn below_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/confirm").route(post().to(confirm::confirm)))
        .service(api("/api/admin/overview").route(get().to(ask::overview::show)))
        .configure(users_api)
        .configure(sessions_api)
        .configure(person_api)
        .configure(providers_api)
        .configure(mail_api)
        .configure(settings_api)
        .configure(bans_api)
        .configure(invitations_api)
        .configure(audit_api);
}

fn audit_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/audit").route(get().to(ask::audit::list)))
        .service(api("/api/admin/audit/export").route(get().to(ask::audit::export)))
        .service(api("/api/admin/audit/verify").route(get().to(ask::audit::verify)))
        .service(api("/api/admin/audit/head").route(get().to(ask::audit::head)));
}

fn bans_api(routes: &mut ServiceConfig) {
    routes
        .service(
            api("/api/admin/bans")
                .route(get().to(bans::list))
                .route(post().to(bans::add)),
        )
        .service(api("/api/admin/bans/{reference}").route(get().to(bans::show)))
        .service(api("/api/admin/bans/{reference}/lift").route(post().to(bans::lift)))
        .service(api("/api/admin/unban").route(post().to(bans::unban)))
        .service(
            api("/api/admin/spared-networks")
                .route(get().to(bans::spared))
                .route(post().to(bans::spare)),
        )
        .service(api("/api/admin/spared-networks/remove").route(post().to(bans::unspare)))
        .service(api("/api/admin/violations").route(get().to(bans::violations)))
        .service(api("/api/admin/simulate").route(get().to(bans::simulate::simulate)));
}

fn invitations_api(routes: &mut ServiceConfig) {
    routes
        .service(
            api("/api/admin/invitations")
                .route(get().to(invitations::list))
                .route(post().to(invitations::add)),
        )
        .service(api("/api/admin/invitations/many").route(post().to(invitations::add_many)))
        .service(api("/api/admin/invitations/{id}").route(get().to(invitations::show)))
        .service(api("/api/admin/invitations/{id}/renew").route(post().to(invitations::renew)))
        .service(api("/api/admin/invitations/{id}/revoke").route(post().to(invitations::revoke)))
        .service(api("/api/admin/approvals").route(get().to(invitations::waiting)))
        .service(api("/api/admin/approvals/approve").route(post().to(invitations::approve)))
        .service(api("/api/admin/approvals/reject").route(post().to(invitations::reject)));
}

fn below_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/admin").route(read().to(pages::overview::show)))
        .service(page("/admin/mail").route(read().to(pages::mail::show)))
        .service(page("/admin/mail/letters").route(read().to(pages::letters::list)))
        .service(page("/admin/mail/letters/{name}").route(read().to(pages::letters::show)))
        .service(page("/admin/mail/letters/{name}/html").route(read().to(pages::letters::html)))
        .service(page("/admin/mail/test").route(post().to(pages::mail::test)))
        .service(page("/admin/mail/retry").route(post().to(pages::mail::retry_all)))
        .service(page("/admin/mail/{id}/retry").route(post().to(pages::mail::retry)))
        .service(page("/admin/mail/{id}/drop").route(post().to(pages::mail::discard)))
        .service(page("/admin/settings").route(read().to(pages::settings::show)))
        .service(page("/admin/settings/{key}").route(post().to(pages::settings::change)))
        .service(page("/admin/settings/{key}/reset").route(post().to(pages::settings::reset)))
        .configure(users_pages)
        .configure(sessions_pages)
        .configure(providers_pages)
        .configure(audit_pages);
}

fn users_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/login/local").route(post().to(ask::users::login)))
        .service(api("/api/admin/verify").route(get().to(ask::users::verify)))
        .service(api("/api/admin/users/search").route(get().to(ask::users::search)))
        .service(
            api("/api/admin/users")
                .route(get().to(ask::users::list))
                .route(post().to(ask::users::change::create)),
        )
        .service(api("/api/admin/users/export").route(get().to(ask::users::file::export)))
        .service(
            api("/api/admin/users/import")
                .app_data(PayloadConfig::new(ask::users::file::MOST_BYTES))
                .route(post().to(ask::users::file::import)),
        )
        .service(api("/api/admin/users/deleted").route(get().to(ask::users::deleted::list)))
        .service(api("/api/admin/users/bulk").route(post().to(ask::users::change::make)))
        .service(api("/api/admin/users/bulk/{job}").route(get().to(ask::users::change::follow)));
}

fn person_api(routes: &mut ServiceConfig) {
    routes
        .service(
            api("/api/admin/users/{id}")
                .route(get().to(person::show))
                .route(patch().to(person::edit)),
        )
        .service(api("/api/admin/users/{id}/export").route(get().to(person::export)))
        .service(api("/api/admin/users/{id}/reset-link").route(post().to(person::reset_link)))
        .service(api("/api/admin/users/{id}/expect").route(post().to(person::expect)))
        .service(api("/api/admin/users/{id}/ban").route(post().to(person::ban)))
        .service(api("/api/admin/users/{id}/restore").route(post().to(person::restore)))
        .service(api("/api/admin/users/{id}/erase").route(post().to(person::erase)))
        .service(api("/api/admin/users/{id}/{deed}").route(post().to(person::act)));
}

fn audit_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/admin/audit").route(read().to(pages::audit::show)))
        .service(page("/admin/audit/export").route(get().to(pages::audit::export)))
        .service(page("/admin/audit/verify").route(read().to(pages::audit::verify)));
}

fn bans_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            page("/admin/bans")
                .route(read().to(pages::bans::show))
                .route(post().to(pages::bans::add)),
        )
        .service(page("/admin/bans/simulate").route(read().to(pages::bans::simulate::show)))
        .service(page("/admin/bans/spare").route(post().to(pages::bans::spare)))
        .service(page("/admin/bans/unspare").route(post().to(pages::bans::unspare)))
        .service(page("/admin/bans/{reference}").route(read().to(pages::bans::explain::show)))
        .service(page("/admin/bans/{reference}/lift").route(post().to(pages::bans::lift)))
        .service(page("/admin/violations").route(read().to(pages::bans::violations::show)));
}

fn invitations_pages(routes: &mut ServiceConfig) {
    routes
        .service(
            page("/admin/invitations")
                .route(read().to(pages::invitations::show))
                .route(post().to(pages::invitations::add)),
        )
        .service(page("/admin/invitations/many").route(post().to(pages::invitations::add_many)))
        .service(page("/admin/invitations/{id}").route(read().to(pages::invitations::one)))
        .service(page("/admin/invitations/{id}/renew").route(post().to(pages::invitations::renew)))
        .service(page("/admin/invitations/{id}/revoke").route(post().to(pages::invitations::revoke)))
        .service(page("/admin/approvals").route(post().to(pages::invitations::decide)));
}

fn providers_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/providers").route(get().to(ask::providers::list)))
        .service(api("/api/admin/providers/{id}/test").route(post().to(ask::providers::test)))
        .service(api("/api/admin/providers/{id}/claims").route(post().to(ask::providers::try_claims)))
        .service(api("/api/admin/expected").route(get().to(ask::providers::expected::list)))
        .service(api("/api/admin/expected/{id}/withdraw").route(post().to(ask::providers::expected::withdraw)))
        .service(api("/api/admin/flights").route(get().to(ask::providers::flights)))
        .service(api("/api/admin/flights/{reference}").route(get().to(ask::providers::flight)));
}

fn providers_pages(routes: &mut ServiceConfig) {
    routes
        .service(page("/admin/providers").route(read().to(pages::providers::show)))
        .service(
            page("/admin/providers/claims")
                .route(read().to(pages::providers::claims))
                .route(post().to(pages::providers::try_claims)),
        )
        .service(page("/admin/providers/expected").route(read().to(pages::providers::expected::show)))
        .service(page("/admin/providers/expected/{id}/withdraw").route(post().to(pages::providers::expected::withdraw)))
        .service(page("/admin/providers/{id}/test").route(post().to(pages::providers::test)))
        .service(page("/admin/flights/{reference}").route(read().to(pages::providers::flight)));
}

fn mail_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/mail").route(get().to(ask::mail::list)))
        .service(api("/api/admin/mail/letters").route(get().to(ask::mail::letters)))
        .service(api("/api/admin/mail/letters/{name}").route(get().to(ask::mail::letter)))
        .service(api("/api/admin/mail/test").route(post().to(ask::mail::test)))
        .service(api("/api/admin/mail/retry").route(post().to(ask::mail::retry_all)))
        .service(api("/api/admin/mail/{id}").route(delete().to(ask::mail::discard)))
        .service(api("/api/admin/mail/{id}/retry").route(post().to(ask::mail::retry)));
}

fn settings_api(routes: &mut ServiceConfig) {
    routes
        .service(api("/api/admin/settings").route(get().to(ask::settings::list)))
        .service(
            api("/api/admin/settings/{key}")
                .route(put().to(ask::settings::change))
                .route(delete().to(ask::settings::reset)),
        );
}
