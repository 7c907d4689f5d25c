//! Views of the administration: logins with other providers.

use std::cmp::Ordering;

use askama::Template;

use crate::app::federated_login::Trial;
use crate::app::federated_login::states::ProviderState;
use crate::domain::federation::flight::{Flight, Kind, Stage};
use crate::domain::federation::redacted::is_cut;
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};

mod expected;

pub use expected::{ExpectedPage, ExpectedPerson};

/// The list of providers and of the last logins.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/providers.html")]
pub struct ProvidersPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What came of a test, and whether it is good.
    pub tested: Option<(String, bool)>,
    /// The providers.
    pub providers: Vec<ProviderRow>,
    /// Which one is looked for; empty for any.
    pub provider: String,
    /// Whether only failures are looked for.
    pub only_failed: bool,
    /// The last logins.
    pub flights: Vec<FlightRow>,
    /// Whether there are more of them.
    pub has_more: bool,
}

/// One provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRow {
    /// Its name in addresses.
    pub id: String,
    /// What people read on its button.
    pub name: String,
    /// Whether it answers, in words.
    pub state: &'static str,
    /// Whether something is wrong with it.
    pub is_ill: bool,
    /// What.
    pub trouble: Option<String>,
    /// When it was asked.
    pub asked: Option<Moment>,
    /// When it answered as it should.
    pub well: Option<Moment>,
    /// How many identities are connected.
    pub identities: i64,
    /// What has to be registered there.
    pub redirect_uri: String,
}

/// One login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightRow {
    /// Its number.
    pub reference: String,
    /// When.
    pub at: Moment,
    /// With which provider.
    pub provider: String,
    /// How it ended.
    pub outcome: &'static str,
    /// Whether it failed.
    pub has_failed: bool,
    /// Who.
    pub who: String,
    /// What happened.
    pub verdict: String,
}

/// One login with what the provider said.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/flight.html")]
pub struct FlightPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The login.
    pub flight: FlightRow,
    /// How far it came.
    pub steps: Vec<StepRow>,
    /// The stable key of the reason.
    pub cause: String,
    /// Who the person is at the provider: issuer and subject.
    pub subject: Option<(String, String)>,
    /// What the provider said, as JSON.
    pub claims: Option<String>,
    /// Whether it said more.
    pub is_cut: bool,
    /// What would come of it now.
    pub trial: Option<TrialRow>,
}

/// A step of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// What is done in it.
    pub text: &'static str,
    /// How it went, in words.
    pub outcome: &'static str,
    /// The same for the style sheet: done, failed or ahead.
    pub class: &'static str,
}

/// Where claims are tried out.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/claims.html")]
pub struct ClaimsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Providers whose rules can be tried.
    pub providers: Vec<String>,
    /// The one that is chosen.
    pub provider: String,
    /// What was pasted.
    pub claims: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What would come of it.
    pub trial: Option<TrialRow>,
}

/// What would come of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRow {
    /// Whether the person would be let in.
    pub is_admitted: bool,
    /// Why, or why not.
    pub reason: String,
    /// The role they would have.
    pub role: String,
    /// The groups they would be in.
    pub groups: String,
    /// Their account.
    pub account: Option<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

impl ProviderRow {
    /// From how it stands.
    #[must_use]
    pub fn of(state: &ProviderState, texts: &Texts) -> Self {
        let w = texts.admin.providers;
        Self {
            id: state.id.clone(),
            name: state.label.clone().unwrap_or_else(|| state.id.clone()),
            state: match (&state.trouble, state.asked_at) {
                (Some(_), _) => w.silent,
                (None, Some(_)) => w.answers,
                (None, None) => w.not_asked,
            },
            is_ill: state.trouble.is_some(),
            trouble: state.trouble.clone(),
            asked: state.asked_at.map(|at| texts.moment(at)),
            well: state.well_at.map(|at| texts.moment(at)),
            identities: state.identities,
            redirect_uri: state.redirect_uri.clone(),
        }
    }
}

impl FlightRow {
    /// From what was recorded.
    #[must_use]
    pub fn of(flight: &Flight, texts: &Texts) -> Self {
        let w = texts.admin.providers;
        Self {
            reference: flight.reference.clone(),
            at: texts.moment(flight.at),
            provider: flight.provider.to_string(),
            outcome: (w.kind_of)(flight.kind.key()),
            has_failed: flight.kind.key() != "success",
            who: flight.who().unwrap_or_default(),
            verdict: flight.verdict.clone(),
        }
    }
}

impl StepRow {
    /// How far a login came.
    #[must_use]
    pub fn of(flight: &Flight, texts: &Texts) -> Vec<Self> {
        let is_in = flight.kind == Kind::Success;
        Self::until((!is_in).then_some(flight.stage), texts)
    }

    fn until(stopped: Option<Stage>, texts: &Texts) -> Vec<Self> {
        let w = texts.admin.providers;
        let at = stopped.and_then(|stage| Stage::ALL.iter().position(|one| *one == stage));
        let at = at.unwrap_or(Stage::ALL.len());
        let rows = Stage::ALL.iter().enumerate().map(|(index, stage)| {
            let (class, outcome) = match index.cmp(&at) {
                Ordering::Less => ("done", w.step_done),
                Ordering::Equal => ("failed", w.step_failed),
                Ordering::Greater => ("ahead", w.step_ahead),
            };
            Self {
                text: (w.step_of)(*stage),
                outcome,
                class,
            }
        });
        rows.collect()
    }
}

impl TrialRow {
    /// From what was tried.
    #[must_use]
    pub fn of(trial: &Trial, texts: &Texts) -> Self {
        let w = texts.admin.providers;
        Self {
            is_admitted: trial.decision.is_ok(),
            reason: trial.why(),
            role: texts.role(&trial.role),
            groups: match trial.groups() {
                Some(groups) if groups.is_empty() => w.groups_none.to_owned(),
                Some(groups) => groups.join(", "),
                None => w.groups_undecided.to_owned(),
            },
            account: trial.account.as_ref().map(|account| account.email.to_string()),
            notes: trial.verdict.notes.clone(),
        }
    }
}

impl ProvidersPage<'_> {
    fn test_text(&self, row: &ProviderRow) -> String {
        (self.frame.texts.admin.providers.test_one)(&row.name)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ProvidersPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| list_samples(*lang)).collect()
    }
}

impl FlightPage<'_> {
    fn title(&self) -> String {
        (self.frame.texts.admin.providers.flight_title)(&self.flight.reference)
    }

    /// What the provider said, so that people can read it, and whether that is all.
    #[must_use]
    pub fn readable(flight: &Flight) -> (Option<String>, bool) {
        let Some(text) = &flight.claims else {
            return (None, false);
        };
        let pretty = serde_json::from_str::<serde_json::Value>(text)
            .and_then(|claims| serde_json::to_string_pretty(&claims))
            .unwrap_or_else(|_| text.clone());
        (Some(pretty), is_cut(text))
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, FlightPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| flight_samples(*lang)).collect()
    }
}

impl ClaimsPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ClaimsPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| claims_samples(*lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
const NOW: Timestamp = Timestamp::from_seconds(1_717_788_018);

fn sample_flight(text: &str, kind: &str, texts: &Texts) -> FlightRow {
    let w = texts.admin.providers;
    FlightRow {
        reference: "K7QW-3M9P".to_owned(),
        at: texts.moment(NOW),
        provider: "openid".to_owned(),
        outcome: (w.kind_of)(kind),
        has_failed: kind != "success",
        who: "ada@example.org".to_owned(),
        verdict: text.to_owned(),
    }
}

fn list_samples(lang: Lang) -> Vec<(String, ProvidersPage<'static>)> {
    let texts = lang.texts();
    let w = texts.admin.providers;
    let state = |label: &str, trouble: Option<&str>| ProviderState {
        id: "openid".to_owned(),
        label: Some(label.to_owned()),
        redirect_uri: "https://auth.example.org/oauth/openid/callback".to_owned(),
        asked_at: Some(NOW),
        well_at: trouble.is_none().then_some(NOW),
        trouble: trouble.map(str::to_owned),
        identities: 41,
    };
    let page = |text: &str, trouble: Option<&str>| ProvidersPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/providers")
        },
        bar: Bar::sample(Section::Providers),
        tested: None,
        providers: vec![ProviderRow::of(&state(text, trouble), texts)],
        provider: String::new(),
        only_failed: false,
        flights: vec![
            sample_flight(text, "failed", texts),
            sample_flight("Ada", "success", texts),
        ],
        has_more: true,
    };
    let mut well = page("Office", None);
    well.tested = Some(((w.tested_well)("Office"), true));
    let mut none = page("Office", None);
    (none.providers, none.flights) = (Vec::new(), Vec::new());
    let mut auditor = page("Office", Some("ETIMEDOUT"));
    auditor.bar.may_change = false;
    [
        ("well", well),
        ("none", none),
        ("auditor", auditor),
        ("hostile", page(HOSTILE, Some(HOSTILE))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminproviders-{name}-{}", lang.code()), page))
    .collect()
}

fn sample_trial(text: &str, is_admitted: bool, texts: &Texts) -> TrialRow {
    TrialRow {
        is_admitted,
        reason: text.to_owned(),
        role: texts.role_user.to_owned(),
        groups: texts.admin.providers.groups_none.to_owned(),
        account: Some("ada@example.org".to_owned()),
        notes: vec![text.to_owned()],
    }
}

fn claims_samples(lang: Lang) -> Vec<(String, ClaimsPage<'static>)> {
    let texts = lang.texts();
    let page = |text: &str, trial: Option<TrialRow>, error: Option<&str>| ClaimsPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/providers/claims")
        },
        bar: Bar::sample(Section::Providers),
        providers: vec!["openid".to_owned(), text.to_owned()],
        provider: "openid".to_owned(),
        claims: format!("{{\"sub\":{text:?}}}"),
        error: error.map(str::to_owned),
        trial,
    };
    let mut none = page("github", None, None);
    (none.providers, none.claims) = (Vec::new(), String::new());
    let mut auditor = page("github", None, None);
    auditor.bar.may_change = false;
    [
        ("admitted", page("github", Some(sample_trial("Ada", true, texts)), None)),
        ("refused", page("github", Some(sample_trial("Ada", false, texts)), None)),
        ("wrong", page("github", None, Some("EOF"))),
        ("none", none),
        ("auditor", auditor),
        (
            "hostile",
            page(HOSTILE, Some(sample_trial(HOSTILE, false, texts)), Some(HOSTILE)),
        ),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminclaims-{name}-{}", lang.code()), page))
    .collect()
}

fn flight_samples(lang: Lang) -> Vec<(String, FlightPage<'static>)> {
    let texts = lang.texts();
    let page = |text: &str, is_admitted: bool| FlightPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/flights/K7QW-3M9P")
        },
        bar: Bar::sample(Section::Providers),
        flight: sample_flight(text, if is_admitted { "success" } else { "refused" }, texts),
        steps: StepRow::until((!is_admitted).then_some(Stage::Decision), texts),
        cause: "role".to_owned(),
        subject: Some(("https://idp.example.org".to_owned(), text.to_owned())),
        claims: Some(format!("{{\n  \"name\":{text:?}\n}}")),
        is_cut: true,
        trial: Some(sample_trial(text, is_admitted, texts)),
    };
    let mut nobody = page("ETIMEDOUT", false);
    (nobody.subject, nobody.claims, nobody.trial, nobody.is_cut) = (None, None, None, false);
    [
        ("admitted", page("Ada", true)),
        ("refused", page("Family", false)),
        ("nobody", nobody),
        ("hostile", page(HOSTILE, false)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminflight-{name}-{}", lang.code()), page))
    .collect()
}
