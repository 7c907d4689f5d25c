//! Sending letters, off the request path: claimed one at a time, handed to the mail server, and settled.
//!
//! Nothing is sent twice by two senders: a claim is a compare-and-set, and ends by itself only long after the attempt has.
//! One window stays open: a process that dies between the server's last word and the commit sends the letter again, under
//! the same `Message-ID`, by which a receiver can tell.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::app::audit::Actor;
use crate::app::outbox::Addressee;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::email::Email;
use crate::domain::outbox::{Claim, Posted, pause_after};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::mail::{Consequence, Dialogue, Letter, Parcel, Post, Step};
pub use crate::mail::{Line, Speaker, Trouble};
use crate::store::{StoreError, Tx, audit, outbox};

/// An attempt has so many steps, none of which takes longer than `mail.timeout`; the last one may take six times that.
const STEPS: u32 = 20;

/// A claim is good for so much longer than any attempt.
const MARGIN: Duration = Duration::from_mins(1);

/// How often, and after which pause, a full queue is asked again: for less than [`MARGIN`] in all.
const BUSY_TRIES: u32 = 100;
const BUSY_PAUSE: Duration = Duration::from_millis(300);

/// What became of a test letter.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Its number in the outbox.
    pub id: i64,
    /// The server's last words, or why there were none.
    pub outcome: Result<String, Trouble>,
}

impl App {
    /// Sends the letter that has been due longest. False if there is nothing to be done at present.
    ///
    /// # Errors
    /// Only a fault of the database; trouble with mail is noted in the outbox.
    pub async fn send_next_letter(&self) -> Result<bool, Failure> {
        let (now, until) = (self.now(), self.claim_ends());
        let due = self.store.look(|tx| outbox::is_due(tx, now)).await?;
        if !due {
            return Ok(false);
        }
        let Some(claim) = self.store.write(move |tx| outbox::claim(tx, now, until)).await? else {
            return Ok(false);
        };
        let outcome = if claim.give_up_at <= now {
            Err(Trouble::Late {
                last: claim.last_error.clone(),
            })
        } else {
            self.attempt_letter(&claim, &mut Dialogue::logged(claim.id)).await
        };
        self.settle_letter(claim, outcome).await
    }

    /// Resolves once a letter was queued in this process.
    pub async fn letter_queued(&self) {
        self.store.letter_queued().await;
    }

    /// Sends a test letter right away, on the very way that all letters take, and tells the dialogue.
    ///
    /// # Errors
    /// Only a fault of the database; `None` if mail is not configured.
    pub async fn send_test_letter(
        &self,
        to: &Email,
        lang: Option<&str>,
        tell: impl FnMut(&Line) + Send,
    ) -> Result<Option<Tested>, Failure> {
        let addressee = Addressee {
            email: to,
            name: None,
            lang,
        };
        let Some(envelope) = self.envelope(&addressee, &Letter::Test) else {
            return Ok(None);
        };
        let until = self.claim_ends();
        let claim = self
            .store
            .write(move |tx| outbox::add_claimed(tx, &envelope, until))
            .await?;
        let outcome = self.attempt_letter(&claim, &mut Dialogue::new(tell)).await;
        let (id, now, kept) = (claim.id, self.now(), outcome.clone());
        // Whoever runs a test is told here and now: nothing is tried again behind their back.
        self.write_down(move |tx| {
            match &kept {
                Ok(_) => outbox::sent(tx, &claim, now),
                Err(trouble) => outbox::fail(tx, &claim, now, &trouble.to_string()),
            }
            .map(drop)
        })
        .await?;
        Ok(Some(Tested { id, outcome }))
    }

    /// Queues a test letter for the running server. False if mail is not configured.
    ///
    /// # Errors
    /// Only a fault of the database.
    pub async fn queue_test_letter(&self, to: &Email, lang: Option<&str>) -> Result<bool, Failure> {
        let addressee = Addressee {
            email: to,
            name: None,
            lang,
        };
        let Some(envelope) = self.envelope(&addressee, &Letter::Test) else {
            return Ok(false);
        };
        self.store.write(move |tx| outbox::add(tx, &envelope)).await?;
        Ok(true)
    }

    fn claim_ends(&self) -> Timestamp {
        self.now().after(self.attempt_limit() + MARGIN)
    }

    fn attempt_limit(&self) -> Duration {
        self.config.mail.timeout * STEPS
    }

    async fn attempt_letter(&self, claim: &Claim, talk: &mut Dialogue<'_>) -> Result<String, Trouble> {
        let rendered = self
            .unsealed(&claim.name, &claim.address, &claim.sealed)
            .map_err(|fault| Trouble::Unwritable(fault.to_string()))?;
        let parcel = Parcel {
            name: &claim.name,
            to: &claim.address,
            written_at: claim.created_at,
            rendered: &rendered,
        };
        let (url, live) = (self.config.server.public_url.as_ref(), self.live());
        let post = Post {
            mail: &self.config.mail,
            from_name: &live.from_name,
            outgoing: &self.config.outgoing,
            hello: url.and_then(|url| url.host_str()),
        };
        let limit = self.attempt_limit();
        let outcome = timeout(limit, post.deliver(&parcel, talk)).await;
        outcome.unwrap_or(Err(Trouble::TooSlow {
            step: Step::Content,
            after: limit,
        }))
    }

    /// Writes down what became of a letter; answers with whether the next one may be tried now.
    async fn settle_letter(&self, claim: Claim, outcome: Result<String, Trouble>) -> Result<bool, Failure> {
        match outcome {
            Ok(said) => {
                let (id, now, kind) = (claim.id, self.now(), claim.kind.clone());
                self.write_down(move |tx| outbox::sent(tx, &claim, now).map(drop))
                    .await?;
                self.meters.deliveries.of(["sent"]).increase();
                tracing::info!(letter = id, kind, said, "a letter was sent");
                Ok(true)
            }
            Err(trouble) => {
                let due = self
                    .now()
                    .after(pause_after(claim.attempt, u16::from_be_bytes(self.random())));
                if trouble.consequence() == Consequence::GiveUp || due >= claim.give_up_at {
                    self.give_up_letter(claim, &trouble).await?;
                } else {
                    self.postpone_letter(claim, &trouble, due).await?;
                }
                Ok(trouble.consequence() != Consequence::AllLater)
            }
        }
    }

    async fn give_up_letter(&self, claim: Claim, trouble: &Trouble) -> Result<(), Failure> {
        let (id, now, kind, error) = (claim.id, self.now(), claim.kind.clone(), trouble.to_string());
        let reason = error.clone();
        self.write_down(move |tx| outbox::fail(tx, &claim, now, &reason).map(drop))
            .await?;
        self.meters.deliveries.of(["given_up"]).increase();
        tracing::warn!(
            letter = id,
            kind,
            error,
            "a letter cannot be sent, see `librechat-auth mail outbox`"
        );
        Ok(())
    }

    async fn postpone_letter(&self, claim: Claim, trouble: &Trouble, due: Timestamp) -> Result<(), Failure> {
        let (id, now, kind, error) = (claim.id, self.now(), claim.kind.clone(), trouble.to_string());
        let (reason, for_all) = (error.clone(), trouble.consequence() == Consequence::AllLater);
        self.write_down(move |tx| {
            outbox::postpone(tx, &claim, due, &reason)?;
            if for_all {
                outbox::postpone_others(tx, now, due, &reason)?;
            }
            Ok(())
        })
        .await?;
        self.meters.deliveries.of(["postponed"]).increase();
        tracing::warn!(letter = id, kind, error, again = %due, "a letter has to wait");
        Ok(())
    }

    /// A write that a full queue does not lose: what happened to a letter outside cannot be undone.
    async fn write_down<F>(&self, work: F) -> Result<(), Failure>
    where
        F: Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + Clone + 'static,
    {
        let mut left = BUSY_TRIES;
        loop {
            match self.store.write(work.clone()).await.map_err(Failure::from) {
                Err(Failure::Refused(Refusal::Busy)) if left > 0 => {
                    left -= 1;
                    sleep(BUSY_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Letters, the newest first: all, or those that were not sent, below the number `before`.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn posted(&self, all: bool, before: i64, limit: u32) -> Result<Vec<Posted>, Failure> {
        let now = self.now();
        Ok(self
            .store
            .scan(move |tx| outbox::page(tx, now, all, before, limit))
            .await?)
    }

    /// The letter with this number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn posted_letter(&self, id: i64) -> Result<Option<Posted>, Failure> {
        let now = self.now();
        Ok(self.store.read(|tx| outbox::find(tx, id, now)).await?)
    }

    /// Has letters tried again at once that wait or have failed: this one, or all. Returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn retry_letters(&self, id: Option<i64>, by: &Actor) -> Result<u64, Failure> {
        let now = self.now();
        let give_up_at = now.after(self.config.mail.retry_for);
        let event = self.event_of(EventKind::LettersRetried, None, by, "");
        let retried = self.store.write(move |tx| {
            let count = outbox::retry(tx, id, now, give_up_at)?;
            if count > 0 {
                let detail = id.map_or_else(|| format!("all {count}"), |id| id.to_string());
                audit::append(tx, &event.clone().remarked(detail))?;
            }
            Ok(count)
        });
        Ok(retried.await?)
    }

    /// Forgets a letter, unless it is being sent. False if there is none.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn drop_letter(&self, id: i64, by: &Actor) -> Result<bool, Failure> {
        let now = self.now();
        let event = self.event_of(EventKind::LetterDropped, None, by, &id.to_string());
        let dropped = self.store.write(move |tx| {
            let is_dropped = outbox::discard(tx, id, now)?;
            if is_dropped {
                audit::append(tx, &event)?;
            }
            Ok(is_dropped)
        });
        Ok(dropped.await?)
    }
}
