//! Error pages: one template for every status.

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::frame::Frame;
use crate::web::views::texts::Moment;

/// An error page.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub kind: ErrorKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorKind {
    /// The request makes no sense.
    BadRequest,
    /// Not allowed.
    Forbidden,
    /// Another program's page is not open to this account, or to anybody.
    NotAdmitted {
        /// The account's address.
        who: Option<String>,
    },
    /// A form came from another address than the configured one.
    CrossSite {
        /// Address from which the form came.
        here: String,
        /// Address that is configured; may be empty.
        public_url: String,
    },
    /// There is no such page.
    NotFound,
    /// Too many requests; wait this long.
    TooMany {
        /// In minutes.
        minutes: f64,
    },
    /// The server has too much to do at the moment.
    Busy,
    /// A fault of the server.
    Internal,
    /// The account or the address is banned.
    Banned {
        /// Until when, if it ends by itself.
        until: Option<Moment>,
        /// Whom to ask.
        contact: Option<String>,
    },
}

impl ErrorPage<'_> {
    fn status_text(&self) -> String {
        (self.frame.texts.error_status)(self.status)
    }

    fn heading(&self) -> &'static str {
        let texts = self.frame.texts;
        match self.kind {
            ErrorKind::BadRequest => texts.bad_request_heading,
            ErrorKind::Forbidden => texts.forbidden_heading,
            ErrorKind::NotAdmitted { .. } => texts.access.not_admitted_heading,
            ErrorKind::CrossSite { .. } => texts.cross_site_heading,
            ErrorKind::NotFound => texts.not_found_heading,
            ErrorKind::TooMany { .. } => texts.too_many_heading,
            ErrorKind::Busy => texts.busy_heading,
            ErrorKind::Internal => texts.internal_heading,
            ErrorKind::Banned { .. } => texts.banned_heading,
        }
    }

    fn text(&self) -> String {
        let texts = self.frame.texts;
        match &self.kind {
            ErrorKind::BadRequest => texts.bad_request_text.to_owned(),
            ErrorKind::Forbidden => texts.forbidden_text.to_owned(),
            ErrorKind::NotAdmitted { who: Some(email) } => (texts.access.not_admitted_as)(email),
            ErrorKind::NotAdmitted { who: None } => texts.access.not_admitted.to_owned(),
            ErrorKind::CrossSite { here, .. } => (texts.cross_site_text)(here),
            ErrorKind::NotFound => texts.not_found_text.to_owned(),
            ErrorKind::TooMany { minutes } => (texts.too_many_requests)(&texts.wait(*minutes)),
            ErrorKind::Busy => texts.busy_text.to_owned(),
            ErrorKind::Internal => texts.internal_text.to_owned(),
            ErrorKind::Banned { .. } => texts.banned_text.to_owned(),
        }
    }

    /// Every kind, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ErrorPage<'static>)> {
        let cross_site = ErrorKind::CrossSite {
            here: "http://192.168.1.20:3081".to_owned(),
            public_url: "https://login.example.org".to_owned(),
        };
        let hostile = "\"><img src=x onerror=alert(1)>'&amp;";
        let hostile_kind = ErrorKind::CrossSite {
            here: hostile.to_owned(),
            public_url: hostile.to_owned(),
        };
        let not_admitted = |email: &str| ErrorKind::NotAdmitted {
            who: Some(email.to_owned()),
        };
        let banned = |lang: Lang| ErrorKind::Banned {
            until: Some(lang.texts().moment(Timestamp::from_seconds(1_800_000_000))),
            contact: Some("admin@example.org".to_owned()),
        };
        let for_good = ErrorKind::Banned {
            until: None,
            contact: None,
        };
        let kinds = |lang| {
            [
                ("400", 400, ErrorKind::BadRequest),
                ("403", 403, ErrorKind::Forbidden),
                ("403-not-admitted", 403, not_admitted("ada@example.org")),
                ("403-not-admitted-hostile", 403, not_admitted(hostile)),
                ("403-nobody-admitted", 403, ErrorKind::NotAdmitted { who: None }),
                ("403-cross-site", 403, cross_site.clone()),
                ("403-banned", 403, banned(lang)),
                ("403-banned-for-good", 403, for_good.clone()),
                ("404", 404, ErrorKind::NotFound),
                ("429", 429, ErrorKind::TooMany { minutes: 1.0 }),
                ("500", 500, ErrorKind::Internal),
                ("503", 503, ErrorKind::Busy),
                ("hostile", 403, hostile_kind.clone()),
            ]
        };
        let mut all = Vec::new();
        for &lang in Lang::ALL {
            for (name, status, kind) in kinds(lang) {
                let mut frame = Frame::sample(lang, "/nowhere");
                frame.signed_in_as = (status == 404).then_some("Ada Lovelace");
                frame.reference = (status == 500 || status == 403).then_some("K7QW-3M9P");
                all.push((
                    format!("error-{name}-{}", lang.code()),
                    ErrorPage { frame, status, kind },
                ));
            }
        }
        all
    }
}
