//! Renewing a session with its refresh token.
//!
//! Signature and expiry are checked before any storage; then [`rotation::judge`] decides. A token younger than the grace
//! period is probably still the current one, which a read can tell. An older one is due, so it is judged and replaced in
//! one write: of ten tabs that arrive together one rotates and nine are given the same successor.

use crate::app::admit::{Challenge, Entry};
use crate::app::tokens::SignedIn;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind, NoticeKind};
use crate::domain::claims::RefreshClaims;
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{self, Rotation, Spans};
use crate::domain::second_factor::Duty;
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
    Renewed(Box<Identity>, HandedOut),
    Revoked,
}

/// Which refresh token the client gets: the one it has, the successor just stored, or the one stored a moment ago.
enum HandedOut {
    Same,
    New(Secret),
    Again,
}

/// A refresh token whose signature and expiry are good.
struct Presented {
    token: Secret,
    digest: TokenDigest,
    claims: RefreshClaims,
}

impl App {
    /// Renews a session: a new access token, and the refresh token that is valid from now on. Where a second factor has to be
    /// set up first, the session ends instead.
    ///
    /// # Errors
    /// [`Refusal::NoRefreshToken`], [`Refusal::BadRefreshToken`], [`Refusal::NoSession`], [`Refusal::Banned`], [`Refusal::Busy`], or a fault.
    pub async fn refresh(&self, renewal: Renewal) -> Result<Entry, Failure> {
        let outcome = self.judge_renewal(renewal).await;
        self.meters.refresh(&outcome);
        outcome
    }

    async fn judge_renewal(&self, renewal: Renewal) -> Result<Entry, Failure> {
        let token = renewal.token.ok_or(Refusal::NoRefreshToken)?;
        let now = self.now();
        let claims = self
            .signer
            .read_refresh(token.expose(), now)
            .map_err(|_| Refusal::BadRefreshToken)?;
        let digest = TokenDigest::of(token.expose().as_bytes());
        let presented = Presented { token, digest, claims };
        let gone = Refusal::NoSession { retry: renewal.retry };
        self.admit_user(presented.claims.id, now)?;
        let origin = renewal.origin.clone();
        let outcome = match self.glance(&presented, now).await? {
            Some(settled) => settled,
            None => self.settle(&presented, renewal.origin).await?,
        };
        match outcome {
            Outcome::Renewed(identity, handed_out) if !identity.account.is_locked(now) => {
                self.note_use(&identity.session, now);
                self.note_duty(&identity.account).await?;
                if self.duty_of(&identity.account) == Duty::Due {
                    return Ok(Entry::Enrolment(self.end_until_enrolled(&identity, &origin).await?));
                }
                Ok(Entry::SignedIn(Box::new(
                    self.renewed(&identity, handed_out, presented),
                )))
            }
            Outcome::Revoked => {
                let RefreshClaims { session, id, .. } = presented.claims;
                tracing::warn!(%session, user = %id, "an old refresh token came back: session revoked");
                Err(gone.into())
            }
            Outcome::Gone | Outcome::Renewed(..) => Err(gone.into()),
        }
    }

    /// Settles what needs no write; `None` if it takes one.
    async fn glance(&self, presented: &Presented, now: Timestamp) -> Result<Option<Outcome>, Failure> {
        let spans = self.spans();
        if now.since(presented.claims.issued_at) >= spans.grace {
            return Ok(None);
        }
        let id = presented.claims.session;
        let found = self.store.look(|tx| sessions::identity(tx, id)).await?;
        Ok(
            match found.filter(|identity| identity.account.id == presented.claims.id) {
                None => Some(Outcome::Gone),
                Some(identity) => match rotation::judge(&identity.session, presented.digest, now, spans) {
                    Rotation::Expired => Some(Outcome::Gone),
                    Rotation::Keep => Some(Outcome::Renewed(Box::new(identity), HandedOut::Same)),
                    Rotation::Reissue => Some(Outcome::Renewed(Box::new(identity), HandedOut::Again)),
                    Rotation::Rotate | Rotation::Reuse => None,
                },
            },
        )
    }

    fn spans(&self) -> Spans {
        Spans {
            grace: self.config.session.refresh_grace,
            idle: self.config.session.idle,
        }
    }

    /// Judges inside a transaction, and rotates or revokes.
    async fn settle(&self, presented: &Presented, origin: Origin) -> Result<Outcome, Failure> {
        let now = self.now();
        let spans = self.spans();
        let digest = presented.digest;
        let RefreshClaims { id, session, .. } = presented.claims;
        let successor = self.successor(digest, &presented.claims, now);
        let replacement = TokenDigest::of(successor.expose().as_bytes());
        let event = self.event(EventKind::RefreshReused, Some(id), &origin.address, &origin.user_agent);
        let outcome = self
            .store
            .write(move |tx| {
                let found = sessions::identity(tx, session)?;
                let Some(identity) = found.filter(|found| found.account.id == id && !found.account.is_locked(now))
                else {
                    return Ok(Outcome::Gone);
                };
                match rotation::judge(&identity.session, digest, now, spans) {
                    Rotation::Expired => Ok(Outcome::Gone),
                    Rotation::Keep => Ok(Outcome::Renewed(Box::new(identity), HandedOut::Same)),
                    Rotation::Reissue => Ok(Outcome::Renewed(Box::new(identity), HandedOut::Again)),
                    Rotation::Rotate => {
                        sessions::rotate(tx, session, replacement, digest, now)?;
                        Ok(Outcome::Renewed(Box::new(identity), HandedOut::New(successor.clone())))
                    }
                    Rotation::Reuse => revoke(tx, &identity, &event),
                }
            })
            .await?;
        Ok(outcome)
    }

    /// Ends a session whose owner has to set up a second factor, and lets them do that.
    async fn end_until_enrolled(&self, identity: &Identity, origin: &Origin) -> Result<Challenge, Failure> {
        let challenge = self.enrolment_challenge(identity).await?;
        let (id, subject) = (identity.session.id, Some(identity.account.id));
        let event = self.event(EventKind::SessionEnded, subject, origin, "second_factor_due");
        self.store
            .write(move |tx| {
                sessions::delete(tx, id)?;
                audit::append(tx, &event)
            })
            .await?;
        Ok(challenge)
    }

    fn renewed(&self, identity: &Identity, handed_out: HandedOut, presented: Presented) -> SignedIn {
        let Identity { session, account } = identity;
        let refresh = match handed_out {
            HandedOut::Same => presented.token,
            HandedOut::New(token) => token,
            HandedOut::Again => self.successor(presented.digest, &presented.claims, session.rotated_at),
        };
        SignedIn {
            trust: None,
            access: self.access_token(account, session.id, self.now()),
            account: account.clone(),
            refresh,
            page: None,
            door: self.domain_key(session),
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
