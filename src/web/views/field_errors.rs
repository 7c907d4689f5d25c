//! What is wrong with a form, field by field.

/// What can be wrong with one field; `Texts::field_error` has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// Nothing was typed.
    Missing,
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// Characters that the field does not take.
    BadCharacters,
    /// Not an e-mail address.
    BadEmail,
    /// An e-mail domain that may not register here.
    EmailNotAllowed,
    /// An account with this address exists (said only where that is no secret).
    EmailTaken,
    /// One of the passwords that everybody guesses first.
    PasswordTooCommon,
    /// The two new passwords differ.
    PasswordsDiffer,
    /// The password is not the account's.
    WrongPassword,
    /// The new password is the old one.
    SamePassword,
}

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
}

impl FieldErrors {
    /// A message about the form as a whole.
    #[must_use]
    pub fn of_form(message: String) -> Self {
        Self {
            form: Some(message),
            ..Self::default()
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
        ]
        .into_iter()
        .filter_map(|(field, message)| message.as_deref().map(|message| (field, message)))
    }
}
