//! What strangers asked for with an address, seen to after their answer has gone.
//!
//! A request that names an address writes one row, whatever the address, and never looks whether there is such an account:
//! known, unknown, locked and unproved addresses take the same way and the same time by construction. A moment later each
//! row becomes a letter, or nothing, in the transaction that removes it: exactly once, also over a restart.

use std::time::Duration;

use crate::app::{App, Failure, reset_password, verify_email};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::errand::{Errand, ErrandKind};
use crate::domain::outbox::Envelope;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::session::Origin;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, audit, errands, outbox, proofs};

/// Letters of one kind to one account within [`PACE`]: nobody can fill somebody else's mailbox.
const MOST_LETTERS: i64 = 5;

const PACE: Duration = Duration::from_hours(1);

/// Errands seen to before others are looked for.
const STRETCH: u32 = 100;

/// What the audit log says of an errand that became a letter.
const SENT: &str = "sent";

/// The letter that an errand becomes, and the link in it.
struct Prepared {
    account: Account,
    letter: Option<Envelope>,
    proof: Option<Proof>,
}

impl App {
    /// An errand for an address, to be added in a transaction.
    pub(super) fn errand(&self, kind: ErrandKind, email: Email, origin: &Origin) -> Errand {
        Errand {
            kind,
            email,
            origin: origin.clone(),
            at: self.now(),
        }
    }

    /// Adds an errand: one durable write, whatever the address.
    pub(super) async fn note_errand(&self, kind: ErrandKind, email: Email, origin: &Origin) -> Result<(), Failure> {
        let errand = self.errand(kind, email, origin);
        self.store.write(move |tx| errands::add(tx, &errand)).await?;
        Ok(())
    }

    /// Sees to everything that was asked for; returns how many errands there were.
    ///
    /// # Errors
    /// Only a fault; the errand it is about stays.
    pub async fn run_errands(&self) -> Result<u64, Failure> {
        let mut done = 0;
        loop {
            let waiting = self.store.read(|tx| errands::oldest(tx, STRETCH)).await?;
            if waiting.is_empty() {
                return Ok(done);
            }
            for (id, errand) in waiting {
                self.run_errand(id, errand).await?;
                done += 1;
            }
        }
    }

    async fn run_errand(&self, id: i64, errand: Errand) -> Result<(), Failure> {
        let found = self.store.read(|tx| accounts::by_email(tx, &errand.email)).await?;
        let prepared = found.map(|account| self.prepare(&errand, account));
        let event = self.event(kind_of_event(errand.kind), None, &errand.origin, "");
        self.store
            .write(move |tx| {
                if !errands::take(tx, id)? {
                    return Ok(());
                }
                let (subject, detail) = match &prepared {
                    Some(prepared) => (Some(prepared.account.id), see_to(tx, errand.kind, prepared, &event)?),
                    None => (None, "unknown_account"),
                };
                let detail = detail.to_owned();
                audit::append(
                    tx,
                    &Event {
                        subject,
                        detail,
                        ..event.clone()
                    },
                )
            })
            .await?;
        Ok(())
    }

    fn prepare(&self, errand: &Errand, account: Account) -> Prepared {
        let (proof, letter) = match errand.kind {
            ErrandKind::VerifyAddress => {
                let (token, proof) = self.new_proof(Purpose::VerifyEmail, &account, "");
                let link = self.link(&verify_email::verification_path(&token, &account.email));
                (
                    Some(proof),
                    self.envelope_for(&account, &Letter::VerifyAddress { link: &link }),
                )
            }
            ErrandKind::ResetPassword => {
                let (token, proof) = self.new_proof(Purpose::ResetPassword, &account, "");
                let link = self.link(&reset_password::reset_path(&token, account.id));
                (
                    Some(proof),
                    self.envelope_for(&account, &Letter::ResetPassword { link: &link }),
                )
            }
            ErrandKind::AddressTaken => {
                let reset_link = self.reset_is_offered().then(|| self.link("/forgot-password"));
                let letter = Letter::AddressHasAccount {
                    login_link: &self.link("/login"),
                    reset_link: reset_link.as_deref(),
                };
                (None, self.envelope_for(&account, &letter))
            }
        };
        Prepared { account, letter, proof }
    }
}

fn kind_of_event(kind: ErrandKind) -> EventKind {
    match kind {
        ErrandKind::VerifyAddress => EventKind::VerificationRequested,
        ErrandKind::ResetPassword => EventKind::ResetRequested,
        ErrandKind::AddressTaken => EventKind::RegistrationRefused,
    }
}

/// Queues the letter if there is a reason to; says for the audit log what came of it.
fn see_to(tx: &mut Tx<'_>, kind: ErrandKind, prepared: &Prepared, event: &Event) -> Result<&'static str, StoreError> {
    let Prepared { account, letter, proof } = prepared;
    let current = accounts::credentials_by_key(tx, account.key)?.map(|(current, _)| current);
    let Some(current) = current.filter(|current| current.email == account.email) else {
        return Ok("unknown_account");
    };
    if current.is_locked(event.at) {
        return Ok("disabled");
    }
    if kind == ErrandKind::VerifyAddress && current.email_verified {
        return Ok("already_verified");
    }
    let since = event.at.before(PACE);
    if audit::count_since(tx, current.id, event.kind, SENT, since)? >= MOST_LETTERS {
        return Ok("too_many");
    }
    let Some(letter) = letter else { return Ok("no_mail") };
    if let Some(proof) = proof {
        proofs::put(tx, proof)?;
    }
    outbox::add(tx, letter)?;
    Ok(SENT)
}
