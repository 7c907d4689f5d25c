//! The structured files: `librechat-auth.toml`, `settings.toml`, `librechat.yaml` and `config.yaml`.

use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::{Options, Spanned};
use toml::de::{DeTable, DeValue};

use super::problem::{Findings, Place};
use super::setting::{Kind, SETTINGS, Setting, by_key, nearest_key};
use super::tables;
use super::value::{Given, Raw};

/// Something written for a setting.
pub type Entry = (&'static Setting, Given);

/// Reads a TOML file whose keys are settings; unknown keys are errors.
pub fn read_toml(text: &str, source: &str, findings: &mut Findings) -> Vec<Entry> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        findings.error(&Place::line(source, line), "", error.message());
    }
    let mut reader = TomlReader {
        text,
        source,
        findings,
        entries: Vec::new(),
    };
    reader.table("", document.get_ref());
    reader.entries
}

struct TomlReader<'r> {
    text: &'r str,
    source: &'r str,
    findings: &'r mut Findings,
    entries: Vec<Entry>,
}

impl TomlReader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = match prefix {
                "" => name.get_ref().to_string(),
                prefix => format!("{prefix}.{}", name.get_ref()),
            };
            let place = Place::line(self.source, line_of(self.text, name.span().start));
            self.key(&key, &place, value.get_ref());
        }
    }

    fn key(&mut self, key: &str, place: &Place, value: &DeValue<'_>) {
        if let Some(setting) = by_key(key) {
            let given = Given {
                place: place.clone(),
                name: key.to_owned(),
                raw: self.raw(setting, value),
            };
            self.entries.push((setting, given));
            return;
        }
        let is_section = SETTINGS
            .iter()
            .any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')));
        match value {
            DeValue::Table(table) if is_section => self.table(key, table),
            _ if is_section => self
                .findings
                .error(place, key, format!("must be a table, written [{key}]")),
            // The table's own name is wrong; its keys say which one was meant.
            DeValue::Table(table) if !table.is_empty() && nearest_key(key).is_none() => self.table(key, table),
            _ => self.findings.error(place, key, unknown(key)),
        }
    }

    fn raw(&self, setting: &Setting, value: &DeValue<'_>) -> Raw {
        let place_at = |offset| Place::line(self.source, line_of(self.text, offset));
        let tables = match setting.kind {
            Kind::Tables(_) => tables::from_toml(value, &place_at, &json),
            _ => None,
        };
        tables.unwrap_or_else(|| Raw::Typed(json(value)))
    }
}

fn unknown(key: &str) -> String {
    match nearest_key(key) {
        Some(meant) => format!("unknown setting; did you mean {meant}?"),
        None => "unknown setting; `librechat-auth config explain` lists all of them".into(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Json::from(number.as_str()), Json::from)
        }
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or(Json::from(number.as_str()), Json::from),
        DeValue::Boolean(on) => Json::from(*on),
        DeValue::Datetime(moment) => Json::from(moment.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref())))
            .collect(),
    }
}

/// The parts of `librechat.yaml` that concern logging in.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct LibreChatFile {
    #[serde(default)]
    registration: Option<Registration>,
    #[serde(default)]
    interface: Option<Interface>,
    #[serde(default)]
    turnstile: Option<Spanned<Json>>,
    #[serde(default)]
    auth: Option<Auth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    #[serde(default)]
    social_logins: Option<Spanned<Json>>,
    #[serde(default)]
    allowed_domains: Option<Spanned<Json>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    #[serde(default)]
    privacy_policy: Option<Spanned<Json>>,
    #[serde(default)]
    terms_of_service: Option<Spanned<Json>>,
}

/// Reads `librechat.yaml`; keys that are not about logging in are none of our business.
pub fn read_librechat_yaml(text: &str, source: &str, findings: &mut Findings) -> Vec<Entry> {
    let file: LibreChatFile = match read_yaml(text) {
        Ok(file) => file.unwrap_or_default(),
        Err((line, message)) => {
            findings.error(
                &Place {
                    source: source.into(),
                    line,
                },
                "",
                message,
            );
            return Vec::new();
        }
    };
    let (social_logins, allowed_domains) = file
        .registration
        .map_or((None, None), |part| (part.social_logins, part.allowed_domains));
    let (privacy_policy, terms_of_service) = file
        .interface
        .map_or((None, None), |part| (part.privacy_policy, part.terms_of_service));
    [
        ("site.social_logins", "registration.socialLogins", social_logins),
        (
            "accounts.allowed_domains",
            "registration.allowedDomains",
            allowed_domains,
        ),
        ("site.privacy_policy", "interface.privacyPolicy", privacy_policy),
        ("site.terms_of_service", "interface.termsOfService", terms_of_service),
        ("site.turnstile", "turnstile", file.turnstile),
        ("auth.enabled", "auth.enabled", file.auth.and_then(|auth| auth.enabled)),
    ]
    .into_iter()
    .filter_map(|(key, name, value)| {
        let value = value?;
        let given = Given {
            place: place_of(source, &value),
            name: name.into(),
            raw: Raw::Typed(value.value),
        };
        Some((by_key(key)?, given))
    })
    .collect()
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    auth: Option<Auth>,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(default)]
    enabled: Option<Spanned<Json>>,
}

/// Reads `config.yaml`, of which only `auth.enabled` is known.
pub fn read_config_yaml(text: &str, source: &str, findings: &mut Findings) -> Option<Entry> {
    let file: Option<ConfigFile> = match read_yaml(text) {
        Ok(file) => file,
        Err((line, message)) => {
            let place = Place {
                source: source.into(),
                line,
            };
            findings.warning(&place, "", format!("is ignored: {message}"));
            return None;
        }
    };
    let enabled = file?.auth?.enabled?;
    let given = Given {
        place: place_of(source, &enabled),
        name: "auth.enabled".into(),
        raw: Raw::Typed(enabled.value),
    };
    Some((by_key("auth.enabled")?, given))
}

/// A YAML document of somebody else, as JSON; nothing for an empty one.
///
/// # Errors
/// What is wrong, with the line if it is known.
pub fn yaml(text: &str) -> Result<Json, String> {
    let read = read_yaml::<Json>(text).map_err(|(line, reason)| match line {
        Some(line) => format!("line {line}: {reason}"),
        None => reason,
    })?;
    Ok(read.unwrap_or(Json::Null))
}

fn read_yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<Option<T>, (Option<usize>, String)> {
    let options: Options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().and_then(|at| usize::try_from(at.line()).ok());
        (line, error.to_string().lines().next().unwrap_or_default().to_owned())
    })
}

fn place_of(source: &str, value: &Spanned<Json>) -> Place {
    Place {
        source: source.into(),
        line: usize::try_from(value.referenced.line()).ok().filter(|line| *line > 0),
    }
}
