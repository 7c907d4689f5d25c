//! What is wrong with one field of a form.

/// A rule that a field breaks, in LibreChat's words where it has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What is wrong.
    pub message: String,
}

impl Issue {
    /// One broken rule.
    #[must_use]
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// All issues as LibreChat joins them: `field: message field: message`.
#[must_use]
pub fn joined(issues: &[Issue]) -> String {
    let texts: Vec<String> = issues.iter().map(|issue| format!("{}: {}", issue.field, issue.message)).collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_joined_by_one_blank() {
        let issues = [Issue::new("email", "Invalid email"), Issue::new("password", "too short")];
        assert_eq!(joined(&issues), "email: Invalid email password: too short");
    }
}
