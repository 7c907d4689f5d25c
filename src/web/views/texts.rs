//! Every word of the pages: one table per language, so that a missing translation does not compile.

use std::time::Duration;

use crate::domain::account::Role;
use crate::domain::audit::{Notice, NoticeKind};
use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::account::Flash;
use crate::web::views::login::{LoginNotice, LoginProblem};
use crate::web::views::texts::recovery::RecoveryTexts;

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            $(#[doc = concat!("Words for `", stringify!($field), "`.")] pub $field: $kind,)+
        }
    };
}

pub mod access;
pub mod activity;
pub mod admin;
pub mod api_docs;
pub mod api_keys;
pub mod connections;
pub mod doctor;
pub mod en;
pub mod federation;
pub mod fr;
pub mod guest;
pub mod not_me;
pub mod recovery;
pub mod registration;
pub mod two_factor;

table! {
    /// All words in one language. Functions take what is put into the sentence.
    Texts {
        skip_to_content: &'static str,
        language: &'static str,
        privacy: &'static str,
        terms: &'static str,
        help: &'static str,
        sign_out: &'static str,
        show_password: &'static str,
        hide_password: &'static str,
        errors_heading: &'static str,
        optional: &'static str,
        passwords_match: &'static str,
        please_wait: &'static str,

        name: &'static str,
        username: &'static str,
        email: &'static str,
        password: &'static str,
        current_password: &'static str,
        new_password: &'static str,
        confirm_password: &'static str,
        password_hint: fn(usize) -> String,
        name_hint: &'static str,

        login_heading: &'static str,
        login_button: &'static str,
        no_account_yet: &'static str,
        create_account: &'static str,
        wrong_credentials: &'static str,
        email_not_verified: &'static str,
        too_many_attempts: fn(&str) -> String,
        busy_text: &'static str,
        cookie_dropped: fn(&str) -> String,
        cookie_fix_open: &'static str,
        cookie_fix_configure: fn(&str) -> String,
        form_expired: &'static str,
        missing_fields: &'static str,
        email_login_off: &'static str,
        registered: &'static str,
        logged_out: &'static str,
        sign_in_again: &'static str,
        account_deleted: &'static str,
        password_changed_sign_in: &'static str,

        register_heading: &'static str,
        register_button: &'static str,
        have_account: &'static str,
        registration_closed_heading: &'static str,
        registration_closed: &'static str,
        too_many_registrations: fn(&str) -> String,
        registration: &'static registration::RegistrationTexts,
        access: &'static access::AccessTexts,
        guest: &'static guest::GuestTexts,
        api_keys: &'static api_keys::ApiKeyTexts,
        connections: &'static connections::ConnectionTexts,
        federation: &'static federation::FederationTexts,

        setup_heading: &'static str,
        setup_intro: &'static str,
        setup_registration: &'static str,
        setup_registration_hint: &'static str,
        setup_button: &'static str,
        setup_pending_heading: &'static str,
        setup_pending: &'static str,
        setup_bad_link_heading: &'static str,
        setup_bad_link: &'static str,
        setup_new_link: &'static str,

        account_title: &'static str,
        profile: &'static str,
        role_label: &'static str,
        role_user: &'static str,
        role_admin: &'static str,
        role_auditor: &'static str,
        member_since: &'static str,
        change_name: &'static str,
        change_password: &'static str,
        password_effect: &'static str,
        save_name: &'static str,
        save_password: &'static str,
        sessions: &'static str,
        sessions_intro: &'static str,
        you_appear_as: fn(&str) -> String,
        you_appear_through: fn(&str, &str, &str) -> String,
        proxy_ignored: fn(&str, &str) -> String,
        this_device: &'static str,
        address: &'static str,
        method: &'static str,
        method_password: &'static str,
        method_passkey: &'static str,
        method_ldap: &'static str,
        method_code: &'static str,
        method_backup_code: &'static str,
        method_trusted_device: &'static str,
        signed_in: &'static str,
        last_used: &'static str,
        end_session: &'static str,
        end_session_of: fn(&str) -> String,
        end_others: &'static str,
        end_others_confirm: &'static str,
        delete_account: &'static str,
        delete_effect: &'static str,
        delete_open: &'static str,
        delete_button: &'static str,
        delete_confirm: &'static str,
        notices: &'static str,
        dismiss: &'static str,
        notice_refresh_reused: fn(&str, &str) -> String,
        notice_password_reset: fn(&str) -> String,
        name_saved: &'static str,
        password_changed: &'static str,
        told_by_mail: &'static str,
        session_ended: &'static str,
        others_ended: fn(usize) -> String,

        error_missing: &'static str,
        error_too_short: fn(usize) -> String,
        error_too_long: fn(usize) -> String,
        error_bad_characters: &'static str,
        error_bad_email: &'static str,
        error_email_not_allowed: &'static str,
        error_email_taken: &'static str,
        error_password_too_common: &'static str,
        error_passwords_differ: &'static str,
        error_wrong_password: &'static str,
        last_admin: &'static str,

        error_status: fn(u16) -> String,
        bad_request_heading: &'static str,
        bad_request_text: &'static str,
        forbidden_heading: &'static str,
        forbidden_text: &'static str,
        cross_site_heading: &'static str,
        cross_site_text: fn(&str) -> String,
        not_found_heading: &'static str,
        not_found_text: &'static str,
        too_many_heading: &'static str,
        too_many_requests: fn(&str) -> String,
        busy_heading: &'static str,
        internal_heading: &'static str,
        internal_text: &'static str,
        reference: &'static str,
        banned_heading: &'static str,
        banned_text: &'static str,
        banned_until: &'static str,
        banned_for_good: &'static str,
        banned_ask: &'static str,
        banned_ask_admin: &'static str,
        back_home: &'static str,

        device_on: fn(&str, &str) -> String,
        unknown_device: &'static str,
        seconds: fn(u64) -> String,
        minutes: fn(u64) -> String,
        hours: fn(u64) -> String,
        days: fn(u64) -> String,
        months: [&'static str; 12],
        date_time: fn(u8, &str, i32, u8, u8) -> String,

        activity: &'static activity::ActivityTexts,
        admin: &'static admin::AdminTexts,
        api_docs: &'static api_docs::ApiDocsTexts,
        doctor: &'static doctor::DoctorTexts,
        not_me: &'static not_me::NotMeTexts,
        recovery: RecoveryTexts,
        two_factor: &'static two_factor::TwoFactorTexts,
    }
}

/// A moment as a page shows it: `<time datetime="iso">text</time>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For the reader, in UTC.
    pub text: String,
    /// For the machine, ISO 8601.
    pub iso: String,
}

impl Lang {
    /// All words of the pages in this language.
    #[must_use]
    pub const fn texts(self) -> &'static Texts {
        match self {
            Self::En => &en::TEXTS,
            Self::Fr => &fr::TEXTS,
        }
    }
}

impl Texts {
    /// A moment in words, UTC.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> Moment {
        let iso = at.to_string();
        let text = time::OffsetDateTime::from_unix_timestamp(at.seconds()).map_or_else(
            |_| iso.clone(),
            |utc| {
                let month = self.months[usize::from(u8::from(utc.month())) - 1];
                (self.date_time)(utc.day(), month, utc.year(), utc.hour(), utc.minute())
            },
        );
        Moment { text, iso }
    }

    /// A waiting time in words, rounded up; `minutes` below one become seconds.
    #[must_use]
    pub fn wait(&self, minutes: f64) -> String {
        let whole = |amount: f64| {
            let amount = amount.ceil().clamp(1.0, 1e9);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped above; NaN becomes 0"
            )]
            let amount = amount as u64;
            amount.max(1)
        };
        if minutes < 1.0 {
            (self.seconds)(whole(minutes * 60.0))
        } else {
            (self.minutes)(whole(minutes))
        }
    }

    /// A span of time in words, such as `1 hour 30 minutes`; to the second.
    #[must_use]
    pub fn span(&self, span: Duration) -> String {
        let whole = span.as_secs();
        let parts = [
            (self.days, whole / 86_400),
            (self.hours, whole % 86_400 / 3_600),
            (self.minutes, whole % 3_600 / 60),
            (self.seconds, whole % 60),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(say, count)| say(*count))
            .collect();
        if said.is_empty() {
            (self.seconds)(0)
        } else {
            said.join(" ")
        }
    }

    /// A role in words; custom roles keep their name.
    #[must_use]
    pub fn role(&self, role: &Role) -> String {
        match role {
            Role::User => self.role_user.to_owned(),
            Role::Admin => self.role_admin.to_owned(),
            Role::Auditor => self.role_auditor.to_owned(),
            Role::Custom(name) => name.clone(),
        }
    }

    /// How somebody signed in, in words; a provider that is not known here keeps its key.
    #[must_use]
    pub fn method(&self, key: &str) -> String {
        key.split('+')
            .map(|part| self.way(part))
            .collect::<Vec<_>>()
            .join(" + ")
    }

    fn way<'k>(&self, key: &'k str) -> &'k str {
        match key {
            "password" => self.method_password,
            "code" => self.method_code,
            "backup_code" => self.method_backup_code,
            "trusted_device" => self.method_trusted_device,
            "passkey" => self.method_passkey,
            "ldap" => self.method_ldap,
            "apple" => "Apple",
            "discord" => "Discord",
            "facebook" => "Facebook",
            "github" => "GitHub",
            "google" => "Google",
            "openid" => "OpenID",
            "saml" => "SAML",
            other => other,
        }
    }

    /// What a field is called, by its name on the wire.
    #[must_use]
    pub fn field_label(&self, field: &str) -> &'static str {
        match field {
            "name" => self.name,
            "username" => self.username,
            "email" => self.email,
            "current_password" => self.current_password,
            "confirm_password" => self.confirm_password,
            "code" => self.two_factor.either_code,
            _ => self.password,
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn rule(&self, rule: Rule) -> String {
        match rule {
            Rule::TooShort(min) => (self.error_too_short)(min),
            Rule::TooLong(max) => (self.error_too_long)(max),
            Rule::Required | Rule::OnlySpaces => self.error_missing.to_owned(),
            Rule::NotText(_) | Rule::InvalidInput | Rule::InvalidCharacters | Rule::Injection => {
                self.error_bad_characters.to_owned()
            }
            Rule::InvalidEmail => self.error_bad_email.to_owned(),
            Rule::DomainNotAllowed => self.error_email_not_allowed.to_owned(),
            Rule::Taken => self.error_email_taken.to_owned(),
            Rule::TooCommon => self.error_password_too_common.to_owned(),
            Rule::Mismatch => self.error_passwords_differ.to_owned(),
            Rule::WrongPassword => self.error_wrong_password.to_owned(),
            Rule::SignInAgain => self.connections.again_first.to_owned(),
        }
    }

    /// Why a login failed.
    #[must_use]
    pub fn login_problem(&self, problem: &LoginProblem) -> String {
        match problem {
            LoginProblem::WrongCredentials => self.wrong_credentials.to_owned(),
            LoginProblem::EmailNotVerified => self.email_not_verified.to_owned(),
            LoginProblem::AccountWaiting => self.registration.account_waiting.to_owned(),
            LoginProblem::AccountOver => self.registration.account_over.to_owned(),
            LoginProblem::TooMany { minutes } => (self.too_many_attempts)(&self.wait(*minutes)),
            LoginProblem::Busy => self.busy_text.to_owned(),
            LoginProblem::CookieDropped { here, .. } => (self.cookie_dropped)(here),
            LoginProblem::Expired => self.form_expired.to_owned(),
            LoginProblem::MissingFields => self.missing_fields.to_owned(),
            LoginProblem::EmailLoginOff => self.email_login_off.to_owned(),
            LoginProblem::AskProvider => self.two_factor.ask_provider.to_owned(),
        }
    }

    /// What is said above the login form.
    #[must_use]
    pub fn login_notice(&self, notice: LoginNotice) -> &'static str {
        match notice {
            LoginNotice::Registered => self.registered,
            LoginNotice::RegisteredWaiting => self.registration.registered_waiting,
            LoginNotice::LoggedOut => self.logged_out,
            LoginNotice::SignInAgain => self.sign_in_again,
            LoginNotice::StepExpired => self.two_factor.expired,
            LoginNotice::AccountDeleted => self.account_deleted,
            LoginNotice::PasswordChanged => self.password_changed_sign_in,
            LoginNotice::CheckMail => self.recovery.check_mail,
            LoginNotice::EmailVerified => self.recovery.verify_done,
            LoginNotice::EmailChanged => self.recovery.change_done,
            LoginNotice::PasswordReset => self.recovery.reset_done,
        }
    }

    /// What just worked.
    #[must_use]
    pub fn flash(&self, flash: Flash) -> String {
        match flash {
            Flash::NameSaved => self.name_saved.to_owned(),
            Flash::PasswordChanged => self.password_changed.to_owned(),
            Flash::PasswordChangedAndMailed => format!("{} {}", self.password_changed, self.told_by_mail),
            Flash::SessionEnded => self.session_ended.to_owned(),
            Flash::OthersEnded(count) => (self.others_ended)(count),
            Flash::EmailVerified => self.recovery.address_confirmed.to_owned(),
            Flash::EmailAsked => self.recovery.address_asked.to_owned(),
            Flash::Proved => self.connections.proved.to_owned(),
            Flash::EmailChanged => self.recovery.change_done.to_owned(),
        }
    }

    /// Something the person should know.
    #[must_use]
    pub fn notice(&self, notice: &Notice) -> String {
        let at = self.moment(notice.at).text;
        match notice.kind {
            NoticeKind::RefreshReused => (self.notice_refresh_reused)(&at, &notice.detail),
            NoticeKind::PasswordReset => (self.notice_password_reset)(&at),
        }
    }

    /// Too many registrations from one address; wait so many minutes.
    #[must_use]
    pub fn registration_limit(&self, minutes: f64) -> String {
        (self.too_many_registrations)(&self.wait(minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_the_language_and_in_utc() {
        let at = Timestamp::from_seconds(1_717_788_018);
        assert_eq!(en::TEXTS.moment(at).text, "7 June 2024, 19:20 UTC");
        assert_eq!(fr::TEXTS.moment(at).text, "7 juin 2024 à 19:20 UTC");
        assert_eq!(en::TEXTS.moment(at).iso, "2024-06-07T19:20:18.000Z");
        assert_eq!(
            fr::TEXTS.moment(Timestamp::from_seconds(0)).text,
            "1er janvier 1970 à 00:00 UTC"
        );
    }

    #[test]
    fn spans_are_said_in_the_language() {
        for (seconds, english, french) in [
            (7 * 86_400, "7 days", "7 jours"),
            (86_400, "1 day", "1 jour"),
            (900, "15 minutes", "15 minutes"),
            (5_400, "1 hour 30 minutes", "1 heure 30 minutes"),
            (7_201, "2 hours 1 second", "2 heures 1 seconde"),
            (0, "0 seconds", "0 seconde"),
        ] {
            let span = Duration::from_secs(seconds);
            assert_eq!(en::TEXTS.span(span), english);
            assert_eq!(fr::TEXTS.span(span), french);
        }
    }

    #[test]
    fn waiting_times_are_rounded_up() {
        assert_eq!(en::TEXTS.wait(4.2), "5 minutes");
        assert_eq!(en::TEXTS.wait(1.0), "1 minute");
        assert_eq!(en::TEXTS.wait(0.5), "30 seconds");
        assert_eq!(en::TEXTS.wait(0.0), "1 second");
        assert_eq!(fr::TEXTS.wait(f64::NAN), "1 minute");
        assert_eq!(fr::TEXTS.wait(-3.0), "1 seconde");
    }
}
