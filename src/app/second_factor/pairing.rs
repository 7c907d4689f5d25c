//! New secrets and new backup codes, and the first code of a secret that is pending.

use zeroize::Zeroizing;

use crate::app::second_factor::examine::sealing_context;
use crate::app::{App, Failure};
use crate::crypto::totp::{Authenticator, SECRET_BYTES};
use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Act, Answer, BACKUP_CODES, BackupCode, Step, Trouble};
use crate::domain::secret::{Secret, TokenDigest};
use crate::store::backup_codes::StoredCode;
use crate::store::second_factors;

/// A secret for an authenticator.
#[derive(Clone, Debug)]
pub struct Pairing {
    /// For the QR code.
    pub uri: Secret,
    /// The same for typing, in base32.
    pub secret: Secret,
}

/// A pending secret whose code somebody knew.
pub(super) struct Tried {
    pub(super) sealed: Vec<u8>,
    pub(super) step: Step,
}

/// What is asked of a pending secret.
pub(super) struct Trial<'a> {
    pub(super) account: &'a Account,
    /// Who has to have begun with it; `None` if that is no matter.
    pub(super) by: Option<TokenDigest>,
    pub(super) act: Act,
    /// Whether to say how far off a clock is.
    pub(super) explain: bool,
}

impl App {
    /// A new secret: sealed for the store, and for its owner.
    pub(super) fn new_pairing(&self, account: &Account) -> (Vec<u8>, Pairing) {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(self.random());
        let sealed = self
            .sealer
            .seal(&sealing_context(account.id), secret.as_slice(), self.random());
        (sealed, self.pairing(account, &Authenticator::new(secret.as_slice())))
    }

    fn pairing(&self, account: &Account, authenticator: &Authenticator) -> Pairing {
        Pairing {
            uri: authenticator.uri(&self.live().site.title, account.email.as_str()),
            secret: authenticator.base32(),
        }
    }

    /// The pending secret that `by` has begun with, to be shown again to nobody else: a secret that somebody else knows must
    /// not be scanned.
    pub(super) async fn pending_pairing(&self, account: &Account, by: TokenDigest) -> Result<Option<Pairing>, Failure> {
        let Some(sealed) = self.pending_secret(account, Some(by)).await? else {
            return Ok(None);
        };
        let authenticator = self.authenticator(account.id, &sealed)?;
        Ok(Some(self.pairing(account, &authenticator)))
    }

    pub(super) async fn pending_secret(
        &self,
        account: &Account,
        by: Option<TokenDigest>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let key = account.key;
        let found = self.store.read(|tx| second_factors::find(tx, key)).await?;
        Ok(found
            .filter(|factor| by.is_none() || factor.pending_by == by)
            .and_then(|factor| factor.pending))
    }

    /// Compares an answer with the pending secret.
    ///
    /// # Errors
    /// [`Trouble::NotInitiated`], [`Trouble::AnswerMissing`], [`Trouble::Wrong`], [`Trouble::Unreadable`], or a fault.
    pub(super) async fn try_pending(&self, trial: Trial<'_>, answer: Option<Answer>) -> Result<Tried, Failure> {
        let Trial {
            account,
            by,
            act,
            explain,
        } = trial;
        let sealed = self.pending_secret(account, by).await?;
        let sealed = sealed.ok_or(Refusal::SecondFactor(Trouble::NotInitiated(act)))?;
        let mut seconds_off = None;
        match answer {
            None => return Err(Refusal::SecondFactor(Trouble::AnswerMissing(act)).into()),
            Some(Answer::Code(code)) => {
                let (authenticator, now) = (self.authenticator(account.id, &sealed)?, Step::at(self.now()));
                if let Some(step) = authenticator.find(code, now.accepted()) {
                    return Ok(Tried { sealed, step });
                }
                seconds_off = self.clock_check(account.id, &authenticator, code).filter(|_| explain);
            }
            Some(Answer::Backup(_) | Answer::Unreadable) => {}
        }
        Err(Refusal::SecondFactor(Trouble::Wrong { act, seconds_off }).into())
    }

    /// New backup codes: for their owner, and for the store.
    pub(super) fn new_backup_codes(&self, account: UserId) -> (Vec<BackupCode>, Vec<StoredCode>) {
        let mut codes: Vec<BackupCode> = Vec::with_capacity(BACKUP_CODES);
        while codes.len() < BACKUP_CODES {
            let code = BackupCode::new(self.random());
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let stored = codes.iter().map(|code| {
            let salt = self.random();
            StoredCode {
                digest: self.codes.digest(account, &salt, code),
                salt,
                used_at: None,
            }
        });
        let stored = stored.collect();
        (codes, stored)
    }
}
