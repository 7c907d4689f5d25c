//! Registration. Never grants more than the role USER, and answers the same, in the same time, whether or not the
//! address was free.

use crate::app::{App, Failure};
use crate::domain::account::{NewAccount, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::UserId;
use crate::domain::name;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Origin;
use crate::store::{accounts, audit};

/// What somebody typed into a form for a new account.
#[derive(Clone, Debug)]
pub struct Form {
    /// Display name.
    pub name: String,
    /// LibreChat's user name; empty for none.
    pub username: Option<String>,
    /// Address.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// The same again.
    pub confirm_password: Secret,
}

/// A form whose every field keeps its rules.
#[derive(Clone, Debug)]
pub(super) struct Applicant {
    pub(super) name: String,
    pub(super) username: Option<String>,
    pub(super) email: Email,
    pub(super) password: Secret,
}

impl App {
    /// Whether strangers may register now.
    ///
    /// # Errors
    /// [`Refusal::RegistrationClosed`] (LibreChat answers 403).
    pub fn admit_registration(&self) -> Result<(), Refusal> {
        if self.registration_open() {
            Ok(())
        } else {
            Err(Refusal::RegistrationClosed)
        }
    }

    /// Makes an account, unless the address already has one: the caller cannot tell the difference.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::DomainNotAllowed`], [`Refusal::Busy`], or a fault.
    pub async fn register(&self, form: Form, origin: &Origin) -> Result<(), Failure> {
        self.admit_registration()?;
        let applicant = self.check_form(form)?;
        if !applicant.email.is_allowed(&self.config.accounts.allowed_domains) {
            return Err(Refusal::DomainNotAllowed.into());
        }
        let hash = self.hasher.hash(applicant.password.clone(), &origin.address).await?;
        let account = self.new_account(applicant, Role::User, hash);
        let created = self.event(
            EventKind::AccountCreated,
            Some(account.id),
            &origin.address,
            "registration",
        );
        let taken = self.event(EventKind::RegistrationRefused, None, &origin.address, "address_taken");
        self.store
            .write(move |tx| {
                // Both ways append one line, so that both commit the same amount and take the same time.
                if let Some(existing) = accounts::by_email(tx, &account.email)? {
                    return audit::append(
                        tx,
                        &Event {
                            subject: Some(existing.id),
                            ..taken.clone()
                        },
                    );
                }
                accounts::insert(tx, &account)?;
                audit::append(tx, &created)
            })
            .await?;
        Ok(())
    }

    /// Checks every field and reports all that is wrong at once.
    pub(super) fn check_form(&self, form: Form) -> Result<Applicant, Refusal> {
        let name = name::parse_display_name(&form.name);
        let username = name::parse_username(form.username.as_deref());
        let mut issues = Vec::new();
        issues.extend(name.as_ref().err().into_iter().flatten());
        issues.extend(username.as_ref().err().into_iter().flatten());
        let email = Email::parse(&form.email);
        if email.is_err() {
            issues.push(Issue::new("email", Rule::InvalidEmail));
        }
        let known = [form.name.as_str(), form.email.as_str(), self.config.site.title.as_str()];
        issues.extend(self.password_issues("password", &form.password, &known));
        if form.password != form.confirm_password {
            issues.push(Issue::new("confirm_password", Rule::Mismatch));
        }
        match (name, username, email) {
            (Ok(name), Ok(username), Ok(email)) if issues.is_empty() => Ok(Applicant {
                name,
                username,
                email,
                password: form.password,
            }),
            _ => Err(Refusal::Invalid(issues)),
        }
    }

    pub(super) fn new_account(&self, applicant: Applicant, role: Role, hash: String) -> NewAccount {
        let now = self.now();
        NewAccount {
            id: UserId::new(now, self.random()),
            email: applicant.email,
            // Without a mail service nobody can prove an address, and LibreChat then counts it as proved.
            email_verified: true,
            name: applicant.name,
            username: applicant.username,
            provider: "local".to_owned(),
            role,
            password: Some(hash),
            created_at: now,
        }
    }
}
