//! A session that was opened without the second factor, and gets it when another program wants it.

use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::app::second_factor::examine::Factor;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Act, Answer, Trouble};
use crate::store::{Tx, audit, sessions};

impl App {
    /// Notes with a session that its owner has proved the second factor.
    ///
    /// # Errors
    /// [`Trouble::NotSetUp`], [`Trouble::AnswerMissing`], [`Trouble::Wrong`], [`Refusal::TooMany`], or a fault.
    pub async fn step_up(&self, change: Change<'_>, quota: &mut Quota) -> Result<(), Failure> {
        quota.check()?;
        let account = &change.who.account;
        if account.two_factor_at.is_none() {
            return Err(Refusal::SecondFactor(Trouble::NotSetUp).into());
        }
        let factor = match change.answer {
            Some(Answer::Backup(_)) => Factor::BackupCode,
            Some(Answer::Code(_) | Answer::Unreadable) | None => Factor::Code,
        };
        let kind = EventKind::SecondFactorProved;
        let event = self.event(kind, Some(account.id), change.origin, factor.key());
        let session = change.who.session.id;
        let note = move |tx: &mut Tx<'_>| {
            sessions::strengthen(tx, session, factor.key())?;
            audit::append(tx, &event)
        };
        self.change_second_factor(Act::Prove, change, quota, note).await
    }
}
