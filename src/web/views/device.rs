//! A browser's `User-Agent` in words a person recognises.

use crate::web::views::texts::Texts;

/// Tokens and what they stand for; the first that occurs wins, so the more special ones come first.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Electron/", "Electron"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// Such as "Firefox on Linux" or, for programs, their own name; a stand-in if nothing is known.
#[must_use]
pub fn describe_device(user_agent: &str, texts: &Texts) -> String {
    match (find(&BROWSERS, user_agent), find(&SYSTEMS, user_agent)) {
        (Some(browser), Some(system)) => (texts.device_on)(browser, system),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => product(user_agent).unwrap_or_else(|| texts.unknown_device.to_owned()),
    }
}

fn find(table: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(token, _)| user_agent.contains(token))
        .map(|&(_, name)| name)
}

/// The name of the first product token (RFC 9110 §10.1.5), as `curl` in `curl/8.5.0`.
fn product(user_agent: &str) -> Option<String> {
    let first = user_agent.split(['/', ' ', '(']).next().unwrap_or_default();
    let name: String = first
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(40)
        .collect();
    let generic = name.is_empty() || name == "Mozilla";
    (!generic).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::lang::Lang;

    #[test]
    fn common_browsers_are_named() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) Chrome/138.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) CriOS/138 Safari/604.1",
                "Chrome on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("librechat-client", "librechat-client"),
            ("", "Unknown device"),
            ("Mozilla/5.0", "Unknown device"),
            ("\u{202e}<b>", "b"),
        ];
        for (user_agent, said) in cases {
            assert_eq!(describe_device(user_agent, Lang::En.texts()), said, "{user_agent}");
        }
    }

    #[test]
    fn an_endless_name_is_cut() {
        assert_eq!(describe_device(&"é".repeat(9000), Lang::Fr.texts()).chars().count(), 40);
    }
}
