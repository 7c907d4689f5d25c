//! Readers of numbers, limits and durations. LibreChat has three ways to misread them; here they are pointed out.

use std::time::Duration;

use serde_json::Value as Json;

use super::reading::text;
use super::setting::Setting;
use super::value::{ABSENT, Raw, Reading, Value, surprising};
use crate::domain::duration::{self, BadDuration};
use crate::domain::moderation::points::Points;

/// Text of a value that may also be written as a bare number in a file.
fn text_or_number(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Typed(Json::Number(number)) => Ok(number.to_string()),
        Raw::Typed(Json::String(_)) | Raw::Environment(_) | Raw::Text(_) => text(raw),
        Raw::Typed(_) | Raw::Tables(_) => Err("must be a number or a text".into()),
    }
}

/// A whole number within bounds.
pub fn number(setting: &Setting, raw: &Raw, min: u64, max: u64) -> Result<Reading, String> {
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

/// Whether LibreChat reads the same text, so that its reading is worth a word.
fn librechat_reads(setting: &Setting, raw: &Raw) -> bool {
    raw.is_environment() && setting.is_known_to_librechat()
}

/// A positive whole number or `unlimited`.
pub fn maximum(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
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
        Err(_) if librechat_reads(setting, raw) => Ok(surprising(
            None,
            format!(
                "is `{text}`, with which LibreChat would never limit; the default {} is used; write unlimited if that is meant",
                setting.default
            ),
        )),
        Err(_) => Err(format!("must be a positive whole number or unlimited, not `{text}`")),
    }
}

/// A number of minutes; durations with units and, with a warning, arithmetic.
pub fn minutes(setting: &Setting, raw: &Raw) -> Result<Reading, String> {
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
        Some(minutes) if librechat_reads(setting, raw) => Ok(surprising(
            Some(Value::Minutes(minutes)),
            format!("is `{text}`: LibreChat does not calculate here and would never limit; read as {minutes} minutes"),
        )),
        _ if librechat_reads(setting, raw) => Ok(surprising(
            None,
            format!(
                "is `{text}`, with which LibreChat would never limit; the default of {} minutes is used",
                setting.default
            ),
        )),
        _ => Err(format!("must be a positive number of minutes, not `{text}`")),
    }
}

/// A duration.
pub fn span(setting: &Setting, raw: &Raw, max: Duration) -> Result<Reading, String> {
    let text = text_or_number(raw)?;
    let librechat = || {
        let default = setting.default;
        if librechat_reads(setting, raw) {
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

/// A duration, or zero; for a ban less than zero is zero, as in LibreChat.
pub fn span_or_zero(setting: &Setting, raw: &Raw, max: Duration) -> Result<Reading, String> {
    let text = text_or_number(raw)?;
    let is_zero = match duration::evaluate(&text) {
        Ok(millis) => millis == 0.0 || (millis < 0.0 && setting.env == "BAN_DURATION"),
        Err(_) => duration::parse(&text) == Err(BadDuration::NotPositive),
    };
    if is_zero {
        Ok(Value::Span(Duration::ZERO).into())
    } else {
        span(setting, raw, max)
    }
}

/// Points; arithmetic is understood, with a warning where LibreChat does not calculate.
pub fn points(setting: &Setting, raw: &Raw, is_calculated: bool) -> Result<Reading, String> {
    let text = text_or_number(raw)?;
    let text = text.trim();
    let librechat = match is_calculated {
        _ if !raw.is_environment() => String::new(),
        true => format!("; LibreChat would silently use {}", setting.default),
        false => "; LibreChat would ban at the first violation".to_owned(),
    };
    if text.is_empty() && !is_calculated && raw.is_environment() {
        let default = setting.default;
        let warning = format!(
            "is empty (LibreChat would count 0 points); the default {default} is used; write 0 if that is meant"
        );
        return Ok(surprising(None, warning));
    }
    if text.is_empty() {
        return empty(setting, raw);
    }
    if let Some(points) = Points::parse(text) {
        return Ok(Value::Points(points).into());
    }
    let computed = duration::evaluate(text).ok();
    if computed.is_some_and(|computed| computed < 0.0) {
        return Err(format!("is `{text}`, but points cannot be less than 0"));
    }
    let computed = computed.and_then(|computed| Points::parse(&format!("{computed:.3}")));
    match computed {
        Some(points) if is_calculated || !raw.is_environment() => Ok(Value::Points(points).into()),
        Some(points) => Ok(surprising(
            Some(Value::Points(points)),
            format!(
                "is `{text}`, where LibreChat does not calculate and would ban at the first violation; read as {points}"
            ),
        )),
        None => Err(format!(
            "must be a number of points such as 1 or 0.5, not `{text}`{librechat}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::reading::read;
    use crate::config::setting::by_env;

    fn environment(name: &str, text: &str) -> Result<Reading, String> {
        read(by_env(name).expect("known"), &Raw::Environment(text.into()))
    }

    fn value(name: &str, text: &str) -> Option<Value> {
        environment(name, text).ok()?.value
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
    fn a_mistake_in_a_limit_of_our_own_is_an_error() {
        for (name, text) in [("MAX", "abc"), ("MAX", "0"), ("WINDOW", "abc"), ("WINDOW", "0")] {
            let name = format!("LIBRECHAT_AUTH_LIMITS_ACCOUNT_{name}");
            let error = environment(&name, text).expect_err("refused");
            assert!(!error.contains("LibreChat"), "{error}");
        }
        assert_eq!(
            value("LIBRECHAT_AUTH_LIMITS_ACCOUNT_MAX", "unlimited"),
            Some(Value::Max(None))
        );
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
}
