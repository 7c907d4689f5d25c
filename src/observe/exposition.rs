//! Measurements as text: the form that Prometheus reads (0.0.4) and `OpenMetrics` 1.0, which differ in the names of counters
//! and in the last line.

use std::fmt::Write as _;

use super::meter::{Counter, Histogram, Spread, Tally};

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows; its name ends with `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
    /// A spread over buckets.
    Histogram,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Something that is measured.
#[derive(Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What its numbers mean.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it is, in one line.
    pub help: &'static str,
}

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus's own, version 0.0.4.
    Prometheus,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

impl Format {
    /// The form that is asked for by `Accept`: `OpenMetrics` where it is named, Prometheus's own otherwise.
    #[must_use]
    pub fn negotiate(accept: &str) -> Self {
        let is_named = |range: &str| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let is_refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            name.eq_ignore_ascii_case("application/openmetrics-text") && !is_refused
        };
        if accept.split(',').any(is_named) {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    /// Its `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The text, as far as it is written.
#[derive(Debug)]
pub struct Exposition {
    format: Format,
    text: String,
}

impl Exposition {
    /// Nothing yet.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            text: String::with_capacity(16 * 1024),
        }
    }

    /// A metric with whole numbers, each with the values of its labels.
    pub fn numbers<'l, N: Into<i128>>(
        &mut self,
        metric: &Metric,
        samples: impl IntoIterator<Item = (&'l [&'l str], N)>,
    ) {
        self.head(metric);
        for (labels, number) in samples {
            self.sample(metric, "", labels, &number.into().to_string());
        }
    }

    /// A metric with one whole number.
    pub fn number(&mut self, metric: &Metric, number: impl Into<i128>) {
        self.head(metric);
        self.sample(metric, "", &[], &number.into().to_string());
    }

    /// A metric with one number.
    pub fn real(&mut self, metric: &Metric, number: f64) {
        self.head(metric);
        self.sample(metric, "", &[], &number.to_string());
    }

    /// Counters by labels.
    pub fn tally<const N: usize>(&mut self, metric: &Metric, tally: &Tally<N, Counter>) {
        self.head(metric);
        for (labels, counter) in tally.all() {
            self.sample(metric, "", &labels, &counter.value().to_string());
        }
    }

    /// Spreads by labels.
    pub fn spreads<const N: usize>(&mut self, metric: &Metric, tally: &Tally<N, Histogram>) {
        self.head(metric);
        for (labels, histogram) in tally.all() {
            self.buckets(metric, &labels, &histogram.spread());
        }
    }

    /// One spread.
    pub fn spread(&mut self, metric: &Metric, histogram: &Histogram) {
        self.head(metric);
        self.buckets(metric, &[], &histogram.spread());
    }

    /// The whole text.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    fn head(&mut self, metric: &Metric) {
        let name = match self.format {
            // The ending belongs to the samples there.
            Format::OpenMetrics => metric.name.strip_suffix("_total").unwrap_or(metric.name),
            Format::Prometheus => metric.name,
        };
        let help = metric.help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a text does not fail.
        let _written = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {}", metric.kind.word());
    }

    fn buckets(&mut self, metric: &Metric, labels: &[&str], spread: &Spread) {
        let bounds = spread.buckets.iter().map(|(bound, count)| (number(*bound), *count));
        for (bound, count) in bounds.chain([("+Inf".to_owned(), spread.count)]) {
            self.line((metric, "_bucket"), labels, Some(&bound), &count.to_string());
        }
        self.sample(metric, "_sum", labels, &spread.sum.to_string());
        self.sample(metric, "_count", labels, &spread.count.to_string());
    }

    fn sample(&mut self, metric: &Metric, ending: &str, labels: &[&str], value: &str) {
        self.line((metric, ending), labels, None, value);
    }

    fn line(&mut self, (metric, ending): (&Metric, &str), labels: &[&str], bound: Option<&str>, value: &str) {
        self.text.push_str(metric.name);
        self.text.push_str(ending);
        let named = metric.labels.iter().copied().zip(labels.iter().copied());
        let mut separator = '{';
        for (name, label) in named.chain(bound.map(|bound| ("le", bound))) {
            let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _written = write!(self.text, "{separator}{name}=\"{label}\"");
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        let _written = writeln!(self.text, " {value}");
    }
}

/// A bound as both forms want it: `OpenMetrics` asks for a point in whole numbers too.
fn number(bound: f64) -> String {
    format!("{bound:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: Metric = Metric {
        name: "calls_total",
        kind: Kind::Counter,
        labels: &["who"],
        help: "Calls.\nBack\\slash.",
    };

    #[test]
    fn the_form_follows_accept() {
        for (accept, expected) in [
            ("", Format::Prometheus),
            ("*/*", Format::Prometheus),
            ("text/plain", Format::Prometheus),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            ("application/openmetrics-text;q=0, text/plain", Format::Prometheus),
        ] {
            assert_eq!(Format::negotiate(accept), expected, "{accept}");
        }
    }

    #[test]
    fn counters_lose_their_ending_in_the_head_of_openmetrics_only() {
        let text = |format| {
            let mut exposition = Exposition::new(format);
            exposition.numbers(&CALLS, [(&["a\"\\\n"][..], 3_u32)]);
            exposition.finish()
        };
        assert_eq!(
            text(Format::Prometheus),
            "# HELP calls_total Calls.\\nBack\\\\slash.\n# TYPE calls_total counter\ncalls_total{who=\"a\\\"\\\\\\n\"} 3\n"
        );
        assert_eq!(
            text(Format::OpenMetrics),
            "# HELP calls Calls.\\nBack\\\\slash.\n# TYPE calls counter\ncalls_total{who=\"a\\\"\\\\\\n\"} 3\n# EOF\n"
        );
    }

    #[test]
    fn a_spread_ends_with_everything() {
        let metric = Metric {
            name: "jobs",
            kind: Kind::Histogram,
            labels: &[],
            help: "Jobs.",
        };
        let histogram = Histogram::sizes();
        histogram.saw(3);
        histogram.saw(100);
        let mut exposition = Exposition::new(Format::Prometheus);
        exposition.spread(&metric, &histogram);
        let text = exposition.finish();
        assert!(text.contains("jobs_bucket{le=\"4.0\"} 1\n"), "{text}");
        assert!(
            text.ends_with("jobs_bucket{le=\"+Inf\"} 2\njobs_sum 103\njobs_count 2\n"),
            "{text}"
        );
    }
}
