//! Invitations: made, looked at, taken back. Using one is a registration, see [`crate::app::register`].
//!
//! The link is shown to whoever makes it, and never again. What is wrong with a dead link is told to whoever holds it: nobody
//! else can know its token.

use std::num::NonZero;
use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::outbox::Addressee;
use crate::app::paging::{Collector, Page};
use crate::app::{App, Failure};
use crate::domain::account::Role;
use crate::domain::audit::EventKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::invitation::{Guests, Invitation, InvitationId, LONGEST, NewInvitation, State, Uses};
use crate::domain::lang::Lang;
use crate::domain::outbox::Envelope;
use crate::domain::refusal::Refusal;
use crate::domain::secret::{Secret, Token};
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, audit, invitations, outbox};

/// Rows read at a time.
const AT_ONCE: u32 = 1_000;

/// What LibreChat's client sends when it has no token.
const NO_TOKEN: &str = "undefined";

/// An invitation that somebody wants to make.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// For whom; `mailed` says whether it is to be.
    pub guests: Guests,
    /// What the accounts may do.
    pub role: Role,
    /// What they are put into.
    pub groups: Vec<GroupName>,
    /// How many accounts.
    pub uses: Uses,
    /// How long the link works.
    pub lifetime: Duration,
    /// A remark for admins.
    pub note: String,
    /// The language of the letter.
    pub lang: Option<Lang>,
    /// Whether somebody at the console said in so many words that the guest is to be an admin.
    pub admin_is_meant: bool,
}

/// Which invitations are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitationFilter {
    /// In this state only.
    pub state: Option<State>,
    /// With this text in the address, the domains or the remark; empty for all.
    pub text: String,
    /// Before this number, for the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl InvitationFilter {
    fn takes(&self, invitation: &Invitation, now: Timestamp) -> bool {
        let text = self.text.trim().to_lowercase();
        let has = |part: &str| part.to_lowercase().contains(&text);
        let is_named = match &invitation.guests {
            Guests::One { email, .. } => has(email.as_str()),
            Guests::Anybody { domains } => domains.iter().any(|domain| has(domain)),
        };
        let fits = self.state.is_none_or(|state| invitation.state(now) == state);
        fits && (text.is_empty() || is_named || has(&invitation.note))
    }
}

/// An invitation that was just made.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The link, which is not kept.
    pub link: Secret,
}

/// What a link to the registration page is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has no token.
    None,
    /// It lets somebody in.
    Open(Box<Invitation>),
    /// It did once.
    Over(State),
    /// There is no such invitation, or invitations are switched off.
    Unknown,
}

impl App {
    /// Makes an invitation and its link.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if the address has an account, [`Refusal::DomainNotAllowed`] if nobody could use it,
    /// [`Refusal::Forbidden`] for an admin who is not meant or not alone, or a fault.
    pub async fn invite(&self, wanted: Wanted, by: &Actor) -> Result<Invited, Failure> {
        self.check_invitation(&wanted, by)?;
        let (token, now) = (self.new_token(), self.now());
        let until = now.after(wanted.lifetime);
        let link = self.link(&format!("/register?token={}", token.reveal()));
        let letter = self
            .invitation_letter(&wanted.guests, wanted.lang, (&link, until), by)
            .await?;
        let uses = match &wanted.guests {
            // An address has one account at most.
            Guests::One { .. } => NonZero::new(1),
            Guests::Anybody { .. } => wanted.uses,
        };
        let new = NewInvitation {
            digest: token.digest(),
            guests: with_letter(wanted.guests, letter.is_some()),
            role: wanted.role,
            groups: wanted.groups,
            uses,
            note: wanted.note,
            by: by.key(),
            created_at: now,
            expires_at: until,
        };
        let event = self.event_of(EventKind::InvitationMade, None, by, "");
        let made = self
            .store
            .write(move |tx| {
                if is_taken(tx, &new.guests)? {
                    return Ok(Err(Refusal::Invalid(vec![Issue::new("email", Rule::Taken)])));
                }
                let id = invitations::insert(tx, &new)?;
                let detail = format!("invitation:{id}");
                audit::append(tx, &event.clone().remarked(detail))?;
                letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                Ok(invitations::find(tx, id)?.ok_or(Refusal::NotFound))
            })
            .await?;
        Ok(Invited {
            invitation: made?,
            link: Secret::new(link),
        })
    }

    fn check_invitation(&self, wanted: &Wanted, by: &Actor) -> Result<(), Refusal> {
        let admin_is_meant = *by == Actor::Console && wanted.admin_is_meant;
        let is_for_one = matches!(wanted.guests, Guests::One { .. }) || wanted.uses == NonZero::new(1);
        let is_too_much = wanted.role.is_admin() && !admin_is_meant || wanted.role.may_read_admin() && !is_for_one;
        if is_too_much {
            return Err(Refusal::Forbidden);
        }
        let allowed = &self.live().accounts.allowed_domains;
        let is_possible = match &wanted.guests {
            Guests::One { email, .. } => email.is_allowed(allowed),
            Guests::Anybody { domains } => {
                let is_listed = |domain: &String| allowed.iter().any(|other| other.eq_ignore_ascii_case(domain));
                allowed.is_empty() || domains.iter().all(is_listed)
            }
        };
        if is_possible {
            Ok(())
        } else {
            Err(Refusal::DomainNotAllowed)
        }
    }

    /// The letter with the link, if one is wanted and can be sent.
    async fn invitation_letter(
        &self,
        guests: &Guests,
        lang: Option<Lang>,
        (link, until): (&str, Timestamp),
        by: &Actor,
    ) -> Result<Option<Envelope>, Failure> {
        let Guests::One { email, mailed: true } = guests else {
            return Ok(None);
        };
        let host = match by {
            Actor::Console => None,
            Actor::Admin { id, .. } => self.store.read(|tx| accounts::by_id(tx, *id)).await?,
        };
        let to = Addressee {
            email,
            name: None,
            lang: lang.map(Lang::code),
        };
        let from = host.as_ref().map(|account| account.name.as_str());
        Ok(self.envelope(&to, &Letter::Invitation { link, from, until }))
    }

    /// What a link with this token is worth to its holder. LibreChat's client sends the text `undefined` for none.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn invitation_standing(&self, token: &str) -> Result<Standing, Failure> {
        if token.is_empty() || token == NO_TOKEN {
            return Ok(Standing::None);
        }
        let Some(token) = Token::parse(token).filter(|_| self.live().accounts.invitations) else {
            return Ok(Standing::Unknown);
        };
        let found = self.store.read(|tx| invitations::by_digest(tx, token.digest())).await?;
        let Some(invitation) = found else {
            return Ok(Standing::Unknown);
        };
        Ok(match invitation.state(self.now()) {
            State::Open => Standing::Open(Box::new(invitation)),
            over @ (State::UsedUp | State::Expired | State::Revoked) => Standing::Over(over),
        })
    }

    /// The invitation of this number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_invitation(&self, id: InvitationId) -> Result<Option<Invitation>, Failure> {
        Ok(self.store.read(|tx| invitations::find(tx, id)).await?)
    }

    /// A page of invitations, newest first, before the given one, whatever their state.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn invitations_before(
        &self,
        before: Option<InvitationId>,
        limit: u32,
    ) -> Result<Vec<Invitation>, Failure> {
        Ok(self.store.scan(move |tx| invitations::page(tx, before, limit)).await?)
    }

    /// Who came through an invitation, and when: the first `limit`.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn guests_of(&self, id: InvitationId, limit: u32) -> Result<Vec<(UserId, Timestamp)>, Failure> {
        Ok(self.store.scan(move |tx| invitations::guests(tx, id, limit)).await?)
    }

    /// A page of invitations, newest first: in this state, if one is named, and with this text in the address or the remark.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_invitations(&self, filter: InvitationFilter) -> Result<Page<Invitation>, Failure> {
        let now = self.now();
        let work = move |tx: &mut Tx<'_>| {
            let mut page = Collector::new(filter.limit);
            let mut before = filter.before.map(InvitationId::from_row);
            loop {
                let portion = invitations::page(tx, before, AT_ONCE)?;
                let Some(last) = portion.last() else {
                    return Ok(page.page(None));
                };
                before = Some(last.id);
                let next = page.take(portion, |one| one.id.number(), |one| filter.takes(one, now));
                if next.is_some() {
                    return Ok(page.page(next));
                }
            }
        };
        Ok(self.store.scan(work).await?)
    }

    /// Gives an invitation that is open or expired a new link for so long, and mails it where that is possible. The old link
    /// dies: nobody has kept it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was taken back or used up; or a fault.
    pub async fn renew_invitation(
        &self,
        id: InvitationId,
        lifetime: Duration,
        lang: Option<Lang>,
        by: &Actor,
    ) -> Result<Invited, Failure> {
        let now = self.now();
        let known = self.find_invitation(id).await?;
        let known = known.filter(|one| one.can_be_renewed(now)).ok_or(Refusal::NotFound)?;
        let (token, until) = (self.new_token(), now.after(lifetime.min(LONGEST)));
        let link = self.link(&format!("/register?token={}", token.reveal()));
        let guests = with_letter(known.guests, true);
        let letter = self.invitation_letter(&guests, lang, (&link, until), by).await?;
        let detail = format!("invitation:{id}");
        let event = self.event_of(EventKind::InvitationRenewed, None, by, &detail);
        let digest = token.digest();
        let renewed = self
            .store
            .write(move |tx| {
                let mailed_at = letter.as_ref().map(|_| now);
                if !invitations::renew(tx, id, digest, mailed_at, until)? {
                    return Ok(None);
                }
                audit::append(tx, &event)?;
                letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                invitations::find(tx, id)
            })
            .await?;
        Ok(Invited {
            invitation: renewed.ok_or(Refusal::NotFound)?,
            link: Secret::new(link),
        })
    }

    /// Takes an invitation back: seats that are free stay free. Whoever came through it stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was taken back before; or a fault.
    pub async fn revoke_invitation(&self, id: InvitationId, by: &Actor) -> Result<(), Failure> {
        let now = self.now();
        let event = self.event_of(EventKind::InvitationRevoked, None, by, &format!("invitation:{id}"));
        let revoked = self
            .store
            .write(move |tx| {
                let revoked = invitations::revoke(tx, id, now)?;
                if revoked {
                    audit::append(tx, &event)?;
                }
                Ok(revoked)
            })
            .await?;
        if revoked { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }
}

fn with_letter(guests: Guests, mailed: bool) -> Guests {
    match guests {
        Guests::One { email, .. } => Guests::One { email, mailed },
        Guests::Anybody { domains } => Guests::Anybody { domains },
    }
}

/// Whether the guest has an account already. An admin may know.
fn is_taken(tx: &mut Tx<'_>, guests: &Guests) -> Result<bool, StoreError> {
    match guests {
        Guests::One { email, .. } => Ok(accounts::by_email(tx, email)?.is_some()),
        Guests::Anybody { .. } => Ok(false),
    }
}
