//! `/account/api-keys`: what programs hold that come in somebody's name.

use askama::Template;

use crate::domain::account::Role;
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "api_keys.html")]
pub struct ApiKeysPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The address, for password managers.
    pub email: &'a str,
    /// Whether the account has a password to ask for.
    pub has_password: bool,
    /// Whether it has a second factor to ask for.
    pub has_second_factor: bool,
    /// The owner's role: some keys are for some roles only.
    pub role: Role,
    /// The keys.
    pub keys: Vec<KeyRow>,
    /// What was wrong with the form.
    pub errors: FieldErrors,
    /// The name as typed.
    pub name_typed: &'a str,
    /// The key that was just made, this once.
    pub made: Option<&'a str>,
    /// Whether one was just taken back.
    pub revoked: bool,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Value of the field `id`.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it opens, in words.
    pub opens: String,
    /// When it was made.
    pub created: Moment,
    /// The last use.
    pub last_used: Option<Moment>,
    /// When it ends.
    pub until: Option<Moment>,
}

impl KeyRow {
    /// From the stored key.
    #[must_use]
    pub fn of(key: &ApiKey, texts: &Texts) -> Self {
        let w = texts.api_keys;
        let word = |scope: &Scope| match scope {
            Scope::Door => w.door,
            Scope::ApiRead => w.api_read,
            Scope::ApiWrite => w.api_write,
            Scope::AdminRead => w.admin_read,
            Scope::AdminWrite => w.admin_write,
        };
        let mut opens: Vec<String> = key.scopes.iter().map(|scope| word(scope).to_owned()).collect();
        opens.extend(key.hosts.iter().map(ToString::to_string));
        Self {
            id: key.id,
            name: key.name.clone(),
            opens: opens.join(", "),
            created: texts.moment(key.created_at),
            last_used: key.last_used_at.map(|at| texts.moment(at)),
            until: key.expires_at.map(|at| texts.moment(at)),
        }
    }
}

impl ApiKeysPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ApiKeysPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn sample(lang: Lang, name: &str, keys: usize) -> ApiKeysPage<'static> {
    let at = |day: i64| Timestamp::from_seconds(1_780_300_000 + day * 86_400);
    let key = |id: i64| ApiKey {
        id,
        name: name.to_owned(),
        scopes: Scope::ALL.to_vec(),
        hosts: Vec::new(),
        created_at: at(0),
        expires_at: (id == 1).then(|| at(90)),
        last_used_at: (id == 1).then(|| at(2)),
    };
    let rows = [1, 2].into_iter().take(keys);
    ApiKeysPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/account/api-keys")
        },
        email: "ada@example.org",
        has_password: true,
        has_second_factor: false,
        role: Role::User,
        keys: rows.map(|id| KeyRow::of(&key(id), lang.texts())).collect(),
        errors: FieldErrors::default(),
        name_typed: "",
        made: None,
        revoked: false,
    }
}

fn samples_in(lang: Lang) -> Vec<(String, ApiKeysPage<'static>)> {
    let texts = lang.texts();
    let with = |change: &dyn Fn(&mut ApiKeysPage<'static>)| {
        let mut page = sample(lang, "nas", 2);
        change(&mut page);
        page
    };
    let wrong = FieldErrors {
        password: Some(texts.error_wrong_password.to_owned()),
        ..FieldErrors::default()
    };
    let hostile = || {
        let mut page = sample(lang, HOSTILE, 2);
        page.frame.signed_in_as = Some(HOSTILE);
        page.email = HOSTILE;
        page.name_typed = HOSTILE;
        page
    };
    [
        ("none", sample(lang, "nas", 0)),
        ("some", with(&|_| {})),
        (
            "made",
            with(&|page| page.made = Some("lca_mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiaabcdefg2")),
        ),
        ("revoked", with(&|page| page.revoked = true)),
        ("two-factor", with(&|page| page.has_second_factor = true)),
        ("admin", with(&|page| page.role = Role::Admin)),
        ("auditor", with(&|page| page.role = Role::Auditor)),
        ("wrong", with(&|page| page.errors = wrong.clone())),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("api-keys-{name}-{}", lang.code()), page))
    .collect()
}
