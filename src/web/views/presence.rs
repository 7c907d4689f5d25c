//! By what the forms of a page make sure that the owner of the account sends them.

use crate::domain::federation::provider::Icon;
use crate::web::views::provider::ProviderButton;

/// What the forms ask for.
#[derive(Clone, Debug, Default)]
pub struct Presence<'a> {
    /// Whether there is a password to ask for.
    pub has_password: bool,
    /// If the owner has to sign in again first: with which of the connected providers.
    pub again: Option<Vec<ProviderButton<'a>>>,
    /// The page to come back to, below the base.
    pub back: &'static str,
}

impl Presence<'static> {
    /// There is a password.
    pub(super) fn by_password() -> Self {
        Self {
            has_password: true,
            ..Self::default()
        }
    }

    /// There is none, and the last sign-in is too long ago.
    pub(super) fn due(back: &'static str) -> Self {
        let office = ProviderButton {
            id: "office",
            label: Some("Office \"><img src=x onerror=alert(1)>"),
            icon: Icon::Building,
        };
        Self {
            has_password: false,
            again: Some(vec![office]),
            back,
        }
    }

    /// The same where no connected provider can be used.
    pub(super) fn due_without_providers() -> Self {
        Self {
            again: Some(Vec::new()),
            ..Self::default()
        }
    }
}

impl Presence<'_> {
    /// Whether the owner has to sign in again first.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.again.is_some()
    }
}
