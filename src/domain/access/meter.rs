//! What a rule counts of the requests that it lets pass: LibreChat's limits on messages, for programs that have none.

use super::{Asked, Rule, Who, readings};

/// One thing that is counted or looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meter {
    /// The request is a message: `MESSAGE_IP_*` and `MESSAGE_USER_*` hold.
    Messages,
    /// The request begins an answer that takes its time: `CONCURRENT_MESSAGE_MAX` holds.
    Concurrent,
    /// The request ends such an answer.
    Ends,
    /// Only browsers send such requests: a program without an API key is a violation.
    Browsers,
}

impl Meter {
    /// Every meter there is.
    pub const ALL: [Self; 4] = [Self::Messages, Self::Concurrent, Self::Ends, Self::Browsers];

    /// From its name in the configuration.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meter| meter.key() == text)
    }

    /// Its name in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Concurrent => "concurrent",
            Self::Ends => "ends",
            Self::Browsers => "browsers",
        }
    }
}

/// What is counted of a request that passes. A path that can be read in two ways may meet two rules: then what either of
/// them counts is counted, so that no spelling gets around a limit.
#[must_use]
pub fn metered(rules: &[Rule], asked: &Asked, who: Option<&Who<'_>>) -> Vec<Meter> {
    if rules.iter().all(|rule| rule.limits.is_empty()) {
        return Vec::new();
    }
    let met = readings(rules, asked, who).map(|decision| decision.rule.and_then(|at| rules.get(at)));
    let counts = |meter: &Meter| met.iter().flatten().any(|rule| rule.limits.contains(meter));
    Meter::ALL.into_iter().filter(counts).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::super::{Effect, PathPattern};
    use super::*;

    fn rule(path: &str, limits: &[Meter]) -> Rule {
        Rule {
            paths: vec![PathPattern::parse(path).expect("a path")],
            limits: limits.to_vec(),
            ..Rule::of(Effect::Bypass)
        }
    }

    fn met(rules: &[Rule], path: &str) -> Vec<Meter> {
        let url = format!("https://a.example{path}");
        let asked = Asked::from_url(&url, Some("POST"), IpAddr::V4(Ipv4Addr::LOCALHOST)).expect("a question");
        metered(rules, &asked, None)
    }

    #[test]
    fn the_rule_that_decides_says_what_is_counted() {
        let rules = [
            rule("/chat", &[Meter::Messages, Meter::Browsers]),
            rule("/", &[Meter::Browsers]),
        ];
        assert_eq!(met(&rules, "/chat/x"), [Meter::Messages, Meter::Browsers]);
        assert_eq!(met(&rules, "/other"), [Meter::Browsers]);
        assert_eq!(met(&[rule("/", &[])], "/chat"), []);
    }

    #[test]
    fn no_spelling_of_a_path_gets_around_a_limit() {
        let rules = [rule("/chat", &[Meter::Messages]), rule("/", &[])];
        for path in [
            "/chat",
            "//chat",
            "/x/../chat",
            "/ch%61t",
            "/CHAT",
            "/chat;x=1",
            "/chat%2Fx",
        ] {
            assert_eq!(met(&rules, path), [Meter::Messages], "{path}");
        }
        assert_eq!(met(&rules, "/chats"), []);
    }

    #[test]
    fn names_read_back() {
        for meter in Meter::ALL {
            assert_eq!(Meter::parse(meter.key()), Some(meter));
        }
        assert_eq!(Meter::parse("message"), None);
    }
}
