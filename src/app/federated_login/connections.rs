//! What is connected to an account, and disconnecting it, unless nothing else would be left to log in with.

use super::standing;
use crate::app::alert::Deed;
use crate::app::quota::Quota;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::EventKind;
use crate::domain::federation::connection::Connection;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, attempts, audit, identities, sessions};

impl App {
    /// The identities of an account, oldest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn connections(&self, account: AccountKey) -> Result<Vec<Connection>, Failure> {
        Ok(self.store.read(|tx| identities::list(tx, account)).await?)
    }

    /// Counts one form that connects or disconnects, by account.
    #[must_use]
    pub fn take_connection_change(&self, who: &Identity) -> Quota {
        self.take_quota(LimitedAction::TwoFactorSettings, &who.account.id.to_string())
    }

    /// Makes sure that it is the owner who wants another way in, such as a provider or a key.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field `password`, [`Refusal::TooMany`], [`Refusal::Busy`], or a fault.
    pub async fn confirm_presence(&self, who: &Identity, password: Secret, origin: &Origin) -> Result<(), Failure> {
        self.prove_owner(who, password, "password", origin).await.map(drop)
    }

    /// Which of an account's identities may be disconnected: those without which its owner can still log in.
    #[must_use]
    pub fn spare(&self, all: &[Connection], has_password: bool) -> Vec<bool> {
        let by_password = has_password && self.config.accounts.email_login;
        let ways = all.iter().map(|connection| self.is_way_in(&connection.provider));
        let ways: Vec<bool> = ways.collect();
        let count = ways.iter().filter(|is_way| **is_way).count();
        let others = |is_way: &bool| by_password || count > usize::from(*is_way);
        ways.iter().map(others).collect()
    }

    /// Disconnects an identity, unless its owner could not log in any more. Every other session ends, and the owner gets a
    /// letter; says whether there is one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field `password`, [`Refusal::LastWayIn`], [`Refusal::NotFound`],
    /// [`Refusal::TooMany`], [`Refusal::Busy`], or a fault.
    pub async fn disconnect(
        &self,
        who: &Identity,
        id: i64,
        password: Secret,
        origin: &Origin,
    ) -> Result<bool, Failure> {
        let Account { key, id: subject, .. } = who.account;
        let all = self.connections(key).await?;
        let found = all.iter().position(|connection| connection.id == id);
        let at = found.ok_or(Refusal::NotFound)?;
        let verified = self.prove_owner(who, password, "password", origin).await?;
        if !self.spare(&all, verified.is_some())[at] {
            return Err(Refusal::LastWayIn.into());
        }
        let name = self.provider_name(&all[at].provider);
        let alert = self.alert(&who.account, Deed::ProviderDisconnected(&name), origin);
        let is_told = alert.is_sent();
        let detail = all[at].provider.to_string();
        let event = self.event(EventKind::IdentityDisconnected, Some(subject), origin, &detail);
        let (keep, now) = (who.session.id, self.now());
        let done = self
            .store
            .write(move |tx| {
                let (_, hash) = accounts::credentials_by_key(tx, key)?.unzip();
                // Two tabs must not take away the last two ways in.
                if hash.flatten() != verified || !is_same(&identities::list(tx, key)?, &all) {
                    return Ok(false);
                }
                remove(tx, &all[at], now)?;
                sessions::delete_others(tx, key, Some(keep))?;
                alert.put(tx)?;
                audit::append(tx, &event)?;
                Ok(true)
            })
            .await?;
        if done {
            Ok(is_told)
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}

/// Whether nothing was connected or disconnected since.
fn is_same(now: &[Connection], seen: &[Connection]) -> bool {
    now.iter().map(|one| one.id).eq(seen.iter().map(|one| one.id))
}

/// Disconnects an identity, and takes back what its provider gave if it was the last one there. An offer that was made before
/// must not bring it back.
pub(in crate::app) fn remove(tx: &mut Tx<'_>, gone: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let key = gone.account;
    attempts::withdraw_offers(tx, key)?;
    let is_gone = identities::delete(tx, key, gone.id)?;
    let all = identities::list(tx, key)?;
    if is_gone && all.iter().all(|other| other.provider != gone.provider) {
        standing::withdraw(tx, key, &gone.provider, now)?;
    }
    Ok(is_gone)
}
