//! Who gets in, given what the provider vouches for and what is known here.

use crate::domain::account::{Account, AccountKey, Role};
use crate::domain::email::Email;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::vouched::{Proof, Vouched};

/// What one way of logging in allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doors {
    /// Whether people whose identity is known log in.
    pub login: bool,
    /// Whether others get a new account.
    pub sign_up: bool,
    /// Whether people who are signed in connect it to their account.
    pub connect: bool,
    /// Domains of the addresses that may come in this way, lower-cased; empty allows all.
    pub domains: Vec<String>,
}

/// What matters of an account.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Which.
    pub key: AccountKey,
    /// Its address.
    pub email: Email,
    /// Whether the address was proved.
    pub email_verified: bool,
    /// What it may do.
    pub role: Role,
    /// Whether an admin locked it.
    pub is_disabled: bool,
}

impl From<&Account> for Standing {
    fn from(account: &Account) -> Self {
        Self {
            key: account.key,
            email: account.email.clone(),
            email_verified: account.email_verified,
            role: account.role.clone(),
            is_disabled: account.is_disabled(),
        }
    }
}

/// What is known here about the person.
#[derive(Clone, Debug)]
pub struct Known {
    /// The account that the identity is connected to.
    pub connected: Option<Standing>,
    /// The account that has the address.
    pub holder: Option<Standing>,
    /// Whether the provider does not say the role that is required here.
    pub lacks_role: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let the owner of the connected account in.
    LogIn,
    /// Make an account.
    Create,
    /// Nobody ever proved the address of the account that has it, and the provider does: the account becomes the
    /// person's, without anything by which whoever made it could come back.
    TakeOver,
}

impl Decision {
    /// Why, in words.
    #[must_use]
    pub const fn verdict(self) -> &'static str {
        match self {
            Self::LogIn => "the identity is connected to an account",
            Self::Create => "nobody has the address: an account would be made",
            Self::TakeOver => "nobody ever proved the address of the account that has it: it would change hands",
        }
    }
}

/// Decides whether somebody may come in this way at all, before it matters who they are here.
///
/// # Errors
/// Why not.
pub fn may_come(vouched: &Vouched, doors: &Doors, allowed: &[String]) -> Result<(), Denial> {
    if !doors.login {
        return Err(Denial::LoginOff);
    }
    domain(vouched, None, allowed)?;
    domain(vouched, None, &doors.domains)
}

/// Decides on a login.
///
/// # Errors
/// Why the person is turned away.
pub fn on_login(vouched: &Vouched, known: &Known, doors: &Doors, allowed: &[String]) -> Result<Decision, Denial> {
    if !doors.login {
        return Err(Denial::LoginOff);
    }
    for domains in [allowed, doors.domains.as_slice()] {
        domain(vouched, known.connected.as_ref(), domains)?;
    }
    if known.lacks_role {
        return Err(Denial::RoleMissing);
    }
    if let Some(account) = &known.connected {
        return if account.is_disabled {
            Err(Denial::Locked)
        } else {
            Ok(Decision::LogIn)
        };
    }
    match &known.holder {
        Some(holder) if doors.sign_up && may_change_hands(holder, vouched) => Ok(Decision::TakeOver),
        Some(_) => Err(Denial::AccountExists),
        None if !doors.sign_up => Err(Denial::SignUpOff),
        None if vouched.email.is_none() => Err(Denial::EmailMissing),
        None => Ok(Decision::Create),
    }
}

/// Decides whether somebody who is signed in as `account` connects an identity; false if it is connected already.
///
/// # Errors
/// Why not.
pub fn on_connect(
    vouched: &Vouched,
    account: AccountKey,
    connected: Option<AccountKey>,
    doors: &Doors,
) -> Result<bool, Denial> {
    if !doors.connect {
        return Err(Denial::ConnectOff);
    }
    domain(vouched, None, &doors.domains)?;
    match connected {
        Some(other) if other != account => Err(Denial::ConnectedElsewhere),
        Some(_) => Ok(false),
        None => Ok(true),
    }
}

/// Whether the address may come in. An account that is connected already stands in for an address that the provider does
/// not name; a list of domains is worth nothing for an address that anybody could have typed.
fn domain(vouched: &Vouched, connected: Option<&Standing>, domains: &[String]) -> Result<(), Denial> {
    if domains.is_empty() {
        return Ok(());
    }
    let is_worthless = match vouched.proof {
        Proof::Proved => false,
        Proof::Denied => true,
        Proof::Unsaid => vouched.is_open_to_many,
    };
    let allowed = |email: &Email| email.is_allowed(domains);
    match (&vouched.email, connected) {
        (Some(email), _) if !allowed(email) => Err(Denial::Domain),
        (Some(_), _) if is_worthless => Err(Denial::EmailUnproved),
        (Some(_), _) => Ok(()),
        (None, Some(account)) if allowed(&account.email) => Ok(()),
        (None, _) => Err(Denial::Domain),
    }
}

/// Only what a stranger could have made by typing an address: a locked account stays locked, and who has a role was given
/// it by an admin, who knows them.
fn may_change_hands(holder: &Standing, vouched: &Vouched) -> bool {
    vouched.proof == Proof::Proved && !holder.email_verified && holder.role == Role::User && !holder.is_disabled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::federation::claims::Said;
    use crate::domain::federation::connection::Subject;

    fn account(email: &str, email_verified: bool, role: Role, is_disabled: bool) -> Standing {
        Standing {
            key: AccountKey::from_row(1),
            email: Email::parse(email).expect("an address"),
            email_verified,
            role,
            is_disabled,
        }
    }

    fn vouched(email: Option<&str>, proof: Proof) -> Vouched {
        Vouched {
            subject: Subject {
                issuer: "i".into(),
                subject: "s".into(),
            },
            email: email.map(|email| Email::parse(email).expect("an address")),
            proof,
            name: None,
            username: None,
            picture: None,
            is_open_to_many: false,
            said: Said::default(),
        }
    }

    fn open() -> Doors {
        Doors {
            login: true,
            sign_up: true,
            connect: true,
            domains: Vec::new(),
        }
    }

    fn decide(vouched: &Vouched, holder: Option<&Standing>, doors: &Doors) -> Result<Decision, Denial> {
        let known = Known {
            connected: None,
            holder: holder.cloned(),
            lacks_role: false,
        };
        on_login(vouched, &known, doors, &[])
    }

    #[test]
    fn an_address_in_common_lets_nobody_in() {
        let ada = account("ada@example.org", true, Role::User, false);
        for proof in [Proof::Proved, Proof::Denied, Proof::Unsaid] {
            let decision = decide(&vouched(Some("ada@example.org"), proof), Some(&ada), &open());
            assert_eq!(decision, Err(Denial::AccountExists), "{proof:?}");
        }
    }

    #[test]
    fn an_account_that_nobody_proved_changes_hands_only_for_a_proof() {
        let squatted = account("ada@example.org", false, Role::User, false);
        let proved = vouched(Some("ada@example.org"), Proof::Proved);
        assert_eq!(decide(&proved, Some(&squatted), &open()), Ok(Decision::TakeOver));
        for proof in [Proof::Denied, Proof::Unsaid] {
            let claimed = vouched(Some("ada@example.org"), proof);
            assert_eq!(decide(&claimed, Some(&squatted), &open()), Err(Denial::AccountExists));
        }
        for other in [
            account("ada@example.org", false, Role::Admin, false),
            account("ada@example.org", false, Role::Custom("Team".into()), false),
            account("ada@example.org", false, Role::User, true),
        ] {
            assert_eq!(decide(&proved, Some(&other), &open()), Err(Denial::AccountExists));
        }
        let closed = Doors {
            sign_up: false,
            ..open()
        };
        assert_eq!(decide(&proved, Some(&squatted), &closed), Err(Denial::AccountExists));
    }

    #[test]
    fn a_list_of_domains_is_no_use_without_a_proof() {
        let doors = Doors {
            domains: vec!["example.org".into()],
            ..open()
        };
        let decide = |email, proof| decide(&vouched(email, proof), None, &doors);
        assert_eq!(decide(Some("a@example.org"), Proof::Proved), Ok(Decision::Create));
        assert_eq!(decide(Some("a@example.org"), Proof::Unsaid), Ok(Decision::Create));
        assert_eq!(decide(Some("a@example.org"), Proof::Denied), Err(Denial::EmailUnproved));
        assert_eq!(decide(Some("a@sub.example.org"), Proof::Proved), Err(Denial::Domain));
        assert_eq!(decide(None, Proof::Unsaid), Err(Denial::Domain));
        let mut many = vouched(Some("a@example.org"), Proof::Unsaid);
        many.is_open_to_many = true;
        assert_eq!(super::tests::decide(&many, None, &doors), Err(Denial::EmailUnproved));
    }

    #[test]
    fn a_connected_account_needs_no_address_from_the_provider() {
        let ada = account("ada@example.org", true, Role::User, false);
        let doors = Doors {
            domains: vec!["example.org".into()],
            ..open()
        };
        let known = Known {
            connected: Some(ada),
            holder: None,
            lacks_role: false,
        };
        let silent = vouched(None, Proof::Unsaid);
        assert_eq!(on_login(&silent, &known, &doors, &[]), Ok(Decision::LogIn));
        assert_eq!(
            on_login(&silent, &known, &doors, &["example.com".into()]),
            Err(Denial::Domain)
        );
    }

    #[test]
    fn an_identity_is_connected_to_one_account() {
        let (ada, eve) = (AccountKey::from_row(1), AccountKey::from_row(2));
        let who = vouched(None, Proof::Unsaid);
        assert_eq!(on_connect(&who, ada, None, &open()), Ok(true));
        assert_eq!(on_connect(&who, ada, Some(ada), &open()), Ok(false));
        assert_eq!(
            on_connect(&who, ada, Some(eve), &open()),
            Err(Denial::ConnectedElsewhere)
        );
    }

    fn roles() -> impl Strategy<Value = Role> {
        prop_oneof![Just(Role::User), Just(Role::Admin), Just(Role::Custom("Team".into()))]
    }

    proptest! {
        #[test]
        fn whoever_is_let_in_is_known_by_identity_or_has_proved_what_nobody_had(
            (verified, locked) in any::<(bool, bool)>(),
            role in roles(),
            proof in prop_oneof![Just(Proof::Proved), Just(Proof::Denied), Just(Proof::Unsaid)],
            (login, sign_up, has_holder, is_connected, lacks_role) in any::<(bool, bool, bool, bool, bool)>(),
        ) {
            let ada = account("ada@example.org", verified, role.clone(), locked);
            let doors = Doors { login, sign_up, ..open() };
            let known = Known {
                connected: is_connected.then(|| ada.clone()),
                holder: has_holder.then(|| ada.clone()),
                lacks_role,
            };
            let decision = on_login(&vouched(Some("ada@example.org"), proof), &known, &doors, &[]);
            prop_assert!(!lacks_role || decision.is_err());
            match decision {
                Ok(Decision::LogIn) => prop_assert!(login && is_connected && !locked),
                Ok(Decision::Create) => prop_assert!(login && sign_up && !is_connected && !has_holder),
                Ok(Decision::TakeOver) => prop_assert!(
                    login && sign_up && !is_connected && !verified && !locked
                        && role == Role::User && proof == Proof::Proved
                ),
                Err(_) => {}
            }
        }
    }
}
