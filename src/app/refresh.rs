//! Renewing a session with its refresh token.
//!
//! Signature and expiry are checked before any storage. Then the session is read and [`rotation::judge`] decides. Only a
//! rotation or a theft writes, and the write judges again in its own transaction: of ten tabs that arrive together one
//! rotates and nine are given the same successor.

use crate::app::tokens::SignedIn;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind, NoticeKind};
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{self, Rotation, Spans};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, audit, notices, sessions};

/// A refresh as it arrives.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The cookie's value; `None` if there was none.
    pub token: Option<Secret>,
    /// Whether LibreChat's client said `?retry=…`.
    pub retry: bool,
    /// Device and address.
    pub origin: Origin,
}

/// What the transaction found, after acting on it.
enum Outcome {
    Gone,
    Renewed(Box<Identity>, Rotation),
    Revoked,
}

impl App {
    /// Renews a session: a new access token, and the refresh token that is valid from now on.
    ///
    /// # Errors
    /// [`Refusal::NoRefreshToken`], [`Refusal::BadRefreshToken`], [`Refusal::NoSession`], [`Refusal::Banned`], [`Refusal::Busy`], or a fault.
    pub async fn refresh(&self, renewal: Renewal) -> Result<SignedIn, Failure> {
        let presented = renewal.token.ok_or(Refusal::NoRefreshToken)?;
        let now = self.now();
        let claims = self
            .signer
            .read_refresh(presented.expose(), now)
            .map_err(|_| Refusal::BadRefreshToken)?;
        let digest = TokenDigest::of(presented.expose().as_bytes());
        let gone = Refusal::NoSession { retry: renewal.retry };
        let spans = self.spans();
        let found = self.store.look(|tx| sessions::identity(tx, claims.session)).await?;
        let identity = found
            .filter(|identity| identity.account.id == claims.id)
            .ok_or_else(|| gone.clone())?;
        self.admit_user(identity.account.id)?;
        let outcome = match rotation::judge(&identity.session, digest, now, spans) {
            Rotation::Expired => Outcome::Gone,
            settled @ (Rotation::Keep | Rotation::Reissue) => Outcome::Renewed(Box::new(identity), settled),
            Rotation::Rotate | Rotation::Reuse => self.settle(&identity, digest, renewal.origin).await?,
        };
        match outcome {
            Outcome::Renewed(identity, rotation) if !identity.account.is_disabled() => {
                self.note_use(&identity.session, now);
                Ok(self.renewed(&identity, rotation, presented, digest))
            }
            Outcome::Revoked => {
                tracing::warn!(session = %claims.session, user = %claims.id, "an old refresh token came back: session revoked");
                Err(gone.into())
            }
            Outcome::Gone | Outcome::Renewed(..) => Err(gone.into()),
        }
    }

    fn spans(&self) -> Spans {
        Spans {
            grace: self.config.session.refresh_grace,
            idle: self.config.session.idle,
        }
    }

    /// Judges again inside a transaction, and rotates or revokes.
    async fn settle(&self, seen: &Identity, presented: TokenDigest, origin: Origin) -> Result<Outcome, Failure> {
        let now = self.now();
        let spans = self.spans();
        let id = seen.session.id;
        let successor = self.successor(presented, &seen.account, &seen.session, now);
        let successor = TokenDigest::of(successor.as_bytes());
        let event = self.event(
            EventKind::RefreshReused,
            Some(seen.account.id),
            &origin.address,
            &origin.user_agent,
        );
        let outcome = self
            .store
            .write(move |tx| {
                let Some(mut identity) = sessions::identity(tx, id)? else {
                    return Ok(Outcome::Gone);
                };
                match rotation::judge(&identity.session, presented, now, spans) {
                    Rotation::Expired => Ok(Outcome::Gone),
                    _ if identity.account.is_disabled() => Ok(Outcome::Gone),
                    settled @ (Rotation::Keep | Rotation::Reissue) => Ok(Outcome::Renewed(Box::new(identity), settled)),
                    Rotation::Rotate => {
                        sessions::rotate(tx, id, successor, presented, now)?;
                        identity.session.rotated_at = now;
                        Ok(Outcome::Renewed(Box::new(identity), Rotation::Rotate))
                    }
                    Rotation::Reuse => revoke(tx, &identity, &event),
                }
            })
            .await?;
        Ok(outcome)
    }

    fn renewed(&self, identity: &Identity, rotation: Rotation, presented: Secret, digest: TokenDigest) -> SignedIn {
        let Identity { session, account } = identity;
        let refresh = match rotation {
            Rotation::Rotate | Rotation::Reissue => {
                Secret::new(self.successor(digest, account, session, session.rotated_at))
            }
            Rotation::Keep | Rotation::Reuse | Rotation::Expired => presented,
        };
        SignedIn {
            access: self.access_token(account, session.id, self.now()),
            account: account.clone(),
            refresh,
            page: None,
            device: None,
            expires_at: session.expires_at,
        }
    }

    /// The session that a refresh cookie belongs to, whether or not the token is the current one.
    pub(super) fn session_of_refresh(&self, token: &str, now: Timestamp) -> Option<SessionId> {
        self.signer.read_refresh(token, now).ok().map(|claims| claims.session)
    }
}

/// Somebody holds a copy: the whole session ends, the log says so, and the user is told at the next login.
fn revoke(tx: &mut Tx<'_>, identity: &Identity, event: &Event) -> Result<Outcome, StoreError> {
    sessions::delete(tx, identity.session.id)?;
    notices::add(
        tx,
        identity.account.key,
        NoticeKind::RefreshReused,
        event.at,
        &identity.session.origin.user_agent,
    )?;
    audit::append(tx, event)?;
    Ok(Outcome::Revoked)
}
