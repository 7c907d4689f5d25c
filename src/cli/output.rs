//! What commands print: text for people, JSON with stable keys for programs.

use std::io::{self, Write as _};

use clap::Args;
use dialoguer::console::style;
use serde_json::Value as Json;

use crate::cli::Outcome;

/// The switch that every command with an answer has.
#[derive(Clone, Copy, Debug, Args)]
pub struct Format {
    /// Print JSON for programs instead of text for people
    #[arg(long)]
    pub json: bool,
}

impl Format {
    /// Prints what was done: a sentence and further lines, or one object.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn done(self, sentence: &str, details: &[String], object: &Json) -> Outcome {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{object}")?;
        } else {
            writeln!(out, "{}", style(sentence).green())?;
            for line in details {
                writeln!(out, "{line}")?;
            }
        }
        Ok(out.flush()?)
    }
}

/// Says something beside the answer, on standard error.
pub fn note(text: &str) {
    // A note that nobody can read is no reason to stop.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Text from the database for a terminal: characters that could steer it are replaced.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_database_steers_a_terminal() {
        assert_eq!(harmless("Ada\u{1b}[2J\n\u{9b}x"), "Ada\u{fffd}[2J\u{fffd}\u{fffd}x");
    }
}
