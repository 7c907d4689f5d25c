//! Changes of many accounts: each is made by the use case for one, so that nothing is different but the number.
//!
//! Some go on together, so that their writes are committed together; whoever writes in between does not wait for all of
//! them. Admins are changed one after the other: two of them cannot both be the last but one.

use futures_util::future::join_all;

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::bulk::{Change, Progress, Selection, Skipped, Tally};
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::job::JobId;
use crate::domain::refusal::Refusal;

/// Changes that go on together.
const TOGETHER: usize = 32;

impl App {
    /// Changes many accounts; `note` hears now and then how far it has come.
    ///
    /// # Errors
    /// Only a fault. What was done until then is done.
    pub async fn change_many(
        &self,
        selection: &Selection,
        change: &Change,
        by: &Actor,
        mut note: impl FnMut(&Tally),
    ) -> Result<Tally, Failure> {
        let mut tally = Tally::default();
        match selection {
            Selection::These(ids) => {
                for some in ids.chunks(TOGETHER) {
                    let some = self.known(some, &mut tally).await?;
                    self.change_some(some, change, by, &mut tally).await?;
                    note(&tally);
                }
            }
            Selection::Matching(filter) => {
                let mut after: Option<AccountKey> = None;
                loop {
                    let (mut found, next) = self.matching_after(filter, after).await?;
                    while !found.is_empty() {
                        let some = found.drain(..found.len().min(TOGETHER)).collect();
                        self.change_some(some, change, by, &mut tally).await?;
                        note(&tally);
                    }
                    let Some(next) = next else { break };
                    after = Some(next);
                }
            }
        }
        Ok(tally)
    }

    async fn known(&self, ids: &[UserId], tally: &mut Tally) -> Result<Vec<Account>, Failure> {
        let known = self.users_with(ids).await?;
        for _ in known.len()..ids.len() {
            tally.note_skipped(Skipped::Gone, None);
        }
        Ok(known)
    }

    async fn change_some(
        &self,
        accounts: Vec<Account>,
        change: &Change,
        by: &Actor,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let (admins, others): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|account| account.role.is_admin());
        let mut outcomes = join_all(others.iter().map(|account| self.change_one(account, change, by))).await;
        for admin in &admins {
            outcomes.push(self.change_one(admin, change, by).await);
        }
        for (account, outcome) in others.iter().chain(&admins).zip(outcomes) {
            match outcome? {
                None => tally.note_done(),
                Some(why) => tally.note_skipped(why, Some(&account.email)),
            }
        }
        Ok(())
    }

    /// Changes one of many; answers with why it was left as it is.
    async fn change_one(&self, account: &Account, change: &Change, by: &Actor) -> Result<Option<Skipped>, Failure> {
        if change.weakens() {
            if matches!(by, Actor::Admin { id, .. } if *id == account.id) {
                return Ok(Some(Skipped::Own));
            }
            if self.is_last_admin(account).await? {
                return Ok(Some(Skipped::LastAdmin));
            }
        }
        if change.is_done(account) {
            return Ok(Some(Skipped::Already));
        }
        let outcome = match change {
            Change::Disable => self.set_disabled(account, true, by).await,
            Change::Enable => self.set_disabled(account, false, by).await,
            Change::Approve => self.approve(account, by).await,
            Change::EndSessions => return self.end_every_session(account, by).await,
            Change::SetRole(role) => self.set_role(account, role.clone(), by).await,
            Change::AddToGroup(group) => return self.move_one(account, group, true, by).await,
            Change::RemoveFromGroup(group) => return self.move_one(account, group, false, by).await,
            Change::DemandSecondFactor => self.demand_second_factor(account, true, by).await,
            Change::WaiveSecondFactor => self.demand_second_factor(account, false, by).await,
            Change::Delete => self.delete_user(account, by).await.map(drop),
        };
        skipped(outcome.map(|()| true))
    }

    async fn move_one(
        &self,
        account: &Account,
        group: &GroupName,
        is_in: bool,
        by: &Actor,
    ) -> Result<Option<Skipped>, Failure> {
        skipped(self.set_membership(account, group, is_in, by).await)
    }

    async fn end_every_session(&self, account: &Account, by: &Actor) -> Result<Option<Skipped>, Failure> {
        let ended = self.end_sessions_of(account, None, by).await?;
        skipped(Ok(ended > 0))
    }

    /// Begins a change in the background: [`App::run_job`] makes it.
    ///
    /// # Errors
    /// [`Refusal::Busy`] while as many as may go on at a time do.
    pub fn new_job(&self, change: &Change) -> Result<JobId, Refusal> {
        self.changes.begin(JobId::new(self.random()), change.clone())
    }

    /// Makes a change that was begun.
    pub async fn run_job(&self, id: JobId, selection: &Selection, change: &Change, by: &Actor) {
        let note = |tally: &Tally| self.changes.note(id, tally.clone());
        let outcome = self.change_many(selection, change, by, note).await;
        self.changes.end(id, outcome);
    }

    /// How far a change in the background has come; `None` if it is not remembered.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<Progress> {
        self.changes.find(id)
    }
}

/// `true` if something changed, as a reason to skip or none. A full queue is no reason: it stops the whole.
fn skipped(outcome: Result<bool, Failure>) -> Result<Option<Skipped>, Failure> {
    match outcome {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(Skipped::Already)),
        Err(Failure::Refused(Refusal::NotFound)) => Ok(Some(Skipped::Gone)),
        Err(Failure::Refused(Refusal::OwnAccount)) => Ok(Some(Skipped::Own)),
        Err(Failure::Refused(Refusal::LastAdmin)) => Ok(Some(Skipped::LastAdmin)),
        Err(Failure::Refused(Refusal::Busy)) => Err(Refusal::Busy.into()),
        Err(Failure::Refused(_)) => Ok(Some(Skipped::Refused)),
        Err(fault) => Err(fault),
    }
}
