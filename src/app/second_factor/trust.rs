//! Devices that their owner trusts: there, a login asks for no code. Whatever changes the credentials takes all trust back.

use crate::app::admit::Proven;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::{Event, EventKind};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::{TrustTokens, TrustedDevice};
use crate::store::{StoreError, Tx, audit, trusted_devices};

/// What a browser keeps in order to be trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    /// For its cookie.
    pub cookie: Secret,
    /// When the trust ends.
    pub until: Timestamp,
}

/// A device about to be trusted.
pub(super) struct NewTrust {
    account: AccountKey,
    digest: TokenDigest,
    device: TrustedDevice,
    event: Event,
    trust: Trust,
}

impl NewTrust {
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        trusted_devices::insert(tx, self.account, self.digest, &self.device)?;
        audit::append(tx, &self.event)
    }

    pub(super) fn trust(&self) -> Trust {
        self.trust.clone()
    }
}

impl App {
    /// Whether people may trust their devices here.
    #[must_use]
    pub fn offers_trust(&self) -> bool {
        !self.config.two_factor.trust_device.is_zero()
    }

    /// Trust in the device of `origin`, beside what its browser keeps for other accounts; `None` where none is offered.
    pub(super) fn new_trust(&self, account: &Account, kept: Option<&Secret>, origin: &Origin) -> Option<NewTrust> {
        if !self.offers_trust() {
            return None;
        }
        let (token, now) = (self.new_token(), self.now());
        let until = now.after(self.config.two_factor.trust_device);
        let digest = token.digest();
        let kept = kept
            .map(|cookie| TrustTokens::parse(cookie.expose()))
            .unwrap_or_default();
        Some(NewTrust {
            account: account.key,
            digest,
            device: TrustedDevice {
                id: 0,
                origin: origin.clone(),
                created_at: now,
                last_used_at: now,
                expires_at: until,
            },
            event: self.event(EventKind::DeviceTrusted, Some(account.id), origin, ""),
            trust: Trust {
                cookie: kept.with(token).reveal(),
                until,
            },
        })
    }

    /// Which of the browser's tokens makes the account trust it.
    pub(in crate::app) async fn trusting_token(&self, proven: &Proven) -> Result<Option<TokenDigest>, Failure> {
        let Some(cookie) = proven.trust.as_ref().filter(|_| self.offers_trust()) else {
            return Ok(None);
        };
        let (tokens, key, now) = (TrustTokens::parse(cookie.expose()), proven.account.key, self.now());
        let found = self
            .store
            .read(|tx| {
                for digest in tokens.digests() {
                    if trusted_devices::is_trusted(tx, key, digest, now)? {
                        return Ok(Some(digest));
                    }
                }
                Ok(None)
            })
            .await?;
        Ok(found)
    }

    /// The devices that an account trusts, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn trusted_devices(&self, account: AccountKey) -> Result<Vec<TrustedDevice>, Failure> {
        let now = self.now();
        Ok(self.store.read(|tx| trusted_devices::list(tx, account, now)).await?)
    }

    /// Takes the trust in one device back; `false` if there is none of that number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn distrust_device(&self, who: &Identity, id: i64, origin: &Origin) -> Result<bool, Failure> {
        let (key, event) = (who.account.key, self.distrusted(who, origin, "one"));
        let revoked = self
            .store
            .write(move |tx| {
                let was_there = trusted_devices::revoke(tx, key, id)?;
                if was_there {
                    audit::append(tx, &event)?;
                }
                Ok(was_there)
            })
            .await?;
        Ok(revoked)
    }

    /// Takes the trust in every device back; returns how many there were.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn distrust_all_devices(&self, who: &Identity, origin: &Origin) -> Result<u64, Failure> {
        let (key, event) = (who.account.key, self.distrusted(who, origin, "all"));
        let revoked = self
            .store
            .write(move |tx| {
                let revoked = trusted_devices::revoke_all(tx, key)?;
                if revoked > 0 {
                    audit::append(tx, &event)?;
                }
                Ok(revoked)
            })
            .await?;
        Ok(revoked)
    }

    fn distrusted(&self, who: &Identity, origin: &Origin, which: &str) -> Event {
        let subject = Some(who.account.id);
        self.event(EventKind::DeviceDistrusted, subject, origin, which)
    }
}
