//! Logging out at a provider, too: of somebody who logs out here, and here of somebody who logged out there.

use crate::app::logout::LoggedOut;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::quoted;
use crate::domain::federation::upstream::LogoutNotice;
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::Origin;
use crate::providers::Provider;
use crate::providers::sign_out::Leaving;
use crate::store::upstream;
use crate::store::{audit, sessions, tickets};

/// Where somebody goes on to who has logged out here.
#[derive(Clone, Debug)]
pub struct Farewell<'f> {
    /// Which provider.
    pub provider: &'f ProviderId,
    /// Where it logs people out.
    pub url: String,
    /// What comes back from there with them.
    pub state: Secret,
}

/// Why a provider's word was not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// There is no such provider.
    NoProvider,
    /// Something is wrong with what it says, in one sentence for its operator.
    Refused(String),
    /// Something went wrong here.
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for NotTaken {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

impl App {
    /// The provider to which the login page sends people straight on.
    #[must_use]
    pub fn automatic_provider(&self) -> Option<&ProviderId> {
        let mut all = self.providers.all().iter();
        all.find(|provider| provider.ties.auto_redirect && provider.doors.login)
            .map(|provider| &provider.id)
    }

    /// Where somebody is sent whose session has just ended and had been opened by way of a provider; `None` if nowhere. A
    /// provider that does not answer keeps nobody from logging out here.
    pub async fn farewell(&self, logged_out: &LoggedOut, client: &str) -> Option<Farewell<'_>> {
        let left = logged_out.left.as_ref()?;
        let provider = self.providers.find(left.provider.as_str())?;
        let ties = &provider.ties;
        if !ties.end_session {
            return None;
        }
        let state = self.new_token().reveal();
        let return_to = ties.return_to.clone().unwrap_or_else(|| format!("{client}/login"));
        let id_token = self.kept_id_token(left);
        let leaving = Leaving {
            id_token: id_token.as_ref(),
            called: left.called.as_deref(),
            return_to: &return_to,
            state: &state,
            longest: ties.longest_url,
        };
        match self.providers.end_session(provider, &leaving, self.moment()).await {
            Ok(url) => Some(Farewell {
                provider: &provider.id,
                url: url?,
                state: Secret::new(state),
            }),
            Err(trouble) => {
                let verdict = quoted(&trouble.to_string());
                tracing::warn!(provider = %provider.id, verdict, "nobody can be sent there to log out");
                None
            }
        }
    }

    /// Takes a provider's word that somebody logged out there: the sessions end that were opened by way of it, and no others.
    /// Returns how many there were.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub async fn told_of_logout(&self, provider: &str, token: &str, origin: &Origin) -> Result<usize, NotTaken> {
        let provider = self.providers.find(provider).ok_or(NotTaken::NoProvider)?;
        let notice = match self.providers.logout_notice(provider, token, self.moment()).await {
            Ok(notice) => notice,
            Err(trouble) => {
                self.note_refused(provider, trouble.key(), origin).await?;
                return Err(refused(provider, trouble.key(), &trouble.to_string()));
            }
        };
        let ended = self.end_meant(provider, notice, origin).await?;
        let Some(ended) = ended else {
            self.note_refused(provider, "replayed", origin).await?;
            return Err(refused(provider, "replayed", "the logout token was used before"));
        };
        tracing::info!(provider = %provider.id, ended, "somebody logged out at the provider");
        Ok(ended)
    }

    async fn note_refused(&self, provider: &Provider, cause: &str, origin: &Origin) -> Result<(), Failure> {
        let detail = format!("{}: {cause}", provider.id);
        let event = self.event(EventKind::LogoutNoticeRefused, None, origin, &detail);
        Ok(self.store.write(move |tx| audit::append(tx, &event)).await?)
    }

    /// Ends what is meant; `None` if the message came before.
    async fn end_meant(
        &self,
        provider: &Provider,
        notice: LogoutNotice,
        origin: &Origin,
    ) -> Result<Option<usize>, Failure> {
        let detail = format!("{}: backchannel_logout", provider.id);
        let event = self.event(EventKind::SessionEnded, None, origin, &detail);
        let name = format!("logout token\n{}\n{}", notice.issuer, notice.id);
        let name = TokenDigest::of(name.as_bytes());
        let ended = self
            .store
            .write(move |tx| {
                if !tickets::spend(tx, name, notice.expires_at)? {
                    return Ok(None);
                }
                upstream::forget_unfinished(tx, &notice)?;
                let meant = upstream::meant(tx, &notice)?;
                for (session, user) in &meant {
                    sessions::delete(tx, *session)?;
                    audit::append(tx, &event.clone().about(*user))?;
                }
                Ok(Some(meant.len()))
            })
            .await?;
        Ok(ended)
    }
}

fn refused(provider: &Provider, cause: &'static str, verdict: &str) -> NotTaken {
    let verdict = quoted(verdict);
    tracing::warn!(provider = %provider.id, cause, verdict, "a provider's word that somebody logged out was not taken");
    NotTaken::Refused(verdict)
}
