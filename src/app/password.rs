//! What a new password must be like, for every door that sets one.

use crate::app::App;
use crate::domain::field::{Issue, Rule};
use crate::domain::generated_password::generate;
use crate::domain::password;
use crate::domain::secret::Secret;

impl App {
    /// A password that nobody has thought up.
    #[must_use]
    pub fn new_password(&self) -> Secret {
        generate(&*self.entropy)
    }

    /// What is wrong with a new password; `known` are words an attacker would try first.
    pub(super) fn password_issues(&self, field: &'static str, new: &Secret, known: &[&str]) -> Vec<Issue> {
        let mut issues = password::issues(field, new.expose(), self.config.password.min_length);
        if issues.is_empty() && password::is_common(new.expose(), known) {
            issues.push(Issue::new(field, Rule::TooCommon));
        }
        issues
    }
}
