//! Another e-mail address, asked for by its owner and confirmed from both mailboxes, or set by an admin. See
//! [`crate::domain::email_change`].
//!
//! Nothing changes until both sides have said yes. Then the old mailbox is told, every session but the one that asked ends,
//! and so does every other link.

use crate::app::audit::Actor;
use crate::app::outbox::Addressee;
use crate::app::quota::Quota;
use crate::app::{App, Failure, one_time};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::email_change::{Confirmed, Obstacle, Side, Wish};
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::outbox::Envelope;
use crate::domain::proof::Proof;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::{Secret, Token};
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, audit, outbox, proofs, sessions, trusted_devices};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// The password of the account.
    pub password: Secret,
    /// The address to be, unchecked.
    pub new: String,
}

/// One side's link as somebody presents it.
#[derive(Clone, Debug)]
pub struct ChangeLink {
    /// The account that it names.
    pub user: UserId,
    /// The new address that it names.
    pub new: Email,
    /// Its token.
    pub token: Token,
}

impl ChangeLink {
    /// From the texts in a link; `None` if they cannot be one.
    #[must_use]
    pub fn parse(user: &str, new: &str, token: &str) -> Option<Self> {
        Some(Self {
            user: user.parse().ok()?,
            new: Email::parse(new).ok()?,
            token: Token::parse(token)?,
        })
    }
}

/// A link that could be used now.
struct Open {
    owner: Account,
    side: Side,
    wish: Wish,
}

impl App {
    /// Why nobody can change an address by themselves, if so.
    #[must_use]
    pub fn email_change_obstacle(&self) -> Option<Obstacle> {
        if !self.config.accounts.email_change {
            Some(Obstacle::SwitchedOff)
        } else if !self.config.mail.is_configured() {
            Some(Obstacle::NoMail)
        } else {
            None
        }
    }

    /// Counts one wish for another address, by account.
    #[must_use]
    pub fn take_email_change(&self, who: &Identity) -> Quota {
        self.take_quota(LimitedAction::EmailChange, &who.account.id.to_string())
    }

    /// Sends a link to both addresses; an older wish is forgotten.
    ///
    /// # Errors
    /// [`Refusal::EmailChange`], [`Refusal::TooMany`] for wrong passwords, [`Refusal::Busy`], or a fault.
    pub async fn ask_email_change(&self, who: &Identity, wanted: EmailChange, origin: &Origin) -> Result<(), Failure> {
        let new = self.wanted_address(&who.account, &wanted.new)?;
        let verified = self
            .prove_owner(who, wanted.password, "current_password", origin)
            .await
            .map_err(|failure| match failure {
                Failure::Refused(Refusal::Invalid(issues)) => not_proved(&issues),
                other => other,
            })?;
        let sides = self.both_sides(&who.account, &new, who.session.id);
        let event = self.event(
            EventKind::EmailChangeRequested,
            Some(who.account.id),
            &origin.address,
            "",
        );
        let (key, old) = (who.account.key, who.account.email.clone());
        let asked = self
            .store
            .write(move |tx| {
                let current = accounts::credentials_by_key(tx, key)?;
                if current.is_none_or(|(current, stored)| current.email != old || stored != verified) {
                    return Ok(Err(Obstacle::Modified));
                }
                if accounts::by_email(tx, &new)?.is_some() {
                    return Ok(Err(Obstacle::InUse));
                }
                for (proof, letter) in &sides {
                    proofs::forget(tx, key, proof.purpose)?;
                    proofs::put(tx, proof)?;
                    outbox::add(tx, letter)?;
                }
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        asked.map_err(|obstacle| Refusal::EmailChange(obstacle).into())
    }

    fn wanted_address(&self, account: &Account, new: &str) -> Result<Email, Refusal> {
        if let Some(obstacle) = self.email_change_obstacle() {
            return Err(Refusal::EmailChange(obstacle));
        }
        let new = Email::parse(new).map_err(|_| Refusal::EmailChange(Obstacle::NoAddress))?;
        if new == account.email {
            return Err(Refusal::EmailChange(Obstacle::SameAddress));
        }
        if !new.is_allowed(&self.live().accounts.allowed_domains) {
            return Err(Refusal::EmailChange(Obstacle::DomainNotAllowed));
        }
        Ok(new)
    }

    /// Both links with their letters; none where mail is not configured.
    fn both_sides(&self, account: &Account, new: &Email, asked_by: SessionId) -> Vec<(Proof, Envelope)> {
        let wish = Wish {
            new: new.clone(),
            asked_by,
        };
        let side = |side: Side| {
            let (token, proof) = self.new_proof(side.purpose(), account, &wish.to_detail());
            let link = &self.link(&change_path(&token, account.id, new));
            let letter = match side {
                Side::Old => self.envelope_for(
                    account,
                    &Letter::LeaveAddress {
                        new: new.as_str(),
                        link,
                    },
                ),
                Side::New => {
                    let to = Addressee {
                        email: new,
                        ..account.into()
                    };
                    self.envelope(&to, &Letter::JoinAddress { link })
                }
            };
            letter.map(|letter| (proof, letter))
        };
        Side::BOTH.into_iter().filter_map(side).collect()
    }

    /// Which side a link speaks for, if it could be used now.
    ///
    /// # Errors
    /// [`Refusal::EmailChange`], or a fault.
    pub async fn look_at_email_change(&self, link: Option<&ChangeLink>) -> Result<Side, Failure> {
        let link = link.ok_or(Refusal::EmailChange(Obstacle::BadLink))?;
        let now = self.now();
        let open = self.store.read(|tx| open(tx, link, now)).await?;
        open.map(|open| open.side)
            .ok_or_else(|| Refusal::EmailChange(Obstacle::BadLink).into())
    }

    /// Takes one side's yes; with the second one the address changes.
    ///
    /// # Errors
    /// [`Refusal::EmailChange`], [`Refusal::Busy`], or a fault.
    pub async fn confirm_email_change(&self, link: Option<ChangeLink>, origin: &Origin) -> Result<Confirmed, Failure> {
        self.look_at_email_change(link.as_ref()).await?;
        let link = link.ok_or(Refusal::EmailChange(Obstacle::BadLink))?;
        if !self.config.accounts.email_change {
            return Err(Refusal::EmailChange(Obstacle::SwitchedOff).into());
        }
        let now = self.now();
        let event = self.event(EventKind::EmailChanged, Some(link.user), origin, "");
        let notice = self.address_notice(&link).await?;
        let confirmed = self
            .store
            .write(move |tx| {
                let Some(Open { owner, side, wish }) = open(tx, &link, now)? else {
                    return Ok(Err(Obstacle::BadLink));
                };
                if proofs::consume(tx, link.token.digest(), side.purpose(), now)?.is_none() {
                    return Ok(Err(Obstacle::BadLink));
                }
                let other = side.other();
                if !proofs::was_used(tx, owner.key, other.purpose(), &wish.to_detail(), now)? {
                    return Ok(Ok(Confirmed::WaitsFor(other)));
                }
                let change = Change {
                    new: &wish.new,
                    keep: Some(wish.asked_by),
                    notice: notice.as_ref(),
                    event: &event,
                };
                Ok(apply(tx, &owner, &change, now)?.map(|()| Confirmed::Changed))
            })
            .await?;
        confirmed.map_err(|obstacle| Refusal::EmailChange(obstacle).into())
    }

    /// What the old mailbox is told, written while its address is still the account's.
    async fn address_notice(&self, link: &ChangeLink) -> Result<Option<Envelope>, Failure> {
        let owner = self.store.read(|tx| accounts::by_id(tx, link.user)).await?;
        let letter = Letter::AddressChanged { new: link.new.as_str() };
        Ok(owner.and_then(|owner| self.envelope_for(&owner, &letter)))
    }

    /// Gives an account another address on an admin's word. It counts as proved.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming what is wrong with the address, [`Refusal::DomainNotAllowed`], [`Refusal::NotFound`],
    /// or a fault.
    pub async fn set_email(&self, account: &Account, new: &str, by: &Actor) -> Result<(), Failure> {
        let wrong = |rule| Refusal::Invalid(vec![Issue::new("email", rule)]);
        let new = Email::parse(new).map_err(|_| wrong(Rule::InvalidEmail))?;
        if !new.is_allowed(&self.live().accounts.allowed_domains) {
            return Err(Refusal::DomainNotAllowed.into());
        }
        let (now, old) = (self.now(), account.clone());
        let event = self.event_of(EventKind::EmailChanged, Some(account.id), by, "");
        let notice = self.envelope_for(account, &Letter::AddressChanged { new: new.as_str() });
        let changed = self
            .store
            .write(move |tx| {
                let change = Change {
                    new: &new,
                    keep: None,
                    notice: notice.as_ref(),
                    event: &event,
                };
                apply(tx, &old, &change, now)
            })
            .await?;
        changed.map_err(|obstacle| match obstacle {
            Obstacle::InUse => wrong(Rule::Taken).into(),
            _ => Refusal::NotFound.into(),
        })
    }
}

/// Why somebody did not prove that it is their account.
fn not_proved(issues: &[Issue]) -> Failure {
    let has_no_password = issues.iter().any(|issue| issue.rule == Rule::SignInAgain);
    Refusal::EmailChange(if has_no_password {
        Obstacle::NotLocal
    } else {
        Obstacle::WrongPassword
    })
    .into()
}

/// What is done to an account when its address changes.
pub(super) struct Change<'a> {
    /// The address to be.
    pub(super) new: &'a Email,
    /// The session that goes on.
    pub(super) keep: Option<SessionId>,
    /// What the old mailbox is told.
    pub(super) notice: Option<&'a Envelope>,
    /// The line of the audit log.
    pub(super) event: &'a Event,
}

/// The page that a link opens.
fn change_path(token: &Token, user: UserId, new: &Email) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("type", "email-change")
        .append_pair("userId", &user.to_string())
        .append_pair("email", new.as_str())
        .append_pair("token", &token.reveal())
        .finish();
    format!("/verify?{query}")
}

/// What a link opens, if it can be used and the account still has the address that it was made for.
fn open(tx: &mut Tx<'_>, link: &ChangeLink, now: Timestamp) -> Result<Option<Open>, StoreError> {
    for side in Side::BOTH {
        let Some(proof) = proofs::find(tx, link.token.digest(), side.purpose(), now)? else {
            continue;
        };
        let owner = accounts::credentials_by_key(tx, proof.account)?.map(|(owner, _)| owner);
        let wish = Wish::of(&proof).filter(|wish| wish.new == link.new);
        let owner =
            owner.filter(|owner| owner.id == link.user && owner.email == proof.address && !owner.is_locked(now));
        return Ok(owner.zip(wish).map(|(owner, wish)| Open { owner, side, wish }));
    }
    Ok(None)
}

/// Replaces the address, unless somebody has it or the account is another since; ends what has to end.
fn apply(
    tx: &mut Tx<'_>,
    owner: &Account,
    change: &Change<'_>,
    now: Timestamp,
) -> Result<Result<(), Obstacle>, StoreError> {
    if let Some(obstacle) = obstacle(tx, owner, change.new)? {
        return Ok(Err(obstacle));
    }
    replace(tx, owner, change, now)?;
    Ok(Ok(()))
}

/// Why an account cannot have that address.
pub(super) fn obstacle(tx: &mut Tx<'_>, owner: &Account, new: &Email) -> Result<Option<Obstacle>, StoreError> {
    let current = accounts::credentials_by_key(tx, owner.key)?;
    if current.is_none_or(|(current, _)| current.email != owner.email) {
        return Ok(Some(Obstacle::Modified));
    }
    let is_taken = accounts::by_email(tx, new)?.is_some();
    Ok(is_taken.then_some(Obstacle::InUse))
}

/// Replaces an address in whose way nothing is; ends what has to end.
pub(super) fn replace(tx: &mut Tx<'_>, owner: &Account, change: &Change<'_>, now: Timestamp) -> Result<(), StoreError> {
    accounts::set_email(tx, owner.key, change.new, now)?;
    sessions::delete_others(tx, owner.key, change.keep)?;
    trusted_devices::revoke_all(tx, owner.key)?;
    one_time::withdraw_links(tx, owner.key)?;
    if let Some(notice) = change.notice {
        outbox::add(tx, notice)?;
    }
    audit::append(tx, change.event)
}
