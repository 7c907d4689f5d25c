//! The audit log as a file, sent page by page: a long one takes no more memory than a short one.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;

use crate::app::audit::Actor;
use crate::app::audit_log::{Found, Wanted};
use crate::app::{App, Failure};
use crate::domain::audit_export::Shape;
use crate::web::reply;

type Page = Pin<Box<dyn Future<Output = Result<Found, Failure>>>>;

struct File {
    app: Arc<App>,
    wanted: Wanted,
    shape: Shape,
    beginning: Option<String>,
    /// The page that is being read; `None` after the last one.
    page: Option<Page>,
}

/// Writes the log out, and notes that.
///
/// # Errors
/// Only a fault.
pub async fn answer(app: &Arc<App>, wanted: Wanted, shape: Shape, by: &Actor) -> Result<HttpResponse, Failure> {
    app.note_export(by, shape).await?;
    let media_type = match shape {
        Shape::Csv => "text/csv; charset=utf-8",
        Shape::JsonLines => "application/jsonl",
    };
    let name = format!("audit-{}.{}", app.now().stamp(), shape.key());
    let file = File {
        page: Some(read(app, &wanted, 0)),
        app: Arc::clone(app),
        wanted,
        shape,
        beginning: Some(shape.beginning()).filter(|text| !text.is_empty()),
    };
    Ok(reply::respond(StatusCode::OK)
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(BoxBody::new(file)))
}

fn read(app: &Arc<App>, wanted: &Wanted, after: i64) -> Page {
    let (app, wanted) = (Arc::clone(app), wanted.clone());
    Box::pin(async move { app.audit_after(&wanted, after).await })
}

impl MessageBody for File {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        if let Some(beginning) = self.beginning.take() {
            return Poll::Ready(Some(Ok(beginning.into())));
        }
        loop {
            let Some(page) = &mut self.page else {
                return Poll::Ready(None);
            };
            let found = match ready!(page.as_mut().poll(context)) {
                Ok(found) => found,
                Err(failure) => {
                    tracing::warn!(error = %failure, "the audit log could not be written out to its end");
                    self.page = None;
                    return Poll::Ready(Some(Err(io::Error::other("the audit log cannot be read"))));
                }
            };
            self.page = found.next.map(|next| read(&self.app, &self.wanted, next));
            let lines = found.events.iter().map(|(id, event)| self.shape.line(*id, event));
            let text: String = lines.collect();
            // An empty piece would be the end.
            if !text.is_empty() {
                return Poll::Ready(Some(Ok(text.into())));
            }
        }
    }
}
