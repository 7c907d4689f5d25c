//! Changes of many accounts at once: what is done, to whom, and what came of it.

use crate::domain::account::{Account, Role};
use crate::domain::directory::Filter;
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::job;

/// Addresses that are named per reason.
pub const MOST_NAMED: usize = 20;

/// What is done to each account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Lock it and end its sessions.
    Disable,
    /// Let it log in again.
    Enable,
    /// Let it in, if it waits.
    Approve,
    /// Sign it out everywhere.
    EndSessions,
    /// Give it a role.
    SetRole(Role),
    /// Put it into a group.
    AddToGroup(GroupName),
    /// Take it out of a group.
    RemoveFromGroup(GroupName),
    /// Demand a second factor of it.
    DemandSecondFactor,
    /// Demand none any more.
    WaiveSecondFactor,
    /// Delete it.
    Delete,
}

impl Change {
    /// The key of every change, in the order in which they are offered.
    pub const KEYS: [&'static str; 10] = [
        "disable",
        "enable",
        "approve",
        "end_sessions",
        "set_role",
        "add_to_group",
        "remove_from_group",
        "require_2fa",
        "waive_2fa",
        "delete",
    ];

    /// Reads a key and what belongs to it: a role, or the name of a group.
    ///
    /// # Errors
    /// What makes no sense: `action` or `value`.
    pub fn parse(key: &str, value: &str) -> Result<Self, Issue> {
        let value = value.trim();
        let bad = Issue::new(
            "value",
            if value.is_empty() {
                Rule::Required
            } else {
                Rule::InvalidInput
            },
        );
        let group = || GroupName::parse(value).map_err(|_| bad);
        match key {
            "disable" => Ok(Self::Disable),
            "enable" => Ok(Self::Enable),
            "approve" => Ok(Self::Approve),
            "end_sessions" => Ok(Self::EndSessions),
            "set_role" => Role::parse(value).map(Self::SetRole).map_err(|_| bad),
            "add_to_group" => group().map(Self::AddToGroup),
            "remove_from_group" => group().map(Self::RemoveFromGroup),
            "require_2fa" => Ok(Self::DemandSecondFactor),
            "waive_2fa" => Ok(Self::WaiveSecondFactor),
            "delete" => Ok(Self::Delete),
            "" => Err(Issue::new("action", Rule::Required)),
            _ => Err(Issue::new("action", Rule::InvalidInput)),
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Approve => "approve",
            Self::EndSessions => "end_sessions",
            Self::SetRole(_) => "set_role",
            Self::AddToGroup(_) => "add_to_group",
            Self::RemoveFromGroup(_) => "remove_from_group",
            Self::DemandSecondFactor => "require_2fa",
            Self::WaiveSecondFactor => "waive_2fa",
            Self::Delete => "delete",
        }
    }

    /// The role or the group.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::SetRole(role) => role.as_str(),
            Self::AddToGroup(group) | Self::RemoveFromGroup(group) => group.as_str(),
            Self::Disable
            | Self::Enable
            | Self::Approve
            | Self::EndSessions
            | Self::DemandSecondFactor
            | Self::WaiveSecondFactor
            | Self::Delete => "",
        }
    }

    /// Whether it takes power away from whom it is done to: nobody does that to themselves, or to the last admin.
    #[must_use]
    pub fn weakens(&self) -> bool {
        match self {
            Self::Disable | Self::Delete => true,
            Self::SetRole(role) => !role.is_admin(),
            Self::Enable
            | Self::Approve
            | Self::EndSessions
            | Self::AddToGroup(_)
            | Self::RemoveFromGroup(_)
            | Self::DemandSecondFactor
            | Self::WaiveSecondFactor => false,
        }
    }

    /// Whether an account is so already, as far as can be seen of it.
    #[must_use]
    pub fn is_done(&self, account: &Account) -> bool {
        match self {
            Self::Disable => account.is_disabled(),
            Self::Enable => !account.is_disabled(),
            Self::Approve => !account.is_waiting(),
            Self::SetRole(role) => *role == account.role,
            Self::DemandSecondFactor => account.two_factor_demanded_at.is_some(),
            Self::WaiveSecondFactor => account.two_factor_demanded_at.is_none(),
            // Another source may say the same of a group.
            Self::AddToGroup(_) | Self::RemoveFromGroup(_) | Self::EndSessions | Self::Delete => false,
        }
    }
}

/// Whose accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those.
    These(Vec<UserId>),
    /// All that match.
    Matching(Box<Filter>),
}

/// Why an account was left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It was so already.
    Already,
    /// It is that of the admin who does it.
    Own,
    /// Nobody could administer the server.
    LastAdmin,
    /// There is no such account, or none any more.
    Gone,
    /// Something refused it.
    Refused,
}

impl Skipped {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Already, Self::Own, Self::LastAdmin, Self::Gone, Self::Refused];

    /// One word, the same everywhere.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Already => "already",
            Self::Own => "own_account",
            Self::LastAdmin => "last_admin",
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }
}

/// How many were left as they are for one reason, and some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub some: Vec<Email>,
}

/// What came of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many accounts were changed.
    pub done: u64,
    left: [Left; 5],
}

impl Tally {
    /// Counts an account that was changed.
    pub fn note_done(&mut self) {
        self.done += 1;
    }

    /// Counts an account that was left as it is.
    pub fn note_skipped(&mut self, why: Skipped, who: Option<&Email>) {
        let left = &mut self.left[why as usize];
        left.count += 1;
        if left.some.len() < MOST_NAMED {
            left.some.extend(who.cloned());
        }
    }

    /// Every reason for which accounts were left as they are.
    pub fn skipped(&self) -> impl Iterator<Item = (Skipped, &Left)> {
        Skipped::ALL
            .into_iter()
            .zip(&self.left)
            .filter(|(_, left)| left.count > 0)
    }

    /// How many accounts were looked at.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.done + self.left.iter().map(|left| left.count).sum::<u64>()
    }
}

/// How far a change of many has come.
pub type Progress = job::Progress<Change, Tally>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_by_their_keys() {
        for key in Change::KEYS {
            let change = Change::parse(key, "Family").expect("a change");
            assert_eq!(change.key(), key);
            assert_eq!(
                Change::parse(key, change.value()).is_err(),
                change.value().is_empty() && key == "set_role"
            );
        }
        for (key, value, field) in [
            ("", "", "action"),
            ("drop", "", "action"),
            ("set_role", "", "value"),
            ("add_to_group", "a,b", "value"),
        ] {
            assert_eq!(Change::parse(key, value).expect_err(key).field, field);
        }
    }

    #[test]
    fn a_tally_names_the_first_it_left_and_counts_all() {
        let mut tally = Tally::default();
        let ada = Email::from_row("ada@example.org".to_owned());
        tally.note_done();
        for _ in 0..100 {
            tally.note_skipped(Skipped::Own, Some(&ada));
        }
        tally.note_skipped(Skipped::Gone, None);
        assert_eq!(tally.seen(), 102);
        let told: Vec<_> = tally
            .skipped()
            .map(|(why, left)| (why, left.count, left.some.len()))
            .collect();
        assert_eq!(told, [(Skipped::Own, 100, MOST_NAMED), (Skipped::Gone, 1, 0)]);
    }
}
