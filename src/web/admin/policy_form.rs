//! A policy to be tried, as a query says it: the same names on the page and in the API. What is not said is as at present.

use std::time::Duration;

use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::violation::Violation;

/// Looked at unless somebody says otherwise.
const DAYS: u32 = 30;

/// Violations are kept for so many days.
pub const MOST_DAYS: u32 = 90;

/// Prefix of the names of scores.
const SCORE: &str = "score_";

/// What was asked, and what of it makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyForm {
    /// The policy that comes of it.
    pub policy: Policy,
    /// How many days back.
    pub days: u32,
    /// Names and values that were not understood; the present value stands in their place.
    pub misread: Vec<(String, String)>,
}

impl PolicyForm {
    /// Reads a query. Names of other things are left alone.
    #[must_use]
    pub fn read(query: &str, present: &Policy) -> Self {
        let mut form = Self {
            policy: present.clone(),
            days: DAYS,
            misread: Vec::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !value.trim().is_empty() && form.take(&name, &value).is_none() {
                form.misread.push((name.into_owned(), value.into_owned()));
            }
        }
        form
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "interval" => self.policy.interval = Points::parse(value)?,
            "duration_minutes" => self.policy.duration = minutes(value)?,
            "score_ttl_minutes" => self.policy.score_lifetime = Some(minutes(value)?).filter(|life| !life.is_zero()),
            "days" => self.days = days(value)?,
            other => {
                let Some(kind) = other.strip_prefix(SCORE).and_then(Violation::from_key) else {
                    return Some(());
                };
                self.policy.scores.insert(kind, Points::parse(value)?);
            }
        }
        Some(())
    }
}

fn days(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days))
}

/// The name of the score of a kind.
#[must_use]
pub fn score_name(kind: Violation) -> String {
    format!("{SCORE}{}", kind.key())
}

/// Minutes with up to three places.
fn minutes(text: &str) -> Option<Duration> {
    let thousandths = u64::try_from(Points::parse(text)?.thousandths()).ok()?;
    let span = Duration::from_millis(thousandths.checked_mul(60)?);
    (span <= crate::domain::duration::LONGEST).then_some(span)
}

/// A span as [`PolicyForm::read`] takes it.
#[must_use]
pub fn in_minutes(span: Duration) -> String {
    let thousandths = i64::try_from(span.as_millis() / 60).unwrap_or(i64::MAX);
    Points::from_thousandths(thousandths).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_changes_what_it_names_and_nothing_else() {
        let present = Policy::default();
        let form = PolicyForm::read(
            "interval=10&duration_minutes=1.5&score_ttl_minutes=0&days=7&score_logins=2.5&q=x&score_two_factor_limit=",
            &present,
        );
        assert_eq!((form.days, form.misread.len()), (7, 0));
        assert_eq!(form.policy.interval, Points::whole(10));
        assert_eq!(form.policy.duration, Duration::from_secs(90));
        assert_eq!(form.policy.score_lifetime, None);
        assert_eq!(form.policy.score(Violation::Logins).to_string(), "2.5");
        assert_eq!(
            form.policy.score(Violation::TwoFactor),
            present.score(Violation::TwoFactor)
        );
        assert_eq!(in_minutes(form.policy.duration), "1.5");
    }

    #[test]
    fn what_makes_no_sense_is_told_and_changes_nothing() {
        let present = Policy::default();
        for query in [
            "interval=-1",
            "interval=many",
            "duration_minutes=1e9",
            "duration_minutes=99999999",
            "days=0",
            "days=91",
            "score_logins=x",
        ] {
            let form = PolicyForm::read(query, &present);
            assert_eq!(
                (&form.policy, form.days, form.misread.len()),
                (&present, DAYS, 1),
                "{query}"
            );
        }
    }
}
