//! What an admin does with one account at the push of a button. Each deed is the use case that the command line has.

use crate::app::audit::Actor;
use crate::app::session_list::by_admin;
use crate::app::unban::Whose;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::SessionId;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::store::{audit, sessions, trusted_devices};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Lock the account and end its sessions.
    Disable,
    /// Unlock it.
    Enable,
    /// Let a waiting account in.
    Approve,
    /// Delete a waiting account and tell its owner.
    Reject,
    /// Delete it; it can be restored for a while.
    Delete,
    /// End one of its sessions.
    EndSession(SessionId),
    /// End all of them.
    EndSessions,
    /// Disconnect one of its identities.
    Unlink(i64),
    /// Expect its owner from a provider no more.
    Withdraw(i64),
    /// Take its second factor away.
    ResetSecondFactor,
    /// Demand a second factor of it.
    DemandSecondFactor,
    /// Demand none any more.
    WaiveSecondFactor,
    /// Trust none of its devices any more.
    DistrustDevices,
    /// Take one of its API keys back.
    RevokeKey(i64),
    /// Lift its bans and forget its scores.
    Unban,
}

/// What a deed picks one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Sessions.
    Sessions,
    /// Identities.
    Identities,
    /// Providers from which its owner is expected.
    Expected,
    /// API keys.
    Keys,
}

impl Deed {
    /// The keys of all deeds.
    pub const KEYS: [&'static str; 15] = [
        "disable",
        "enable",
        "approve",
        "reject",
        "delete",
        "end-session",
        "end-sessions",
        "unlink-identity",
        "withdraw-expected",
        "reset-2fa",
        "require-2fa",
        "waive-2fa",
        "distrust-devices",
        "revoke-key",
        "unban",
    ];

    /// From its key, and the number of what it is about where it is about one of several; `None` if there is no such deed.
    ///
    /// # Errors
    /// An issue with `which`.
    pub fn parse(key: &str, which: &str) -> Option<Result<Self, Issue>> {
        let whole = match key {
            "disable" => Self::Disable,
            "enable" => Self::Enable,
            "approve" => Self::Approve,
            "reject" => Self::Reject,
            "delete" => Self::Delete,
            "end-sessions" => Self::EndSessions,
            "reset-2fa" => Self::ResetSecondFactor,
            "require-2fa" => Self::DemandSecondFactor,
            "waive-2fa" => Self::WaiveSecondFactor,
            "distrust-devices" => Self::DistrustDevices,
            "unban" => Self::Unban,
            "end-session" => return Some(which.parse().map(Self::EndSession).map_err(|_| no_number())),
            "unlink-identity" => return Some(which.parse().map(Self::Unlink).map_err(|_| no_number())),
            "withdraw-expected" => return Some(which.parse().map(Self::Withdraw).map_err(|_| no_number())),
            "revoke-key" => return Some(which.parse().map(Self::RevokeKey).map_err(|_| no_number())),
            _ => return None,
        };
        Some(if which.is_empty() { Ok(whole) } else { Err(no_number()) })
    }

    /// The key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Delete => "delete",
            Self::EndSession(_) => "end-session",
            Self::EndSessions => "end-sessions",
            Self::Unlink(_) => "unlink-identity",
            Self::Withdraw(_) => "withdraw-expected",
            Self::ResetSecondFactor => "reset-2fa",
            Self::DemandSecondFactor => "require-2fa",
            Self::WaiveSecondFactor => "waive-2fa",
            Self::DistrustDevices => "distrust-devices",
            Self::RevokeKey(_) => "revoke-key",
            Self::Unban => "unban",
        }
    }

    /// What it picks one of, and which.
    #[must_use]
    pub fn picks(self) -> Option<(Lists, String)> {
        match self {
            Self::EndSession(id) => Some((Lists::Sessions, id.to_string())),
            Self::Unlink(id) => Some((Lists::Identities, id.to_string())),
            Self::Withdraw(id) => Some((Lists::Expected, id.to_string())),
            Self::RevokeKey(id) => Some((Lists::Keys, id.to_string())),
            Self::Disable
            | Self::Enable
            | Self::Approve
            | Self::Reject
            | Self::Delete
            | Self::EndSessions
            | Self::ResetSecondFactor
            | Self::DemandSecondFactor
            | Self::WaiveSecondFactor
            | Self::DistrustDevices
            | Self::Unban => None,
        }
    }
}

fn no_number() -> Issue {
    Issue::new("which", Rule::InvalidInput)
}

impl App {
    /// Does something with one account. `keep` is the session of whoever does it: it stays when they end all their own.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account, or what the deed is about, is gone, or there is nothing to be done;
    /// [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], or a fault.
    pub async fn do_to(
        &self,
        account: &Account,
        deed: Deed,
        keep: Option<SessionId>,
        by: &Actor,
    ) -> Result<(), Failure> {
        match deed {
            Deed::Disable => self.set_disabled(account, true, by).await,
            Deed::Enable => self.set_disabled(account, false, by).await,
            Deed::Approve => self.approve(account, by).await,
            Deed::Reject => self.reject(account, by).await,
            Deed::Delete => self.delete_user(account, by).await.map(drop),
            Deed::EndSession(id) => self.end_session_of(account, id, by).await,
            Deed::EndSessions => self.end_sessions_of(account, keep, by).await.map(drop),
            Deed::Withdraw(id) => self.withdraw_from(account, id, by).await,
            Deed::DemandSecondFactor => self.demand_second_factor(account, true, by).await,
            Deed::WaiveSecondFactor => self.demand_second_factor(account, false, by).await,
            Deed::Unlink(_) | Deed::ResetSecondFactor | Deed::DistrustDevices | Deed::RevokeKey(_) => {
                self.take_from(account, deed, by).await
            }
            Deed::Unban => self.unban(Whose::Of(Subject::User(account.id)), by).await.map(drop),
        }
    }

    /// Takes something from the credentials of an account.
    async fn take_from(&self, account: &Account, deed: Deed, by: &Actor) -> Result<(), Failure> {
        match deed {
            Deed::Unlink(id) => {
                let all = self.connections(account.key).await?;
                let gone = all.iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
                self.unlink_identity(account, gone, by).await
            }
            Deed::ResetSecondFactor if account.two_factor_at.is_some() => self.reset_second_factor(account, by).await,
            Deed::DistrustDevices => self.distrust_devices_of(account, by).await,
            Deed::RevokeKey(id) => found(self.revoke_key(account, id, by).await?),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Ends one session of an account on an admin's word.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it has none of that number, or a fault.
    pub async fn end_session_of(&self, account: &Account, id: SessionId, by: &Actor) -> Result<(), Failure> {
        self.manage(account, (EventKind::SessionEnded, &by_admin(1)), by, move |tx, key| {
            if sessions::find(tx, id)?.is_none_or(|session| session.account != key) {
                return Ok(Err(Refusal::NotFound));
            }
            sessions::delete(tx, id)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Ends every session of an account but that one, on an admin's word; says how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn end_sessions_of(
        &self,
        account: &Account,
        keep: Option<SessionId>,
        by: &Actor,
    ) -> Result<u64, Failure> {
        let key = account.key;
        let event = self.event_of(EventKind::SessionEnded, Some(account.id), by, "");
        let ended = self.store.write(move |tx| {
            let ended = sessions::delete_others(tx, key, keep)?;
            if ended > 0 {
                let detail = by_admin(ended);
                audit::append(tx, &event.clone().remarked(detail))?;
            }
            Ok(ended)
        });
        Ok(ended.await?)
    }

    /// Takes the trust in every device of an account back on an admin's word.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it trusts none, or a fault.
    pub async fn distrust_devices_of(&self, account: &Account, by: &Actor) -> Result<(), Failure> {
        self.manage(account, (EventKind::DeviceDistrusted, "all"), by, move |tx, key| {
            let is_any = trusted_devices::revoke_all(tx, key)? > 0;
            Ok(if is_any { Ok(()) } else { Err(Refusal::NotFound) })
        })
        .await
    }
}

fn found(is_there: bool) -> Result<(), Failure> {
    if is_there {
        Ok(())
    } else {
        Err(Refusal::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_reads_back_from_its_key() {
        for key in Deed::KEYS {
            let numbered = Deed::parse(key, "7").expect("a deed");
            let whole = Deed::parse(key, "").expect("a deed");
            let deed = numbered.or(whole).expect("one of both");
            assert_eq!(deed.key(), key);
            assert_eq!(deed.picks().is_some(), numbered.is_ok(), "{key}");
            assert_ne!(numbered.is_ok(), whole.is_ok(), "{key}");
        }
        assert_eq!(Deed::parse("dance", ""), None);
    }
}
