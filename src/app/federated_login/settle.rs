//! What becomes of a person whom a provider vouches for: facts, decision and outcome in one write, so that two tabs that
//! arrive together make one account.

use super::standing::{self, Word};
use super::{Denied, Setback};
use crate::app::App;
use crate::app::second_factor::change;
use crate::domain::account::{Account, AccountKey, NewAccount, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::federation::attempt::{self, Offer};
use crate::domain::federation::decision::{Decision, Doors, Known, on_login};
use crate::domain::federation::denial::Denial;
use crate::domain::federation::mapping::Verdict;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::vouched::{Proof, Vouched};
use crate::domain::ids::UserId;
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::providers::{Provider, Redeemed};
use crate::store::identities::{self, Described};
use crate::store::upstream::{self, NewUpstream};
use crate::store::{StoreError, Tx, accounts, api_keys, attempts, audit, proofs, sessions};

/// Everything that the write needs, whatever it finds.
pub(super) struct Case {
    pub(super) provider: ProviderId,
    pub(super) doors: Doors,
    pub(super) allowed: Vec<String>,
    pub(super) vouched: Vouched,
    pub(super) verdict: Verdict,
    upstream: Option<NewUpstream>,
    newcomer: UserId,
    word: &'static str,
    waits: bool,
    browser: TokenDigest,
    pub(super) now: Timestamp,
    event: Event,
}

/// Whose account it is, and its password hash at that moment.
pub(super) struct Owner {
    pub(super) account: Account,
    pub(super) hash: Option<String>,
    /// What is kept of the login at the provider.
    pub(super) upstream: Option<i64>,
}

/// What the write did.
pub(super) enum Settled {
    /// This account's owner may come in.
    Owner(Box<Owner>),
    /// Turned away; whether a connection is offered.
    Denied(Denial, bool),
}

impl App {
    /// The account of somebody whom a provider vouches for: the one that the identity is connected to, or a new one.
    pub(super) async fn settle_federated(
        &self,
        provider: &Provider,
        redeemed: Redeemed,
        (origin, number): (&Origin, &str),
    ) -> Result<Owner, Setback> {
        let token = self.new_token();
        let Redeemed { vouched, tokens } = redeemed;
        let tokens = tokens.as_ref();
        let verdict = self.config.federation.rules.of(&provider.id).judge(&vouched.said);
        let lack = verdict.lacks.as_ref().map(ToString::to_string);
        let case = Case {
            upstream: tokens.map(|tokens| self.new_upstream(provider, &vouched.subject, tokens)),
            verdict,
            newcomer: UserId::new(self.now(), self.random()),
            word: provider.word,
            provider: provider.id.clone(),
            doors: provider.doors.clone(),
            allowed: self.live().accounts.allowed_domains.clone(),
            waits: self.live().accounts.approval,
            browser: token.digest(),
            now: self.now(),
            event: self.event(EventKind::LoginRefused, None, origin, "").numbered(number),
            vouched,
        };
        match self.store.write(move |tx| case.settle(tx)).await? {
            Settled::Owner(owner) => Ok(*owner),
            Settled::Denied(denial, is_offered) => {
                let verdict = lack.filter(|_| denial == Denial::RoleMissing);
                tracing::info!(
                    provider = %provider.id,
                    cause = denial.key(),
                    address = %origin.address,
                    verdict,
                    "somebody who came from a provider was turned away"
                );
                Err(Setback::Denied(Denied {
                    denial,
                    offer: is_offered.then(|| Secret::new(token.reveal())),
                    was_connecting: false,
                    verdict,
                    reference: None,
                }))
            }
        }
    }
}

impl Case {
    fn settle(&self, tx: &mut Tx<'_>) -> Result<Settled, StoreError> {
        let connected = identities::find(tx, &self.vouched.subject)?;
        if connected.is_none()
            && let Some(settled) = self.settle_expected(tx)?
        {
            return Ok(settled);
        }
        let holder = match &self.vouched.email {
            Some(email) => accounts::by_email(tx, email)?,
            None => None,
        };
        let known = Known {
            connected: connected.as_ref().map(|(_, account)| account.into()),
            holder: holder.as_ref().map(Into::into),
            lacks_role: self.verdict.lacks.is_some(),
        };
        match on_login(&self.vouched, &known, &self.doors, &self.allowed) {
            Err(denial) => self.deny(tx, denial, connected.map(|(_, account)| account).or(holder)),
            Ok(Decision::LogIn) => {
                let Some((connection, account)) = connected else {
                    return Ok(Settled::Denied(Denial::BadAnswer, false));
                };
                identities::note_use(tx, connection.id, &self.described(), self.now)?;
                self.owner(tx, account.key)
            }
            Ok(Decision::Create) => self.create(tx),
            Ok(Decision::TakeOver) => match holder {
                Some(holder) => self.take_over(tx, &holder),
                None => Ok(Settled::Denied(Denial::BadAnswer, false)),
            },
        }
    }

    pub(super) fn described(&self) -> Described<'_> {
        Described::of(&self.provider, &self.vouched)
    }

    pub(super) fn note(
        &self,
        tx: &mut Tx<'_>,
        kind: EventKind,
        subject: Option<UserId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        audit::append(
            tx,
            &Event {
                kind,
                subject,
                detail: format!("{}: {detail}", self.provider),
                ..self.event.clone()
            },
        )
    }

    /// Remembers the refusal. Whoever has the address is offered the connection, to be taken after the next login from the
    /// same browser.
    pub(super) fn deny(&self, tx: &mut Tx<'_>, denial: Denial, about: Option<Account>) -> Result<Settled, StoreError> {
        let subject = about.as_ref().map(|account| account.id);
        self.note(tx, EventKind::LoginRefused, subject, denial.key())?;
        let holder =
            about.filter(|account| denial == Denial::AccountExists && self.doors.connect && !account.is_disabled());
        if let Some(holder) = &holder {
            let offer = Offer {
                browser: self.browser,
                account: holder.key,
                provider: self.provider.clone(),
                subject: self.vouched.subject.clone(),
                email: self.described().email.map(str::to_owned),
                name: self.vouched.name.clone(),
                expires_at: self.now.after(attempt::LIFETIME),
            };
            attempts::put_offer(tx, &offer)?;
        }
        Ok(Settled::Denied(denial, holder.is_some()))
    }

    /// The account that somebody new gets.
    pub(super) fn account(&self, email: Email) -> NewAccount {
        let is_theirs = self.vouched.proof == Proof::Proved && self.vouched.email.as_ref() == Some(&email);
        let name = self.vouched.name.clone();
        NewAccount {
            id: self.newcomer,
            name: name.unwrap_or_else(|| email.local_part().to_owned()),
            email,
            email_verified: is_theirs,
            username: self.vouched.username.clone(),
            provider: self.word.to_owned(),
            role: Role::User,
            password: None,
            created_at: self.now,
        }
    }

    fn create(&self, tx: &mut Tx<'_>) -> Result<Settled, StoreError> {
        let Some(email) = self.vouched.email.clone() else {
            return Ok(Settled::Denied(Denial::EmailMissing, false));
        };
        let fresh = self.account(email);
        let key = accounts::insert(tx, &fresh)?;
        if self.waits {
            accounts::set_waiting(tx, key, Some(self.now))?;
        }
        identities::insert(tx, key, &self.vouched.subject, &self.described(), self.now)?;
        self.note(tx, EventKind::AccountCreated, Some(fresh.id), "sign_up")?;
        self.owner(tx, key)
    }

    /// Nobody proved the address until now. Whoever typed it may be somebody else, so that nothing of theirs is left: no
    /// password, session, second factor, device, link or other identity.
    pub(super) fn strip(&self, tx: &mut Tx<'_>, holder: &Account) -> Result<(), StoreError> {
        let (key, now) = (holder.key, self.now);
        accounts::clear_password(tx, key, now)?;
        change::remove(tx, key)?;
        accounts::forget_devices(tx, key)?;
        sessions::delete_others(tx, key, None)?;
        for connection in identities::list(tx, key)? {
            standing::withdraw(tx, key, &connection.provider, now)?;
        }
        identities::delete_all(tx, key)?;
        attempts::withdraw_offers(tx, key)?;
        proofs::revoke_all(tx, key)?;
        api_keys::revoke_all(tx, key)?;
        if let Some(name) = &self.vouched.name {
            accounts::set_name(tx, key, name, now)?;
        }
        self.note(tx, EventKind::AccountTakenOver, Some(holder.id), "address_proved")
    }

    fn take_over(&self, tx: &mut Tx<'_>, holder: &Account) -> Result<Settled, StoreError> {
        self.strip(tx, holder)?;
        accounts::set_email_verified(tx, holder.key, self.now)?;
        identities::insert(tx, holder.key, &self.vouched.subject, &self.described(), self.now)?;
        self.owner(tx, holder.key)
    }

    /// The account's owner may come in, with the role and the groups that the provider says.
    pub(super) fn owner(&self, tx: &mut Tx<'_>, key: AccountKey) -> Result<Settled, StoreError> {
        let read = |tx: &mut Tx<'_>| {
            let found = accounts::credentials_by_key(tx, key)?;
            found.ok_or_else(|| StoreError::Other("an account is gone within its own transaction".into()))
        };
        let (mut account, mut hash) = read(tx)?;
        let word = Word {
            provider: &self.provider,
            verdict: &self.verdict,
            event: self.event.clone().about(account.id),
            now: self.now,
        };
        if word.apply(tx, key)? {
            (account, hash) = read(tx)?;
        }
        let upstream = match &self.upstream {
            Some(new) => upstream::insert(tx, &self.vouched.subject, new, self.now)?,
            None => None,
        };
        Ok(Settled::Owner(Box::new(Owner {
            account,
            hash,
            upstream,
        })))
    }
}
