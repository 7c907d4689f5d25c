//! Passphrases of backups: from standard input, from a file, from the configuration, or asked for.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::cli::{Stop, prompt};
use crate::config::Inputs;
use crate::domain::secret::Secret;

/// Fewer characters can be guessed by whoever has the file.
const SHORTEST: usize = 10;

/// Where a passphrase comes from.
#[derive(Debug, Args)]
pub struct Passphrase {
    /// Read the passphrase from standard input
    #[arg(long)]
    passphrase_stdin: bool,
    /// Read the passphrase from a file
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_stdin")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The passphrase named on the command line, if one is.
    ///
    /// # Errors
    /// If it cannot be read, or is empty.
    pub fn given(&self, inputs: &Inputs) -> Result<Option<Secret>, Stop> {
        let secret = match &self.passphrase_file {
            Some(file) => {
                let file = inputs.working_dir.join(file);
                let text = fs::read_to_string(&file)
                    .map_err(|error| Stop::failed(format!("cannot read {}: {error}", file.display())))?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                Secret::new(line.strip_suffix('\r').unwrap_or(line))
            }
            None if self.passphrase_stdin => prompt::secret_from_stdin()?,
            None => return Ok(None),
        };
        if secret.expose().is_empty() {
            return Err(Stop::failed("the passphrase is empty"));
        }
        Ok(Some(secret))
    }

    /// Whether the command line names one.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.passphrase_stdin || self.passphrase_file.is_some()
    }

    /// Whether standard input is taken.
    #[must_use]
    pub fn takes_stdin(&self) -> bool {
        self.passphrase_stdin
    }

    /// The passphrase of a backup to be read: named, else configured, else asked for.
    ///
    /// # Errors
    /// A usage error if there is nobody to ask.
    pub fn to_open(&self, inputs: &Inputs, configured: Option<&Secret>, shown: &str) -> Result<Secret, Stop> {
        if let Some(given) = self.given(inputs)? {
            return Ok(given);
        }
        match configured {
            Some(passphrase) => Ok(passphrase.clone()),
            None if prompt::is_possible() => prompt::ask_hidden(&format!("Passphrase of {shown}: ")),
            None => Err(Stop::usage(format!(
                "{shown} is encrypted: add --passphrase-stdin or --passphrase-file FILE (there is no terminal to ask at)"
            ))),
        }
    }

    /// A new passphrase: named, else asked for, twice.
    ///
    /// # Errors
    /// If it is too short, or typed differently, or there is nobody to ask.
    pub fn to_encrypt(&self, inputs: &Inputs) -> Result<Secret, Stop> {
        let new = match self.given(inputs)? {
            Some(given) => given,
            None if prompt::is_possible() => {
                let first = prompt::ask_hidden("Passphrase for the backup: ")?;
                if prompt::ask_hidden("The same again: ")? != first {
                    return Err(Stop::failed("the two are different: nothing was saved"));
                }
                first
            }
            None => {
                return Err(Stop::usage(
                    "add --passphrase-stdin or --passphrase-file FILE (there is no terminal to ask at)",
                ));
            }
        };
        if new.expose().chars().count() < SHORTEST {
            return Err(Stop::failed(format!(
                "a passphrase of fewer than {SHORTEST} characters can be guessed: take a longer one, such as five random words"
            )));
        }
        Ok(new)
    }
}
