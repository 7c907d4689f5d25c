//! From what was written to what it means: one reader per kind of setting, with LibreChat's reading in mind.

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::network::proxies;
use super::quantity::{maximum, minutes, number, points, span, span_or_zero};
use super::setting::{Kind, Setting};
use super::value::{ABSENT, Raw, Reading, Value, surprising};
use crate::domain::federation::issuer::Issuer;
use crate::domain::moderation::network::Network;
use crate::domain::secret::Secret;
use crate::domain::time_of_day::TimeOfDay;

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
        Kind::TimeOfDay => time_of_day(raw),
        Kind::Number { min, max } => number(setting, raw, min, max),
        Kind::Max => maximum(setting, raw),
        Kind::Minutes => minutes(setting, raw),
        Kind::Span { max } => span(setting, raw, max),
        Kind::SpanOrZero { max } => span_or_zero(setting, raw, max),
        Kind::Points { is_calculated } => points(setting, raw, is_calculated),
        Kind::Url => url(raw),
        Kind::Issuer => issuer(raw),
        Kind::Secret { hex } => secret(raw, hex),
        Kind::List => list(raw),
        Kind::Networks => networks(raw),
        Kind::Proxies => proxies(raw),
        Kind::Choice(words) => choice(raw, words),
        Kind::Object => object(raw),
        // Read by `tables`, which tells all that is wrong with its line.
        Kind::Tables(_) => Ok(ABSENT),
    }?;
    if reading.warning.is_none() {
        reading.warning = quotes;
    }
    Ok(reading)
}

/// How long that text is for a setting that says how long something lasts; `None` for every other setting.
#[must_use]
pub fn span_of(setting: &Setting, text: &str) -> Option<Duration> {
    let reading = read(setting, &Raw::Text(text.to_owned())).ok()?;
    match reading.value? {
        Value::Span(span) => Some(span),
        Value::Minutes(minutes) => Duration::try_from_secs_f64(minutes * 60.0).ok(),
        _ => None,
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

/// A text, whatever the source.
///
/// # Errors
/// If a file has another type there.
pub fn text(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Environment(text) | Raw::Text(text) | Raw::Typed(Json::String(text)) => Ok(text.clone()),
        Raw::Typed(_) | Raw::Tables(_) => Err("must be a text in quotes".into()),
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

fn time_of_day(raw: &Raw) -> Result<Reading, String> {
    let text = text(raw)?;
    match TimeOfDay::parse(text.trim()) {
        Some(at) => Ok(Value::Text(at.to_string()).into()),
        None if text.trim().is_empty() => Ok(ABSENT),
        None => Err(format!("must be a time of day such as 03:30, not `{text}`")),
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

/// An issuer may have `{tenantid}` in it, which is no part of an address.
fn issuer(raw: &Raw) -> Result<Reading, String> {
    let text = text(raw)?;
    let text = Issuer::new(&text).as_str().to_owned();
    if text.is_empty() {
        return Ok(ABSENT);
    }
    url(&Raw::Text(text.replace("{tenantid}", "tenantid")))?;
    Ok(Value::Text(text).into())
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
    Ok(
        match items(raw, "must be a list of texts, such as [\"example.org\"]")? {
            None => ABSENT,
            Some(items) => Value::List(items).into(),
        },
    )
}

/// The items of a list, trimmed; `None` if nothing is written.
///
/// # Errors
/// `wanted`, if a file has another type there.
pub fn items(raw: &Raw, wanted: &str) -> Result<Option<Vec<String>>, String> {
    let items: Vec<String> = match raw {
        Raw::Typed(Json::Null) => return Ok(None),
        Raw::Tables(_) => return Err(wanted.to_owned()),
        Raw::Typed(json) => serde_json::from_value(json.clone()).map_err(|_| wanted.to_owned())?,
        Raw::Environment(text) | Raw::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let items: Vec<String> = items
        .iter()
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect();
    match raw {
        Raw::Environment(_) if items.is_empty() => Ok(None),
        _ => Ok(Some(items)),
    }
}

fn networks(raw: &Raw) -> Result<Reading, String> {
    let reading = list(raw).map_err(|_| "must be a list of addresses and networks, such as [\"192.168.0.0/16\"]")?;
    let Some(Value::List(items)) = reading.value else {
        return Ok(reading);
    };
    let network = |item: &String| {
        item.parse::<Network>()
            .map_err(|wanted| format!("contains `{item}`, which is not {wanted}"))
    };
    let networks = items.iter().map(network).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Networks(networks).into())
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
        Raw::Tables(_) => return Err("must be a table".into()),
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
    use crate::config::setting::{SETTINGS, by_env, by_key};

    fn environment(name: &str, text: &str) -> Result<Reading, String> {
        read(by_env(name).expect("known"), &Raw::Environment(text.into()))
    }

    fn value(name: &str, text: &str) -> Option<Value> {
        environment(name, text).ok()?.value
    }

    #[test]
    fn every_default_can_be_read_without_warning() {
        for setting in SETTINGS.iter() {
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
    fn settings_that_say_how_long_are_understood_as_they_are_read() {
        let span = |key: &str, text: &str| span_of(by_key(key).expect(key), text).map(|span| span.as_secs());
        assert_eq!(span("session.lifetime", "7d"), Some(604_800));
        assert_eq!(span("session.access_lifetime", "1000 * 60 * 15"), Some(900));
        assert_eq!(span("moderation.duration", "0ms"), Some(0));
        assert_eq!(span("limits.login_window", "5.0"), Some(300));
        assert_eq!(span("limits.login_window", "2h"), Some(7_200));
        assert_eq!(span("session.lifetime", "soon"), None);
        assert_eq!(span("site.title", "7d"), None);
        assert_eq!(span("server.port", "7"), None);
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
