//! Traces on their way to the collector: made where requests are answered, sent beside everything else.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::observe::otlp;
use crate::observe::trace::{BATCH, Finished, Outbound, Way};

/// How long traces wait for company.
pub const SEND_EVERY: Duration = Duration::from_secs(2);

/// How long the last ones may take when the server stops.
pub const FAREWELL: Duration = Duration::from_secs(2);

/// How often a batch is tried; between two attempts there is [`PAUSE`].
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

impl App {
    /// Where requests hand over their traces; `None` if no collector is configured.
    #[must_use]
    pub fn traces(&self) -> Way {
        self.traces.clone()
    }

    /// Resolves once a batch of traces waits; never, without a collector.
    pub async fn traces_waiting(&self) {
        match &self.traces {
            Some(traces) => traces.filled().await,
            None => std::future::pending().await,
        }
    }

    /// Sends the traces that wait.
    pub async fn send_traces(&self) {
        let Some(traces) = &self.traces else { return };
        loop {
            let batch = traces.take();
            if batch.is_empty() {
                return;
            }
            let is_last = batch.len() < BATCH;
            self.send_batch(traces, &batch).await;
            if is_last {
                return;
            }
        }
    }

    async fn send_batch(&self, traces: &Arc<Outbound>, batch: &[Finished]) {
        let Some(collector) = &self.config.telemetry else {
            return;
        };
        let spans = batch.iter().map(Finished::spans).sum();
        let body = otlp::body(&collector.service, batch).to_string();
        for attempt in 1..=TRIES {
            match self.providers.report_traces(collector, body.clone()).await {
                Ok(()) => return traces.count("exported", spans),
                Err(why) if why.is_passing && attempt < TRIES => tokio::time::sleep(PAUSE).await,
                Err(why) => {
                    traces.count("dropped", spans);
                    tracing::warn!(spans, why = %why.words, "traces could not be sent");
                    return;
                }
            }
        }
    }
}
