//! Whether a request names a browser as its sender, as LibreChat asks its users' requests. It tells honest programs from
//! people; whoever wants to be taken for a browser only has to say so.

/// What the engines of browsers call themselves in `User-Agent`, before a slash and a version.
const BROWSERS: &[&str] = &[
    "Firefox",
    "FxiOS",
    "Focus",
    "Klar",
    "SeaMonkey",
    "PaleMoon",
    "Chrome",
    "HeadlessChrome",
    "Chromium",
    "CriOS",
    "Safari",
    "Edge",
    "Edg",
    "EdgA",
    "EdgiOS",
    "OPR",
    "OPT",
    "OPiOS",
    "Opera",
    "SamsungBrowser",
    "Vivaldi",
    "DuckDuckGo",
    "YaBrowser",
    "UCBrowser",
    "MiuiBrowser",
    "HuaweiBrowser",
    "Silk",
    "GSA",
    "Epiphany",
    "Konqueror",
    "Falkon",
    "QtWebEngine",
    "Electron",
    "Trident",
    "PlayStation",
];

/// Whether `User-Agent` names a browser that is known.
#[must_use]
pub fn is_browser(user_agent: &str) -> bool {
    is_product(user_agent) || is_old_explorer(user_agent) || is_app_of_apple(user_agent)
}

fn is_product(user_agent: &str) -> bool {
    user_agent
        .split([' ', '(', ')', ';', ','])
        .filter_map(|word| word.split_once('/'))
        .any(|(name, version)| version.starts_with(|c: char| c.is_ascii_digit()) && BROWSERS.contains(&name))
}

fn is_old_explorer(user_agent: &str) -> bool {
    user_agent.starts_with("Mozilla/") && user_agent.contains("compatible; MSIE ")
}

/// Pages inside other programs on iPhones, which name the engine and no browser.
fn is_app_of_apple(user_agent: &str) -> bool {
    user_agent.starts_with("Mozilla/") && user_agent.contains("AppleWebKit/") && user_agent.contains(" Mobile/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known() {
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        ] {
            assert!(is_browser(agent), "{agent}");
        }
    }

    #[test]
    fn programs_are_not() {
        for agent in [
            "",
            "curl/8.14.1",
            "python-requests/2.32.0",
            "Go-http-client/2.0",
            "node",
            "undici",
            "PostmanRuntime/7.43.0",
            "okhttp/5.0.0",
            "Mozilla/5.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "my Firefox/ plugin",
            "Chrome",
            "NotChrome/142.0",
        ] {
            assert!(!is_browser(agent), "{agent}");
        }
    }
}
