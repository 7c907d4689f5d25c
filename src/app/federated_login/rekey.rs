//! A provider has moved: its people have another issuer, perhaps other subjects. Their identities move with them, all or none;
//! or each at their next login, recognised by a proved address.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::federation::connection::{Connection, Subject};
use crate::domain::federation::expectation::{LONGEST, NewExpectation, Prospect, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::time::Timestamp;
use crate::store::identities::{self, Owned};
use crate::store::{StoreError, Tx, audit, expectations};

/// How identities find their new subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rekey {
    /// They stay the same.
    Same,
    /// From this list of old and new; who is not on it stays as they are.
    Map(BTreeMap<String, String>),
    /// At the next login through this provider with the account's proved address, for so long.
    ByAddress(ProviderId, Duration),
}

/// Which identities move, and how.
#[derive(Clone, Debug)]
pub struct Move {
    /// The issuer until now.
    pub from: String,
    /// The issuer to be.
    pub to: String,
    /// The provider of the new issuer, if it is configured.
    pub provider: Option<ProviderId>,
    /// How.
    pub how: Rekey,
}

/// Why an identity does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Snag {
    /// It is not in the list.
    NotInTheMap,
    /// Somebody has the new one already.
    Taken,
    /// Two would become the same.
    Twice,
    /// The account's address was never proved.
    AddressUnproved,
    /// The account has another identity of the same issuer.
    SeveralIdentities,
}

impl Snag {
    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotInTheMap => "not_in_the_map",
            Self::Taken => "taken",
            Self::Twice => "twice",
            Self::AddressUnproved => "address_unproved",
            Self::SeveralIdentities => "several_identities",
        }
    }

    /// Whether nothing at all is moved because of it.
    #[must_use]
    pub const fn is_conflict(self) -> bool {
        match self {
            Self::Taken | Self::Twice => true,
            Self::NotInTheMap | Self::AddressUnproved | Self::SeveralIdentities => false,
        }
    }
}

/// One identity and what becomes of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub connection: Connection,
    /// Whose.
    pub account: Account,
    /// The new subject, or why it has none; `None` for one that is found at the next login.
    pub outcome: Result<Option<String>, Snag>,
}

/// What is done, or would be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Each identity of the old issuer.
    pub steps: Vec<Step>,
    /// Old subjects in the list that nobody here has.
    pub unknown: Vec<String>,
    /// Whether it was done.
    pub is_done: bool,
}

impl Plan {
    /// Whether something stands against it.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        let snags = self.steps.iter().filter_map(|step| step.outcome.as_ref().err());
        snags.into_iter().any(|snag| snag.is_conflict())
    }
}

impl App {
    /// Moves the identities of an issuer, unless anything stands against it; with `dry` it only says what would happen.
    ///
    /// # Errors
    /// Only a fault: conflicts are in the plan, and then nothing was changed.
    pub async fn rekey_identities(&self, wanted: Move, dry: bool, by: &Actor) -> Result<Plan, Failure> {
        if dry {
            return Ok(self.store.scan(move |tx| plan(tx, &wanted)).await?);
        }
        let (now, by) = (self.now(), by.key());
        let event = self.event_by(EventKind::IdentityMoved, None, &by, "");
        let done = self
            .store
            .write(move |tx| {
                let mut plan = plan(tx, &wanted)?;
                if !plan.has_conflicts() {
                    for step in &plan.steps {
                        apply(tx, &wanted, step, (now, &event))?;
                    }
                    plan.is_done = true;
                }
                Ok(plan)
            })
            .await?;
        Ok(done)
    }
}

fn plan(tx: &mut Tx<'_>, wanted: &Move) -> Result<Plan, StoreError> {
    let all = identities::of_issuer(tx, &wanted.from)?;
    let there = identities::of_issuer(tx, &wanted.to)?;
    let taken: BTreeSet<String> = there.into_iter().map(|(one, _)| one.subject.subject).collect();
    let known: BTreeSet<&str> = all.iter().map(|(one, _)| one.subject.subject.as_str()).collect();
    let unknown = match &wanted.how {
        Rekey::Map(map) => map
            .keys()
            .filter(|old| !known.contains(old.as_str()))
            .cloned()
            .collect(),
        Rekey::Same | Rekey::ByAddress(..) => Vec::new(),
    };
    let mut new = BTreeMap::new();
    for (one, _) in &all {
        if let Some(subject) = new_subject(&wanted.how, one) {
            *new.entry(subject.to_owned()).or_insert(0_u32) += 1;
        }
    }
    let outcome = |(one, account): &Owned| match &wanted.how {
        Rekey::ByAddress(..) => by_address(one, account, &all),
        Rekey::Same | Rekey::Map(_) => match new_subject(&wanted.how, one) {
            None => Err(Snag::NotInTheMap),
            Some(subject) if taken.contains(subject) => Err(Snag::Taken),
            Some(subject) if new.get(subject).is_some_and(|count| *count > 1) => Err(Snag::Twice),
            Some(subject) => Ok(Some(subject.to_owned())),
        },
    };
    let outcomes: Vec<_> = all.iter().map(outcome).collect();
    let steps = all
        .into_iter()
        .zip(outcomes)
        .map(|((connection, account), outcome)| Step {
            connection,
            account,
            outcome,
        });
    Ok(Plan {
        steps: steps.collect(),
        unknown,
        is_done: false,
    })
}

fn new_subject<'s>(how: &'s Rekey, one: &'s Connection) -> Option<&'s str> {
    let old = &one.subject.subject;
    match how {
        Rekey::Same => Some(old),
        Rekey::Map(map) => map.get(old).map(String::as_str),
        Rekey::ByAddress(..) => None,
    }
}

/// Only an address that was proved here says who somebody is: what the old provider called them anybody could have chosen.
fn by_address(one: &Connection, account: &Account, all: &[Owned]) -> Result<Option<String>, Snag> {
    let count = all.iter().filter(|(other, _)| other.account == one.account).count();
    match (account.email_verified, count) {
        (false, _) => Err(Snag::AddressUnproved),
        (true, 1) => Ok(None),
        (true, _) => Err(Snag::SeveralIdentities),
    }
}

fn apply(tx: &mut Tx<'_>, wanted: &Move, step: &Step, (now, event): (Timestamp, &Event)) -> Result<(), StoreError> {
    let (one, account) = (&step.connection, &step.account);
    let kind = match (&wanted.how, &step.outcome) {
        (_, Err(_)) => return Ok(()),
        (Rekey::ByAddress(provider, lifetime), Ok(_)) => {
            let new = NewExpectation {
                provider: provider.clone(),
                sign: Sign::Address(account.email.clone()),
                prospect: Prospect::Moves {
                    account: account.key,
                    identity: one.id,
                },
                by: event.actor.clone(),
                created_at: now,
                expires_at: now.after((*lifetime).min(LONGEST)),
            };
            expectations::insert(tx, &new)?;
            EventKind::IdentityExpected
        }
        (Rekey::Same | Rekey::Map(_), Ok(subject)) => {
            let subject = Subject {
                issuer: wanted.to.clone(),
                subject: subject.clone().unwrap_or_default(),
            };
            identities::rekey(tx, one.id, &subject, wanted.provider.as_ref())?;
            EventKind::IdentityMoved
        }
    };
    let provider = wanted.provider.as_ref().unwrap_or(&one.provider);
    audit::append(
        tx,
        &Event {
            kind,
            detail: format!("{provider}: rekey"),
            ..event.clone()
        }
        .about(account.id),
    )
}
