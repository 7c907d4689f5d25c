//! `export-users` and `import-users`: accounts in a file.

use std::fs;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::import::{Fate, Obstacle, Plan, Planned};
use crate::cli::filter::Flags;
use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::Inputs;
use crate::domain::people_file::{csv_head, csv_line, object};

/// What is written.
#[derive(Debug, Args)]
pub struct Export {
    /// JSON, one account per line, instead of CSV
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    which: Flags,
}

/// What is read.
#[derive(Debug, Args)]
pub struct Import {
    /// A file as export-users writes it, or LibreChat's users as mongoexport does; `-` is standard input
    file: PathBuf,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read or the output not be written.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let filter = self.which.parse()?;
        context::with_accounts(inputs, async |app| {
            let mut out = BufWriter::new(io::stdout().lock());
            if !self.json {
                write!(out, "{}", csv_head())?;
            }
            let mut after = None;
            loop {
                let (found, next) = app.matching_after(&filter, after).await?;
                for account in &found {
                    if self.json {
                        writeln!(out, "{}", object(account))?;
                    } else {
                        write!(out, "{}", csv_line(account))?;
                    }
                }
                match next {
                    Some(next) => after = Some(next),
                    None => return Ok(out.flush()?),
                }
            }
        })
    }
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be read, it is not confirmed, or a row is refused.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let bytes = self.read()?;
        if !self.dry_run {
            prompt::expect_consent(self.yes)?;
        }
        let plan = context::with_accounts(inputs, async |app| {
            let plan = app.plan_import(&bytes).await.map_err(stop)?;
            if self.dry_run {
                return Ok(plan);
            }
            self.tell(&plan);
            prompt::confirm(&format!("{}. Go on? (y/N)", counts(&plan)), self.yes)?;
            app.apply_import(&bytes, &plan.digest, &Actor::Console)
                .await
                .map_err(stop)
        })?;
        if self.dry_run {
            self.tell(&plan);
        }
        let word = if self.dry_run {
            "Nothing was changed"
        } else {
            "✔ Done"
        };
        self.format
            .done(&format!("{word}: {}", counts(&plan)), &[], &described(&plan))?;
        match plan.count("refused") {
            0 => Ok(()),
            refused => Err(Stop::failed(format!("{refused} rows were refused"))),
        }
    }

    fn read(&self) -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::new();
        if self.file.as_os_str() == "-" {
            io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        fs::read(&self.file).map_err(|error| Stop::failed(format!("cannot read {}: {error}", self.file.display())))
    }

    /// Every row that is not as it was, on standard error.
    fn tell(&self, plan: &Plan) {
        if !self.format.json {
            plan.rows
                .iter()
                .filter_map(line)
                .for_each(|line| note(&harmless(&line)));
        }
    }
}

fn line(row: &Planned) -> Option<String> {
    let Planned { line, email, fate } = row;
    match fate {
        Fate::New => Some(format!("{line}: {email} is new")),
        Fate::Changed(differences) => {
            let told: Vec<String> = differences
                .iter()
                .map(|(field, before, after)| format!("{field} {before:?} -> {after:?}"))
                .collect();
            Some(format!("{line}: {email} changes: {}", told.join(", ")))
        }
        Fate::Refused(why) if email.is_empty() => Some(format!("{line}: refused: {why}")),
        Fate::Refused(why) => Some(format!("{line}: {email} refused: {why}")),
        Fate::Unchanged => None,
    }
}

fn counts(plan: &Plan) -> String {
    let told = ["new", "changed", "unchanged", "refused"].map(|key| format!("{} {key}", plan.count(key)));
    told.join(", ")
}

fn described(plan: &Plan) -> Json {
    let rows: Vec<Json> = plan
        .rows
        .iter()
        .map(|row| json!({ "line": row.line, "email": row.email, "fate": row.fate.key(), "detail": line(row) }))
        .collect();
    json!({
        "new": plan.count("new"),
        "changed": plan.count("changed"),
        "unchanged": plan.count("unchanged"),
        "refused": plan.count("refused"),
        "rows": rows,
    })
}

fn stop(obstacle: Obstacle) -> Stop {
    match obstacle {
        Obstacle::Unreadable(why) => Stop::failed(why),
        Obstacle::Outdated(_) => Stop::failed("accounts were changed meanwhile: run it again".to_owned()),
        Obstacle::Failure(failure) => failure.into(),
    }
}
