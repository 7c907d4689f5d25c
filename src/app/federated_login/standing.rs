//! What the claims of a login do to the account: its role, as far as the provider has a say, and the groups that the provider
//! puts it into. What somebody gave by hand, and what other providers say, stays.

use crate::domain::account::{AccountKey, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::federation::mapping::Verdict;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::role::Held;
use crate::domain::federation::trouble::quoted;
use crate::domain::group::GroupName;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, groups, setup};

/// A provider speaks of an account.
pub(super) struct Word<'w> {
    pub(super) provider: &'w ProviderId,
    pub(super) verdict: &'w Verdict,
    /// What the audit log is told, but for kind and detail.
    pub(super) event: Event,
    pub(super) now: Timestamp,
}

impl Word<'_> {
    /// Makes the account what the provider says; true if that changes anything.
    pub(super) fn apply(&self, tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
        let has_changed = self.role(tx, key)?;
        let Some(names) = &self.verdict.groups else {
            return Ok(has_changed);
        };
        if !groups::replace(tx, key, self.provider.as_str(), names)? {
            return Ok(has_changed);
        }
        let names: Vec<&str> = names.iter().map(GroupName::as_str).collect();
        self.note(tx, EventKind::GroupsChanged, &format!("= {}", names.join(", ")))?;
        Ok(true)
    }

    fn role(&self, tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
        let says = &self.verdict.says;
        if says.is_nothing() {
            return Ok(false);
        }
        let Some((role, source)) = accounts::role_with_source(tx, key)? else {
            return Ok(false);
        };
        let held = Held {
            is_ours: source.as_deref() == Some(self.provider.as_str()),
            role,
        };
        let Some(new) = says.instead_of(&held) else {
            return Ok(false);
        };
        accounts::give_role(tx, key, &new, self.provider.as_str(), self.now)?;
        if new.is_admin() {
            setup::complete(tx, self.now)?;
        }
        self.note(tx, EventKind::RoleChanged, &format!("{} -> {new}", held.role))?;
        Ok(true)
    }

    fn note(&self, tx: &mut Tx<'_>, kind: EventKind, detail: &str) -> Result<(), StoreError> {
        let detail = quoted(&format!("{}: {detail}", self.provider));
        audit::append(
            tx,
            &Event {
                kind,
                detail,
                ..self.event.clone()
            },
        )
    }
}

/// Takes back what a provider gave: whoever is not connected to it any more has neither its groups nor a role by it.
pub(in crate::app) fn withdraw(
    tx: &mut Tx<'_>,
    key: AccountKey,
    provider: &ProviderId,
    now: Timestamp,
) -> Result<(), StoreError> {
    groups::replace(tx, key, provider.as_str(), &[])?;
    if let Some((_, Some(source))) = accounts::role_with_source(tx, key)?
        && source == provider.as_str()
    {
        accounts::set_role(tx, key, &Role::User, now)?;
    }
    Ok(())
}
