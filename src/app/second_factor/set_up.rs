//! Setting a second factor up before anything else, because one is required: each step takes the ticket that the one before
//! gave, and only the last one makes the secret count and opens a session.
//!
//! ```text
//!   password ──ticket──► secret shown ──ticket and a code──► backup codes shown ──► kept ──► session
//!                             ▲                                    │
//!                             └────────── lost on the way ─────────┘
//! ```

use crate::app::admit::{Challenge, Opening, Seen};
use crate::app::alert::{Alert, Deed};
use crate::app::second_factor::pairing::{Pairing, Trial};
use crate::app::second_factor::tickets::{Holder, name_of};
use crate::app::tokens::SignedIn;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Act, Answer, BackupCode, Trouble};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::Origin;
use crate::domain::ticket::TicketKind;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, backup_codes, second_factors, sessions, trusted_devices};

/// What [`App::confirm_set_up`] made.
pub struct Kept {
    /// The codes, shown this once.
    pub codes: Vec<BackupCode>,
    /// The ticket for saying that they are kept.
    pub next: Challenge,
}

/// How a write of the set-up ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Taken,
    Overtaken,
    CredentialsChanged,
}

/// Everything that the last write needs.
struct Finish {
    seen: Seen,
    ticket: TokenDigest,
    opening: Opening,
    event: Event,
    alert: Alert,
    now: Timestamp,
}

impl Finish {
    fn write(&self, tx: &mut Tx<'_>) -> Result<Step, StoreError> {
        let key = self.seen.key;
        if !self.seen.holds(tx, self.now)? || !self.opening.is_vouched_for(tx)? {
            return Ok(Step::CredentialsChanged);
        }
        if !second_factors::finalize(tx, key, self.ticket)? {
            return Ok(Step::Overtaken);
        }
        backup_codes::activate(tx, key, self.now)?;
        accounts::set_two_factor(tx, key, Some(self.now))?;
        sessions::delete_others(tx, key, None)?;
        trusted_devices::revoke_all(tx, key)?;
        audit::append(tx, &self.event)?;
        self.alert.put(tx)?;
        self.opening.write(tx)?;
        Ok(Step::Taken)
    }
}

impl App {
    /// A new secret, pending; one that was pending is forgotten.
    ///
    /// # Errors
    /// [`Refusal::BadTicket`], [`Trouble::SetUpNotRequired`], [`Trouble::Changed`], or a fault.
    pub async fn begin_set_up(&self, ticket: &Secret) -> Result<Pairing, Failure> {
        let Holder { ticket, account, seen } = self.ticket_holder(TicketKind::SetUp, ticket.expose()).await?;
        let (sealed, pairing) = self.new_pairing(&account);
        let by = name_of(&ticket);
        let now = self.now();
        let step = self
            .store
            .write(move |tx| {
                if !seen.holds(tx, now)? {
                    return Ok(Step::CredentialsChanged);
                }
                second_factors::put_pending(tx, seen.key, &sealed, by)?;
                Ok(Step::Taken)
            })
            .await?;
        taken(step)?;
        Ok(pairing)
    }

    /// The secret that was begun with this very ticket, to be shown again.
    ///
    /// # Errors
    /// As [`App::begin_set_up`], or [`Trouble::Unreadable`].
    pub async fn pending_set_up(&self, ticket: &Secret) -> Result<Option<Pairing>, Failure> {
        let Holder { ticket, account, .. } = self.ticket_holder(TicketKind::SetUp, ticket.expose()).await?;
        self.pending_pairing(&account, name_of(&ticket)).await
    }

    /// Takes the first code of the pending secret, and makes ten backup codes. Nothing counts yet.
    ///
    /// # Errors
    /// As [`App::begin_set_up`]; [`Trouble::NotInitiated`], [`Trouble::Wrong`].
    pub async fn confirm_set_up(&self, ticket: &Secret, answer: Option<Answer>) -> Result<Kept, Failure> {
        let Holder { ticket, account, seen } = self.ticket_holder(TicketKind::SetUp, ticket.expose()).await?;
        let trial = Trial {
            account: &account,
            by: Some(name_of(&ticket)),
            act: Act::SetUp,
            explain: false,
        };
        let tried = self.try_pending(trial, answer).await?;
        let (codes, stored) = self.new_backup_codes(account.id);
        let next = self.next_ticket(TicketKind::Acknowledge, &seen, &ticket);
        let name = name_of(&next);
        let now = self.now();
        let step = self
            .store
            .write(move |tx| {
                if !seen.holds(tx, now)? {
                    return Ok(Step::CredentialsChanged);
                }
                if !second_factors::confirm_pending(tx, seen.key, &tried.sealed, tried.step, name)? {
                    return Ok(Step::Overtaken);
                }
                backup_codes::put_pending(tx, seen.key, &stored)?;
                Ok(Step::Taken)
            })
            .await?;
        taken(step)?;
        Ok(Kept {
            codes,
            next: self.sign_challenge(&next),
        })
    }

    /// Takes the word of somebody that they have kept their backup codes.
    ///
    /// # Errors
    /// [`Refusal::BadTicket`], [`Trouble::SetUpStepExpired`], [`Trouble::SetUpNotRequired`], [`Trouble::Changed`], or a
    /// fault.
    pub async fn acknowledge_set_up(&self, ticket: &Secret) -> Result<Challenge, Failure> {
        let Holder { ticket, seen, .. } = self.ticket_holder(TicketKind::Acknowledge, ticket.expose()).await?;
        let next = self.next_ticket(TicketKind::Finalize, &seen, &ticket);
        let (from, to) = (name_of(&ticket), name_of(&next));
        let now = self.now();
        let step = self
            .store
            .write(move |tx| {
                if !seen.holds(tx, now)? {
                    return Ok(Step::CredentialsChanged);
                }
                Ok(if second_factors::pass_on(tx, seen.key, from, to)? {
                    Step::Taken
                } else {
                    Step::Overtaken
                })
            })
            .await?;
        taken(step)?;
        Ok(self.sign_challenge(&next))
    }

    /// Makes the secret count, ends every session there is, and opens one.
    ///
    /// # Errors
    /// As [`App::acknowledge_set_up`].
    pub async fn finalize_set_up(
        &self,
        ticket: &Secret,
        device: Option<Secret>,
        origin: Origin,
    ) -> Result<Box<SignedIn>, Failure> {
        let outcome = self.finish_set_up(ticket, device, origin).await;
        self.meters.last_step("enrolment", &outcome);
        outcome
    }

    async fn finish_set_up(
        &self,
        ticket: &Secret,
        device: Option<Secret>,
        origin: Origin,
    ) -> Result<Box<SignedIn>, Failure> {
        let Holder { ticket, account, seen } = self.ticket_holder(TicketKind::Finalize, ticket.expose()).await?;
        let event = self.event(EventKind::TwoFactorEnabled, Some(account.id), &origin, "required");
        let alert = self.alert(&account, Deed::TwoFactorEnabled, &origin);
        let now = self.now();
        // The session and the body speak of the account as it is then.
        let mut account = account;
        account.two_factor_at = Some(now);
        let method = format!("{}+code", ticket.method);
        let (mut opening, signed_in) = self.opening(&account, &method, device.as_ref(), origin);
        opening.upstream = ticket.upstream;
        let finish = Finish {
            seen,
            ticket: name_of(&ticket),
            opening,
            event,
            alert,
            now,
        };
        taken(self.store.write(move |tx| finish.write(tx)).await?)?;
        Ok(signed_in)
    }
}

fn taken(step: Step) -> Result<(), Refusal> {
    match step {
        Step::Taken => Ok(()),
        Step::Overtaken => Err(Refusal::SecondFactor(Trouble::SetUpStepExpired)),
        Step::CredentialsChanged => Err(Refusal::SecondFactor(Trouble::Changed)),
    }
}
