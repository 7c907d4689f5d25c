//! Checking an answer: which code it is, and whether it may count.

use crate::app::second_factor::allowance::{Admitted, Allowance};
use crate::app::{App, Failure, Fault};
use crate::cache::limits::Taken;
use crate::crypto::totp::Authenticator;
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::refusal::{Excess, Refusal};
use crate::domain::second_factor::{Answer, BackupCode, Code, Step, Trouble};
use crate::domain::secret::TokenDigest;
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::store::backup_codes::StoredCode;
use crate::store::{StoreError, Tx, audit, backup_codes, second_factors};

/// What an answer turned out to be.
#[derive(Clone, Copy)]
enum Finding {
    Code(Step),
    Backup(TokenDigest),
    Wrong,
}

/// An answer that was compared and has not counted yet.
#[derive(Clone)]
pub(super) struct Examined {
    account: AccountKey,
    sealed: Vec<u8>,
    finding: Finding,
    now: Timestamp,
    refused: Event,
    used: Event,
    /// How far off a clock is if the code is that of another moment.
    pub(super) seconds_off: Option<i64>,
}

/// Whether an answer counts.
#[derive(Clone, Copy)]
pub(super) enum Settled {
    /// It does, and is used up.
    Passed,
    /// It is wrong, or was used before; this is left.
    Wrong(Option<Taken>),
    /// Too many were wrong before.
    TooMany(Excess, Taken),
}

/// With what somebody passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    Code,
    BackupCode,
}

impl Factor {
    /// As a part of the method that a session remembers.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::BackupCode => "backup_code",
        }
    }
}

impl Examined {
    /// Counts the answer: once, for one caller.
    pub(super) fn settle(&self, tx: &mut Tx<'_>, allowance: &Allowance) -> Result<Settled, StoreError> {
        let tally = match allowance.admit(tx)? {
            Admitted::Yes(tally) => tally,
            Admitted::No(excess, taken) => return Ok(Settled::TooMany(excess, taken)),
        };
        let passed = match self.finding {
            Finding::Code(step) => {
                let sane = Step::at(self.now).latest_sane();
                second_factors::accept(tx, self.account, &self.sealed, step, sane)?
            }
            Finding::Backup(digest) => {
                let is_first = backup_codes::consume(tx, self.account, digest, self.now)?;
                if is_first {
                    audit::append(tx, &self.used)?;
                }
                is_first
            }
            Finding::Wrong => false,
        };
        if passed {
            return Ok(Settled::Passed);
        }
        audit::append(tx, &self.refused)?;
        Ok(Settled::Wrong(tally.note_failure(tx, allowance.now())?))
    }

    /// With what its sender passes if it counts.
    pub(super) const fn factor(&self) -> Option<Factor> {
        match self.finding {
            Finding::Code(_) => Some(Factor::Code),
            Finding::Backup(_) => Some(Factor::BackupCode),
            Finding::Wrong => None,
        }
    }
}

impl App {
    /// Compares an answer with what the account has. Nothing counts yet.
    ///
    /// # Errors
    /// [`Trouble::NotSetUp`], [`Trouble::Unreadable`], or a fault.
    pub(super) async fn examine_answer(
        &self,
        account: &Account,
        answer: &Answer,
        origin: &Origin,
    ) -> Result<Examined, Failure> {
        let key = account.key;
        let look = |tx: &mut Tx<'_>| Ok((second_factors::find(tx, key)?, backup_codes::list(tx, key)?));
        let (factor, codes) = self.store.read(look).await?;
        let sealed = factor
            .and_then(|factor| factor.secret)
            .ok_or(Refusal::SecondFactor(Trouble::NotSetUp))?;
        let now = self.now();
        let (finding, seconds_off) = match answer {
            Answer::Code(code) => self.compare(account.id, &sealed, *code)?,
            Answer::Backup(code) => (self.find_backup(account.id, &codes, code), None),
            Answer::Unreadable => (Finding::Wrong, None),
        };
        let event = |kind, detail| self.event(kind, Some(account.id), origin, detail);
        Ok(Examined {
            account: key,
            sealed,
            finding,
            now,
            refused: event(EventKind::SecondFactorRefused, answer_key(answer)),
            used: event(EventKind::BackupCodeUsed, ""),
            seconds_off,
        })
    }

    fn compare(&self, account: UserId, sealed: &[u8], code: Code) -> Result<(Finding, Option<i64>), Failure> {
        let (authenticator, now) = (self.authenticator(account, sealed)?, Step::at(self.now()));
        let finding = authenticator
            .find(code, now.accepted())
            .map_or(Finding::Wrong, Finding::Code);
        let off = match finding {
            Finding::Wrong => self.clock_check(account, &authenticator, code),
            Finding::Code(_) | Finding::Backup(_) => None,
        };
        Ok((finding, off))
    }

    /// How far off a clock is if a wrong code is that of a moment nearby; the log says so. An attacker learns nothing: the
    /// answer is the same.
    pub(super) fn clock_check(&self, account: UserId, authenticator: &Authenticator, code: Code) -> Option<i64> {
        let now = Step::at(self.now());
        let off = authenticator.find(code, now.nearby())?.seconds_ahead_of(now);
        tracing::warn!(
            user = %account,
            seconds = off,
            "a wrong second-factor code is right for another moment: the clock of the authenticator is off by so many \
             seconds, or that of this server"
        );
        Some(off)
    }

    fn find_backup(&self, account: UserId, codes: &[StoredCode], typed: &BackupCode) -> Finding {
        let mut found = Finding::Wrong;
        for code in codes {
            // Every code is compared, so that the time does not tell which one it is.
            if self.codes.digest(account, &code.salt, typed) == code.digest {
                found = Finding::Backup(code.digest);
            }
        }
        found
    }

    /// What computes the codes of a sealed secret.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if it was sealed with another key, or changed.
    pub(super) fn authenticator(&self, account: UserId, sealed: &[u8]) -> Result<Authenticator, Refusal> {
        let Some(secret) = self.sealer.open(&sealing_context(account), sealed) else {
            let cause =
                anyhow::anyhow!("the second factor of {account} cannot be decrypted: CREDS_KEY is not what it was");
            Fault::new(cause).log();
            return Err(Refusal::SecondFactor(Trouble::Unreadable));
        };
        Ok(Authenticator::new(&secret))
    }

    /// Whether the keys open a sealed secret.
    pub(in crate::app) fn opens_second_factor(&self, account: UserId, sealed: &[u8]) -> bool {
        self.sealer.open(&sealing_context(account), sealed).is_some()
    }
}

/// Where a sealed secret belongs.
pub(super) fn sealing_context(account: UserId) -> String {
    format!("second_factors/{account}")
}

const fn answer_key(answer: &Answer) -> &'static str {
    match answer {
        Answer::Code(_) => "code",
        Answer::Backup(_) => "backup_code",
        Answer::Unreadable => "unreadable",
    }
}
