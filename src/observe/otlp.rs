//! Traces as OTLP writes them in JSON (`ExportTraceServiceRequest`): identifiers in hexadecimal digits, 64-bit numbers as text.

use std::time::Duration;

use serde_json::{Value, json};

use super::trace::{Finished, Step};

/// `SPAN_KIND_SERVER` and `SPAN_KIND_INTERNAL`.
const SERVER: u8 = 2;
const INTERNAL: u8 = 1;

/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// The body of a request to the collector.
#[must_use]
pub fn body(service: &str, finished: &[Finished]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceSpans": [{
        "resource": { "attributes": [text("service.name", service), text("service.version", version)] },
        "scopeSpans": [{
            "scope": { "name": "librechat-auth", "version": version },
            "spans": finished.iter().flat_map(spans).collect::<Vec<_>>(),
        }],
    }] })
}

fn spans(finished: &Finished) -> Vec<Value> {
    let about = &finished.about;
    let mut attributes = vec![
        text("http.request.method", about.method),
        text("http.route", about.route),
        text("url.scheme", about.scheme),
        json!({ "key": "http.response.status_code", "value": { "intValue": about.status.to_string() } }),
        text("librechat_auth.request", &about.request),
    ];
    attributes.extend(
        about
            .reference
            .as_deref()
            .map(|reference| text("librechat_auth.reference", reference)),
    );
    let mut span = json!({
        "traceId": finished.trace,
        "spanId": finished.span,
        "name": format!("{} {}", about.method, about.route),
        "kind": SERVER,
        "startTimeUnixNano": moment(finished, Duration::ZERO),
        "endTimeUnixNano": moment(finished, finished.took),
        "attributes": attributes,
    });
    if let Some(parent) = &finished.parent {
        span["parentSpanId"] = json!(parent);
    }
    if about.status >= 500 {
        span["status"] = json!({ "code": ERROR });
    }
    let steps = finished.steps.iter().enumerate();
    std::iter::once(span)
        .chain(steps.map(|(at, one)| step(finished, at, one)))
        .collect()
}

fn step(finished: &Finished, at: usize, step: &Step) -> Value {
    json!({
        "traceId": finished.trace,
        "spanId": below(&finished.span, at),
        "parentSpanId": finished.span,
        "name": step.name,
        "kind": INTERNAL,
        "startTimeUnixNano": moment(finished, step.started),
        "endTimeUnixNano": moment(finished, step.ended),
    })
}

/// The identifier of a step: the request's own, counted up.
fn below(span: &str, at: usize) -> String {
    let number = u64::from_str_radix(span, 16).unwrap_or(0);
    let next = number.wrapping_add(1).wrapping_add(at as u64);
    format!("{:016x}", next.max(1))
}

fn moment(finished: &Finished, after: Duration) -> String {
    let start = i128::from(finished.at.millis()) * 1_000_000;
    (start + i128::try_from(after.as_nanos()).unwrap_or(0)).to_string()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}
