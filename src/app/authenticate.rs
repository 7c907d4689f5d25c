//! Who is asking? Every door ends here: an access token, or the pages' cookie, becomes an [`Identity`] or a refusal.

use std::sync::Arc;

use crate::app::tokens::PageKey;
use crate::app::{App, Failure};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;

impl App {
    /// The session behind an access token. The session and its owner are those of the database on each request, so that
    /// ending a session, disabling or deleting an account and changing a role act at once.
    ///
    /// # Errors
    /// A refusal (401) if the token is not valid or its session is over.
    pub async fn identify_bearer(&self, token: &str) -> Result<Arc<Identity>, Failure> {
        let claims = self
            .signer
            .read_access(token, self.now())
            .map_err(Refusal::BadAccessToken)?;
        let identity = self.live_identity(claims.session).await?.ok_or(Refusal::SessionOver)?;
        if identity.account.id == claims.id && !identity.is_guest() {
            Ok(identity)
        } else {
            Err(Refusal::SessionOver.into())
        }
    }

    /// The session behind an access token, which may be a guest's if the request comes from where guests do.
    ///
    /// # Errors
    /// A refusal (401) if the token is not valid, its session is over, or guests are not welcome there.
    pub async fn identify_bearer_or_guest(&self, token: &str, is_welcome: bool) -> Result<Arc<Identity>, Failure> {
        let outcome = self.identify_bearer(token).await;
        if !is_welcome || !matches!(outcome, Err(Failure::Refused(Refusal::SessionOver))) {
            return outcome;
        }
        let guest = Box::pin(self.guest()).await?;
        let is_theirs = |guest: &Arc<Identity>| self.user_of(token) == Some(guest.account.id);
        guest.filter(is_theirs).ok_or(Refusal::SessionOver.into())
    }

    /// The session behind the pages' cookie, if there is one that counts.
    ///
    /// # Errors
    /// Only a fault: a cookie that is wrong or over is no error, its holder is simply not signed in.
    pub async fn identify_page(&self, cookie: &str) -> Result<Option<Arc<Identity>>, Failure> {
        let Some(key) = PageKey::parse(cookie) else {
            return Ok(None);
        };
        let identity = self.live_identity(key.session).await?;
        Ok(identity.filter(|identity| identity.session.page == key.token.digest() && !identity.is_guest()))
    }

    /// Whose access token this is, whether or not its session still counts; `None` for what we never signed.
    #[must_use]
    pub fn user_of(&self, token: &str) -> Option<UserId> {
        self.signer.read_access(token, self.now()).ok().map(|claims| claims.id)
    }

    pub(super) async fn live_identity(&self, id: SessionId) -> Result<Option<Arc<Identity>>, Failure> {
        let now = self.now();
        let found = self.store.identity(id).await?;
        let live = found.filter(|identity| identity.may_act(now, self.config.session.idle));
        if let Some(identity) = &live {
            self.admit_user(identity.account.id, now)?;
            self.admit_enrolled(identity, now).await?;
            self.note_use(&identity.session, now);
        }
        Ok(live)
    }
}
