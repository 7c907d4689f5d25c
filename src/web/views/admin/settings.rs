//! Views of the administration: what is configured, and what may be changed here.

use std::time::Duration;

use askama::Template;

use crate::app::settings::{Listed, Said, Source, choices};
use crate::config::setting::Setting;
use crate::config::span_of;
use crate::domain::lang::Lang;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::Texts;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/settings.html")]
pub struct SettingsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What is searched for.
    pub query: String,
    /// Those that may be changed here, or could be if nothing stronger decided them.
    pub here: Vec<SettingRow>,
    /// The others.
    pub elsewhere: Vec<SettingRow>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Its path.
    pub key: String,
    /// Its name in the environment.
    pub env: String,
    /// What it does.
    pub doc: String,
    /// Whether that is in English on a page that is not.
    pub is_foreign: bool,
    /// What it is.
    pub value: String,
    /// Who says so.
    pub source: String,
    /// What weaker sources say.
    pub overrode: Vec<String>,
    /// How it is changed; `None` if it is not changed here.
    pub form: Option<SettingForm>,
    /// Whether something stronger decided it.
    pub is_fixed: bool,
    /// Whether a change is kept that can be forgotten.
    pub has_change: bool,
}

/// How a setting is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingForm {
    /// Words to choose from: value and label; empty for a line of text.
    pub choices: Vec<(&'static str, &'static str)>,
    /// What is in the field.
    pub typed: String,
    /// The same in words; empty if it says enough itself.
    pub hint: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl SettingRow {
    /// What `listed` says, with a form if the visitor may change it.
    #[must_use]
    pub fn of(listed: &Listed, may_change: bool, lang: Lang) -> Self {
        let (setting, texts) = (listed.setting, lang.texts());
        let w = texts.admin.settings;
        let doc = (w.doc)(setting.key);
        let words = |word: &&'static str| (*word, label(word, texts));
        let typed = match &listed.value {
            Said::Text(text) => text.clone(),
            Said::Secret { .. } => String::new(),
        };
        let form = SettingForm {
            choices: choices(setting).unwrap_or_default().iter().map(words).collect(),
            hint: in_words(setting, &typed, texts).unwrap_or_default(),
            typed,
            error: None,
        };
        let shown = |said: &Said| shown(setting, said, texts);
        let weaker = |(source, said): &(Source, Said)| (w.instead_of)(&shown(said), &named(source, texts));
        Self {
            key: setting.key.to_owned(),
            env: setting.env.to_owned(),
            is_foreign: doc.is_none() && lang != Lang::En,
            doc: doc.unwrap_or(setting.doc).to_owned(),
            value: shown(&listed.value),
            source: named(&listed.source, texts),
            overrode: listed.overrode.iter().map(weaker).collect(),
            form: (listed.is_changeable && may_change).then_some(form),
            is_fixed: listed.is_fixed(),
            has_change: listed.has_change() && may_change,
        }
    }

    /// What names the row on the page.
    fn id(&self) -> String {
        format!("set-{}", self.key.replace('.', "-"))
    }

    /// What names its field.
    fn value_id(&self) -> String {
        format!("{}-value", self.id())
    }
}

fn label(word: &'static str, texts: &Texts) -> &'static str {
    match word {
        "true" => texts.admin.settings.on,
        "false" => texts.admin.settings.off,
        other => other,
    }
}

/// A span of time in words, if the setting is one.
fn in_words(setting: &Setting, text: &str, texts: &Texts) -> Option<String> {
    span_of(setting, text).map(|span| texts.span(span))
}

fn shown(setting: &Setting, said: &Said, texts: &Texts) -> String {
    let w = texts.admin.settings;
    match said {
        Said::Text(text) if text.is_empty() => w.not_set.to_owned(),
        Said::Text(text) if text == "true" => w.on.to_owned(),
        Said::Text(text) if text == "false" => w.off.to_owned(),
        Said::Text(text) => in_words(setting, text, texts).unwrap_or_else(|| text.clone()),
        Said::Secret { is_set: true } => w.set.to_owned(),
        Said::Secret { is_set: false } => w.not_set.to_owned(),
    }
}

fn named(source: &Source, texts: &Texts) -> String {
    let w = texts.admin.settings;
    match source {
        Source::Default => w.from_default.to_owned(),
        Source::Changed { at, .. } => (w.from_here)(&texts.moment(*at).text),
        Source::Written(place) => place.to_string(),
    }
}

impl SettingsPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SettingsPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| samples_in(*lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn row(key: &str, value: &str, texts: &Texts) -> SettingRow {
    SettingRow {
        key: key.to_owned(),
        env: key.replace('.', "_").to_uppercase(),
        doc: (texts.admin.settings.doc)(key).unwrap_or("Title.").to_owned(),
        is_foreign: false,
        value: value.to_owned(),
        source: texts.admin.settings.from_default.to_owned(),
        overrode: Vec::new(),
        form: None,
        is_fixed: false,
        has_change: false,
    }
}

fn with_form(mut row: SettingRow, choices: Vec<(&'static str, &'static str)>, error: Option<&str>) -> SettingRow {
    row.form = Some(SettingForm {
        choices,
        typed: row.value.clone(),
        hint: String::new(),
        error: error.map(str::to_owned),
    });
    row.has_change = true;
    row
}

const TWO_HOURS: Duration = Duration::from_hours(2);

/// A setting that says how long something lasts.
fn lasting(texts: &Texts) -> SettingRow {
    let mut row = with_form(row("moderation.duration", "2h", texts), Vec::new(), None);
    if let Some(form) = &mut row.form {
        form.hint = texts.span(TWO_HOURS);
    }
    row
}

fn samples_in(lang: Lang) -> Vec<(String, SettingsPage<'static>)> {
    let texts = lang.texts();
    let w = texts.admin.settings;
    let fixed = SettingRow {
        source: "librechat-auth.toml:12".to_owned(),
        overrode: vec![(w.instead_of)(w.off, w.from_default)],
        is_fixed: true,
        has_change: true,
        ..row("accounts.approval", w.on, texts)
    };
    let switch = || vec![("true", w.on), ("false", w.off)];
    let page = |title: &str, error: Option<&str>| SettingsPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/settings")
        },
        bar: Bar::sample(Section::Settings),
        query: String::new(),
        here: vec![
            with_form(row("accounts.registration", w.on, texts), switch(), None),
            with_form(row("site.title", title, texts), Vec::new(), error),
            fixed.clone(),
            lasting(texts),
        ],
        elsewhere: vec![
            row("secrets.jwt", w.set, texts),
            row("server.public_url", title, texts),
            row("session.lifetime", &texts.span(TWO_HOURS), texts),
        ],
    };
    let mut none = page("x", None);
    (none.here, none.elsewhere) = (Vec::new(), Vec::new());
    HOSTILE.clone_into(&mut none.query);
    let mut read_only = page("Home", None);
    read_only.bar.may_change = false;
    for row in &mut read_only.here {
        (row.form, row.has_change) = (None, false);
    }
    [
        ("all", page("Home", None)),
        (
            "wrong",
            page("", Some((w.mistake)(crate::config::live::Mistake::Empty))),
        ),
        ("none", none),
        ("auditor", read_only),
        ("hostile", page(HOSTILE, Some(HOSTILE))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminsettings-{name}-{}", lang.code()), page))
    .collect()
}
