//! "This was not me": the link in letters about sign-ins and changes. Whoever has it ends every session of the account and
//! makes its password useless; it gives nobody a way in.
//!
//! ```text
//!   letter ── link (30 days) ── page ── button ──► sessions, devices and password gone ── reset link, or an admin ──► in
//! ```

use std::time::Duration;

use crate::app::federated_login::connections;
use crate::app::reset_password::reset_path;
use crate::app::{App, Failure, one_time};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::federation::connection::Connection;
use crate::domain::outbox::Envelope;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::reset::AFTER_DISOWNING;
use crate::domain::secret::Token;
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, api_keys, attempts, audit, identities, outbox, proofs, sessions};

/// What comes next for the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disowned {
    /// A reset link was mailed.
    Mailed,
    /// Somebody who runs the server has to help.
    Ask,
    /// There is no password here: the owner signs in as before, with another provider.
    SignIn,
}

impl App {
    /// What a letter needs to offer "this was not me": the link, and what is stored with [`proofs::put`] in the
    /// transaction that causes the letter.
    pub(super) fn new_disown(&self, account: &Account) -> (Proof, String) {
        let (token, proof) = self.new_proof(Purpose::Disown, account, "");
        let link = self.link(&format!("/not-me?token={}", token.reveal()));
        (proof, link)
    }

    /// Whether a link can be used now.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn can_disown(&self, token: &Token) -> Result<bool, Failure> {
        let (digest, now) = (token.digest(), self.now());
        let found = self
            .store
            .read(|tx| proofs::find(tx, digest, Purpose::Disown, now))
            .await?;
        Ok(found.is_some())
    }

    /// Ends what somebody else may have begun; `None` if the link is wrong, used or too old.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn disown(&self, token: &Token, origin: &Origin) -> Result<Option<Disowned>, Failure> {
        let (digest, now) = (token.digest(), self.now());
        let look = |tx: &mut Tx<'_>| {
            let found = proofs::find(tx, digest, Purpose::Disown, now)?;
            let Some(proof) = found else { return Ok(None) };
            let owner = accounts::credentials_by_key(tx, proof.account)?;
            Ok(owner.map(|(account, _)| (proof, account)))
        };
        let Some((proof, account)) = self.store.read(look).await? else {
            return Ok(None);
        };
        let connections = self.connections(account.key).await?;
        let has_first = connections.iter().any(|one| is_first(&account, one));
        let way = self.way_back(&account, &proof, has_first);
        let event = self.event(EventKind::Disowned, Some(account.id), origin, "");
        let done = self
            .store
            .write(move |tx| {
                if proofs::consume(tx, digest, Purpose::Disown, now)?.is_none() {
                    return Ok(None);
                }
                lock_out(tx, &account, now)?;
                audit::append(tx, &event)?;
                way.open(tx, &account)
            })
            .await?;
        Ok(done)
    }

    /// How the owner gets back in. A reset link goes to the address that the first letter went to, and only if that is the
    /// account's still: whoever has changed it must not get the link.
    fn way_back(&self, account: &Account, proof: &Proof, has_first: bool) -> WayBack {
        if has_first {
            return WayBack::SignIn;
        }
        if account.email != proof.address {
            return WayBack::Ask;
        }
        let (token, proof) = self.new_proof(Purpose::ResetPassword, account, AFTER_DISOWNING);
        let link = self.link(&reset_path(&token, account.id));
        match self.envelope_for(account, &Letter::ResetPassword { link: &link }) {
            Some(letter) => WayBack::Mail(Box::new((proof, letter))),
            None => WayBack::Ask,
        }
    }
}

/// Everything that somebody who came in may hold stops working. Of the identities at other providers only the one that the
/// account was made with is left: whoever came in may have connected the others.
fn lock_out(tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    let key = account.key;
    sessions::delete_others(tx, key, None)?;
    one_time::withdraw_links(tx, key)?;
    accounts::clear_password(tx, key, now)?;
    api_keys::revoke_all(tx, key)?;
    for connection in identities::list(tx, key)?.iter().filter(|one| !is_first(account, one)) {
        connections::remove(tx, connection, now)?;
    }
    attempts::withdraw_offers(tx, key)?;
    accounts::forget_devices(tx, key).map(drop)
}

/// Whether it is the identity that the account was made with, and not one that was connected in its place.
fn is_first(account: &Account, connection: &Connection) -> bool {
    const AT_ONCE: Duration = Duration::from_secs(10);
    account.provider != "local" && connection.created_at.since(account.created_at) < AT_ONCE
}

/// How the owner gets back in.
enum WayBack {
    Mail(Box<(Proof, Envelope)>),
    Ask,
    SignIn,
}

impl WayBack {
    /// Opens it, unless the address was changed since it was looked at.
    fn open(&self, tx: &mut Tx<'_>, seen: &Account) -> Result<Option<Disowned>, StoreError> {
        Ok(Some(match self {
            Self::Mail(mail) => {
                let (proof, letter) = mail.as_ref();
                let current = accounts::credentials_by_key(tx, seen.key)?;
                if current.is_none_or(|(current, _)| current.email != seen.email) {
                    return Ok(Some(Disowned::Ask));
                }
                proofs::put(tx, proof)?;
                outbox::add(tx, letter)?;
                Disowned::Mailed
            }
            Self::Ask => Disowned::Ask,
            Self::SignIn => Disowned::SignIn,
        }))
    }
}
