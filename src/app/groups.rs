//! Groups: who is in which. Rules for other programs ask for them, and these are told of them.

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::group::GroupName;
use crate::domain::refusal::Refusal;
use crate::store::{accounts, audit, groups};

/// Who says that somebody is in a group, if an admin does.
pub const BY_HAND: &str = "console";

impl App {
    /// Puts an account into a group, or takes it out; false if nothing changed. What another source says stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn set_membership(
        &self,
        account: &Account,
        group: &GroupName,
        is_in: bool,
        by: &Actor,
    ) -> Result<bool, Failure> {
        let (id, group) = (account.id, group.clone());
        let detail = format!("{}{group}", if is_in { '+' } else { '-' });
        let event = self.event_of(EventKind::GroupsChanged, Some(id), by, &detail);
        let changed = self
            .store
            .write(move |tx| {
                let Some(account) = accounts::by_id(tx, id)? else {
                    return Ok(None);
                };
                let changed = if is_in {
                    groups::add(tx, account.key, BY_HAND, &group)?
                } else {
                    groups::remove(tx, account.key, BY_HAND, &group)?
                };
                if changed {
                    audit::append(tx, &event)?;
                }
                Ok(Some(changed))
            })
            .await?;
        changed.ok_or(Refusal::NotFound.into())
    }

    /// The groups of an account, and who says so.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn memberships(&self, account: &Account) -> Result<Vec<(String, GroupName)>, Failure> {
        let key = account.key;
        Ok(self.store.read(|tx| groups::of(tx, key)).await?)
    }

    /// Every group there is and how many accounts are in it.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn groups(&self) -> Result<Vec<(GroupName, i64)>, Failure> {
        Ok(self.store.scan(groups::all).await?)
    }
}
