//! A strict reader of what `/metrics` says.

use std::collections::{BTreeMap, BTreeSet};

use librechat_auth::config::Config;
use librechat_auth::domain::secret::Secret;

use crate::support::{Answer, Site};

/// With what the tests read.
pub const TOKEN: &str = "a token of the tests that is long enough";

/// A site whose metrics can be read with [`TOKEN`].
pub fn site(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.metrics.token = Some(Secret::new(TOKEN));
        change(config);
    })
}

/// What `/metrics` answers, in the form asked for.
pub fn ask(site: &Site, accept: &str) -> Answer {
    let client = site.client();
    client
        .request("GET", "/metrics")
        .bearer(TOKEN)
        .header("accept", accept)
        .send()
}

/// What it says, read strictly.
pub fn scrape(site: &Site) -> Scrape {
    let answer = ask(site, "text/plain");
    assert_eq!(answer.status, 200, "{}", answer.text());
    Scrape::read(answer.text())
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Scrape {
    /// Kinds by name.
    pub kinds: BTreeMap<String, String>,
    /// Values by name and labels, as written: `name{a="b"}`.
    pub samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Reads the text form of version 0.0.4, and takes nothing that its description does not allow.
    pub fn read(text: &str) -> Self {
        let mut scrape = Self::default();
        let mut helped = BTreeSet::new();
        let mut family = String::new();
        assert!(text.ends_with('\n'), "the last line ends");
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a name and a text");
                assert!(!help.is_empty() && helped.insert(name.to_owned()), "{line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a kind");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(helped.contains(name), "a text comes first: {line}");
                let is_new = scrape.kinds.insert(name.to_owned(), kind.to_owned()).is_none();
                assert!(is_new, "one kind, in one place: {line}");
                name.clone_into(&mut family);
            } else {
                scrape.sample(line, &family);
            }
        }
        scrape.check_histograms();
        scrape
    }

    fn sample(&mut self, line: &str, family: &str) {
        let (series, value) = line.rsplit_once(' ').expect("a series and a value");
        let name = series.split('{').next().expect("a name");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        assert!(
            name.chars().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit()),
            "{line}"
        );
        let kind = self.kinds.get(family).map(String::as_str);
        let endings: &[&str] = match kind {
            Some("histogram") => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        let belongs = endings.iter().any(|ending| name == format!("{family}{ending}"));
        assert!(belongs, "{line} stands below {family}");
        assert!(kind != Some("counter") || name.ends_with("_total"), "{line}");
        labels(series);
        let value: f64 = value.parse().expect("a number");
        assert!(value.is_finite() && (kind == Some("gauge") || value >= 0.0), "{line}");
        assert!(self.samples.insert(series.to_owned(), value).is_none(), "twice: {line}");
    }

    fn check_histograms(&self) {
        let buckets = self.samples.iter().filter(|(series, _)| series.contains("_bucket{"));
        let mut spreads: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for (series, count) in buckets {
            let (name, labels) = (series.split("_bucket{").next().expect("a name"), labels(series));
            let bound = labels.iter().find(|(label, _)| label == "le").expect("a bound");
            let bound = bound.1.parse().expect("a number");
            let others: Vec<_> = labels.iter().filter(|(label, _)| label != "le").collect();
            spreads
                .entry(format!("{name} {others:?}"))
                .or_default()
                .push((bound, *count));
        }
        for (spread, mut buckets) in spreads {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(
                buckets.iter().is_sorted_by(|one, other| one.1 <= other.1),
                "{spread}: {buckets:?}"
            );
            assert!(buckets.last().is_some_and(|(bound, _)| bound.is_infinite()), "{spread}");
        }
    }

    /// The value of a series; 0 if nothing was counted.
    pub fn value(&self, series: &str) -> f64 {
        self.samples.get(series).copied().unwrap_or(0.0)
    }

    /// The same as a whole number.
    #[expect(clippy::cast_possible_truncation, reason = "counts of tests are small")]
    pub fn count(&self, series: &str) -> i64 {
        self.value(series) as i64
    }
}

/// The labels of a series.
fn labels(series: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = series.split_once('{') else {
        return Vec::new();
    };
    let mut rest = rest.strip_suffix('}').expect("closed");
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, quoted) = rest.split_once("=\"").expect("a name and a value");
        let end = quoted.find('"').expect("an end");
        let value = &quoted[..end];
        assert!(
            !value.contains('\\') && !value.contains('\n'),
            "the words are ours: {series}"
        );
        found.push((name.to_owned(), value.to_owned()));
        rest = quoted[end + 1..].trim_start_matches(',');
    }
    found
}
