//! The second step of a login: the code.

use crate::app::admit::Opening;
use crate::app::quota::Quota;
use crate::app::second_factor::allowance::Allowance;
use crate::app::second_factor::examine::{Examined, Factor, Settled};
use crate::app::second_factor::tickets::{Holder, name_of};
use crate::app::tokens::SignedIn;
use crate::app::{App, Failure, event_log};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::{Act, Answer, Trouble};
use crate::domain::secret::Secret;
use crate::domain::session::Origin;
use crate::domain::ticket::TicketKind;
use crate::store::{StoreError, Tx, accounts, tickets};

use super::trust::NewTrust;

/// What somebody answered, and from where.
pub struct SecondStep {
    /// The ticket that the first step gave.
    pub ticket: Secret,
    /// The code; `None` if nothing was typed.
    pub answer: Option<Answer>,
    /// What the browser kept of an earlier login, unchecked.
    pub device: Option<Secret>,
    /// Whether this device shall not be asked again, and what the browser kept to be trusted so far.
    pub trust: Option<Option<Secret>>,
    /// Device and address.
    pub origin: Origin,
}

/// How the write ended that counts the answer.
enum Outcome {
    In,
    Settled(Settled),
    Spent,
}

/// Everything that the write needs.
struct Desk {
    holder: Holder,
    examined: Examined,
    allowance: Allowance,
    opening: Opening,
    trust: Option<NewTrust>,
}

impl Desk {
    fn handle(&self, tx: &mut Tx<'_>) -> Result<Outcome, StoreError> {
        let ticket = name_of(&self.holder.ticket);
        let is_over = !self.holder.seen.holds(tx, self.opening.at())? || !self.opening.is_vouched_for(tx)?;
        if is_over || tickets::is_spent(tx, ticket)? {
            return Ok(Outcome::Spent);
        }
        match self.examined.settle(tx, &self.allowance)? {
            Settled::Passed => {}
            refused @ (Settled::Wrong(_) | Settled::TooMany(..)) => return Ok(Outcome::Settled(refused)),
        }
        if !tickets::spend(tx, ticket, self.holder.ticket.expires_at)? {
            return Ok(Outcome::Spent);
        }
        self.opening.write(tx)?;
        if let Some(trust) = &self.trust {
            trust.write(tx)?;
        }
        Ok(Outcome::In)
    }
}

impl App {
    /// Counts one code of a login against the limits of its address and of its account; a device that is known to the
    /// account is counted apart, so that no stranger who knows the password uses its owner's tries up.
    ///
    /// # Errors
    /// Only a fault: what is exceeded is said by [`Quota::check`].
    pub async fn take_code_quota(
        &self,
        client: &str,
        ticket: &Secret,
        device: Option<&Secret>,
    ) -> Result<Quota, Failure> {
        let by_address = self.take_quota(LimitedAction::TwoFactor, client);
        let holder = self.counted_as(ticket, device).await?;
        Ok(by_address.and(self.take_quota(LimitedAction::TwoFactor, &holder)))
    }

    async fn counted_as(&self, ticket: &Secret, device: Option<&Secret>) -> Result<String, Failure> {
        let Some(id) = self.ticket_account(TicketKind::Login, ticket.expose()) else {
            return Ok(format!("ticket:{}", ticket.expose()));
        };
        let stranger = format!("user:{id}");
        let Some(device) = device else { return Ok(stranger) };
        let account = self.store.read(|tx| accounts::by_id(tx, id)).await?;
        let known = account.and_then(|account| self.known_device(device, &account));
        Ok(known.map_or(stranger, |device| format!("device:{:?}", device.bytes())))
    }

    /// Completes a login with the second factor and opens a session. `quota` comes back as the strictest of the limits met.
    ///
    /// # Errors
    /// [`Refusal::BadTicket`], [`Trouble::NotEnabled`], [`Trouble::Wrong`], [`Refusal::TooMany`], [`Refusal::Banned`], or a
    /// fault.
    pub async fn complete_login(&self, step: SecondStep, quota: &mut Quota) -> Result<Box<SignedIn>, Failure> {
        let outcome = self.judge_answer(step, quota).await;
        self.meters.last_step("second_factor", &outcome);
        outcome
    }

    async fn judge_answer(&self, step: SecondStep, quota: &mut Quota) -> Result<Box<SignedIn>, Failure> {
        let holder = self.ticket_holder(TicketKind::Login, step.ticket.expose()).await?;
        let answer = step
            .answer
            .ok_or(Refusal::SecondFactor(Trouble::AnswerMissing(Act::Login)))?;
        let account = &holder.account;
        let examined = self.examine_answer(account, &answer, &step.origin).await?;
        let known = step.device.as_ref().and_then(|proof| self.known_device(proof, account));
        let trust = step
            .trust
            .and_then(|kept| self.new_trust(account, kept.as_ref(), &step.origin));
        let factor = examined.factor().unwrap_or(Factor::Code);
        let method = format!("{}+{}", holder.ticket.method, factor.key());
        let (mut opening, mut signed_in) = self.opening(account, &method, step.device.as_ref(), step.origin.clone());
        opening.upstream = holder.ticket.upstream;
        let cookie = trust.as_ref().map(NewTrust::trust);
        let desk = Desk {
            allowance: self.login_allowance(account.id, known),
            holder,
            examined,
            opening,
            trust,
        };
        match self.store.write(move |tx| desk.handle(tx)).await? {
            Outcome::In => {}
            Outcome::Spent => return Err(Refusal::BadTicket(TicketKind::Login).into()),
            Outcome::Settled(settled) => {
                if let (Settled::Wrong(_), Ok(address)) = (settled, step.origin.address.parse()) {
                    event_log::login_refused(address);
                }
                return Err(self.refuse_answer(settled, Act::Login, None, quota));
            }
        }
        signed_in.trust = cookie;
        Ok(signed_in)
    }

    /// What to answer to an answer that did not count.
    pub(super) fn refuse_answer(
        &self,
        settled: Settled,
        act: Act,
        seconds_off: Option<i64>,
        quota: &mut Quota,
    ) -> Failure {
        match settled {
            Settled::TooMany(excess, taken) => {
                self.meet(quota, Some(taken));
                Refusal::TooMany(excess).into()
            }
            Settled::Wrong(left) => {
                self.meet(quota, left);
                Refusal::SecondFactor(Trouble::Wrong { act, seconds_off }).into()
            }
            Settled::Passed => Refusal::SecondFactor(Trouble::Changed).into(),
        }
    }
}
