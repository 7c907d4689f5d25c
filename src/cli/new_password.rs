//! Where a new password comes from: hidden prompt, standard input, or the program itself.

use clap::Args;

use crate::app::clock::SystemEntropy;
use crate::cli::{Stop, prompt};
use crate::domain::generated_password::generate;
use crate::domain::secret::Secret;

/// Ways to give a password without a prompt.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Source {
    /// Read the password from standard input (one line end is cut off)
    #[arg(long)]
    password_stdin: bool,
    /// Make a random password and print it once
    #[arg(long)]
    generate_password: bool,
}

/// A password to be set.
pub struct NewPassword {
    /// The password.
    pub secret: Secret,
    /// Whether the program made it, so that it has to be shown.
    pub is_generated: bool,
}

impl NewPassword {
    /// Somebody's own.
    #[must_use]
    pub fn chosen(secret: Secret) -> Self {
        Self {
            secret,
            is_generated: false,
        }
    }

    /// One from the system's random numbers.
    #[must_use]
    pub fn generated() -> Self {
        Self {
            secret: generate(&SystemEntropy),
            is_generated: true,
        }
    }

    /// The line that shows a generated password, the only time.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        self.is_generated
            .then(|| format!("Your password is: {}", self.secret.expose()))
    }
}

impl Source {
    /// Fails early where [`Source::choose`] would have nobody to ask.
    ///
    /// # Errors
    /// A usage error that names the flags.
    pub fn expect_some(&self) -> Result<(), Stop> {
        if self.generate_password || self.password_stdin || prompt::is_possible() {
            Ok(())
        } else {
            Err(Stop::usage(
                "a password is needed: add --password-stdin and send it on standard input, or --generate-password",
            ))
        }
    }

    /// As the flags say; without any, `ask` is called.
    ///
    /// # Errors
    /// A usage error if there is nobody to ask.
    pub fn choose(&self, ask: impl FnOnce() -> Result<NewPassword, Stop>) -> Result<NewPassword, Stop> {
        self.expect_some()?;
        if self.generate_password {
            Ok(NewPassword::generated())
        } else if prompt::is_possible() {
            ask()
        } else {
            prompt::secret_from_stdin().map(NewPassword::chosen)
        }
    }
}
