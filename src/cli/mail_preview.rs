//! `mail preview`: what letters look like, with made-up content. Nothing is sent.

use std::io::{self, Write as _};

use clap::Args;
use serde_json::json;

use crate::app::sample_letters::Rendered;
use crate::cli::invite_user::lang;
use crate::cli::output::Format;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::lang::Lang;

/// Which letter.
#[derive(Debug, Args)]
pub struct Preview {
    /// Its name; without one all of them are listed
    #[arg(value_name = "LETTER")]
    name: Option<String>,
    /// Its language: en or fr
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = lang)]
    lang: Lang,
    /// Print the HTML part instead of the text
    #[arg(long, requires = "name", conflicts_with = "json")]
    html: bool,
    #[command(flatten)]
    format: Format,
}

impl Preview {
    pub(super) fn run(&self, inputs: &Inputs) -> Outcome {
        match &self.name {
            None => self.list(inputs),
            Some(name) => self.show(name, inputs),
        }
    }

    fn list(&self, inputs: &Inputs) -> Outcome {
        let letters = context::with_accounts(inputs, async |app| Ok(app.sample_letters(self.lang)))?;
        let row = |(name, letter): &(&str, Rendered)| {
            let object = json!({ "name": name, "subject": letter.subject });
            (vec![(*name).to_owned(), letter.subject.clone()], object)
        };
        let rows = Rows {
            titles: &["Letter", "Subject"],
            rows: letters.iter().map(row).collect(),
        };
        rows.print(self.format, "There are no letters.")
    }

    fn show(&self, name: &str, inputs: &Inputs) -> Outcome {
        let letter = context::with_accounts(inputs, async |app| Ok(app.sample_letter(name, self.lang)))?;
        let letter = letter.ok_or_else(|| {
            Stop::failed(format!(
                "there is no letter {name:?}: `librechat-auth mail preview` lists all of them"
            ))
        })?;
        let mut out = io::stdout().lock();
        if self.format.json {
            let object = json!({
                "name": name,
                "lang": self.lang.code(),
                "subject": letter.subject,
                "text": letter.text,
                "html": letter.html,
            });
            writeln!(out, "{object}")?;
        } else if self.html {
            write!(out, "{}", letter.html)?;
        } else {
            write!(out, "Subject: {}\n\n{}", letter.subject, letter.text)?;
        }
        Ok(out.flush()?)
    }
}
