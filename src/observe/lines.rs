//! Lines with the number of the request at their end: ` request=…` in text, one more key in JSON.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::request;
use crate::config::LogFormat;

/// Lines as they are anyway, and the number.
pub(super) struct Numbered<F> {
    pub(super) lines: F,
    pub(super) format: LogFormat,
}

impl<S, N, F> FormatEvent<S, N> for Numbered<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(id) = request::current() else {
            return self.lines.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.lines.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end_matches('\n');
        match (self.format, line.strip_suffix('}')) {
            (LogFormat::Json, Some(open)) => writeln!(writer, "{open},\"request\":\"{id}\"}}"),
            (LogFormat::Json, None) | (LogFormat::Text, _) => writeln!(writer, "{line} request={id}"),
        }
    }
}
