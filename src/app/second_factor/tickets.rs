//! Tickets for the next step of a login: made, read, and bound to the credentials that the account had.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::admit::{Challenge, Seen};
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Duty, Trouble};
use crate::domain::secret::TokenDigest;
use crate::domain::ticket::{Ticket, TicketKind};
use crate::store::accounts;

const STATE: &str = "credential state";

/// Somebody with a good ticket.
pub(super) struct Holder {
    pub(super) ticket: Ticket,
    pub(super) account: Account,
    pub(super) seen: Seen,
}

/// Under which name a ticket is remembered.
pub(super) fn name_of(ticket: &Ticket) -> TokenDigest {
    TokenDigest::of(ticket.id.as_bytes())
}

impl App {
    /// A ticket for somebody with these credentials.
    pub(in crate::app) fn new_challenge(
        &self,
        kind: TicketKind,
        seen: &Seen,
        method: &str,
        upstream: Option<i64>,
    ) -> Challenge {
        self.sign_challenge(&Ticket {
            upstream,
            ..self.new_ticket(kind, seen, method)
        })
    }

    /// The ticket for the step after `before`.
    pub(super) fn next_ticket(&self, kind: TicketKind, seen: &Seen, before: &Ticket) -> Ticket {
        Ticket {
            upstream: before.upstream,
            ..self.new_ticket(kind, seen, &before.method)
        }
    }

    fn new_ticket(&self, kind: TicketKind, seen: &Seen, method: &str) -> Ticket {
        let now = self.now();
        Ticket {
            kind,
            account: seen.id,
            method: method.to_owned(),
            upstream: None,
            state: self.state_of(seen),
            id: URL_SAFE_NO_PAD.encode(self.random::<16>()),
            issued_at: now,
            expires_at: now.after(kind.lifetime()),
        }
    }

    pub(super) fn sign_challenge(&self, ticket: &Ticket) -> Challenge {
        Challenge {
            ticket: self.signer.ticket(ticket),
            expires_at: ticket.expires_at,
        }
    }

    /// Whose ticket this is, if its signature is ours and its time is not over; for limits and greetings only.
    #[must_use]
    pub fn ticket_account(&self, kind: TicketKind, ticket: &str) -> Option<UserId> {
        let read = self.signer.read_ticket(kind, ticket, self.now());
        read.ok().map(|ticket| ticket.account)
    }

    /// Reads a ticket and looks its holder up: the credentials must be those it was made for.
    ///
    /// # Errors
    /// [`Refusal::BadTicket`]; what [`App::may_enter`] says; for the code at login [`Trouble::NotEnabled`] if none is asked
    /// for any more; for the other kinds [`Trouble::SetUpNotRequired`], and [`Trouble::Changed`] after a new password.
    pub(super) async fn ticket_holder(&self, kind: TicketKind, text: &str) -> Result<Holder, Failure> {
        let ticket = self
            .signer
            .read_ticket(kind, text, self.now())
            .map_err(|_| Refusal::BadTicket(kind))?;
        let found = self
            .store
            .read(|tx| accounts::credentials_by_id(tx, ticket.account))
            .await?;
        let Some((account, hash)) = found.filter(|(account, _)| !account.is_disabled()) else {
            return Err(Refusal::BadTicket(kind).into());
        };
        self.may_enter(&account, &ticket.method)?;
        let seen = Seen::of(&account, hash);
        let is_enrolled = account.two_factor_at.is_some();
        let is_current = self.state_of(&seen) == ticket.state;
        let refusal = match kind {
            TicketKind::Login if !is_enrolled => Refusal::SecondFactor(Trouble::NotEnabled),
            TicketKind::Login if !is_current => Refusal::BadTicket(kind),
            TicketKind::SetUp | TicketKind::Acknowledge | TicketKind::Finalize
                if self.duty_of(&account) == Duty::None =>
            {
                Refusal::SecondFactor(Trouble::SetUpNotRequired)
            }
            _ if !is_current => Refusal::SecondFactor(Trouble::Changed),
            _ => return Ok(Holder { ticket, account, seen }),
        };
        Err(refusal.into())
    }

    /// The credentials as a keyed digest, so that a ticket says nothing about them.
    fn state_of(&self, seen: &Seen) -> String {
        let id = seen.id.to_string();
        let since = seen.two_factor_at.map(|at| at.millis().to_be_bytes());
        let since: &[u8] = since.as_ref().map_or(&[], |bytes| bytes);
        let hash = seen.hash.as_deref().unwrap_or_default();
        let mac = self.signer.mac(STATE, &[id.as_bytes(), hash.as_bytes(), since]);
        URL_SAFE_NO_PAD.encode(&mac[..16])
    }
}
