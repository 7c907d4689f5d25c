//! What happens by itself: last uses are written, what is over or too old is removed, all off the request path.

use std::time::Duration;

use crate::app::second_factor::allowance::WINDOW;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::tally::KEPT;
use crate::domain::time::Timestamp;
use crate::store::{
    StoreError, Tx, accounts, api_keys, attempts, audit, errands, expectations, flights, guesses, invitations, outbox,
    proofs, scores, sessions, tallies, tickets, trusted_devices, upstream,
};

/// How often last uses are written.
pub const TOUCH_EVERY: Duration = Duration::from_secs(20);

/// How often changes of other processes are looked for, and refusals are written.
pub const KEEP_UP_EVERY: Duration = Duration::from_secs(1);

/// How often providers' tokens that are about to run out are looked for.
pub const RENEW_UPSTREAM_EVERY: Duration = Duration::from_secs(10);

/// How often dead sessions and old history are removed.
pub const PURGE_EVERY: Duration = Duration::from_mins(15);

/// How often the admins are told who waits for them.
pub const ANNOUNCE_EVERY: Duration = Duration::from_secs(5);

/// How long violations are kept, to explain bans and to try policies on.
const VIOLATIONS_KEPT: Duration = Duration::from_hours(90 * 24);

/// How long it is remembered who came through an invitation that is over.
const INVITATIONS_KEPT: Duration = Duration::from_hours(365 * 24);

/// How long a network is remembered for a good login.
const GOOD_LOGINS_KEPT: Duration = Duration::from_hours(30 * 24);

/// How long an errand that cannot be done is tried again.
const ERRANDS_KEPT: Duration = Duration::from_hours(1);

/// How long logins with other providers are kept in the flight recorder.
const FLIGHTS_KEPT: Duration = Duration::from_hours(90 * 24);

/// How long a login at a provider may wait for its second step: longer than all its tickets together.
const UNFINISHED_KEPT: Duration = Duration::from_mins(30);

/// Rows removed in one transaction, so that no request waits for long.
const SLICE: u32 = 500;

impl App {
    /// Removes sessions that are over; returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_sessions(&self) -> Result<u64, Failure> {
        let (now, idle) = (self.now(), self.config.session.idle);
        self.in_slices(move |tx| sessions::purge_expired(tx, now, idle, SLICE))
            .await
    }

    /// Removes what is too old to explain or open anything: faded scores, old violations, good logins, audit lines and numbers, links,
    /// tickets and trusted devices; returns how many rows went.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_history(&self) -> Result<u64, Failure> {
        let (now, audit_kept) = (self.now(), self.config.audit.keep);
        let mut removed = match self.live().moderation.policy.score_lifetime {
            Some(life) => {
                self.in_slices(move |tx| scores::purge_scores(tx, now.before(life), SLICE))
                    .await?
            }
            None => 0,
        };
        removed += self
            .in_slices(move |tx| scores::purge_violations(tx, now.before(VIOLATIONS_KEPT), SLICE))
            .await?;
        removed += self
            .in_slices(move |tx| scores::purge_good_logins(tx, now.before(GOOD_LOGINS_KEPT), SLICE))
            .await?;
        removed += self
            .in_slices(move |tx| audit::purge_before(tx, now.before(audit_kept), now, SLICE))
            .await?;
        removed += self
            .in_slices(move |tx| tallies::purge(tx, now.before(KEPT), SLICE))
            .await?;
        removed += self.in_slices(move |tx| proofs::purge(tx, now, SLICE)).await?;
        removed += self
            .in_slices(move |tx| errands::purge_before(tx, now.before(ERRANDS_KEPT), SLICE))
            .await?;
        removed += self
            .in_slices(move |tx| invitations::purge_before(tx, now.before(INVITATIONS_KEPT), SLICE))
            .await?;
        removed += self.in_slices(move |tx| tickets::purge(tx, now, SLICE)).await?;
        removed += self.in_slices(move |tx| api_keys::purge(tx, now, SLICE)).await?;
        removed += self.in_slices(move |tx| trusted_devices::purge(tx, now, SLICE)).await?;
        Ok(removed + self.purge_federation(now).await?)
    }

    /// What is left of logins through providers.
    async fn purge_federation(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut removed = self.in_slices(move |tx| attempts::purge(tx, now, SLICE)).await?;
        removed += self.in_slices(move |tx| expectations::purge(tx, now, SLICE)).await?;
        removed += self
            .in_slices(move |tx| flights::purge(tx, now.before(FLIGHTS_KEPT), SLICE))
            .await?;
        removed += self
            .in_slices(move |tx| upstream::purge(tx, now.before(UNFINISHED_KEPT), SLICE))
            .await?;
        Ok(removed)
    }

    /// Removes accounts whose address nobody proved in time and that nobody used; returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_unproved(&self) -> Result<u64, Failure> {
        let now = self.now();
        let event = self.event(EventKind::AccountDeleted, None, "", "never_verified");
        self.in_slices(move |tx| {
            let due = accounts::expired(tx, now, SLICE)?;
            for account in &due {
                accounts::delete(tx, account.key)?;
                audit::append(tx, &event.clone().about(account.id))?;
            }
            Ok(due.len() as u64)
        })
        .await
    }

    /// Wipes what letters said that cannot be sent any more, and forgets old ones; returns how many were forgotten.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_outbox(&self) -> Result<u64, Failure> {
        let now = self.now();
        self.in_slices(move |tx| outbox::wipe(tx, now, SLICE)).await?;
        let over = now.before(self.config.mail.keep);
        self.in_slices(move |tx| outbox::purge(tx, over, SLICE)).await
    }

    /// Forgets failed passwords whose window is over; returns for how many accounts and devices.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_guesses(&self) -> Result<u64, Failure> {
        let now = self.steady_now();
        // Codes are counted for longer than passwords may be.
        let over = now.before(self.config.limits.account.window().max(WINDOW));
        self.in_slices(move |tx| {
            guesses::start_no_later(tx, now)?;
            guesses::purge(tx, over, SLICE)
        })
        .await
    }

    async fn in_slices<F>(&self, remove: F) -> Result<u64, Failure>
    where
        F: Fn(&mut Tx<'_>) -> Result<u64, StoreError> + Send + Clone + 'static,
    {
        self.in_steps(SLICE, remove).await
    }

    /// Repeats a removal of at most `step` until it finds less than it could.
    pub(super) async fn in_steps<F>(&self, step: u32, remove: F) -> Result<u64, Failure>
    where
        F: Fn(&mut Tx<'_>) -> Result<u64, StoreError> + Send + Clone + 'static,
    {
        let mut removed = 0;
        loop {
            let slice = self.store.write(remove.clone()).await?;
            removed += slice;
            if slice < u64::from(step) {
                return Ok(removed);
            }
        }
    }
}
