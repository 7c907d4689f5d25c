//! Who may have an account, in one sentence: several switches together say less than they seem to.

/// The switches that decide it.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the operator's")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether strangers may register.
    pub registration: bool,
    /// The domains of addresses that new accounts may have; empty for all.
    pub domains: Vec<String>,
    /// Whether invitations work.
    pub invitations: bool,
    /// Whether accounts of strangers wait for an admin.
    pub approval: bool,
    /// Whether people have to prove their address before they may log in.
    pub proof: bool,
    /// Whether people log in with their password.
    pub password_login: bool,
}

impl Policy {
    /// Who may register.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (self.registration, self.invitations) {
            (true, _) => format!(
                "Strangers may register{}; {}.",
                self.conditions(),
                self.invitation_clause()
            ),
            (false, true) => format!("Only invited people may register{}.", self.place()),
            (false, false) => "Nobody may register: an admin makes the accounts.".to_owned(),
        }
    }

    /// Who may log in.
    #[must_use]
    pub fn logins(&self) -> String {
        match (self.password_login, self.domains.is_empty()) {
            (false, _) => "Nobody logs in with a password.".to_owned(),
            (true, true) => "Whoever has an account may log in.".to_owned(),
            (true, false) => "Whoever has an account may log in, whatever the domain of its address.".to_owned(),
        }
    }

    /// With which address, and what comes then.
    fn conditions(&self) -> String {
        let place = self.place();
        let proof = if place.is_empty() {
            "prove their address by mail"
        } else {
            "prove it by mail"
        };
        let wait = "then wait for an admin";
        match (self.proof, self.approval) {
            (true, true) => format!("{place}, {proof} and {wait}"),
            (true, false) => format!("{place} and {proof}"),
            (false, true) => format!("{place} and {wait}"),
            (false, false) => place,
        }
    }

    fn place(&self) -> String {
        match self.domains.as_slice() {
            [] => String::new(),
            [only] => format!(" with an address at {only}"),
            [all @ .., last] => format!(" with an address at {} or {last}", all.join(", ")),
        }
    }

    fn invitation_clause(&self) -> &'static str {
        match (self.invitations, self.approval) {
            (true, false) => "invitations work",
            (true, true) => "invitations work and spare the waiting",
            (false, _) => "invitations do not work",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(registration: bool, invitations: bool, domains: &[&str]) -> Policy {
        Policy {
            registration,
            invitations,
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            password_login: true,
            ..Policy::default()
        }
    }

    #[test]
    fn each_combination_is_one_plain_sentence() {
        let asked = |policy: Policy| Policy {
            approval: true,
            ..policy
        };
        let proved = |policy: Policy| Policy { proof: true, ..policy };
        for (policy, sentence) in [
            (policy(true, true, &[]), "Strangers may register; invitations work."),
            (
                policy(true, false, &["a.org"]),
                "Strangers may register with an address at a.org; invitations do not work.",
            ),
            (
                asked(policy(true, true, &["a.org"])),
                "Strangers may register with an address at a.org and then wait for an admin; invitations work and spare \
                 the waiting.",
            ),
            (
                proved(asked(policy(true, true, &["a.org", "b.org", "c.org"]))),
                "Strangers may register with an address at a.org, b.org or c.org, prove it by mail and then wait for an \
                 admin; invitations work and spare the waiting.",
            ),
            (
                proved(policy(true, true, &[])),
                "Strangers may register and prove their address by mail; invitations work.",
            ),
            (policy(false, true, &[]), "Only invited people may register."),
            (
                proved(asked(policy(false, true, &["a.org"]))),
                "Only invited people may register with an address at a.org.",
            ),
            (
                asked(policy(false, false, &["a.org"])),
                "Nobody may register: an admin makes the accounts.",
            ),
        ] {
            assert_eq!(policy.sentence(), sentence);
        }
    }

    #[test]
    fn logins_do_not_depend_on_the_domain() {
        assert_eq!(policy(true, true, &[]).logins(), "Whoever has an account may log in.");
        let listed = policy(false, true, &["a.org"]);
        assert!(listed.logins().ends_with("whatever the domain of its address."));
        let off = Policy {
            password_login: false,
            ..listed
        };
        assert_eq!(off.logins(), "Nobody logs in with a password.");
    }
}
