//! From what was written to what it means: one reader per kind of setting, with LibreChat's reading in mind.

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::problem::Place;
use super::setting::{Kind, Setting};
use crate::domain::duration::{self, BadDuration};
use crate::domain::secret::Secret;

/// What somebody wrote for a setting.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where.
    pub place: Place,
    /// Under which name there: `PORT`, `server.port`, `registration.allowedDomains`.
    pub name: String,
    /// What.
    pub raw: Raw,
}

/// A value as it was written.
#[derive(Clone)]
pub enum Raw {
    /// From the environment or `.env`, where LibreChat's way of reading is honoured and warned about.
    Environment(String),
    /// Text from a flag, a file of one secret, or the table of defaults.
    Text(String),
    /// From TOML or YAML, with a type of its own.
    Typed(Json),
}

impl std::fmt::Debug for Raw {
    /// Prints the kind only: the value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Environment(_) => "Environment(…)",
            Self::Text(_) => "Text(…)",
            Self::Typed(_) => "Typed(…)",
        })
    }
}

impl Raw {
    /// The text of it, for showing what was overridden.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Environment(text) | Self::Text(text) | Self::Typed(Json::String(text)) => text.clone(),
            Self::Typed(json) => json.to_string(),
        }
    }

    /// Whether LibreChat's way of reading applies.
    #[must_use]
    pub const fn is_environment(&self) -> bool {
        matches!(self, Self::Environment(_))
    }
}

/// What a setting is, typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// On, off or automatic.
    Tristate(Option<bool>),
    /// Any text, a colour, a filter or a word of a choice.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A maximum; `None` is unlimited.
    Max(Option<u32>),
    /// Minutes.
    Minutes(f64),
    /// A duration.
    Span(Duration),
    /// An address, if there is one.
    Url(Option<Url>),
    /// A secret, if there is one.
    Secret(Option<Secret>),
    /// Texts.
    List(Vec<String>),
    /// A table, if there is one.
    Object(Option<Json>),
}

impl Value {
    /// The value for people and programs to see; secrets are masked.
    #[must_use]
    pub fn shown(&self) -> Json {
        match self {
            Self::Flag(on) => Json::from(*on),
            Self::Tristate(state) => state.map_or(Json::from("auto"), Json::from),
            Self::Text(text) => Json::from(text.clone()),
            Self::Number(number) => Json::from(*number),
            Self::Max(max) => max.map_or(Json::from("unlimited"), Json::from),
            Self::Minutes(minutes) => Json::from(*minutes),
            Self::Span(span) => Json::from(duration::format(*span)),
            Self::Url(url) => Json::from(url.as_ref().map_or(String::new(), |url| without_slash(url).to_owned())),
            Self::Secret(secret) => Json::from(masked(secret.as_ref().map_or("", Secret::expose))),
            Self::List(items) => Json::from(items.clone()),
            Self::Object(json) => json.clone().unwrap_or_else(|| Json::Object(serde_json::Map::new())),
        }
    }
}

/// What may be shown of a secret: whether it is there, and how long it is.
#[must_use]
pub fn masked(secret: &str) -> String {
    match secret.chars().count() {
        0 => "(not set)".into(),
        count => format!("(set, {count} characters)"),
    }
}

/// An address as people write it, without the slash that ends a bare origin.
#[must_use]
pub fn without_slash(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// A value that could be read; `None` counts as not written at all.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// The value.
    pub value: Option<Value>,
    /// What is surprising about it.
    pub warning: Option<String>,
}

impl From<Value> for Reading {
    fn from(value: Value) -> Self {
        Self {
            value: Some(value),
            warning: None,
        }
    }
}

const ABSENT: Reading = Reading {
    value: None,
    warning: None,
};

fn surprising(value: Option<Value>, warning: String) -> Reading {
    Reading {
        value,
        warning: Some(warning),
    }
}

/// Reads what was written for `setting`.
///
/// # Errors
/// A sentence without subject (`is no duration …`); it never contains the value of a secret.
pub fn read(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
    let (stripped, quotes) = without_quotes(setting, raw);
    let raw = stripped.as_ref().unwrap_or(raw);
    let mut reading = match setting.kind {
        Kind::Flag => flag(setting, raw),
        Kind::LenientFlag => lenient_flag(raw),
        Kind::Tristate => tristate(raw),
        Kind::Text => text(raw).map(Reading::from_text),
        Kind::Colour => colour(raw),
        Kind::Filter => filter(raw),
        Kind::Number { min, max } => number(setting, raw, min, max),
        Kind::Max => maximum(setting, raw),
        Kind::Minutes => minutes(setting, raw),
        Kind::Span { max } => span(setting, raw, max),
        Kind::Url => url(raw),
        Kind::Secret { hex } => secret(raw, hex),
        Kind::List => list(raw),
        Kind::Choice(words) => choice(raw, words),
        Kind::Object => object(raw),
    }?;
    if reading.warning.is_none() {
        reading.warning = quotes;
    }
    Ok(reading)
}

impl Reading {
    fn from_text(text: String) -> Self {
        if text.trim().is_empty() {
            ABSENT
        } else {
            Value::Text(text).into()
        }
    }
}

/// Quotes that reached us are part of the value, since `.env` loses them: kept in texts, taken off elsewhere.
fn without_quotes(setting: &Setting, raw: &Raw) -> (Option<Raw>, Option<String>) {
    let Raw::Environment(text) = raw else {
        return (None, None);
    };
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| text.trim().strip_prefix(*quote)?.strip_suffix(*quote));
    let Some(inner) = inner else {
        return (None, None);
    };
    if matches!(setting.kind, Kind::Text | Kind::Secret { .. }) {
        let warning = "is written with quotes that are part of the value; leave them out if they are not meant";
        return (None, Some(warning.into()));
    }
    let warning = "is written with quotes that LibreChat takes as part of the value; they are ignored here";
    (Some(Raw::Environment(inner.to_owned())), Some(warning.into()))
}

fn text(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Environment(text) | Raw::Text(text) | Raw::Typed(Json::String(text)) => Ok(text.clone()),
        Raw::Typed(_) => Err("must be a text in quotes".into()),
    }
}

/// Text of a value that may also be written as a bare number in a file.
fn text_or_number(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Typed(Json::Number(number)) => Ok(number.to_string()),
        Raw::Typed(Json::String(_)) | Raw::Environment(_) | Raw::Text(_) => text(raw),
        Raw::Typed(_) => Err("must be a number or a text".into()),
    }
}

fn flag(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
    if let Raw::Typed(Json::Bool(on)) = raw {
        return Ok(Value::Flag(*on).into());
    }
    let text = text(raw).map_err(|_| "must be true or false".to_owned())?;
    let on_by_default = setting.default == "true";
    match text.trim().to_lowercase().as_str() {
        "true" => Ok(Value::Flag(true).into()),
        "false" => Ok(Value::Flag(false).into()),
        "" if raw.is_environment() && on_by_default => Ok(surprising(
            Some(Value::Flag(false)),
            "is empty, which LibreChat reads as off although the default is on; write true or false".into(),
        )),
        "" => Ok(ABSENT),
        _ if raw.is_environment() => Ok(surprising(
            Some(Value::Flag(false)),
            format!("is `{text}`, which LibreChat reads as false, and so do we; write true or false"),
        )),
        _ => Err(format!("must be true or false, not `{text}`")),
    }
}

fn lenient_flag(raw: &Raw) -> Result<Reading, String> {
    if let Raw::Typed(Json::Bool(on)) = raw {
        return Ok(Value::Flag(*on).into());
    }
    let text = text(raw).map_err(|_| "must be true or false".to_owned())?;
    match text.as_str() {
        "" => Ok(ABSENT),
        "true" | "false" => Ok(Value::Flag(text == "true").into()),
        _ if raw.is_environment() => Ok(surprising(
            Some(Value::Flag(false)),
            format!("is `{text}`, which LibreChat reads as false, and so do we; write true or false"),
        )),
        _ => Err(format!("must be true or false, not `{text}`")),
    }
}

fn tristate(raw: &Raw) -> Result<Reading, String> {
    if let Raw::Typed(Json::Bool(on)) = raw {
        return Ok(Value::Tristate(Some(*on)).into());
    }
    let text = text(raw).map_err(|_| "must be true, false or \"auto\"".to_owned())?;
    match text.trim().to_lowercase().as_str() {
        "true" => Ok(Value::Tristate(Some(true)).into()),
        "false" => Ok(Value::Tristate(Some(false)).into()),
        "auto" => Ok(Value::Tristate(None).into()),
        "" => Ok(ABSENT),
        _ if raw.is_environment() => Ok(surprising(
            Some(Value::Tristate(None)),
            format!("is `{text}`, which LibreChat ignores: the address decides; write true, false or auto"),
        )),
        _ => Err(format!("must be true, false or \"auto\", not `{text}`")),
    }
}

fn colour(raw: &Raw) -> Result<Reading, String> {
    let text = text(raw)?;
    let is_colour = text
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()));
    match text.as_str() {
        "" => Ok(ABSENT),
        _ if is_colour => Ok(Value::Text(text.to_lowercase()).into()),
        _ => Err(format!("must be a colour such as #1a6b54, not `{text}`")),
    }
}

fn filter(raw: &Raw) -> Result<Reading, String> {
    let text = text(raw)?;
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_) => Ok(Reading::from_text(text)),
        Err(error) => Err(format!("is no log filter ({error}); write for example info")),
    }
}

fn number(setting: &Setting, raw: &Raw, min: u64, max: u64) -> Result<Reading, String> {
    let text = text_or_number(raw).map_err(|_| "must be a whole number".to_owned())?;
    let text = text.trim();
    if text.is_empty() {
        return empty(setting, raw);
    }
    let wanted = || match setting.env {
        "TRUST_PROXY" => format!("must be the number of proxies in front, not `{text}`"),
        _ => format!("must be a whole number from {min} to {max}, not `{text}`"),
    };
    let number = text.parse::<u64>().map_err(|_| wanted())?;
    if (min..=max).contains(&number) {
        Ok(Value::Number(number).into())
    } else {
        Err(wanted())
    }
}

/// An empty number: the default, with a word about what LibreChat makes of it; an error outside the environment.
fn empty(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
    if !raw.is_environment() {
        return Err("is empty".into());
    }
    let librechat = match setting.env {
        "PORT" => "LibreChat would take a random port",
        "TRUST_PROXY" => "LibreChat would trust one proxy",
        "LOGIN_MAX" | "REGISTER_MAX" => "LibreChat would answer 429 to everybody",
        "LOGIN_WINDOW" | "REGISTER_WINDOW" => "LibreChat would never limit",
        _ => return Ok(ABSENT),
    };
    Ok(surprising(
        None,
        format!("is empty ({librechat}); the default {} is used", setting.default),
    ))
}

fn maximum(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
    let text = text_or_number(raw)?;
    let text = text.trim();
    if text.is_empty() {
        return empty(setting, raw);
    }
    if text == "unlimited" {
        return Ok(Value::Max(None).into());
    }
    match text.parse::<i64>() {
        Ok(number) if number <= 0 => Err(format!(
            "is {number}, which would refuse everybody; write a positive number, or unlimited"
        )),
        Ok(number) => {
            let max = u32::try_from(number).map_err(|_| "is too large; write unlimited".to_owned())?;
            Ok(Value::Max(Some(max)).into())
        }
        Err(_) if raw.is_environment() => Ok(surprising(
            None,
            format!(
                "is `{text}`, with which LibreChat would never limit; the default {} is used; write unlimited if that is meant",
                setting.default
            ),
        )),
        Err(_) => Err(format!("must be a positive whole number or unlimited, not `{text}`")),
    }
}

fn minutes(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
    const LONGEST: f64 = 525_600.0;
    let text = text_or_number(raw)?;
    let text = text.trim();
    if text.is_empty() {
        return empty(setting, raw);
    }
    let sensible = |minutes: f64| minutes > 0.0 && minutes <= LONGEST;
    if let Some(minutes) = text.parse::<f64>().ok().filter(|minutes| sensible(*minutes)) {
        return Ok(Value::Minutes(minutes).into());
    }
    let span = duration::parse(text).map(|span| span.as_secs_f64() / 60.0);
    if let Some(minutes) = span
        .ok()
        .filter(|minutes| text.contains(char::is_alphabetic) && sensible(*minutes))
    {
        return Ok(Value::Minutes(minutes).into());
    }
    let computed = duration::evaluate(text).ok().filter(|minutes| sensible(*minutes));
    match computed {
        Some(minutes) if raw.is_environment() => Ok(surprising(
            Some(Value::Minutes(minutes)),
            format!("is `{text}`: LibreChat does not calculate here and would never limit; read as {minutes} minutes"),
        )),
        _ if raw.is_environment() => Ok(surprising(
            None,
            format!(
                "is `{text}`, with which LibreChat would never limit; the default of {} minutes is used",
                setting.default
            ),
        )),
        _ => Err(format!("must be a positive number of minutes, not `{text}`")),
    }
}

fn span(setting: &Setting, raw: &Raw, max: Duration) -> Result<Reading, String> {
    let text = text_or_number(raw)?;
    let librechat = || {
        let is_read = setting.is_known_to_librechat() && raw.is_environment();
        let default = setting.default;
        if is_read {
            format!("; LibreChat would silently use {default}")
        } else {
            String::new()
        }
    };
    match duration::parse(&text) {
        Ok(span) if span > max => Err(format!("is longer than {}", duration::format(max))),
        Ok(span) => Ok(Value::Span(span).into()),
        Err(error @ BadDuration::Empty) => {
            Err(format!("{error}; write for example {}{}", setting.default, librechat()))
        }
        Err(error @ (BadDuration::NotPositive | BadDuration::TooLong)) => Err(format!("is `{text}` and {error}")),
        Err(error @ BadDuration::NotFinite) => {
            Err(format!("is `{text}` and {error}; LibreChat's logins would all fail"))
        }
        Err(error) => Err(format!("is `{text}`: it {error}{}", librechat())),
    }
}

fn url(raw: &Raw) -> Result<Reading, String> {
    let text = text(raw)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(ABSENT);
    }
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err(format!(
            "must start with https:// or http://, as in https://{}",
            text.trim_start_matches('/')
        ));
    }
    let mut url = Url::parse(text).map_err(|error| format!("is no address ({error})"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with the path: no ? and no #".into());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    let slash = "ends with a slash, with which LibreChat builds links with two; it is ignored here";
    Ok(Reading {
        value: Some(Value::Url(Some(url))),
        warning: text.ends_with('/').then(|| slash.into()),
    })
}

fn secret(raw: &Raw, hex: Option<usize>) -> Result<Reading, String> {
    let text = text(raw)?;
    if text.trim().is_empty() {
        return Ok(ABSENT);
    }
    if let Some(digits) = hex
        && (text.len() != digits || !text.chars().all(|c| c.is_ascii_hexdigit()))
    {
        let count = text.chars().count();
        return Err(format!(
            "must be {digits} hexadecimal digits; it has {count} characters"
        ));
    }
    Ok(Value::Secret(Some(Secret::new(text))).into())
}

fn list(raw: &Raw) -> Result<Reading, String> {
    let wanted = "must be a list of texts, such as [\"example.org\"]";
    let items: Vec<String> = match raw {
        Raw::Typed(Json::Null) => return Ok(ABSENT),
        Raw::Typed(json) => serde_json::from_value(json.clone()).map_err(|_| wanted.to_owned())?,
        Raw::Environment(text) | Raw::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let items: Vec<String> = items
        .iter()
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect();
    match raw {
        Raw::Environment(_) if items.is_empty() => Ok(ABSENT),
        _ => Ok(Value::List(items).into()),
    }
}

fn choice(raw: &Raw, words: &[&str]) -> Result<Reading, String> {
    let text = text(raw)?.trim().to_lowercase();
    match text.as_str() {
        "" => Ok(ABSENT),
        word if words.contains(&word) => Ok(Value::Text(text).into()),
        word => Err(format!("must be {}, not `{word}`", words.join(" or "))),
    }
}

fn object(raw: &Raw) -> Result<Reading, String> {
    let json = match raw {
        Raw::Typed(json) => json.clone(),
        Raw::Environment(text) | Raw::Text(text) if text.trim().is_empty() => Json::Null,
        Raw::Environment(text) | Raw::Text(text) => {
            serde_json::from_str(text).map_err(|error| format!("is no JSON ({error})"))?
        }
    };
    match json {
        Json::Null => Ok(ABSENT),
        Json::Object(map) if map.is_empty() => Ok(Value::Object(None).into()),
        Json::Object(_) => Ok(Value::Object(Some(json)).into()),
        _ => Err("must be a table".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::setting::{SETTINGS, by_env};

    fn environment(name: &str, text: &str) -> Result<Reading, String> {
        read(by_env(name).expect("known"), &Raw::Environment(text.into()))
    }

    fn value(name: &str, text: &str) -> Option<Value> {
        environment(name, text).ok()?.value
    }

    #[test]
    fn every_default_can_be_read_without_warning() {
        for setting in SETTINGS {
            let reading = read(setting, &Raw::Text(setting.default.into()));
            let reading = reading.unwrap_or_else(|error| panic!("{}: {error}", setting.key));
            assert_eq!(reading.warning, None, "{}", setting.key);
        }
    }

    #[test]
    fn flags_are_on_only_if_true_is_written() {
        for (text, expected, warns) in [
            ("true", true, false),
            (" TRUE ", true, false),
            ("false", false, false),
            ("1", false, true),
            ("yes", false, true),
            ("on", false, true),
        ] {
            let reading = environment("ALLOW_REGISTRATION", text).expect("read");
            assert_eq!(reading.value, Some(Value::Flag(expected)), "{text}");
            assert_eq!(reading.warning.is_some(), warns, "{text}");
        }
    }

    #[test]
    fn an_empty_flag_that_is_on_by_default_is_off_with_a_warning() {
        let reading = environment("ALLOW_EMAIL_LOGIN", "").expect("read");
        assert_eq!(reading.value, Some(Value::Flag(false)));
        assert!(reading.warning.is_some_and(|warning| warning.contains("off")));
        assert_eq!(environment("ALLOW_REGISTRATION", ""), Ok(ABSENT));
    }

    #[test]
    fn limits_that_would_lock_everybody_out_or_nobody_are_not_believed() {
        for text in ["", "abc", "7.5"] {
            let reading = environment("LOGIN_MAX", text).expect("read");
            assert!(reading.value.is_none() && reading.warning.is_some(), "{text}");
        }
        assert!(environment("LOGIN_MAX", "0").is_err());
        assert!(environment("LOGIN_MAX", "-1").is_err());
        assert_eq!(value("LOGIN_MAX", "unlimited"), Some(Value::Max(None)));
        assert_eq!(value("LOGIN_MAX", "9"), Some(Value::Max(Some(9))));
    }

    #[test]
    fn windows_are_minutes_and_calculations_are_pointed_out() {
        assert_eq!(environment("LOGIN_WINDOW", "0.5"), Ok(Value::Minutes(0.5).into()));
        assert_eq!(environment("LOGIN_WINDOW", "1h"), Ok(Value::Minutes(60.0).into()));
        let reading = environment("LOGIN_WINDOW", "1 * 5").expect("read");
        assert_eq!(reading.value, Some(Value::Minutes(5.0)));
        assert!(reading.warning.is_some());
        for text in ["", "0", "-3", "abc", "1/0"] {
            let reading = environment("LOGIN_WINDOW", text).expect("read");
            assert!(reading.value.is_none() && reading.warning.is_some(), "{text}");
        }
    }

    #[test]
    fn a_duration_that_librechat_would_replace_says_so() {
        let error = environment("SESSION_EXPIRY", "15 minuets").expect_err("no unit");
        assert!(
            error.contains("minuets") && error.contains("LibreChat would silently use 15m"),
            "{error}"
        );
        assert!(environment("SESSION_EXPIRY", "").is_err());
    }

    #[test]
    fn addresses_need_a_scheme_and_nothing_after_the_path() {
        for (text, part) in [
            ("auth.example.org", "https://auth.example.org"),
            ("localhost:3080", "https://localhost:3080"),
            ("ftp://example.org", "https://"),
            ("https://ada:pw@example.org", "password"),
            ("https://example.org/?a=b", "no ?"),
            ("https://", "no address"),
        ] {
            let error = environment("DOMAIN_SERVER", text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("pw@"), "{error}");
        }
        let reading = environment("DOMAIN_SERVER", "https://example.org/auth/").expect("read");
        assert!(reading.warning.is_some());
        assert_eq!(
            reading.value.map(|v| v.shown()),
            Some("https://example.org/auth".into())
        );
    }

    #[test]
    fn quotes_that_reached_us_are_pointed_out() {
        let reading = environment("ALLOW_REGISTRATION", "\"true\"").expect("read");
        assert_eq!(reading.value, Some(Value::Flag(true)));
        assert!(reading.warning.is_some());
        let reading = environment("APP_TITLE", "'Home'").expect("read");
        assert_eq!(reading.value, Some(Value::Text("'Home'".into())));
        assert!(reading.warning.is_some());
    }

    #[test]
    fn no_message_and_no_output_shows_a_secret() {
        let error = environment("CREDS_KEY", "hunter2").expect_err("too short");
        assert!(!error.contains("hunter2"));
        let shown = value("JWT_SECRET", "hunter2").map(|v| v.shown());
        assert_eq!(shown, Some("(set, 7 characters)".into()));
    }
}
