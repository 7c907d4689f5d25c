//! The collector of traces, reached as every other server is.

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};

use super::Providers;
use super::outgoing::Unanswered;
use crate::config::Telemetry;
use crate::domain::federation::trouble::quoted;

/// A collector says little.
const MOST_BYTES: usize = 64 * 1024;

/// Why a collector did not take what it was sent.
#[derive(Debug)]
pub struct NotTaken {
    /// Whether it may help to send it again.
    pub is_passing: bool,
    /// What happened.
    pub words: String,
}

impl Providers {
    /// Sends traces in the form of OTLP in JSON.
    ///
    /// # Errors
    /// `NotTaken`.
    pub async fn report_traces(&self, collector: &Telemetry, body: String) -> Result<(), NotTaken> {
        let mut request = Request::new(Method::POST, collector.traces.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &collector.headers {
            let pair = HeaderName::try_from(name)
                .ok()
                .zip(HeaderValue::from_str(value.expose()).ok());
            if let Some((name, mut value)) = pair {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        *request.body_mut() = Some(body.into());
        match self.outgoing.send(request, true, MOST_BYTES).await {
            Ok(reply) if reply.status.is_success() => Ok(()),
            Ok(reply) => Err(NotTaken {
                // As the specification has it.
                is_passing: matches!(
                    reply.status,
                    StatusCode::TOO_MANY_REQUESTS
                        | StatusCode::BAD_GATEWAY
                        | StatusCode::SERVICE_UNAVAILABLE
                        | StatusCode::GATEWAY_TIMEOUT
                ),
                words: format!("the collector answers with {}", reply.status.as_u16()),
            }),
            Err(unanswered) => Err(NotTaken {
                is_passing: matches!(unanswered, Unanswered::Failed(_)),
                words: quoted(&unanswered.to_string()),
            }),
        }
    }
}
