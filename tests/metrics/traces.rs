//! Traces, as a collector gets them. The collector is emulated at the wire: it takes OTLP in JSON over HTTP and refuses
//! whatever the specification's JSON form does not know.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use librechat_auth::config::{Config, Telemetry};
use librechat_auth::domain::secret::Secret;
use serde::Deserialize;

use super::kit::{scrape, site as measured};
use crate::support::{Person, Site};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Export {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceSpans {
    resource: Resource,
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    name: String,
    #[serde(rename = "version")]
    _version: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Part {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
    status: Option<Status>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    code: u8,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    key: String,
    value: AnyValue,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnyValue {
    string_value: Option<String>,
    int_value: Option<String>,
}

impl Part {
    fn attribute(&self, key: &str) -> Option<String> {
        let found = self.attributes.iter().find(|attribute| attribute.key == key)?;
        found.value.string_value.clone().or(found.value.int_value.clone())
    }

    fn times(&self) -> (u64, u64) {
        let read = |text: &str| text.parse().expect("a whole number as text");
        (read(&self.start_time_unix_nano), read(&self.end_time_unix_nano))
    }
}

/// The collector: everything that it got, with the head of the request.
struct Collector {
    address: std::net::SocketAddr,
    exports: Receiver<(String, Export)>,
}

impl Collector {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, exports) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                receive(stream, &sender);
            }
        });
        Self { address, exports }
    }

    fn configure(&self, config: &mut Config) {
        config.telemetry = Some(telemetry(&format!("http://{}/v1/traces", self.address)));
    }

    /// The spans of the next export.
    fn next(&self) -> Vec<Part> {
        let (head, export) = self.exports.recv_timeout(Duration::from_secs(20)).expect("an export");
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
        assert!(head.contains("x-tenant: home"), "{head}");
        let [resource] = export.resource_spans.as_slice() else {
            panic!("one resource")
        };
        let service = &resource.resource.attributes[0];
        assert_eq!(
            (service.key.as_str(), service.value.string_value.as_deref()),
            ("service.name", Some("login"))
        );
        let [scope] = resource.scope_spans.as_slice() else {
            panic!("one scope")
        };
        assert_eq!(scope.scope.name, "librechat-auth");
        for span in &scope.spans {
            let (start, end) = span.times();
            let digits = |text: &str, count| text.len() == count && text.bytes().all(|c| c.is_ascii_hexdigit());
            assert!(
                start <= end && digits(&span.trace_id, 32) && digits(&span.span_id, 16),
                "{span:?}"
            );
        }
        scope.spans.clone()
    }

    /// The spans of the first request for this route that comes in.
    fn trace_of(&self, name: &str) -> Vec<Part> {
        loop {
            let spans = self.next();
            if let Some(root) = spans.iter().find(|span| span.name == name) {
                let own = spans.iter().filter(|span| span.trace_id == root.trace_id);
                return own.cloned().collect();
            }
        }
    }
}

fn telemetry(traces: &str) -> Telemetry {
    Telemetry {
        traces: traces.parse().expect("an address"),
        headers: vec![("x-tenant".to_owned(), Secret::new("home"))],
        service: "login".to_owned(),
        percent: 100,
    }
}

fn receive(mut stream: TcpStream, sender: &Sender<(String, Export)>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(lines.read_line(&mut head).expect("text") > 0, "cut off: {head}");
    }
    let lower = head.to_lowercase();
    let (_, rest) = lower.split_once("content-length: ").expect("a length");
    let length = rest.split("\r\n").next().and_then(|digits| digits.parse().ok());
    let mut body = vec![0; length.expect("a number")];
    lines.read_exact(&mut body).expect("a body");
    let export = serde_json::from_slice(&body).expect("OTLP in JSON");
    let said = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    stream.write_all(said.as_bytes()).expect("answered");
    // A test that has seen enough does not listen any more.
    sender.send((head, export)).ok();
}

fn behind_a_proxy(config: &mut Config) {
    config.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
}

#[test]
fn a_login_is_told_step_by_step() {
    let collector = Collector::open();
    let site = Site::with(|config| collector.configure(config));
    Person::register(&site, "ada");
    Person::log_in(&site, "ada");
    let spans = collector.trace_of("POST /api/auth/login");
    let (root, steps) = spans.split_first().expect("a span");
    assert_eq!((root.kind, root.parent_span_id.as_deref()), (2, None));
    let attribute = |key: &str| root.attribute(key).unwrap_or_default();
    assert_eq!(attribute("http.request.method"), "POST");
    assert_eq!(attribute("http.route"), "/api/auth/login");
    assert_eq!(attribute("http.response.status_code"), "200");
    assert_eq!(attribute("librechat_auth.request").len(), 16);
    let names: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["password.verify", "store.write"]);
    for step in steps {
        assert_eq!((step.kind, step.parent_span_id.as_ref()), (1, Some(&root.span_id)));
        assert!(
            step.times().0 >= root.times().0 && step.times().1 <= root.times().1,
            "{step:?}"
        );
    }
}

#[test]
fn a_trusted_proxy_says_what_a_request_belongs_to() {
    let collector = Collector::open();
    let site = Site::with(|config| {
        collector.configure(config);
        behind_a_proxy(config);
    });
    site.client()
        .request("GET", "/login")
        .header("traceparent", PARENT)
        .send();
    let root = &collector.trace_of("GET /login")[0];
    assert_eq!(root.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root.parent_span_id.as_deref(), Some("00f067aa0ba902b7"));
}

#[test]
fn a_stranger_says_nothing_of_the_kind() {
    let collector = Collector::open();
    let site = Site::with(|config| collector.configure(config));
    site.client()
        .request("GET", "/login")
        .header("traceparent", PARENT)
        .send();
    let root = &collector.trace_of("GET /login")[0];
    assert_ne!(root.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root.parent_span_id, None);
}

#[test]
fn what_a_trusted_proxy_does_not_keep_is_not_sent() {
    let collector = Collector::open();
    let site = Site::with(|config| {
        collector.configure(config);
        behind_a_proxy(config);
    });
    let dropped = PARENT.replace("-01", "-00");
    site.client()
        .request("GET", "/register")
        .header("traceparent", &dropped)
        .send();
    site.client().get("/login");
    let spans = collector.next();
    assert!(spans.iter().all(|span| span.name != "GET /register"), "{spans:?}");
}

#[test]
fn a_share_of_nothing_is_nothing() {
    let site = measured(|config| {
        config.telemetry = Some(Telemetry {
            percent: 0,
            ..telemetry("http://127.0.0.1:9/v1/traces")
        });
    });
    for _ in 0..20 {
        site.client().get("/login");
    }
    assert_eq!(site.app.traces().expect("a collector").take(), Vec::new());
}

#[test]
fn a_failure_is_marked_and_a_refusal_keeps_its_number() {
    let collector = Collector::open();
    let site = Site::with(|config| collector.configure(config));
    let ada = site.user("ada");
    site.sql("UPDATE users SET id = 'zz'");
    let refused = site.client().get("/api/user");
    assert_eq!((refused.status, ada.api("GET", "/api/user").status), (401, 500));
    let mut roots = Vec::new();
    while roots.len() < 2 {
        roots.extend(collector.next().into_iter().filter(|span| span.name == "GET /api/user"));
    }
    assert_eq!(
        roots[0].attribute("librechat_auth.reference").as_deref(),
        refused.header("x-reference")
    );
    assert!(roots[0].status.is_none(), "the server did what it should");
    assert_eq!(roots[1].status.as_ref().map(|status| status.code), Some(2));
}

#[test]
fn the_last_traces_are_sent_before_the_server_ends() {
    let collector = Collector::open();
    let site = Site::with(|config| collector.configure(config));
    site.client().get("/login");
    drop(site);
    assert_eq!(collector.next()[0].name, "GET /login");
}

#[test]
fn a_collector_that_is_gone_costs_traces_and_nothing_else() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .expect("a free port");
    let site = measured(|config| config.telemetry = Some(telemetry(&format!("http://{gone}/v1/traces"))));
    assert_eq!(site.client().get("/login").status, 200);
    let dropped = r#"librechat_auth_telemetry_spans_total{outcome="dropped"}"#;
    while scrape(&site).count(dropped) == 0 {
        thread::yield_now();
    }
    assert_eq!(site.client().get("/login").status, 200);
}
