//! Words of the administration, one table per part.

pub mod audit;
pub mod bans;
pub mod invitations;
pub mod mail;
pub mod overview;
pub mod person;
pub mod providers;
pub mod sessions;
pub mod settings;
pub mod users;

table! {
    /// Words of the administration, in one language.
    AdminTexts {
        title: &'static str,
        open: &'static str,
        parts: &'static str,
        read_only: &'static str,
        confirm_title: &'static str,
        confirm_intro: &'static str,
        confirm: &'static str,
        confirm_again: &'static str,
        nothing_lost: &'static str,
        overview: &'static overview::OverviewTexts,
        users: &'static users::UsersTexts,
        sessions: &'static sessions::SessionsTexts,
        person: &'static person::PersonTexts,
        bans: &'static bans::BansTexts,
        invitations: &'static invitations::InvitationsTexts,
        providers: &'static providers::ProvidersTexts,
        mail: &'static mail::MailTexts,
        settings: &'static settings::SettingsTexts,
        audit: &'static audit::AuditTexts,
    }
}

/// English.
pub static EN: AdminTexts = AdminTexts {
    title: "Administration",
    open: "Open the administration",
    parts: "Parts of the administration",
    read_only: "You see everything here and can change nothing: your role is Auditor.",
    confirm_title: "Confirm that it is you",
    confirm_intro: "Changes to other people’s accounts need a confirmation every 15 minutes.",
    confirm: "Confirm and continue",
    confirm_again: "What you wanted is done after that.",
    nothing_lost: "What you typed is kept.",
    overview: &overview::EN,
    users: &users::EN,
    sessions: &sessions::EN,
    person: &person::EN,
    bans: &bans::EN,
    invitations: &invitations::EN,
    providers: &providers::EN,
    mail: &mail::EN,
    settings: &settings::EN,
    audit: &audit::EN,
};

/// French.
pub static FR: AdminTexts = AdminTexts {
    title: "Administration",
    open: "Ouvrir l’administration",
    parts: "Parties de l’administration",
    read_only: "Vous voyez tout ici sans rien pouvoir changer\u{202f}: votre rôle est Auditeur.",
    confirm_title: "Confirmez votre identité",
    confirm_intro: "Modifier les comptes des autres demande une confirmation toutes les 15 minutes.",
    confirm: "Confirmer et continuer",
    confirm_again: "Ce que vous vouliez se fera ensuite.",
    nothing_lost: "Votre saisie est conservée.",
    overview: &overview::FR,
    users: &users::FR,
    sessions: &sessions::FR,
    person: &person::FR,
    bans: &bans::FR,
    invitations: &invitations::FR,
    providers: &providers::FR,
    mail: &mail::FR,
    settings: &settings::FR,
    audit: &audit::FR,
};
