//! A browser's `User-Agent` in words a person recognises.

use crate::domain::device::Device;
use crate::web::views::texts::Texts;

/// Such as "Firefox on Linux" or, for programs, their own name; a stand-in if nothing is known.
#[must_use]
pub fn describe_device(user_agent: &str, texts: &Texts) -> String {
    match Device::of(user_agent) {
        Device::Browser(browser, system) => (texts.device_on)(browser, system),
        Device::Named(name) => name,
        Device::Unknown => texts.unknown_device.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

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
