//! Proving an address: a link goes to it, and comes back once.
//!
//! An account that is neither proved nor used vanishes after [`UNPROVED_FOR`], so that nobody can keep an address from its
//! owner.

use std::time::Duration;

use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::email::Email;
use crate::domain::errand::ErrandKind;
use crate::domain::proof::Purpose;
use crate::domain::refusal::Refusal;
use crate::domain::secret::{Token, TokenDigest};
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, proofs};

/// How long a new account may stay unproved and unused, as long as in LibreChat.
pub const UNPROVED_FOR: Duration = Duration::from_hours(14 * 24);

/// LibreChat counts older accounts as proved where there is no mail service (7 June 2024).
const LEGACY: Timestamp = Timestamp::from_seconds(1_717_788_018);

/// A verification link as somebody presents it.
#[derive(Clone, Debug)]
pub struct VerificationLink {
    /// The address that it names.
    pub email: Email,
    /// Its token.
    pub token: Token,
}

impl VerificationLink {
    /// From the texts in a link; `None` if they cannot be one.
    #[must_use]
    pub fn parse(email: &str, token: &str) -> Option<Self> {
        Some(Self {
            email: Email::parse(email).ok()?,
            token: Token::parse(token)?,
        })
    }
}

impl App {
    /// Notes that somebody wants another verification link. Whether the address has an account, and whether it is proved
    /// already, is looked up later.
    ///
    /// # Errors
    /// [`Refusal::NoMail`], [`Refusal::Busy`], or a fault.
    pub async fn ask_verification(&self, email: Email, origin: &Origin) -> Result<(), Failure> {
        if !self.config.mail.is_configured() {
            return Err(Refusal::NoMail.into());
        }
        self.note_errand(ErrandKind::VerifyAddress, email, origin).await
    }

    /// Whether a link could be used now.
    ///
    /// # Errors
    /// [`Refusal::BadVerificationLink`], or a fault.
    pub async fn look_at_verification(&self, link: Option<&VerificationLink>) -> Result<(), Failure> {
        let link = link.ok_or(Refusal::BadVerificationLink)?;
        let (digest, now) = (link.token.digest(), self.now());
        let owner = self.store.read(|tx| owner(tx, digest, &link.email, now)).await?;
        owner.map(drop).ok_or_else(|| Refusal::BadVerificationLink.into())
    }

    /// Counts the address as proved, once per link.
    ///
    /// # Errors
    /// [`Refusal::BadVerificationLink`], [`Refusal::Busy`], or a fault.
    pub async fn verify_email(&self, link: Option<VerificationLink>, origin: &Origin) -> Result<(), Failure> {
        self.look_at_verification(link.as_ref()).await?;
        let link = link.ok_or(Refusal::BadVerificationLink)?;
        let (digest, now) = (link.token.digest(), self.now());
        let event = self.event(EventKind::EmailVerified, None, origin, "");
        let proved = self
            .store
            .write(move |tx| {
                let Some(owner) = owner(tx, digest, &link.email, now)? else {
                    return Ok(false);
                };
                if proofs::consume(tx, digest, Purpose::VerifyEmail, now)?.is_none() {
                    return Ok(false);
                }
                accounts::set_email_verified(tx, owner.key, now)?;
                let mut event = event.clone();
                event.subject = Some(owner.id);
                audit::append(tx, &event)?;
                Ok(true)
            })
            .await?;
        if proved {
            Ok(())
        } else {
            Err(Refusal::BadVerificationLink.into())
        }
    }

    /// Whether an account with this address may log in as far as its address is concerned.
    pub(super) fn address_suffices(&self, account: &Account) -> bool {
        account.email_verified || self.config.accounts.unverified_login || self.is_legacy(account)
    }

    /// Whether the account is from a time when LibreChat proved no addresses, and there is still no way to prove one.
    fn is_legacy(&self, account: &Account) -> bool {
        account.created_at < LEGACY && !self.config.mail.is_configured()
    }

    /// Counts the address of a legacy account as proved when its owner logs in, as LibreChat does.
    pub(super) async fn proved_if_legacy(&self, account: Account) -> Result<Account, Failure> {
        if account.email_verified || !self.is_legacy(&account) {
            return Ok(account);
        }
        let (key, now) = (account.key, self.now());
        let event = self.event(EventKind::EmailVerified, Some(account.id), "", "legacy");
        self.store
            .write(move |tx| {
                accounts::set_email_verified(tx, key, now)?;
                audit::append(tx, &event)
            })
            .await?;
        Ok(Account {
            email_verified: true,
            updated_at: now,
            ..account
        })
    }
}

/// The page that a link opens.
pub(super) fn verification_path(token: &Token, email: &Email) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", &token.reveal())
        .append_pair("email", email.as_str())
        .finish();
    format!("/verify?{query}")
}

/// Whose link this is, if it can be used and the account still has the address that it names.
fn owner(tx: &mut Tx<'_>, digest: TokenDigest, email: &Email, now: Timestamp) -> Result<Option<Account>, StoreError> {
    let Some(proof) = proofs::find(tx, digest, Purpose::VerifyEmail, now)? else {
        return Ok(None);
    };
    let account = accounts::credentials_by_key(tx, proof.account)?.map(|(account, _)| account);
    Ok(account.filter(|account| account.email == proof.address && account.email == *email))
}
