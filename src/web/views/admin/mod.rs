//! What the administration shows: one struct per page, and what they share.

use crate::web::views::texts::Texts;

pub mod audit;
pub mod bans;
pub mod confirm;
pub mod invitations;
pub mod letters;
pub mod mail;
pub mod overview;
pub mod person;
pub mod providers;
pub mod sessions;
pub mod settings;
pub mod users;

pub use audit::{AuditPage, AuditVerified};
pub use confirm::AdminConfirm;
pub use letters::{LetterPage, LettersPage};
pub use mail::MailPage;
pub use overview::OverviewPage;
pub use person::{GonePage, PersonAsk, PersonPage};
pub use providers::{ClaimsPage, ExpectedPage, FlightPage, ProvidersPage};
pub use sessions::{SessionsEnd, SessionsEnding, SessionsPage};
pub use settings::SettingsPage;
pub use users::{UsersChange, UsersDeleted, UsersImport, UsersJob, UsersNew, UsersPage};

/// A part of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How the server is doing.
    Overview,
    /// Everybody with an account.
    Users,
    /// Who is signed in where.
    Sessions,
    /// Bans and violations.
    Bans,
    /// Invitations and who waits.
    Invitations,
    /// With whom people log in.
    Providers,
    /// Letters.
    Mail,
    /// The configuration.
    Settings,
    /// What happened.
    Audit,
}

impl Section {
    /// Every part, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Users,
        Self::Sessions,
        Self::Bans,
        Self::Invitations,
        Self::Providers,
        Self::Mail,
        Self::Settings,
        Self::Audit,
    ];

    /// Its address below the base.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Users => "/admin/users",
            Self::Sessions => "/admin/sessions",
            Self::Bans => "/admin/bans",
            Self::Invitations => "/admin/invitations",
            Self::Providers => "/admin/providers",
            Self::Mail => "/admin/mail",
            Self::Settings => "/admin/settings",
            Self::Audit => "/admin/audit",
        }
    }

    /// Its name.
    #[must_use]
    pub fn title(self, texts: &Texts) -> &'static str {
        let w = texts.admin;
        match self {
            Self::Overview => w.overview.title,
            Self::Users => w.users.title,
            Self::Sessions => w.sessions.title,
            Self::Bans => w.bans.title,
            Self::Invitations => w.invitations.title,
            Self::Providers => w.providers.title,
            Self::Mail => w.mail.title,
            Self::Settings => w.settings.title,
            Self::Audit => w.audit.title,
        }
    }
}

/// What every page of the administration shows around its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where the page belongs.
    pub section: Section,
    /// Whether the visitor may change anything.
    pub may_change: bool,
    /// What has just been done.
    pub flash: Option<String>,
}

impl Bar {
    /// For samples: an admin who has done nothing yet.
    #[must_use]
    pub const fn sample(section: Section) -> Self {
        Self {
            section,
            may_change: true,
            flash: None,
        }
    }
}
