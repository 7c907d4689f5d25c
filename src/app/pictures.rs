//! The pictures that providers name: fetched after a login, one after the other, by a chore of the server. A login never
//! waits for one and never fails for one; what cannot be fetched or read is left out and told to the log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::quoted;
use crate::domain::federation::vouched::Picture;
use crate::domain::hex::hex;
use crate::domain::secret::TokenDigest;
use crate::providers::picture::{self, NoPicture};
use crate::store::pictures::{self, Picture as Stored};
use crate::store::{StoreError, accounts};

/// Where pictures are served.
pub const PATH: &str = "/avatars/";

/// How long a picture from the same address is good.
const KEPT: Duration = Duration::from_hours(24);

/// Pictures that may wait. Whoever comes after them gets theirs at the next login.
const MOST_WAITING: usize = 256;

/// Of a picture that the person chose themselves in LibreChat, the address ends so; logins leave it alone.
const CHOSEN: &str = "manual=true";

/// Pictures that are wanted.
#[derive(Default)]
pub(super) struct Wanted {
    waiting: Mutex<VecDeque<Want>>,
    came: Notify,
}

/// A picture that is wanted.
#[derive(Clone, Debug)]
struct Want {
    account: AccountKey,
    provider: ProviderId,
    picture: Picture,
}

impl App {
    /// Notes that the provider named a picture of somebody who logs in.
    pub(super) fn want_picture(&self, account: &Account, provider: &ProviderId, picture: Option<Picture>) {
        let is_chosen = account.avatar.as_deref().is_some_and(|avatar| avatar.contains(CHOSEN));
        let Some(picture) = picture.filter(|_| !is_chosen) else {
            return;
        };
        let mut waiting = self.wanted.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push_back(Want {
                account: account.key,
                provider: provider.clone(),
                picture,
            });
        }
        drop(waiting);
        self.wanted.came.notify_one();
    }

    /// Resolves once a picture is wanted.
    pub async fn picture_wanted(&self) {
        self.wanted.came.notified().await;
    }

    /// Fetches every picture that is wanted.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn fetch_pictures(&self) -> Result<(), Failure> {
        while let Some(want) = self.next_want() {
            self.fetch_picture(&want).await?;
        }
        Ok(())
    }

    fn next_want(&self) -> Option<Want> {
        let mut waiting = self.wanted.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }

    async fn fetch_picture(&self, want: &Want) -> Result<(), Failure> {
        let (account, now) = (want.account, self.now());
        let source = TokenDigest::of(want.picture.url.as_bytes());
        let before = self.store.read(|tx| pictures::source(tx, account)).await?;
        if before.is_some_and(|(from, at)| from == source && now.since(at) < KEPT) {
            return Ok(());
        }
        let body = match self.small_picture(want).await {
            Ok(body) => body,
            Err(reason) => {
                let reason = quoted(&reason.to_string());
                tracing::info!(provider = %want.provider, reason, "the picture of somebody who logged in was left out");
                return Ok(());
            }
        };
        let picture = Stored {
            name: name(&body),
            source,
            fetched_at: now,
            body,
        };
        let kept = self.store.write(move |tx| {
            pictures::put(tx, account, &picture)?;
            accounts::set_avatar(tx, account, &format!("{PATH}{}.png", picture.name))
        });
        match kept.await {
            // The account was deleted meanwhile.
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn small_picture(&self, want: &Want) -> anyhow::Result<Vec<u8>> {
        let provider = self.providers.find(want.provider.as_str());
        let allow_private = provider.is_some_and(|provider| provider.allow_private);
        let file = self.providers.picture(&want.picture, allow_private).await?;
        // A decoder that breaks down on a strange file takes nothing else with it.
        let small: Result<Vec<u8>, NoPicture> = spawn_blocking(move || picture::shrink(&file)).await?;
        Ok(small?)
    }

    /// The picture of that name, in PNG.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn picture(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let is_name = name.len() == NAME && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_name {
            return Ok(None);
        }
        Ok(self.store.read(|tx| pictures::find(tx, name)).await?)
    }
}

/// How long a name is.
const NAME: usize = 32;

/// A name that follows from the picture, so that another picture has another one.
fn name(body: &[u8]) -> String {
    hex(&Sha256::digest(body)[..NAME / 2])
}
