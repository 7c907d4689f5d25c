//! Work that goes on in the background: begun, waited for a moment, and looked at later.

use std::future::Future;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, rt};
use serde_json::Value as Json;

use crate::domain::job::{JobId, Progress};
use crate::domain::refusal::Refusal;
use crate::web::reply;

/// How long a request waits for the end: most jobs are small. The others go on without it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Begins `work`, and waits a moment for it.
pub async fn start(work: impl Future<Output = ()> + 'static) {
    let task = rt::spawn(work);
    // What did not end in time goes on, and is followed.
    let _patient = rt::time::timeout(PATIENCE, task).await;
}

/// The `{job}` of the address.
///
/// # Errors
/// [`Refusal::NotFound`] for what is no number of a job.
pub fn number(req: &HttpRequest) -> Result<JobId, Refusal> {
    JobId::parse(req.match_info().query("job")).ok_or(Refusal::NotFound)
}

/// How far a job has come, for a program: 202 until it is over.
#[must_use]
pub fn told<W, T>(progress: &Progress<W, T>, body: &Json) -> HttpResponse {
    let status = if progress.is_over {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    reply::respond(status).json(body)
}
