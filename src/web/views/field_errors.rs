//! What is wrong with a form, field by field.

use crate::domain::field::{Issue, Rule};
use crate::web::views::code_problem::CodeProblem;
use crate::web::views::texts::Texts;

/// Messages of a form, in the language of the page; `None` where nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// About the form as a whole.
    pub form: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The password that is in force.
    pub current_password: Option<String>,
    /// The password, or the new one.
    pub password: Option<String>,
    /// The password once more.
    pub confirm_password: Option<String>,
    /// A code of the second factor.
    pub code: Option<String>,
}

impl FieldErrors {
    /// The broken rules in words, each at its field; only the first of a field is told.
    #[must_use]
    pub fn of(issues: &[Issue], texts: &Texts) -> Self {
        let mut errors = Self::default();
        for issue in issues {
            let place = match issue.field {
                _ if issue.rule == Rule::SignInAgain => &mut errors.form,
                "name" => &mut errors.name,
                "username" => &mut errors.username,
                "email" => &mut errors.email,
                "current_password" => &mut errors.current_password,
                "password" => &mut errors.password,
                "confirm_password" => &mut errors.confirm_password,
                _ => &mut errors.form,
            };
            place.get_or_insert_with(|| texts.rule(issue.rule));
        }
        errors
    }

    /// A message about the form as a whole.
    #[must_use]
    pub fn of_form(message: String) -> Self {
        Self {
            form: Some(message),
            ..Self::default()
        }
    }

    /// A message about the code, or about the form if what was typed is not to blame.
    #[must_use]
    pub fn of_code(problem: CodeProblem, texts: &Texts) -> Self {
        let words = problem.words(texts);
        if problem.is_about_the_code() {
            Self {
                code: Some(words),
                ..Self::default()
            }
        } else {
            Self::of_form(words)
        }
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn any(&self) -> bool {
        self.form.is_some() || self.fields().next().is_some()
    }

    /// Name and message of each field that has one, in the order of the forms.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("name", &self.name),
            ("username", &self.username),
            ("email", &self.email),
            ("current_password", &self.current_password),
            ("password", &self.password),
            ("confirm_password", &self.confirm_password),
            ("code", &self.code),
        ]
        .into_iter()
        .filter_map(|(field, message)| message.as_deref().map(|message| (field, message)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

    #[test]
    fn each_rule_is_told_at_its_field_and_only_the_first_of_a_field() {
        let issues = [
            Issue::new("password", Rule::TooShort(8)),
            Issue::new("password", Rule::TooCommon),
            Issue::new("token", Rule::Required),
        ];
        let errors = FieldErrors::of(&issues, Lang::En.texts());
        assert_eq!(errors.password.as_deref(), Some("Please use at least 8 characters."));
        assert!(errors.form.is_some() && errors.any());
        assert_eq!(errors.fields().count(), 1);
        assert!(!FieldErrors::of(&[], Lang::En.texts()).any());
    }
}
