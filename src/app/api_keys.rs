//! API keys: made and taken back by their owner or at the console, and what a request with one may do. Whatever its scope, a
//! key changes no account: those doors ask for a session.

use std::sync::Arc;
use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::api_key::{self, ApiKey, LONGEST_NAME, MOST, Need, Scope};
use crate::domain::audit::{Event, EventKind};
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::SessionId;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::Act;
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::{Identity, Origin, Session};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, api_keys, audit};

/// A use is written down once in this time.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// A key as somebody wants it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What to call it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Which hosts; none means all.
    pub hosts: Vec<crate::domain::access::HostPattern>,
    /// How long; `None` is for ever.
    pub life: Option<Duration>,
}

impl App {
    /// Makes a key for somebody signed in, who answers with the second factor if there is one. The text is shown this once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field, what the second factor says, or a fault.
    pub async fn make_own_key(&self, change: Change<'_>, wanted: Wanted, quota: &mut Quota) -> Result<Secret, Failure> {
        let (secret, digest, key) = self.new_key(&wanted)?;
        let account = change.who.account.key;
        let event = self.event(
            EventKind::ApiKeyMade,
            Some(change.who.account.id),
            change.origin,
            &key.name,
        );
        let made = self
            .change_second_factor(Act::Prove, change, quota, move |tx: &mut Tx<'_>| {
                put(tx, account, (digest, &key), &event)
            })
            .await?;
        if made { Ok(secret) } else { Err(too_many()) }
    }

    /// Makes a key on an admin's word.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field, or a fault.
    pub async fn make_key(&self, account: &Account, wanted: Wanted, by: &Actor) -> Result<Secret, Failure> {
        let (secret, digest, key) = self.new_key(&wanted)?;
        let event = self.event_of(EventKind::ApiKeyMade, Some(account.id), by, &key.name);
        let account = account.key;
        let made = self
            .store
            .write(move |tx| put(tx, account, (digest, &key), &event))
            .await?;
        if made { Ok(secret) } else { Err(too_many()) }
    }

    fn new_key(&self, wanted: &Wanted) -> Result<(Secret, TokenDigest, ApiKey), Failure> {
        let name = wanted.name.trim();
        let is_name = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        let mut issues = Vec::new();
        if !is_name {
            issues.push(Issue::new("name", Rule::InvalidInput));
        }
        if wanted.scopes.is_empty() {
            issues.push(Issue::new("scopes", Rule::Required));
        }
        if !issues.is_empty() {
            return Err(Refusal::Invalid(issues).into());
        }
        let (secret, now) = (api_key::reveal(self.random()), self.now());
        let digest = TokenDigest::of(secret.expose().as_bytes());
        let key = ApiKey {
            id: 0,
            name: name.to_owned(),
            scopes: wanted.scopes.clone(),
            hosts: wanted.hosts.clone(),
            created_at: now,
            expires_at: wanted.life.map(|life| now.after(life)),
            last_used_at: None,
        };
        Ok((secret, digest, key))
    }

    /// The keys of an account, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn keys_of(&self, account: &Account) -> Result<Vec<ApiKey>, Failure> {
        let key = account.key;
        Ok(self.store.read(|tx| api_keys::list(tx, key)).await?)
    }

    /// Takes a key back on its owner's word; false if the account has none of that number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn revoke_own_key(&self, account: &Account, id: i64, origin: &Origin) -> Result<bool, Failure> {
        let event = self.event(EventKind::ApiKeyRevoked, Some(account.id), origin, "");
        self.revoke(account.key, id, event).await
    }

    /// Takes a key back on an admin's word; false if the account has none of that number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn revoke_key(&self, account: &Account, id: i64, by: &Actor) -> Result<bool, Failure> {
        let event = self.event_of(EventKind::ApiKeyRevoked, Some(account.id), by, "");
        self.revoke(account.key, id, event).await
    }

    async fn revoke(&self, key: AccountKey, id: i64, event: Event) -> Result<bool, Failure> {
        let revoked = self
            .store
            .write(move |tx| {
                let was_there = api_keys::revoke(tx, key, id)?;
                if was_there {
                    audit::append(tx, &event)?;
                }
                Ok(was_there)
            })
            .await?;
        Ok(revoked)
    }

    /// In whose name a program comes. A wrong key counts as a login of the client `limit_key`.
    ///
    /// # Errors
    /// [`Refusal::BadApiKey`], [`Refusal::TooMany`], [`Refusal::Forbidden`] if the key does not open that, [`Refusal::Banned`],
    /// or a fault.
    pub async fn identify_key(&self, text: &str, need: Need<'_>, limit_key: &str) -> Result<Arc<Identity>, Failure> {
        let now = self.now();
        let found = match api_key::digest(text) {
            Some(digest) => self.store.read(|tx| api_keys::find(tx, digest)).await?,
            None => None,
        };
        let Some((key, account)) = found.filter(|(key, account)| key.is_live(now) && !account.is_locked(now)) else {
            self.take_quota(LimitedAction::Login, limit_key).check()?;
            return Err(Refusal::BadApiKey.into());
        };
        self.admit_user(account.id, now)?;
        let identity = Arc::new(Identity {
            session: session_of(&key, &account, now),
            account,
        });
        match self.admit_enrolled(&identity, now).await {
            // A program cannot set a second factor up.
            Err(Failure::Refused(Refusal::EnrolmentDue(_))) => return Err(Refusal::Forbidden.into()),
            outcome => outcome?,
        }
        if !key.opens(need) {
            return Err(Refusal::Forbidden.into());
        }
        if key.last_used_at.is_none_or(|last| now.since(last) >= NOTED_EVERY) {
            let id = key.id;
            self.store.write(move |tx| api_keys::touch(tx, id, now)).await?;
        }
        Ok(identity)
    }
}

/// Stores a new key and writes it down; false, and neither, if the account has as many as it may.
fn put(
    tx: &mut Tx<'_>,
    account: AccountKey,
    (digest, key): (TokenDigest, &ApiKey),
    event: &Event,
) -> Result<bool, StoreError> {
    let is_room = api_keys::list(tx, account)?.len() < MOST;
    if is_room {
        api_keys::insert(tx, account, digest, key)?;
        audit::append(tx, event)?;
    }
    Ok(is_room)
}

fn too_many() -> Failure {
    Refusal::Invalid(vec![Issue::new("name", Rule::TooLong(MOST))]).into()
}

/// What stands for a session: it is stored nowhere, and nothing ends or renews it.
fn session_of(key: &ApiKey, account: &Account, now: Timestamp) -> Session {
    let nothing = TokenDigest::from_bytes([0; 32]);
    Session {
        id: SessionId::from_row(0),
        account: account.key,
        refresh: nothing,
        previous_refresh: None,
        rotated_at: now,
        page: nothing,
        method: api_key::METHOD.to_owned(),
        origin: Origin::default(),
        created_at: key.created_at,
        last_used_at: now,
        expires_at: key.expires_at.unwrap_or(now.after(NOTED_EVERY)),
        // A program proves nobody's presence.
        proved_at: Timestamp::from_millis(0),
        confirmed_at: None,
    }
}
