//! The part of the account page about its address.

use crate::domain::email_change::Obstacle;
use crate::domain::field::Rule;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::texts::Texts;

/// The section about the account's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailSection {
    /// Whether the address is proved.
    pub verified: bool,
    /// Whether a link can be sent that proves it.
    pub offers_verification: bool,
    /// Why the address cannot be changed here.
    pub obstacle: Option<Obstacle>,
    /// The new address as typed.
    pub typed: String,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
}

impl EmailSection {
    /// A proved address that can be changed.
    pub(super) fn plain() -> Self {
        Self {
            verified: true,
            ..Self::default()
        }
    }

    /// Every state.
    pub(super) fn samples(texts: &Texts) -> [(&'static str, Self); 6] {
        let stands_before = |obstacle| Self {
            obstacle: Some(obstacle),
            ..Self::plain()
        };
        let errors = FieldErrors {
            email: Some(texts.rule(Rule::Taken)),
            current_password: Some(texts.rule(Rule::WrongPassword)),
            ..FieldErrors::default()
        };
        [
            (
                "email-unverified",
                Self {
                    offers_verification: true,
                    ..Self::default()
                },
            ),
            ("email-unverified-no-mail", Self::default()),
            ("email-off", stands_before(Obstacle::SwitchedOff)),
            ("email-no-mail", stands_before(Obstacle::NoMail)),
            ("email-not-local", stands_before(Obstacle::NotLocal)),
            (
                "email-errors",
                Self {
                    typed: "\"><img src=x onerror=alert(1)>".to_owned(),
                    errors,
                    ..Self::plain()
                },
            ),
        ]
    }
}
