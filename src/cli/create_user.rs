//! `create-user`: LibreChat's script, with a generator that is secure and a prompt that hides what is typed.

use clap::Args;

use crate::app::audit::Actor;
use crate::app::manage::NewUser;
use crate::app::register::Form;
use crate::cli::new_password::{NewPassword, Source};
use crate::cli::output::{Format, note};
use crate::cli::{Outcome, Stop, context, prompt, who};
use crate::config::Inputs;
use crate::domain::account::{BadRole, Role};
use crate::domain::secret::Secret;

/// What can be said instead of being asked. The password stays out of `Debug`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address
    email: Option<String>,
    /// Display name [default: the part of the address before the @]
    name: Option<String>,
    /// User name [default: the part of the address before the @]
    username: Option<String>,
    /// Password; other people on this machine can see it while the command runs
    #[arg(value_parser = secret, conflicts_with_all = ["password_stdin", "generate_password"])]
    password: Option<Secret>,
    #[command(flatten)]
    source: Source,
    /// Whether the address counts as proved [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    email_verified: Option<bool>,
    /// Who vouches for the person
    #[arg(long, default_value = "local", value_parser = provider)]
    provider: String,
    /// USER, ADMIN, or a role that LibreChat knows
    #[arg(long, default_value = "USER", value_parser = role)]
    role: Role,
    #[command(flatten)]
    format: Format,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of an argument's parser")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

/// Reads a role for the parser of arguments.
///
/// # Errors
/// [`BadRole`].
pub fn role(text: &str) -> Result<Role, BadRole> {
    Role::parse(text)
}

fn provider(text: &str) -> Result<String, &'static str> {
    let fits = (1..=32).contains(&text.len());
    let clean = text
        .bytes()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_');
    if fits && clean {
        Ok(text.to_owned())
    } else {
        Err("a provider is a name of 1 to 32 lower-case letters, digits, '-' and '_', such as local or openid")
    }
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// A usage error if something is missing and nobody can be asked; which rules the answers break.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let (new, password) = self.answers()?;
        let (account, admins) = context::with_app(inputs, async |app| {
            let account = app.create_user(new, &Actor::Console).await?;
            Ok((account, app.admin_count().await?))
        })?;
        let mut details = vec![format!("Email verified: {}", account.email_verified)];
        details.extend(password.shown());
        let object = if password.is_generated {
            who::object_with(&account, "password", password.secret.expose())
        } else {
            who::object(&account)
        };
        self.format.done("User created successfully!", &details, &object)?;
        if admins == 0 && !self.format.json {
            note("There is no admin yet: librechat-auth set-role EMAIL ADMIN makes one.");
        }
        Ok(())
    }

    /// Asks for what is missing, in LibreChat's order.
    fn answers(&self) -> Result<(NewUser, NewPassword), Stop> {
        let email = prompt::unless_given(self.email.as_deref(), "Email:", "name the new account: EMAIL")?;
        let local_part = email.split('@').next().unwrap_or_default();
        let name = or_default(self.name.as_deref(), "Name", local_part)?;
        let username = or_default(self.username.as_deref(), "Username", local_part)?;
        let password = self.password()?;
        let email_verified = self.email_verified.map_or_else(ask_verified, Ok)?;
        let form = Form {
            name,
            username: Some(username),
            email,
            password: password.secret.clone(),
            confirm_password: password.secret.clone(),
        };
        let new = NewUser {
            form,
            email_verified,
            provider: self.provider.clone(),
            role: self.role.clone(),
        };
        Ok((new, password))
    }

    fn password(&self) -> Result<NewPassword, Stop> {
        if let Some(given) = &self.password {
            note(
                "warning: a password on the command line can be seen in the list of processes and stays in the \
                 shell's history; better leave it out and type it, or send it with --password-stdin",
            );
            return Ok(NewPassword::chosen(given.clone()));
        }
        self.source.choose(|| {
            let typed = prompt::ask_hidden("Password: (leave blank, to generate one)\n> ")?;
            Ok(if typed.expose().is_empty() {
                NewPassword::generated()
            } else {
                NewPassword::chosen(typed)
            })
        })
    }
}

/// The value, the answer, or, if there is no answer, the default.
fn or_default(given: Option<&str>, field: &str, default: &str) -> Result<String, Stop> {
    let value = match given {
        Some(value) => value.to_owned(),
        None if prompt::is_possible() => prompt::ask(&format!("{field}: (default is: {default})"))?,
        None => String::new(),
    };
    Ok(if value.is_empty() { default.to_owned() } else { value })
}

fn ask_verified() -> Result<bool, Stop> {
    if !prompt::is_possible() {
        return Ok(true);
    }
    let answer = prompt::ask("Email verified? (Y/n, default is Y)")?;
    Ok(answer.is_empty() || prompt::is_yes(&answer))
}
