//! The one account and the one session that all guests share. Who is a guest is decided at the door, for each request.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::{App, Failure, Fault};
use crate::config::Login;
use crate::domain::account::{NewAccount, Role};
use crate::domain::audit::EventKind;
use crate::domain::email::Email;
use crate::domain::guest;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin, Session};
use crate::store::{Tx, accounts, audit, sessions};

/// Which session the guests share now.
#[derive(Default)]
pub(super) struct GuestSession(Mutex<Option<SessionId>>);

impl GuestSession {
    fn known(&self) -> Option<SessionId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, id: SessionId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }
}

impl App {
    /// Whether there are guests at all.
    #[must_use]
    pub fn has_guests(&self) -> bool {
        matches!(self.config.login, Login::GuestsFrom(_) | Login::Open)
    }

    /// Who guests are; `None` if an admin has locked their account, or made it more than an ordinary one.
    ///
    /// # Errors
    /// [`crate::domain::refusal::Refusal::Banned`], [`crate::domain::refusal::Refusal::Busy`], or a fault.
    pub async fn guest(&self) -> Result<Option<Arc<Identity>>, Failure> {
        if !self.has_guests() {
            return Ok(None);
        }
        let identity = match self.known_guest().await? {
            Some(identity) => identity,
            None => self.renewed_guest().await?,
        };
        self.guests.remember(identity.session.id);
        let now = self.now();
        if identity.account.is_locked(now) || identity.account.role.is_admin() {
            return Ok(None);
        }
        self.admit_user(identity.account.id, now)?;
        self.note_use(&identity.session, now);
        Ok(Some(identity))
    }

    /// An access token for a guest.
    #[must_use]
    pub fn guest_token(&self, guest: &Identity) -> Secret {
        self.access_token(&guest.account, guest.session.id, self.now())
    }

    async fn known_guest(&self) -> Result<Option<Arc<Identity>>, Failure> {
        let Some(id) = self.guests.known() else { return Ok(None) };
        let found = self.store.identity(id).await?;
        let (now, idle) = (self.now(), self.config.session.idle);
        Ok(found.filter(|identity| identity.is_guest() && identity.session.is_live(now, idle)))
    }

    /// Finds the account and its session, or makes what is missing: never more than one of each that counts.
    async fn renewed_guest(&self) -> Result<Arc<Identity>, Failure> {
        let email = Email::parse(guest::EMAIL).map_err(Fault::new)?;
        let (now, idle) = (self.now(), self.config.session.idle);
        let new = NewAccount {
            id: UserId::new(now, self.random()),
            email: email.clone(),
            email_verified: true,
            name: guest::NAME.to_owned(),
            username: Some(guest::NAME.to_owned()),
            provider: guest::PROVIDER.to_owned(),
            role: Role::User,
            password: None,
            created_at: now,
        };
        let event = self.event(EventKind::AccountCreated, Some(new.id), &Origin::default(), "guest");
        let id = SessionId::new(now, u32::from_le_bytes(self.random()));
        let (refresh, page) = (self.new_token().digest(), self.new_token().digest());
        let expires_at = now.after(self.config.session.lifetime);
        let found = self
            .store
            .write(move |tx: &mut Tx<'_>| {
                if accounts::by_email(tx, &email)?.is_none() {
                    accounts::insert(tx, &new)?;
                    audit::append(tx, &event)?;
                }
                let Some(account) = accounts::by_email(tx, &email)?.filter(|found| found.provider == guest::PROVIDER)
                else {
                    return Ok(None);
                };
                let mut held = sessions::list(tx, account.key)?.into_iter();
                let live = held.find(|session| session.method == guest::METHOD && session.is_live(now, idle));
                if let Some(session) = live {
                    return Ok(Some(Identity { session, account }));
                }
                let session = Session {
                    id,
                    account: account.key,
                    refresh,
                    previous_refresh: None,
                    rotated_at: now,
                    page,
                    method: guest::METHOD.to_owned(),
                    origin: Origin::default(),
                    created_at: now,
                    last_used_at: now,
                    expires_at,
                    proved_at: now,
                    confirmed_at: None,
                };
                // What is left are sessions that are over.
                sessions::delete_others(tx, account.key, None)?;
                sessions::insert(tx, &session)?;
                Ok(Some(Identity { session, account }))
            })
            .await?;
        found.map(Arc::new).ok_or_else(|| {
            let cause = anyhow::anyhow!("somebody else has the address {}: delete that account", guest::EMAIL);
            Failure::from(Fault::new(cause))
        })
    }
}
