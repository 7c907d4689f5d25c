//! The chore that sends letters while the server runs: at once when a request has queued one, soon when a command has.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use tokio::select;
use tokio::sync::watch;

use crate::app::App;

/// How often letters are looked for that another process queued, or whose pause is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The chore, and the way to end it.
pub(super) struct Sending {
    stop: watch::Sender<bool>,
    task: rt::task::JoinHandle<()>,
}

/// Tells the chore to end.
#[derive(Clone)]
pub(super) struct Ender(watch::Sender<bool>);

impl Ender {
    /// No other letter is begun.
    pub(super) fn end(&self) {
        self.0.send_replace(true);
    }
}

impl Sending {
    pub(super) fn start(app: Arc<App>) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self {
            stop,
            task: rt::spawn(send(app, stopping)),
        }
    }

    pub(super) fn ender(&self) -> Ender {
        Ender(self.stop.clone())
    }

    /// Waits for the letter in hand, if there is one, as long as `patience` lasts.
    pub(super) async fn finish(mut self, patience: Duration) {
        self.ender().end();
        if rt::time::timeout(patience, &mut self.task).await.is_err() {
            tracing::warn!("the server stops while a letter is being sent; it may be sent again");
            self.task.abort();
        }
    }
}

async fn send(app: Arc<App>, mut stopping: watch::Receiver<bool>) {
    while app.mail_is_configured() && !*stopping.borrow() {
        if !has_more(&app).await {
            select! {
                () = app.letter_queued() => {}
                () = rt::time::sleep(LOOK_EVERY) => {}
                // Whoever could tell is gone only after this chore.
                _ = stopping.changed() => {}
            }
        }
    }
}

/// Sends one letter; whether another one may follow at once.
async fn has_more(app: &App) -> bool {
    app.send_next_letter().await.unwrap_or_else(|failure| {
        tracing::warn!(error = %failure, "the outbox cannot be worked on");
        false
    })
}
