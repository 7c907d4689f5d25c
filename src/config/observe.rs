//! `[log]`, `[metrics]` and `[telemetry]`: what the server tells of its work, and to whom.

use url::Url;

use super::mistakes::{SECRET_CHARACTERS, warn};
use super::problem::Findings;
use super::setting::{Kind, Setting, entry, number};
use super::settled::Settled;
use crate::domain::moderation::network::Network;
use crate::domain::secret::Secret;

/// The settings, in the order of `librechat-auth.toml`.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    entry("log.filter", "LIBRECHAT_AUTH_LOG", Kind::Filter, "info",
        "What is logged: error, warn, info, debug, or a filter such as info,librechat_auth::web=debug."),
    entry("log.format", "LIBRECHAT_AUTH_LOG_FORMAT", Kind::Choice(&["text", "json"]), "text",
        "text for people, json for programs."),
    entry("log.requests", "LIBRECHAT_AUTH_LOG_REQUESTS", Kind::Choice(&["off", "errors", "all"]), "errors",
        "Which requests get a line: none, those that failed or were refused under a number, or all."),

    entry("metrics.token", "LIBRECHAT_AUTH_METRICS_TOKEN", Kind::Secret { hex: None }, "",
        "Whoever sends this as bearer token may read /metrics; 32 characters or more."),
    entry("metrics.networks", "LIBRECHAT_AUTH_METRICS_NETWORKS", Kind::Proxies, "",
        "Addresses and networks that may read /metrics without a token; only who is connected directly counts."),

    entry("telemetry.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", Kind::Url, "",
        "Collector that gets traces by OTLP over HTTP, such as http://127.0.0.1:4318; without it none are made."),
    entry("telemetry.headers", "OTEL_EXPORTER_OTLP_HEADERS", Kind::Secret { hex: None }, "",
        "Headers for the collector, as name=value, separated by commas."),
    entry("telemetry.service", "OTEL_SERVICE_NAME", Kind::Text, "librechat-auth",
        "What the server is called in traces."),
    entry("telemetry.percent", "LIBRECHAT_AUTH_TELEMETRY_PERCENT", number(0, 100), "100",
        "How many requests of a hundred are traced, where no trusted proxy has decided that."),
];

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people and journald.
    Text,
    /// One JSON object per line.
    Json,
}

/// Which requests get a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRequests {
    /// None.
    Off,
    /// Those that failed, and those that were refused under a number.
    Errors,
    /// All.
    All,
}

/// What is logged and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// A `tracing` filter, such as `info` or `librechat_auth=debug`.
    pub filter: String,
    /// Text or JSON.
    pub format: LogFormat,
    /// Which requests get a line.
    pub requests: LogRequests,
}

/// Who may read the metrics, besides admins.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Whoever has this.
    pub token: Option<Secret>,
    /// Whoever is connected from there.
    pub networks: Vec<Network>,
}

/// The collector of traces.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// Where it takes traces.
    pub traces: Url,
    /// What it wants to be told besides.
    pub headers: Vec<(String, Secret)>,
    /// What the server is called there.
    pub service: String,
    /// How many requests of a hundred are traced.
    pub percent: u8,
}

impl Settled {
    pub(super) fn log(&self) -> Log {
        Log {
            filter: self.text("log.filter"),
            format: match self.text("log.format").as_str() {
                "json" => LogFormat::Json,
                _ => LogFormat::Text,
            },
            requests: match self.text("log.requests").as_str() {
                "off" => LogRequests::Off,
                "all" => LogRequests::All,
                _ => LogRequests::Errors,
            },
        }
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics {
            token: self.secret("metrics.token"),
            networks: self.networks("metrics.networks"),
        }
    }

    pub(super) fn telemetry(&self) -> Option<Telemetry> {
        Some(Telemetry {
            traces: traces(self.url("telemetry.endpoint")?)?,
            headers: self.collector_headers().unwrap_or_default(),
            service: self.text("telemetry.service"),
            percent: self.number("telemetry.percent"),
        })
    }

    /// The headers; `None` if what is written is no list of them.
    fn collector_headers(&self) -> Option<Vec<(String, Secret)>> {
        let Some(written) = self.secret("telemetry.headers") else {
            return Some(Vec::new());
        };
        let pairs = written.expose().split(',').filter(|pair| !pair.trim().is_empty());
        pairs.map(header).collect()
    }
}

/// Where traces go below an endpoint, as the specification of the exporter has it.
fn traces(mut endpoint: Url) -> Option<Url> {
    endpoint.set_query(None);
    endpoint.set_fragment(None);
    endpoint
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(["v1", "traces"]);
    Some(endpoint)
}

/// `name=value`, the value perhaps with percent signs, as in W3C Baggage.
fn header(pair: &str) -> Option<(String, Secret)> {
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim().replace('+', "%2B"));
    let is_token = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
    let encoded = format!("v={value}");
    let (_, value) = url::form_urlencoded::parse(encoded.as_bytes()).next()?;
    let is_value = value.bytes().all(|c| (b' '..=b'~').contains(&c));
    (is_token && is_value).then(|| (name.to_ascii_lowercase(), Secret::new(value.into_owned())))
}

/// What is surely not meant.
pub(super) fn review(settled: &Settled, findings: &mut Findings) {
    if let Some(token) = settled.secret("metrics.token") {
        let count = token.expose().chars().count();
        if count < SECRET_CHARACTERS {
            let message =
                format!("has only {count} characters and can be guessed; use the output of `openssl rand -hex 32`");
            warn(findings, settled.origin("metrics.token"), message);
        }
    }
    let networks = settled.networks("metrics.networks");
    if let Some(network) = networks.iter().find(|network| network.prefix() == 0) {
        let message = format!("contains {network}: everybody may read the metrics; name your own networks only");
        warn(findings, settled.origin("metrics.networks"), message);
    }
    if settled.collector_headers().is_none() {
        let origin = settled.origin("telemetry.headers");
        let message = "cannot be read: write name=value, and a comma between two of them";
        findings.error(&origin.given.place, &origin.given.name, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_below_the_endpoint() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://otel.example.org/otlp?x=1#y",
                "https://otel.example.org/otlp/v1/traces",
            ),
        ] {
            let url = traces(endpoint.parse().expect("an address"));
            assert_eq!(url.map(String::from).as_deref(), Some(expected));
        }
    }

    #[test]
    fn headers_are_pairs() {
        let read = |pair| header(pair).map(|(name, value)| (name, value.expose().to_owned()));
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(read(" X-Key = a%20b+c=d "), pair("x-key", "a b+c=d"));
        assert_eq!(read("authorization=Basic eDp5"), pair("authorization", "Basic eDp5"));
        for bad in ["", "key", "=value", "a b=c", "key=%0D%0Aother: 1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
