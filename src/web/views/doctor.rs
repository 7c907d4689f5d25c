//! `/account/doctor`: what is right and what is to be changed, for admins.

use askama::Template;

use crate::app::doctor::Report;
use crate::domain::doctor::{Arrival, Finding, Grade, Guarded, Here, Proxy, Way};
use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;
use crate::web::views::texts::Texts;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "doctor.html")]
pub struct DoctorPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// As whom the visitor appears.
    pub sight: String,
    /// Whether there was a front door to go through.
    pub has_address: bool,
    /// What was found.
    pub rows: Vec<DoctorRow>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorRow {
    /// The grade, in a word.
    pub grade: &'static str,
    /// Whether it is not good.
    pub is_notable: bool,
    /// The finding.
    pub sentence: String,
    /// The one thing to change.
    pub remedy: Option<String>,
    /// Whether that is to be written as it stands: it is the same in every language.
    pub is_literal: bool,
}

impl DoctorRow {
    /// From everything that was found, the worst first.
    #[must_use]
    pub fn all(report: &Report, lang: Lang, texts: &Texts) -> Vec<Self> {
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.grade()));
        findings
            .into_iter()
            .map(|finding| Self {
                is_literal: Lang::ALL
                    .iter()
                    .all(|other| finding.remedy(*other, report.proxy) == finding.remedy(lang, report.proxy)),
                grade: match finding.grade() {
                    Grade::Good => texts.doctor.good,
                    Grade::Fair => texts.doctor.fair,
                    Grade::Bad => texts.doctor.bad,
                },
                is_notable: finding.grade() != Grade::Good,
                sentence: finding.sentence(lang),
                remedy: finding.remedy(lang, report.proxy),
            })
            .collect()
    }
}

impl DoctorPage<'_> {
    fn all_well(&self) -> bool {
        self.has_address && !self.rows.iter().any(|row| row.is_notable)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, DoctorPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| samples_in(*lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, DoctorPage<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let page = |findings: Vec<Finding>, proxy: Proxy, has_address: bool| DoctorPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/account/doctor")
        },
        sight: (texts.you_appear_through)("203.0.113.7", "127.0.0.1", "X-Forwarded-For"),
        has_address,
        rows: DoctorRow::all(&Report { findings, proxy }, lang, texts),
    };
    let named = |name: &str, page| (format!("doctor-{name}-{}", lang.code()), page);
    let hostile = || {
        vec![
            Finding::Way(Way::Untrusted {
                reason: HOSTILE.to_owned(),
            }),
            Finding::Here(Here::BackupFailing {
                reason: "W".repeat(200),
            }),
        ]
    };
    vec![
        named("well", page(good(), Proxy::Nginx, true)),
        named("ill", page(every(), Proxy::Unknown, true)),
        named("caddy", page(every(), Proxy::Caddy, true)),
        named("inside", page(good().split_off(2), Proxy::Unknown, false)),
        named("hostile", page(hostile(), Proxy::Unknown, true)),
    ]
}

fn good() -> Vec<Finding> {
    vec![
        Finding::Way(Way::Encrypted { days: 61 }),
        Finding::Way(Way::Answered),
        Finding::Guarded(Guarded::Closed {
            host: "wiki.example.org".to_owned(),
        }),
        Finding::Here(Here::DatabaseSound { schema: 11 }),
        Finding::Here(Here::BackupFresh { hours: 9 }),
    ]
}

/// One of nearly everything that can be wrong.
fn every() -> Vec<Finding> {
    let ways = wrong_ways().map(Finding::Way).into_iter();
    ways.chain(wrong_arrivals().map(Finding::Arrival))
        .chain(wrong_programs().map(Finding::Guarded))
        .chain(wrong_here().map(Finding::Here))
        .collect()
}

const ADDRESS: &str = "https://auth.example.org";

fn wrong_ways() -> [Way; 7] {
    let url = || ADDRESS.to_owned();
    [
        Way::NameUnknown {
            host: "auth.example.org".to_owned(),
            reason: "NXDOMAIN".to_owned(),
        },
        Way::Unreachable {
            url: url(),
            reason: "ECONNREFUSED".to_owned(),
        },
        Way::EncryptionEnds { days: 3 },
        Way::Untrusted {
            reason: "X.509".to_owned(),
        },
        Way::Unencrypted { is_near: true },
        Way::Elsewhere { status: 502 },
        Way::Stranger,
    ]
}

fn wrong_arrivals() -> [Arrival; 11] {
    let address = std::net::IpAddr::from([172, 18, 0, 2]);
    let header = || "X-Forwarded-For".to_owned();
    let url = || ADDRESS.to_owned();
    [
        Arrival::UrlMissing { asked: url() },
        Arrival::UrlOther {
            configured: "http://localhost".to_owned(),
            asked: url(),
        },
        Arrival::HostReplaced {
            arrived: "127.0.0.1:3081".to_owned(),
            sent: "auth.example.org".to_owned(),
        },
        Arrival::Distrusted {
            peer: address,
            header: header(),
        },
        Arrival::Mute {
            peer: address,
            header: header(),
        },
        Arrival::ForgeryBelieved { header: header() },
        Arrival::CookieLost,
        Arrival::CookieChanged {
            what: "Secure".to_owned(),
        },
        Arrival::UpgradeLost,
        Arrival::HeadersRefused { status: 400 },
        Arrival::ClockWrong { seconds: 95 },
    ]
}

fn wrong_programs() -> [Guarded; 4] {
    let host = || "wiki.example.org".to_owned();
    [
        Guarded::Open {
            host: host(),
            status: 200,
        },
        Guarded::Forged { host: host() },
        Guarded::Lost {
            host: host(),
            status: 502,
        },
        Guarded::Unreachable {
            host: host(),
            reason: "ECONNREFUSED".to_owned(),
        },
    ]
}

fn wrong_here() -> [Here; 9] {
    [
        Here::DiskTight { free: 500 << 20 },
        Here::DatabaseDamaged {
            verdict: "SQLITE_CORRUPT".to_owned(),
        },
        Here::MailSilent {
            server: "smtp.example.org:465".to_owned(),
            reason: "ETIMEDOUT".to_owned(),
        },
        Here::MailOff,
        Here::ProviderSilent {
            provider: "openid".to_owned(),
            reason: "ETIMEDOUT".to_owned(),
        },
        Here::BackupOld { days: 5 },
        Here::BackupMissing,
        Here::BackupOff,
        Here::FileOpen {
            path: "/var/lib/librechat-auth/secrets.env".to_owned(),
            mode: "600",
        },
    ]
}
