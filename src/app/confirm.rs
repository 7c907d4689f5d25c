//! Before an admin changes anything about others, they confirm that it is them: with the password, and with the second
//! factor where there is one. It counts for a while, on this session only.

use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::Act;
use crate::domain::secret::Secret;
use crate::domain::session::{CONFIRMED, Identity};
use crate::domain::time::Timestamp;
use crate::store::{Tx, audit, sessions};

impl App {
    /// Until when this session may change things about others; `None` if a confirmation is due.
    #[must_use]
    pub fn confirmed_until(&self, who: &Identity) -> Option<Timestamp> {
        let needs_code = who.account.two_factor_at.is_some();
        who.session.confirmed_until(self.now(), needs_code)
    }

    /// Counts one confirmation, by account.
    #[must_use]
    pub fn take_confirmation(&self, who: &Identity) -> Quota {
        self.take_quota(LimitedAction::TwoFactorSettings, &who.account.id.to_string())
    }

    /// Takes an admin's confirmation; answers with the moment until which it counts.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field `password`, what [`crate::domain::second_factor::Trouble`] says of the code,
    /// [`Refusal::TooMany`], [`Refusal::SessionOver`] if the session ended meanwhile, or a fault.
    pub async fn confirm(&self, change: Change<'_>, password: Secret, quota: &mut Quota) -> Result<Timestamp, Failure> {
        quota.check()?;
        let who = change.who;
        self.confirm_owner(who, password, change.origin).await?;
        let event = self.event(EventKind::AdminConfirmed, Some(who.account.id), change.origin, "");
        let (session, now) = (who.session.id, self.now());
        let note = move |tx: &mut Tx<'_>| {
            let is_live = sessions::note_confirmation(tx, session, now)?;
            if is_live {
                audit::append(tx, &event)?;
            }
            Ok(is_live)
        };
        let is_live = self.change_second_factor(Act::Prove, change, quota, note).await?;
        if is_live {
            Ok(now.after(CONFIRMED))
        } else {
            Err(Refusal::SessionOver.into())
        }
    }
}
