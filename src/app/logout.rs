//! Logging out: whichever key is presented, the whole session ends, and with it every other key to it.

use crate::app::tokens::PageKey;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::secret::TokenDigest;
use crate::domain::session::Origin;
use crate::store::upstream::{self, Upstream};
use crate::store::{audit, sessions};

/// Somebody has logged out.
#[derive(Debug, Default)]
pub struct LoggedOut {
    /// What is known of their login at a provider.
    pub(super) left: Option<Upstream>,
}

/// The keys that came with a logout.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// `Authorization: Bearer`.
    pub access: Option<String>,
    /// LibreChat's refresh cookie.
    pub refresh: Option<String>,
    /// The pages' cookie.
    pub page: Option<String>,
}

impl App {
    /// Ends the sessions that the presented keys belong to. An expired access token is no obstacle if a cookie is good:
    /// LibreChat would leave the session alive and log the user in again.
    ///
    /// # Errors
    /// The access token's refusal if no key belongs to a session.
    pub async fn logout(&self, keys: Keys, origin: &Origin) -> Result<LoggedOut, Failure> {
        let (mut ended, refusal) = match &keys.access {
            None => (Vec::new(), Refusal::NoAccessToken),
            Some(token) => match self.signer.read_access(token, self.now()) {
                Ok(claims) => (vec![claims.session], Refusal::SessionOver),
                Err(error) => (Vec::new(), Refusal::BadAccessToken(error)),
            },
        };
        ended.extend(self.session_of_cookies(&keys).await?);
        ended.sort_unstable();
        ended.dedup();
        let (mut any, mut logged_out) = (false, LoggedOut::default());
        for id in ended {
            if let Some(left) = self.end_one(id, origin).await? {
                any = true;
                logged_out.left = logged_out.left.or(left);
            }
        }
        if any { Ok(logged_out) } else { Err(refusal.into()) }
    }

    async fn session_of_cookies(&self, keys: &Keys) -> Result<Vec<SessionId>, Failure> {
        let mut found = Vec::new();
        if let Some(token) = &keys.refresh
            && let Some(id) = self.session_of_refresh(token, self.now())
            && let Some(session) = self.store.read(|tx| sessions::find(tx, id)).await?
        {
            let digest = TokenDigest::of(token.as_bytes());
            if session.refresh == digest || session.previous_refresh == Some(digest) {
                found.push(id);
            }
        }
        if let Some(key) = keys.page.as_deref().and_then(PageKey::parse)
            && let Some(session) = self.store.read(|tx| sessions::find(tx, key.session)).await?
            && session.page == key.token.digest()
        {
            found.push(session.id);
        }
        Ok(found)
    }

    /// Ends a session; answers with what is known of its login at a provider, or `None` if it was over.
    async fn end_one(&self, id: SessionId, origin: &Origin) -> Result<Option<Option<Upstream>>, Failure> {
        let event = self.event(EventKind::SessionEnded, None, origin, "logout");
        let ended = self
            .store
            .write(move |tx| {
                let Some(identity) = sessions::identity(tx, id)? else {
                    return Ok(None);
                };
                // One of them does not end it for all guests.
                if identity.is_guest() {
                    return Ok(Some(None));
                }
                let left = upstream::of_session(tx, id)?;
                sessions::delete(tx, id)?;
                let subject = Some(identity.account.id);
                audit::append(
                    tx,
                    &crate::domain::audit::Event {
                        subject,
                        ..event.clone()
                    },
                )?;
                Ok(Some(left))
            })
            .await?;
        Ok(ended)
    }
}
