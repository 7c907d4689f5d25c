//! A provider's own tokens: kept beside our session, sealed, renewed in the background, and gone with it. Our session is
//! ours: trouble with a provider ends none, unless its settings are strict and it says no itself.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use std::time::Duration;

use crate::app::{App, Failure};
use crate::config::{Keeping, Ties};
use crate::domain::audit::{Event, EventKind};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::upstream::Tokens;
use crate::domain::secret::Secret;
use crate::domain::time::{Timestamp, doubled};
use crate::providers::Provider;
use crate::store::upstream::{self, NewUpstream, Upstream};
use crate::store::{audit, sessions};

/// How long before their end tokens are renewed.
const EARLY: Duration = Duration::from_mins(1);

/// How often tokens are renewed at most, however short they live.
const LEAST: Duration = Duration::from_secs(30);

/// How long one renewal may take before another process tries.
const IN_HAND: Duration = Duration::from_mins(2);

/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// Renewals before others are looked for.
const STRETCH: u32 = 50;

/// Tokens as they are sealed. Whatever is not wanted later is not there.
#[derive(Serialize, Deserialize)]
struct Bundle {
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let texts = [&mut self.access, &mut self.refresh, &mut self.id];
        texts.into_iter().flatten().for_each(Zeroize::zeroize);
    }
}

impl Bundle {
    /// What is kept of tokens, by the settings of their provider; `None` for nothing.
    fn of(tokens: &Tokens, ties: &Ties) -> Option<Self> {
        let text = |secret: &Secret| secret.expose().to_owned();
        let id = tokens.id.as_ref().map(text);
        match ties.keeping {
            Keeping::Little if ties.end_session && id.is_some() => Some(Self {
                access: None,
                refresh: None,
                id,
                expires_at: None,
            }),
            Keeping::Little => None,
            Keeping::All | Keeping::Strict => Some(Self {
                access: Some(text(&tokens.access)),
                refresh: tokens.refresh.as_ref().map(text),
                expires_at: tokens.expires_at.map(Timestamp::seconds),
                id,
            }),
        }
    }

    fn tokens(&self) -> Option<Tokens> {
        Some(Tokens {
            access: Secret::new(self.access.clone()?),
            refresh: self.refresh.clone().map(Secret::new),
            id: self.id.clone().map(Secret::new),
            expires_at: self.expires_at.map(Timestamp::from_seconds),
            session: None,
        })
    }
}

/// For whom a bundle is sealed.
fn place(subject: &Subject) -> String {
    format!("upstream\n{}\n{}", subject.issuer, subject.subject)
}

/// When tokens that were issued now shall be renewed; `None` if they cannot or need not be.
fn due_at(tokens: &Tokens, ties: &Ties, now: Timestamp) -> Option<Timestamp> {
    tokens.refresh.as_ref()?;
    if ties.keeping == Keeping::Little {
        return None;
    }
    let oldest = now.after(ties.max_age);
    let end = tokens.expires_at.map(|end| end.before(EARLY));
    Some(end.map_or(oldest, |end| end.min(oldest)).max(now.after(LEAST)))
}

/// How long to wait after so many failures in a row.
fn pause(failures: u32) -> Duration {
    doubled(FIRST_PAUSE, failures, LONGEST_PAUSE)
}

impl App {
    /// What is kept of a login at a provider, to be stored with it.
    pub(super) fn new_upstream(&self, provider: &Provider, subject: &Subject, tokens: &Tokens) -> NewUpstream {
        let (ties, now) = (&provider.ties, self.now());
        if ties.keeping == Keeping::Strict && tokens.refresh.is_none() {
            tracing::warn!(
                provider = %provider.id,
                "the provider gives no refresh token, so that it cannot be asked again: let scope contain offline_access, \
                 and set prompt = \"consent\" if that does not suffice"
            );
        }
        NewUpstream {
            provider: provider.id.clone(),
            sid: tokens.session.clone(),
            sealed: Bundle::of(tokens, ties).and_then(|bundle| self.seal_bundle(&bundle, subject)),
            due_at: due_at(tokens, ties, now),
        }
    }

    fn seal_bundle(&self, bundle: &Bundle, subject: &Subject) -> Option<Vec<u8>> {
        let mut plain = serde_json::to_vec(bundle).ok()?;
        let sealed = self.sealer.seal(&place(subject), &plain, self.random());
        plain.zeroize();
        Some(sealed)
    }

    fn bundle_of(&self, kept: &Upstream) -> Option<Bundle> {
        let plain = self.sealer.open(&place(&kept.subject), kept.sealed.as_deref()?)?;
        serde_json::from_slice(&plain).ok()
    }

    /// The ID token of a session's login, if it was kept.
    pub(super) fn kept_id_token(&self, kept: &Upstream) -> Option<Secret> {
        self.bundle_of(kept)?.id.clone().map(Secret::new)
    }

    /// Renews providers' tokens that are about to run out; returns how many were due.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn renew_upstream(&self) -> Result<usize, Failure> {
        let now = self.now();
        let due = self.store.read(move |tx| upstream::due(tx, now, STRETCH)).await?;
        let count = due.len();
        for kept in due {
            self.renew_one(kept).await?;
        }
        Ok(count)
    }

    /// Renews the tokens of one session. Whoever takes the row is the only one: a provider that rotates refresh tokens takes
    /// the same one twice for a theft.
    async fn renew_one(&self, kept: Upstream) -> Result<(), Failure> {
        let (id, now) = (kept.id, self.now());
        let Some(due_at) = kept.due_at else { return Ok(()) };
        let until = now.after(IN_HAND);
        let is_ours = self
            .store
            .write(move |tx| upstream::claim(tx, id, due_at, until))
            .await?;
        if !is_ours {
            return Ok(());
        }
        let provider = self.providers.find(kept.provider.as_str());
        let provider = provider.filter(|provider| provider.ties.keeping != Keeping::Little);
        let tokens = self.bundle_of(&kept).and_then(|bundle| bundle.tokens());
        let (Some(provider), Some(tokens)) = (provider, tokens) else {
            // The provider is gone, its tokens are not wanted any more, or the key is another.
            self.store.write(move |tx| upstream::note_failure(tx, id, None)).await?;
            return Ok(());
        };
        match self
            .providers
            .renew(provider, &tokens, &kept.subject, self.moment())
            .await
        {
            Ok(renewed) => self.keep_renewed(provider, &kept, &renewed).await,
            Err(trouble) => self.not_renewed(provider, &kept, &trouble).await,
        }
    }

    async fn keep_renewed(&self, provider: &Provider, kept: &Upstream, tokens: &Tokens) -> Result<(), Failure> {
        let (id, now) = (kept.id, self.now());
        let bundle = Bundle::of(tokens, &provider.ties);
        let Some(sealed) = bundle.and_then(|bundle| self.seal_bundle(&bundle, &kept.subject)) else {
            return Ok(());
        };
        let due_at = due_at(tokens, &provider.ties, now);
        let stored = self
            .store
            .write(move |tx| upstream::renew(tx, id, &sealed, due_at, now))
            .await?;
        if kept.failures > 0 && stored {
            tracing::info!(provider = %provider.id, session = %kept.session, "a provider's tokens are renewed again");
        }
        Ok(())
    }

    async fn not_renewed(&self, provider: &Provider, kept: &Upstream, trouble: &Trouble) -> Result<(), Failure> {
        let is_no = matches!(trouble, Trouble::RefreshRefused { error, .. } if error == "invalid_grant");
        if kept.failures == 0 || is_no {
            let (verdict, cause) = (quoted(&trouble.to_string()), trouble.key());
            tracing::warn!(provider = %provider.id, session = %kept.session, cause, verdict, "tokens were not renewed");
        }
        if is_no && provider.ties.keeping == Keeping::Strict {
            return self.end_refused(&provider.id, kept).await;
        }
        let (id, next) = (kept.id, self.now().after(pause(kept.failures)));
        let next = (!is_no).then_some(next);
        self.store.write(move |tx| upstream::note_failure(tx, id, next)).await?;
        Ok(())
    }

    /// Ends a session whose provider does not vouch for it any more.
    async fn end_refused(&self, provider: &ProviderId, kept: &Upstream) -> Result<(), Failure> {
        let (session, user) = (kept.session, kept.user);
        let detail = format!("{provider}: refresh_refused");
        let event = Event {
            detail,
            ..self.event(EventKind::SessionEnded, Some(user), "", "")
        };
        self.store
            .write(move |tx| {
                if sessions::delete(tx, session)? {
                    audit::append(tx, &event)?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn tokens(lifetime: Option<u64>, refresh: bool) -> Tokens {
        Tokens {
            access: Secret::new("a"),
            refresh: refresh.then(|| Secret::new("r")),
            id: Some(Secret::new("i")),
            expires_at: lifetime.map(|seconds| NOW.after(Duration::from_secs(seconds))),
            session: None,
        }
    }

    fn keeping(keeping: Keeping, end_session: bool) -> Ties {
        Ties {
            end_session,
            keeping,
            ..Ties::default()
        }
    }

    #[test]
    fn tokens_are_renewed_before_they_run_out_and_not_all_the_time() {
        let due = |lifetime, refresh, how| {
            due_at(&tokens(lifetime, refresh), &keeping(how, false), NOW).map(|at| at.since(NOW).as_secs())
        };
        assert_eq!(due(Some(600), true, Keeping::All), Some(540));
        assert_eq!(due(Some(86_400), true, Keeping::All), Some(900), "max_age");
        assert_eq!(due(None, true, Keeping::Strict), Some(900));
        assert_eq!(due(Some(5), true, Keeping::All), Some(30), "never a storm");
        assert_eq!(due(Some(600), false, Keeping::Strict), None);
        assert_eq!(due(Some(600), true, Keeping::Little), None);
    }

    #[test]
    fn no_more_is_kept_than_is_wanted() {
        let kept = |how, end_session| {
            let bundle = Bundle::of(&tokens(Some(1), true), &keeping(how, end_session))?;
            Some((bundle.access.is_some(), bundle.refresh.is_some(), bundle.id.is_some()))
        };
        assert_eq!(kept(Keeping::Little, false), None);
        assert_eq!(kept(Keeping::Little, true), Some((false, false, true)));
        assert_eq!(kept(Keeping::All, false), Some((true, true, true)));
    }

    #[test]
    fn pauses_grow_up_to_half_an_hour() {
        let pauses: Vec<u64> = [0, 1, 2, 6, 7, u32::MAX]
            .map(|failures| pause(failures).as_secs())
            .into();
        assert_eq!(pauses, [30, 60, 120, 1800, 1800, 1800]);
    }
}
