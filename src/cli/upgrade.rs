//! `upgrade --check`: another version of the program is tried on a copy before it takes over. `rollback`: the way back to the
//! state before a migration.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::audit_notes::note_replaced;
use crate::app::backup::upgrade::{Before, Copy, Migrated, before_migrations, schema_of};
use crate::app::backup::{latest_schema, restore_snapshot};
use crate::app::clock::{SystemClock, SystemEntropy};
use crate::cli::output::{Format, harmless};
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::{Config, Inputs, load};
use crate::domain::time::{Clock as _, Timestamp};

/// What is tried.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// Try it on a copy; nothing is changed
    #[arg(long, required = true)]
    check: bool,
    /// The program that is to take over [default: this one]
    binary: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// How far back.
#[derive(Debug, Args)]
pub struct Rollback {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Upgrade {
    /// Runs the command.
    ///
    /// # Errors
    /// If the other program could not take over.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let binary = match &self.binary {
            Some(binary) => inputs.working_dir.join(binary),
            None => std::env::current_exe()?,
        };
        let config = context::installed(inputs)?;
        let version = version_of(&binary)?;
        let copy = Copy::of(&config.data_dir, &SystemEntropy)?;
        let migrated = migrated_by(&binary, &copy.file())?;
        let warnings = configuration_for(&binary, inputs, &config)?;
        let details = vec![
            schema_line(&migrated),
            match warnings.len() {
                0 => "the configuration can be used as it is".to_owned(),
                count => format!("the configuration can be used, with {count} warning(s):"),
            },
        ];
        let details: Vec<String> = details
            .into_iter()
            .chain(warnings.iter().map(|warning| format!("  {}", harmless(warning))))
            .collect();
        let object = json!({
            "version": version,
            "from": migrated.from,
            "to": migrated.to,
            "applied": migrated.applied,
            "millis": migrated.millis,
            "warnings": warnings,
        });
        self.format
            .done(&format!("✔ {} can take over", harmless(&version)), &details, &object)
    }
}

fn schema_line(migrated: &Migrated) -> String {
    if migrated.applied.is_empty() {
        return format!("the database stays as it is, at schema {}", migrated.from);
    }
    format!(
        "the database goes from schema {} to {} in {} ms, after a snapshot: {}",
        migrated.from,
        migrated.to,
        migrated.millis,
        migrated.applied.join(", ")
    )
}

fn output_of(binary: &Path, command: &mut Command) -> Result<Output, Stop> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Stop::failed(format!("{} cannot be run: {error}", binary.display())))
}

/// What a program says when it fails, on one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let text = text.trim().trim_start_matches("Error: ");
    harmless(&text.replace('\n', " "))
}

fn version_of(binary: &Path) -> Result<String, Stop> {
    let output = output_of(binary, Command::new(binary).arg("--version"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && text.starts_with("librechat-auth ") {
        Ok(text)
    } else {
        Err(Stop::failed(format!("{} is not this program", binary.display())))
    }
}

fn migrated_by(binary: &Path, copy: &Path) -> Result<Migrated, Stop> {
    let output = output_of(binary, Command::new(binary).args(["db", "check-copy"]).arg(copy))?;
    if !output.status.success() {
        return Err(Stop::failed(format!(
            "{} could not take over the database: {}",
            binary.display(),
            said(&output)
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(|_| {
        Stop::failed(format!(
            "{} does not say what it did: is it a program of this kind?",
            binary.display()
        ))
    })
}

/// What the other program finds wrong with the configuration; an error is one.
fn configuration_for(binary: &Path, inputs: &Inputs, config: &Config) -> Result<Vec<String>, Stop> {
    let mut command = Command::new(binary);
    command
        .args(["config", "check", "--json", "--data"])
        .arg(&config.data_dir);
    command.current_dir(&inputs.working_dir);
    if let Some(file) = &inputs.config_file {
        command.arg("--config").arg(file);
    }
    if let Some(file) = &inputs.env_file {
        command.arg("--env-file").arg(file);
    }
    let output = output_of(binary, &mut command)?;
    let unclear = || {
        Stop::failed(format!(
            "{} could not check the configuration: {}",
            binary.display(),
            said(&output)
        ))
    };
    let found: Json = serde_json::from_slice(&output.stdout).map_err(|_| unclear())?;
    let texts = |key: &str| -> Vec<String> {
        let problems = found[key].as_array().into_iter().flatten();
        problems.map(problem).collect()
    };
    let errors = texts("errors");
    if errors.is_empty() && output.status.success() {
        Ok(texts("warnings"))
    } else {
        let lines: Vec<String> = errors.iter().map(|error| format!("\n  {}", harmless(error))).collect();
        Err(Stop::failed(format!(
            "{} could not use the configuration:{}",
            binary.display(),
            lines.concat()
        )))
    }
}

fn problem(problem: &Json) -> String {
    let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    format!("{}: {}: {}", text("source"), text("key"), text("message"))
}

impl Rollback {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no snapshot that this program can use, or the server runs.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let data_dir = load(inputs).data_dir;
        let before = before_migrations(&data_dir)?.into_iter().next().ok_or_else(|| {
            Stop::failed(format!(
                "no snapshot from before a migration is in {}: `librechat-auth restore` puts a backup back",
                data_dir.display()
            ))
        })?;
        let present = schema_of(&data_dir);
        prompt::confirm(&question(&before, present), self.yes)?;
        let restored = restore_snapshot(&data_dir, &before.file, SystemClock.now())?;
        note_replaced(&data_dir, &format!("rollback {}", restored.version), SystemClock.now())?;
        let mut details: Vec<String> = restored
            .kept
            .iter()
            .map(|kept| format!("The replaced database is now {}", kept.display()))
            .collect();
        details.push(next(&before, restored.version));
        self.format.done(
            &format!("Went back to schema {}", restored.version),
            &details,
            &json!({
                "restored": before.file,
                "version": restored.version,
                "kept": restored.kept,
                "served_by": before.served_by,
            }),
        )
    }
}

fn question(before: &Before, present: Option<i64>) -> String {
    let made_at = before
        .made_at
        .map_or_else(|| "an unknown time".to_owned(), |at: Timestamp| at.to_string());
    let present = present.map_or_else(
        || "of unknown schema".to_owned(),
        |schema| format!("of schema {schema}"),
    );
    format!(
        "Replace the database ({present}) by {}, taken at {made_at} before migration {:04}? What has happened since \
         then will not have happened: accounts, passwords, sessions. The present database is kept beside it. (y/N)",
        before.file.display(),
        before.migration
    )
}

/// Which program fits now.
fn next(before: &Before, schema: i64) -> String {
    let fitting = before.served_by.as_ref().map_or_else(
        || "the program that was used before".to_owned(),
        |version| format!("version {}", harmless(version)),
    );
    if schema < latest_schema() {
        format!("This program would migrate it again: put {fitting} in place before you start the server.")
    } else {
        "This program works with it: start the server.".to_owned()
    }
}
