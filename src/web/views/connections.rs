//! `/account/connections`: which providers are connected, and what can be done with them.

use askama::Template;

use crate::domain::federation::connection::Connection;
use crate::domain::federation::provider::Icon;
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::presence::Presence;
use crate::web::views::provider::ProviderButton;
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "connections.html")]
pub struct ConnectionsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What is connected, oldest first.
    pub rows: Vec<ConnectionRow<'a>>,
    /// What can be connected.
    pub offers: Vec<ProviderButton<'a>>,
    /// What the forms ask for.
    pub presence: Presence<'a>,
    /// The address, for password managers.
    pub email: &'a str,
    /// Whether a password would be another way in.
    pub password_helps: bool,
    /// What was wrong with the form that connects.
    pub connect: FieldErrors,
    /// What went wrong otherwise.
    pub problem: Option<String>,
    /// What just worked.
    pub flash: Option<ConnectionFlash>,
}

/// What just worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionFlash {
    /// One was disconnected; whether a letter says so, too.
    Disconnected {
        /// Whether it does.
        is_told: bool,
    },
    /// The owner has signed in again.
    Proved,
}

/// An identity at a provider.
#[derive(Clone, Debug)]
pub struct ConnectionRow<'a> {
    /// Value of the field `id`.
    pub id: i64,
    /// The provider.
    pub button: ProviderButton<'a>,
    /// What it calls the person; may be empty.
    pub called: String,
    /// When it was connected.
    pub created: Moment,
    /// When somebody last signed in with it.
    pub last_used: Option<Moment>,
    /// Whether the provider can be used to log in.
    pub is_usable: bool,
    /// Whether it may be disconnected.
    pub is_spare: bool,
    /// What was wrong with the form that disconnects it.
    pub errors: FieldErrors,
}

impl<'a> ConnectionRow<'a> {
    /// From what is stored; `button` is the provider's, if it is configured.
    #[must_use]
    pub fn of(connection: &'a Connection, button: Option<ProviderButton<'a>>, texts: &Texts) -> Self {
        let called = connection.email.as_ref().or(connection.name.as_ref());
        Self {
            id: connection.id,
            is_usable: button.is_some(),
            button: button.unwrap_or(ProviderButton {
                id: connection.provider.as_str(),
                label: None,
                icon: Icon::Key,
            }),
            called: called.cloned().unwrap_or_default(),
            created: texts.moment(connection.created_at),
            last_used: connection.last_used_at.map(|at| texts.moment(at)),
            is_spare: true,
            errors: FieldErrors::default(),
        }
    }

    fn form_id(&self) -> String {
        format!("disconnect-{}", self.id)
    }

    fn field_id(&self) -> String {
        format!("{}-password", self.form_id())
    }
}

impl ConnectionsPage<'_> {
    fn flash_text(&self) -> Option<String> {
        let w = self.frame.texts.connections;
        self.flash.map(|flash| match flash {
            ConnectionFlash::Disconnected { is_told: false } => w.disconnected.to_owned(),
            ConnectionFlash::Disconnected { is_told: true } => format!("{} {}", w.disconnected, w.told_by_mail),
            ConnectionFlash::Proved => w.proved.to_owned(),
        })
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ConnectionsPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

const OFFICE: ProviderButton<'static> = ProviderButton {
    id: "office",
    label: Some("Office"),
    icon: Icon::Building,
};

const HOUSE: ProviderButton<'static> = ProviderButton {
    id: "openid",
    label: None,
    icon: Icon::House,
};

fn row(id: i64, button: ProviderButton<'static>, called: &str, texts: &Texts) -> ConnectionRow<'static> {
    ConnectionRow {
        id,
        button,
        called: called.to_owned(),
        created: texts.moment(Timestamp::from_seconds(1_780_000_000)),
        last_used: (id == 1).then(|| texts.moment(Timestamp::from_seconds(1_780_300_000))),
        is_usable: true,
        is_spare: true,
        errors: FieldErrors::default(),
    }
}

fn plain(lang: Lang) -> ConnectionsPage<'static> {
    let texts = lang.texts();
    ConnectionsPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/account/connections")
        },
        rows: vec![
            row(1, OFFICE, "ada@example.org", texts),
            row(2, HOUSE, "Ada Lovelace", texts),
        ],
        offers: vec![
            HOUSE,
            ProviderButton {
                label: Some("Shed"),
                icon: Icon::Shield,
                ..OFFICE
            },
        ],
        presence: Presence::by_password(),
        email: "ada@example.org",
        password_helps: false,
        connect: FieldErrors::default(),
        problem: None,
        flash: None,
    }
}

fn samples_in(lang: Lang) -> Vec<(String, ConnectionsPage<'static>)> {
    let texts = lang.texts();
    let with = |change: &dyn Fn(&mut ConnectionsPage<'static>)| {
        let mut page = plain(lang);
        change(&mut page);
        page
    };
    let wrong = FieldErrors {
        password: Some(texts.error_wrong_password.to_owned()),
        ..FieldErrors::default()
    };
    let only = |page: &mut ConnectionsPage<'static>, password_helps| {
        page.rows.truncate(1);
        page.rows[0].is_spare = false;
        page.presence.has_password = false;
        page.password_helps = password_helps;
    };
    let all = [
        ("plain", plain(lang)),
        ("none", with(&|page| page.rows.clear())),
        ("all-connected", with(&|page| page.offers.clear())),
        ("no-password", with(&|page| page.presence.has_password = false)),
        ("last-way", with(&|page| only(page, true))),
        ("last-way-no-passwords", with(&|page| only(page, false))),
        (
            "due",
            with(&|page| page.presence = Presence::due("/account/connections")),
        ),
        (
            "due-no-providers",
            with(&|page| page.presence = Presence::due_without_providers()),
        ),
        ("disconnect-wrong", with(&|page| page.rows[1].errors = wrong.clone())),
        ("connect-wrong", with(&|page| page.connect = wrong.clone())),
        ("unusable", with(&|page| page.rows[0].is_usable = false)),
        (
            "problem",
            with(&|page| page.problem = Some(texts.connections.last_way.to_owned())),
        ),
        (
            "disconnected",
            with(&|page| page.flash = Some(ConnectionFlash::Disconnected { is_told: true })),
        ),
        ("proved", with(&|page| page.flash = Some(ConnectionFlash::Proved))),
        ("hostile", with(&|page| hostile(page))),
    ];
    let named = |(name, page)| (format!("connections-{name}-{}", lang.code()), page);
    all.into_iter().map(named).collect()
}

fn hostile(page: &mut ConnectionsPage<'static>) {
    page.frame.signed_in_as = Some(HOSTILE);
    page.frame.title = HOSTILE;
    page.email = HOSTILE;
    for row in &mut page.rows {
        row.button.label = Some(HOSTILE);
        row.called = "W".repeat(200);
    }
    for offer in &mut page.offers {
        offer.label = Some(HOSTILE);
    }
    page.problem = Some(HOSTILE.to_owned());
}
