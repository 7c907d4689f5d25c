//! What a browser's `User-Agent` says about itself, as far as a person would recognise it.

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

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// A browser on a system.
    Browser(&'static str, &'static str),
    /// A program, or a system alone.
    Named(String),
    /// Nothing.
    Unknown,
}

impl Device {
    /// From the header's value, which may say anything.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        match (find(&BROWSERS, user_agent), find(&SYSTEMS, user_agent)) {
            (Some(browser), Some(system)) => Self::Browser(browser, system),
            (Some(name), None) | (None, Some(name)) => Self::Named(name.to_owned()),
            (None, None) => product(user_agent).map_or(Self::Unknown, Self::Named),
        }
    }
}

impl Device {
    /// What is known of it, for programs and for the console.
    #[must_use]
    pub fn plain(self) -> Option<String> {
        match self {
            Self::Browser(browser, system) => Some(format!("{browser}, {system}")),
            Self::Named(name) => Some(name),
            Self::Unknown => None,
        }
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
