//! An account: who somebody is, what they may do, and whether they may come in.

use std::fmt;

use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// The account's row number: what other tables refer to. Never shown; the public id is [`UserId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey(i64);

impl AccountKey {
    /// From the number in the database.
    #[must_use]
    pub const fn from_row(number: i64) -> Self {
        Self(number)
    }

    /// The number in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// What an account may do. LibreChat allows custom role names beside its two own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `USER`: everybody.
    User,
    /// `ADMIN`: holds every capability.
    Admin,
    /// `AUDITOR`: sees all that an admin sees, and changes nothing.
    Auditor,
    /// Any other role name that LibreChat knows.
    Custom(String),
}

/// The text is no role name: 1 to 64 letters, digits, `_`, `-`, `.` or blanks inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is USER, ADMIN, or a name of 1 to 64 letters, digits, blanks, '_', '-' and '.'")]
pub struct BadRole;

impl Role {
    /// Reads a role name. `user`, `admin` and `auditor` are recognised in any case.
    ///
    /// # Errors
    /// [`BadRole`] for an empty or overlong name or one with other characters.
    pub fn parse(text: &str) -> Result<Self, BadRole> {
        match text {
            _ if text.eq_ignore_ascii_case("USER") => Ok(Self::User),
            _ if text.eq_ignore_ascii_case("ADMIN") => Ok(Self::Admin),
            _ if text.eq_ignore_ascii_case("AUDITOR") => Ok(Self::Auditor),
            _ => {
                let fits = (1..=64).contains(&text.chars().count()) && text.trim() == text;
                let clean = text
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
                if fits && clean {
                    Ok(Self::Custom(text.to_owned()))
                } else {
                    Err(BadRole)
                }
            }
        }
    }

    /// The name as stored and as LibreChat's API prints it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "USER",
            Self::Admin => "ADMIN",
            Self::Auditor => "AUDITOR",
            Self::Custom(name) => name,
        }
    }

    /// Whether this role holds LibreChat's capability `access:admin`.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Whether this role may look at the admin pages.
    #[must_use]
    pub fn may_read_admin(&self) -> bool {
        matches!(self, Self::Admin | Self::Auditor)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stored account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Row number.
    pub key: AccountKey,
    /// Public id.
    pub id: UserId,
    /// Address, lower-cased; unique.
    pub email: Email,
    /// Whether the address was proved to belong to the person.
    pub email_verified: bool,
    /// Display name.
    pub name: String,
    /// LibreChat's user name: optional and not unique.
    pub username: Option<String>,
    /// URL or path of a picture.
    pub avatar: Option<String>,
    /// How the account came to be: `local`, later also `google`, `openid`, …
    pub provider: String,
    /// What the account may do.
    pub role: Role,
    /// Since when the account is locked out, if it is.
    pub disabled_at: Option<Timestamp>,
    /// When the terms of service were first accepted.
    pub terms_accepted_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When name, address, role or password last changed.
    pub updated_at: Timestamp,
    /// The last successful login.
    pub last_login_at: Option<Timestamp>,
    /// How many successful logins there were.
    pub login_count: i64,
    /// The language for letters, such as `fr`; `None` if nobody said.
    pub lang: Option<String>,
    /// Since when the account waits for an admin to let it in.
    pub waiting_since: Option<Timestamp>,
    /// Since when the account has a second factor.
    pub two_factor_at: Option<Timestamp>,
    /// How often every device that it knew was forgotten.
    pub devices_forgotten: i64,
    /// The groups it is in, sorted by name.
    pub groups: Vec<GroupName>,
    /// The first login at which the account had to have a second factor and had none.
    pub two_factor_required_at: Option<Timestamp>,
    /// Since when an admin demands a second factor of the account, whatever the settings require.
    pub two_factor_demanded_at: Option<Timestamp>,
    /// From then on nobody can log in to the account; an admin sets and moves it.
    pub valid_until: Option<Timestamp>,
}

impl Account {
    /// Whether an admin has locked the account.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Whether the time is over that an admin gave the account.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|end| end <= now)
    }

    /// Whether nothing opens the account: it is disabled, or its time is over. What every door asks.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.is_disabled() || self.is_over(now)
    }

    /// Whether its owner can administer the server, today and whenever they like.
    #[must_use]
    pub fn is_lasting_admin(&self) -> bool {
        self.role.is_admin() && !self.is_disabled() && !self.is_waiting() && self.valid_until.is_none()
    }

    /// Whether an admin has to let the account in first.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting_since.is_some()
    }
}

/// What is needed to make an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Public id.
    pub id: UserId,
    /// Address.
    pub email: Email,
    /// Whether the address counts as proved.
    pub email_verified: bool,
    /// Display name.
    pub name: String,
    /// LibreChat's user name.
    pub username: Option<String>,
    /// `local`, or the provider that vouched.
    pub provider: String,
    /// What the account may do.
    pub role: Role,
    /// Password hash in PHC form (argon2id) or `$2…$` (bcrypt, imported); `None` for accounts without a password.
    pub password: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_parse_in_any_case_and_custom_names_keep_theirs() {
        assert_eq!(Role::parse("admin"), Ok(Role::Admin));
        assert_eq!(Role::parse("User"), Ok(Role::User));
        assert_eq!(
            Role::parse("Team lead").map(|r| r.to_string()),
            Ok("Team lead".to_owned())
        );
        for bad in ["", " x", "a\nb", "<b>", &"x".repeat(65)] {
            assert_eq!(Role::parse(bad), Err(BadRole), "{bad:?}");
        }
    }
}
