//! The role of somebody who comes from a provider: what the provider says counts, but an admin whom somebody appointed by hand
//! stays one.
//!
//! ```text
//!   the provider says ADMIN ──────────────────────────────────────────────────► ADMIN, by this provider
//!   ADMIN by this provider, and it says so no more ───────────────────────────► what it says instead, or USER
//!   ADMIN by hand, or by another provider ──► stays, unless `demote_admins` ──► as above
//!   anybody else ──► the role that it says
//!      └── it says none ──► USER if this provider gave the role, else as it was
//! ```

use crate::domain::account::Role;

/// What a provider's claims say of somebody's role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// Whether they are an admin; `None` if no rule asks, or nothing can be said.
    pub admin: Option<bool>,
    /// The role that they have otherwise, never `ADMIN`.
    pub role: Option<Role>,
    /// Whether a role that is not said is one that they have not.
    pub decides: bool,
    /// Whether admins whom somebody appointed by hand lose that role as well.
    pub demotes_all: bool,
}

/// The role that somebody has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub role: Role,
    /// Whether the provider that speaks now gave it.
    pub is_ours: bool,
}

impl Says {
    /// Whether anything follows from it, whatever role somebody has.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.admin.is_none() && self.role.is_none() && !self.decides
    }

    /// The role that somebody gets instead of the one they have; `None` if they keep it.
    #[must_use]
    pub fn instead_of(&self, held: &Held) -> Option<Role> {
        let new = self.wanted(held)?;
        (new != held.role).then_some(new)
    }

    fn wanted(&self, held: &Held) -> Option<Role> {
        if self.admin == Some(true) {
            return Some(Role::Admin);
        }
        let other = self.role.clone().filter(|role| !role.is_admin());
        if held.role.is_admin() {
            let may_fall = self.admin == Some(false) && (held.is_ours || self.demotes_all);
            return may_fall.then(|| other.unwrap_or(Role::User));
        }
        other.or_else(|| (self.decides && held.is_ours).then_some(Role::User))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(role: Role, is_ours: bool) -> Held {
        Held { role, is_ours }
    }

    fn says(admin: Option<bool>, role: Option<&str>) -> Says {
        Says {
            admin,
            role: role.map(|name| Role::Custom(name.to_owned())),
            decides: true,
            demotes_all: false,
        }
    }

    #[test]
    fn whom_the_provider_made_an_admin_it_unmakes() {
        let (by_us, by_hand) = (held(Role::Admin, true), held(Role::Admin, false));
        assert_eq!(says(Some(false), None).instead_of(&by_us), Some(Role::User));
        assert_eq!(
            says(Some(false), Some("team")).instead_of(&by_us),
            Some(Role::Custom("team".into()))
        );
        assert_eq!(says(Some(false), Some("team")).instead_of(&by_hand), None);
        assert_eq!(says(None, Some("team")).instead_of(&by_us), None);
        assert_eq!(says(Some(true), None).instead_of(&by_hand), None);
        let stern = Says {
            demotes_all: true,
            ..says(Some(false), None)
        };
        assert_eq!(stern.instead_of(&by_hand), Some(Role::User));
        assert_eq!(
            says(Some(true), Some("team")).instead_of(&held(Role::User, false)),
            Some(Role::Admin)
        );
    }

    #[test]
    fn a_role_that_the_provider_gave_goes_when_it_is_said_no_more() {
        let team = Role::Custom("team".into());
        assert_eq!(says(None, None).instead_of(&held(team.clone(), true)), Some(Role::User));
        assert_eq!(says(None, None).instead_of(&held(team.clone(), false)), None);
        assert_eq!(
            says(None, Some("other")).instead_of(&held(team.clone(), false)),
            Some(Role::Custom("other".into()))
        );
        let silent = Says::default();
        assert!(silent.is_nothing());
        assert_eq!(silent.instead_of(&held(team, true)), None);
    }

    proptest! {
        #[test]
        fn nobody_falls_whom_somebody_appointed_by_hand(
            admin in proptest::option::of(any::<bool>()), role in proptest::option::of("[a-z]{1,8}"), decides in any::<bool>()
        ) {
            let says = Says { admin, role: role.map(Role::Custom), decides, demotes_all: false };
            prop_assert_eq!(says.instead_of(&held(Role::Admin, false)), None);
        }

        #[test]
        fn only_a_clear_word_makes_an_admin(
            admin in proptest::option::of(any::<bool>()), role in proptest::option::of(Just(Role::Admin)), ours in any::<bool>()
        ) {
            let says = Says { admin, role, decides: true, demotes_all: true };
            let new = says.instead_of(&held(Role::User, ours));
            prop_assert_eq!(new == Some(Role::Admin), admin == Some(true));
        }
    }
}
