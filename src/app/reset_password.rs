//! A forgotten password: a link is asked for, and sets a new one. The link goes to the account's address only, never back
//! to whoever asked, or it is made by an admin, who passes it on or has it mailed. See [`crate::domain::reset`] for when it works.
//!
//! A new password ends every session, every other link and the memory of failed guesses. It logs nobody in: the next login
//! asks for whatever a login asks for.

use std::time::Duration;

use crate::app::alert::Deed;
use crate::app::audit::Actor;
use crate::app::{App, Failure, guess, one_time};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::errand::ErrandKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::UserId;
use crate::domain::outbox::Envelope;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::refusal::Refusal;
use crate::domain::reset::{BY_CONSOLE, Dead, Presented, Redeemed, Reset};
use crate::domain::secret::{Secret, Token};
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, api_keys, audit, identities, outbox, proofs, resets, sessions};

/// The longest life of a link that an admin makes.
pub const LONGEST_LINK: Duration = Duration::from_hours(7 * 24);

/// A link to a new password as somebody presents it.
#[derive(Clone, Debug)]
pub struct ResetLink {
    purpose: Purpose,
    user: Option<UserId>,
    token: Token,
}

impl ResetLink {
    /// From the texts in a link; `None` if they cannot be one.
    #[must_use]
    pub fn parse(user: &str, token: &str) -> Option<Self> {
        Some(Self {
            purpose: Purpose::ResetPassword,
            user: Some(user.parse().ok()?),
            token: Token::parse(token)?,
        })
    }

    /// From the text in a link that was made at the console for somebody who is locked out, see [`crate::app::recover`].
    #[must_use]
    pub fn parse_recovery(token: &str) -> Option<Self> {
        Some(Self {
            purpose: Purpose::Recover,
            user: None,
            token: Token::parse(token)?,
        })
    }
}

/// The new password, unchecked.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// The password.
    pub password: Secret,
    /// The same again; LibreChat's API may leave it out.
    pub confirm: Option<Secret>,
}

impl App {
    /// Whether people may ask for a reset link: it is switched on, and there is a way to send one.
    #[must_use]
    pub fn reset_is_offered(&self) -> bool {
        self.config.accounts.password_reset && self.config.mail.is_configured()
    }

    /// Notes that somebody wants a reset link. Whether the address has an account is looked up later.
    ///
    /// # Errors
    /// [`Refusal::ResetNotOffered`], [`Refusal::Busy`], or a fault.
    pub async fn ask_reset(&self, email: Email, origin: &Origin) -> Result<(), Failure> {
        if !self.reset_is_offered() {
            return Err(Refusal::ResetNotOffered.into());
        }
        self.note_errand(ErrandKind::ResetPassword, email, origin).await
    }

    /// Whether a link could be used now.
    ///
    /// # Errors
    /// [`Refusal::BadResetLink`], [`Refusal::ResetNotOffered`], or a fault.
    pub async fn look_at_reset(&self, link: Option<&ResetLink>) -> Result<Account, Failure> {
        let Some(link) = link else {
            return Err(self.dead_link().into());
        };
        let (presented, now) = (self.presented(link), self.now());
        let judged = self.store.read(|tx| judged(tx, &presented, now)).await?;
        match judged {
            Ok((owner, _)) => Ok(owner),
            Err(dead) => {
                tracing::debug!(?dead, "a reset link cannot be used");
                Err(self.dead_link().into())
            }
        }
    }

    /// Sets a new password, if the link is good and the password keeps the rules.
    ///
    /// # Errors
    /// As [`App::look_at_reset`]; [`Refusal::Invalid`], which uses nothing up; [`Refusal::Busy`].
    pub async fn redeem_reset(
        &self,
        link: Option<ResetLink>,
        new: NewPassword,
        origin: &Origin,
    ) -> Result<Account, Failure> {
        let owner = self.look_at_reset(link.as_ref()).await?;
        let Some(link) = link else {
            return Err(self.dead_link().into());
        };
        self.check_new_password(&owner, &new)?;
        let hash = self.hasher.hash(new.password, &origin.address).await?;
        let (presented, now) = (self.presented(&link), self.now());
        let detail = match link.purpose {
            Purpose::Recover => "recovery_link",
            _ => "",
        };
        let event = self.event(EventKind::PasswordReset, Some(owner.id), origin, detail);
        let alert = self.alert(&owner, Deed::PasswordReset, origin);
        let set = self
            .store
            .write(move |tx| {
                let Ok((owner, redeemed)) = judged(tx, &presented, now)? else {
                    return Ok(None);
                };
                if !resets::redeem(tx, &redeemed, &hash, now)? {
                    return Ok(None);
                }
                sessions::delete_others(tx, owner.key, None)?;
                accounts::forget_devices(tx, owner.key)?;
                api_keys::revoke_all(tx, owner.key)?;
                if !owner.email_verified {
                    // Whoever made the account without proving its address must not come back by another provider.
                    identities::delete_all(tx, owner.key)?;
                }
                one_time::withdraw_links(tx, owner.key)?;
                guess::forgive(tx, &owner, now)?;
                alert.put(tx)?;
                audit::append(tx, &event)?;
                Ok(Some(owner))
            })
            .await?;
        set.ok_or_else(|| self.dead_link().into())
    }

    /// A reset link for an admin to pass on: the path of the page that it opens. Older links of the account are gone.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn make_reset_link(&self, account: &Account, life: Duration, by: &Actor) -> Result<String, Failure> {
        let (path, proof) = self.new_reset_link(account, life);
        let event = self.event_of(EventKind::ResetLinkMade, Some(account.id), by, "shown");
        self.put_reset_link(proof, None, event).await?;
        Ok(path)
    }

    /// Mails a reset link to the owner on an admin's word, who does not see it. Older links of the account are gone.
    ///
    /// # Errors
    /// [`Refusal::NoMail`]; [`Refusal::NotFound`] if the account is gone, or locked, so that the link would lead nowhere; a
    /// fault.
    pub async fn mail_reset_link(&self, account: &Account, life: Duration, by: &Actor) -> Result<(), Failure> {
        let (path, proof) = self.new_reset_link(account, life);
        let letter = Letter::ResetByAdmin {
            link: &self.link(&path),
            until: proof.expires_at,
        };
        let letter = self.envelope_for(account, &letter).ok_or(Refusal::NoMail)?;
        let event = self.event_of(EventKind::ResetLinkMade, Some(account.id), by, "mailed");
        self.put_reset_link(proof, Some(letter), event).await
    }

    fn new_reset_link(&self, account: &Account, life: Duration) -> (String, Proof) {
        let life = life.min(LONGEST_LINK);
        let (token, proof) = self.new_proof_for(Purpose::ResetPassword, account, BY_CONSOLE, life);
        (reset_path(&token, account.id), proof)
    }

    async fn put_reset_link(&self, proof: Proof, letter: Option<Envelope>, event: Event) -> Result<(), Failure> {
        let put = self.store.write(move |tx| {
            let current = accounts::credentials_by_key(tx, proof.account)?.map(|(current, _)| current);
            let Some(current) = current.filter(|current| current.email == proof.address) else {
                return Ok(false);
            };
            if letter.is_some() && current.is_locked(event.at) {
                return Ok(false);
            }
            proofs::put(tx, &proof)?;
            letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
            audit::append(tx, &event)?;
            Ok(true)
        });
        if put.await? {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
    }

    fn presented(&self, link: &ResetLink) -> Presented {
        Presented {
            purpose: link.purpose,
            digest: link.token.digest(),
            user: link.user,
            is_offered: self.config.accounts.password_reset,
        }
    }

    /// What somebody hears whose link does not work.
    fn dead_link(&self) -> Refusal {
        if self.config.accounts.password_reset {
            Refusal::BadResetLink
        } else {
            Refusal::ResetNotOffered
        }
    }

    fn check_new_password(&self, owner: &Account, new: &NewPassword) -> Result<(), Refusal> {
        let live = self.live();
        let known = [owner.email.as_str(), owner.name.as_str(), live.site.title.as_str()];
        let mut issues = self.password_issues("password", &new.password, &known);
        if new.confirm.as_ref().is_some_and(|confirm| *confirm != new.password) {
            issues.push(Issue::new("confirm_password", Rule::Mismatch));
        }
        if issues.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(issues))
        }
    }
}

/// The page that a link opens.
pub(super) fn reset_path(token: &Token, user: UserId) -> String {
    format!("/reset-password?token={}&userId={user}", token.reveal())
}

type Judged = Result<(Account, Redeemed), Dead>;

/// What the domain says of a link, in the snapshot or transaction that `tx` is.
fn judged(tx: &mut Tx<'_>, presented: &Presented, now: Timestamp) -> Result<Judged, StoreError> {
    let found = proofs::find(tx, presented.digest, presented.purpose, now)?;
    let owner = match &found {
        Some(link) => accounts::credentials_by_key(tx, link.account)?,
        None => None,
    };
    let Some((owner, _)) = owner else {
        return Ok(Err(Dead::Unknown));
    };
    Ok(match Reset::of(found).redeem(presented, &owner, now) {
        Ok((_, redeemed)) => Ok((owner, redeemed)),
        Err((_, dead)) => Err(dead),
    })
}
