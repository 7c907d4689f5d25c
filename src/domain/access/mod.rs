//! Who may open which page of another program: rules in order, the first that fits decides, and nothing fits means no.
//!
//! ```text
//!   host, path, method, network ── fit? ── no ──► next rule
//!            │ yes
//!   names users, roles, groups? ── nobody is signed in ──► log in
//!            │ none, or this person ── not this person ──► next rule
//!            ▼
//!   bypass │ deny │ allow, second_factor: log in first, then with the second factor
//! ```

pub mod asked;
pub mod host;
mod meter;
pub mod path;
mod rule;

pub use asked::{Asked, Malformed, Method, Scheme};
pub use host::{Host, HostPattern};
pub use meter::{Meter, metered};
pub use path::{PathPattern, RequestPath};
pub use rule::{Effect, Miss, Rule, Who};

use path::Reading;

/// What is to happen with a request, from the most open to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It passes, and nobody asks who it is.
    Bypass,
    /// It passes in the name of whoever is signed in.
    Allow,
    /// Somebody has to sign in first.
    LogIn,
    /// Whoever is signed in has to prove a second factor first.
    SecondFactor,
    /// It does not pass.
    Deny,
}

impl Verdict {
    /// The stable key, as explanations and JSON have it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Allow => "allow",
            Self::LogIn => "log_in",
            Self::SecondFactor => "second_factor",
            Self::Deny => "deny",
        }
    }
}

/// A verdict and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is to happen.
    pub verdict: Verdict,
    /// The number of the rule that decided, from 0; `None` if none did.
    pub rule: Option<usize>,
}

/// Decides about a request. A path that can be read in two ways is judged in both, and the stricter verdict counts.
#[must_use]
pub fn decide(rules: &[Rule], asked: &Asked, who: Option<&Who<'_>>) -> Decision {
    let [written, lenient] = readings(rules, asked, who);
    if lenient.verdict > written.verdict {
        lenient
    } else {
        written
    }
}

/// What the rules say of the path as it is written, and as a lenient server reads it.
fn readings(rules: &[Rule], asked: &Asked, who: Option<&Who<'_>>) -> [Decision; 2] {
    let judge = |reading: Reading<'_>| first(rules, asked, reading, who);
    let written = judge(asked.path.as_written());
    if asked.path.is_plain() && rules.iter().all(Rule::is_plain) {
        return [written; 2];
    }
    [written, judge(asked.path.as_lenient())]
}

fn first(rules: &[Rule], asked: &Asked, reading: Reading<'_>, who: Option<&Who<'_>>) -> Decision {
    let decided = rules
        .iter()
        .enumerate()
        .find_map(|(at, rule)| rule.judge(asked, reading, who).ok().map(|verdict| (at, verdict)));
    match decided {
        Some((at, verdict)) => Decision {
            verdict,
            rule: Some(at),
        },
        None => Decision {
            verdict: Verdict::Deny,
            rule: None,
        },
    }
}

/// One rule's part in a decision, for people who wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the rule, from 0.
    pub rule: usize,
    /// What it said, or why it did not apply.
    pub outcome: Result<Verdict, Miss>,
}

/// How each rule was met until one decided, in the reading of the path that led to the verdict, and that reading.
#[must_use]
pub fn explain(rules: &[Rule], asked: &Asked, who: Option<&Who<'_>>) -> (Vec<Step>, String) {
    let written = asked.path.as_written();
    let reading = if first(rules, asked, written, who) == decide(rules, asked, who) {
        written
    } else {
        asked.path.as_lenient()
    };
    let mut steps = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let outcome = rule.judge(asked, reading, who);
        steps.push(Step { rule: at, outcome });
        if outcome.is_ok() {
            break;
        }
    }
    (steps, reading.text().to_owned())
}

#[cfg(test)]
mod tests;
