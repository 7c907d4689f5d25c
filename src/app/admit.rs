//! Where every door ends: somebody has proved who they are, and here it is decided whether that is enough.
//!
//! ```text
//!   proved ──► disabled, banned, unproved address, waiting: refused
//!     ├──► has a second factor, unknown device ──► a ticket for the code ──► [`super::second_factor::login`] ──► session
//!     ├──► has to set one up now ──► a ticket for that ──► [`super::second_factor::set_up`] ──► session
//!     └──► neither, or a device that its owner trusts ──► session
//! ```
//!
//! A door knows nothing of this: it says how somebody proved themselves and answers with the [`Entry`] it gets.

use crate::app::arrival::Arrival;
use crate::app::tokens::SignedIn;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::moderation::network::Network;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::Duty;
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::{Origin, Session};
use crate::domain::ticket::TicketKind;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, scores, sessions, trusted_devices, upstream};

/// How people proved who they are who know the password.
pub(super) const PASSWORD: &str = "password";

/// What a door has found out about somebody.
pub(super) struct Proven {
    /// Who they are.
    pub(super) account: Account,
    /// How they proved it: [`PASSWORD`], or the name of the provider that vouched for them.
    pub(super) method: String,
    /// The account's password hash at that time; another one now means that the proof is out of date.
    pub(super) verified_hash: Option<String>,
    /// A stronger hash of the same password, to be stored instead.
    pub(super) replacement: Option<String>,
    /// What the browser kept of earlier logins, unchecked.
    pub(super) device: Option<Secret>,
    /// What the browser kept to be trusted, unchecked.
    pub(super) trust: Option<Secret>,
    /// What is kept of a login at a provider, to be bound to the session.
    pub(super) upstream: Option<i64>,
}

/// What a door lets its visitor do.
#[derive(Clone, Debug)]
pub enum Entry {
    /// They are in.
    SignedIn(Box<SignedIn>),
    /// They have to answer with their second factor first.
    SecondFactor(Challenge),
    /// They have to set up a second factor first.
    Enrolment(Challenge),
}

/// A ticket for the next step.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The ticket; it opens nothing but that step.
    pub ticket: Secret,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

/// Credentials as they were when somebody looked.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) key: AccountKey,
    pub(super) id: UserId,
    pub(super) hash: Option<String>,
    pub(super) two_factor_at: Option<Timestamp>,
}

impl Seen {
    pub(super) fn of(account: &Account, hash: Option<String>) -> Self {
        Self {
            key: account.key,
            id: account.id,
            hash,
            two_factor_at: account.two_factor_at,
        }
    }

    /// Whether they are the same, and their owner is not locked out now.
    pub(super) fn holds(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let current = accounts::credentials_by_key(tx, self.key)?;
        Ok(current.is_some_and(|(account, hash)| {
            !account.is_locked(now) && hash == self.hash && account.two_factor_at == self.two_factor_at
        }))
    }
}

/// Everything that is written when somebody comes in.
pub(super) struct Opening {
    account: AccountKey,
    id: UserId,
    session: Session,
    event: Event,
    network: Option<Network>,
    duty_since: Option<Timestamp>,
    duty_changed: bool,
    arrival: Option<Arrival>,
    /// What is kept of the login at a provider.
    pub(super) upstream: Option<i64>,
}

impl Opening {
    /// Whether a provider that vouched for the person has not said since that they logged out.
    pub(super) fn is_vouched_for(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        self.upstream.map_or(Ok(true), |id| upstream::is_there(tx, id))
    }

    /// When it happens.
    pub(super) fn at(&self) -> Timestamp {
        self.session.created_at
    }

    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let now = self.at();
        sessions::insert(tx, &self.session)?;
        if let Some(id) = self.upstream {
            upstream::bind(tx, id, self.session.id)?;
        }
        accounts::record_login(tx, self.account, now)?;
        if self.duty_changed {
            accounts::set_two_factor_required(tx, self.account, self.duty_since)?;
        }
        if let Some(network) = self.network {
            scores::note_good_login(tx, network, self.id, now)?;
        }
        if let Some(arrival) = &self.arrival {
            arrival.write(tx)?;
        }
        audit::append(tx, &self.event)
    }
}

/// How the write that lets somebody in ended.
#[derive(Clone, Copy)]
enum Opened {
    In,
    CredentialsChanged,
    NotTrusted,
}

impl App {
    /// Decides what somebody who proved who they are may do.
    ///
    /// # Errors
    /// As [`App::may_enter`]; [`Refusal::BadCredentials`] if the credentials changed meanwhile; a fault.
    pub(super) async fn admit(&self, proven: Proven, origin: Origin) -> Result<Entry, Failure> {
        self.may_enter(&proven.account, &proven.method)?;
        if proven.account.two_factor_at.is_some() {
            if let Some(digest) = self.trusting_token(&proven).await?
                && let Some(signed_in) = self.let_in(&proven, Some(digest), origin).await?
            {
                return Ok(Entry::SignedIn(signed_in));
            }
            return Ok(Entry::SecondFactor(self.challenge(TicketKind::Login, proven).await?));
        }
        match self.duty_of(&proven.account) {
            Duty::Due => Ok(Entry::Enrolment(self.challenge(TicketKind::SetUp, proven).await?)),
            Duty::None | Duty::Until(_) => {
                let signed_in = self.let_in(&proven, None, origin).await?;
                Ok(Entry::SignedIn(signed_in.ok_or(Refusal::BadCredentials)?))
            }
        }
    }

    /// Whether an account may be logged in to at all. Whether its address is its owner's matters to who comes with a password:
    /// whoever comes from a provider is known by something else.
    ///
    /// # Errors
    /// [`Refusal::BadCredentials`] for a disabled account, [`Refusal::Banned`], [`Refusal::AccountOver`],
    /// [`Refusal::EmailNotVerified`], [`Refusal::AccountWaiting`], [`Refusal::FederatedLoginBlocked`].
    pub(super) fn may_enter(&self, account: &Account, method: &str) -> Result<(), Refusal> {
        if account.is_disabled() {
            return Err(Refusal::BadCredentials);
        }
        let now = self.now();
        self.admit_user(account.id, now)?;
        if account.is_over(now) {
            return Err(Refusal::AccountOver);
        }
        if method == PASSWORD && !self.address_suffices(account) {
            return Err(Refusal::EmailNotVerified);
        }
        if account.is_waiting() {
            return Err(Refusal::AccountWaiting);
        }
        if self.escapes_enforcement(account, method) {
            return Err(Refusal::FederatedLoginBlocked);
        }
        Ok(())
    }

    /// A new session, everything that is written with it, and its keys. `held` is what the browser kept of earlier logins.
    pub(super) fn opening(
        &self,
        account: &Account,
        method: &str,
        held: Option<&Secret>,
        origin: Origin,
    ) -> (Opening, Box<SignedIn>) {
        let (device, is_known) = self.device_after_login(account, held);
        let arrival = if is_known {
            None
        } else {
            self.arrival(account, method, &origin)
        };
        let network = origin.address.parse().ok().map(Network::of_client);
        let event = self.event(EventKind::LoginSucceeded, Some(account.id), &origin, method);
        let (session, mut signed_in) = self.new_session(account, method, origin);
        signed_in.device = Some(device);
        let duty_since = self.duty_since(account, session.created_at);
        let opening = Opening {
            account: account.key,
            id: account.id,
            session,
            event,
            network,
            duty_since,
            duty_changed: duty_since != account.two_factor_required_at,
            arrival,
            upstream: None,
        };
        (opening, Box::new(signed_in))
    }

    /// Writes the session, unless password or status changed while the proof was checked; `None` if the device that would
    /// have spared a code is trusted no more.
    async fn let_in(
        &self,
        proven: &Proven,
        trusted: Option<TokenDigest>,
        origin: Origin,
    ) -> Result<Option<Box<SignedIn>>, Failure> {
        let seen = Seen::of(&proven.account, proven.verified_hash.clone());
        let replacement = proven.replacement.clone();
        let method = match trusted {
            Some(_) => format!("{}+trusted_device", proven.method),
            None => proven.method.clone(),
        };
        let (mut opening, signed_in) = self.opening(&proven.account, &method, proven.device.as_ref(), origin);
        if trusted.is_some() {
            opening.arrival = None;
        }
        opening.upstream = proven.upstream;
        let now = self.now();
        let opened = self
            .store
            .write(move |tx| {
                if !seen.holds(tx, now)? || !opening.is_vouched_for(tx)? {
                    return Ok(Opened::CredentialsChanged);
                }
                if let Some(digest) = trusted
                    && !trusted_devices::note_use(tx, seen.key, digest, now)?
                {
                    return Ok(Opened::NotTrusted);
                }
                if let Some(hash) = &replacement {
                    accounts::set_password(tx, seen.key, hash, now)?;
                }
                opening.write(tx)?;
                Ok(Opened::In)
            })
            .await?;
        match opened {
            Opened::In => Ok(Some(signed_in)),
            Opened::NotTrusted => Ok(None),
            Opened::CredentialsChanged => Err(Refusal::BadCredentials.into()),
        }
    }

    /// A ticket for the next step. A stronger hash is stored at once: the ticket is bound to it.
    async fn challenge(&self, kind: TicketKind, proven: Proven) -> Result<Challenge, Failure> {
        let mut seen = Seen::of(&proven.account, proven.verified_hash);
        if let Some(hash) = proven.replacement {
            let (before, now) = (seen.clone(), self.now());
            seen.hash = Some(hash.clone());
            let stored = self
                .store
                .write(move |tx| Ok(before.holds(tx, now)? && accounts::set_password(tx, before.key, &hash, now)?))
                .await?;
            if !stored {
                return Err(Refusal::BadCredentials.into());
            }
        }
        Ok(self.new_challenge(kind, &seen, &proven.method, proven.upstream))
    }
}
