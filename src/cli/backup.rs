//! `backup`: database, keys and configuration in one file; `backup list` and `backup verify` look at such files.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::app::audit::CONSOLE;
use crate::app::backup::archive::Archive;
use crate::app::backup::make::{Circumstances, into_file, into_stream};
use crate::app::backup::nightly::{self, Kept};
use crate::app::backup::verify::{Verified, verify};
use crate::app::backup::{Manifest, Part, latest_schema};
use crate::app::clock::{SystemClock, SystemEntropy};
use crate::cli::output::{Format, harmless, note};
use crate::cli::passphrase::Passphrase;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::{Config, Inputs, load};
use crate::domain::duration;
use crate::domain::secret::Secret;
use crate::domain::time::Clock as _;

/// A new backup, or what there is.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    make: Make,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The backups in the folder for them, newest first
    List(List),
    /// Try a backup out in a folder of its own: unpack, open, migrate, log in
    Verify(Check),
}

/// Where a new backup goes.
#[derive(Debug, Args)]
struct Make {
    /// A file that does not exist yet, a folder, or - for standard output [default: the folder of the nightly backups]
    file: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "file")]
    force: bool,
    /// Encrypt with a passphrase, as the program age does
    #[arg(long, conflicts_with = "plain")]
    encrypt: bool,
    /// Do not encrypt, although the configuration has a passphrase for backups
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
struct Check {
    /// The backup, or - for standard input [default: the newest one in the folder]
    file: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the backup cannot be made, read, or restored.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match &self.verb {
            None => self.make.run(inputs),
            Some(Verb::List(arguments)) => arguments.run(inputs),
            Some(Verb::Verify(arguments)) => arguments.run(inputs),
        }
    }
}

impl Make {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let is_stream = self.file.as_deref() == Some(Path::new("-"));
        if is_stream && self.format.json {
            return Err(Stop::usage("standard output has the backup: leave out --json"));
        }
        if is_stream && io::stdout().is_terminal() {
            return Err(Stop::usage(
                "a backup is nothing to look at: write it to a file, or into a pipe",
            ));
        }
        let config = context::installed(inputs)?;
        let passphrase = self.passphrase(inputs, &config)?;
        let how = Circumstances {
            now: SystemClock.now(),
            entropy: &SystemEntropy,
            passphrase: passphrase.as_ref(),
        };
        let saved = match &self.file {
            Some(_) if is_stream => {
                let manifest = into_stream(&config, io::stdout().lock(), how)?;
                log(inputs, &manifest, Path::new("standard output"));
                tell_what_is_missing(&manifest);
                return Ok(());
            }
            Some(file) => {
                let file = inputs.working_dir.join(file);
                let file = if file.is_dir() {
                    file.join(nightly::file_name(how.now, passphrase.is_some()))
                } else {
                    file
                };
                let manifest = into_file(&config, &file, self.force, how)?;
                (file, manifest)
            }
            None => nightly::into_folder(&config, how)?,
        };
        log(inputs, &saved.1, &saved.0);
        self.tell(&saved.0, &saved.1, passphrase.is_some())
    }

    /// With what it is to be encrypted.
    fn passphrase(&self, inputs: &Inputs, config: &Config) -> Result<Option<Secret>, Stop> {
        if self.plain {
            return Ok(None);
        }
        if self.encrypt || self.passphrase.is_named() {
            return self.passphrase.to_encrypt(inputs).map(Some);
        }
        Ok(config.backups.passphrase.clone())
    }

    fn tell(&self, file: &Path, manifest: &Manifest, is_encrypted: bool) -> Outcome {
        let bytes = std::fs::metadata(file)?.len();
        let parts: Vec<&str> = manifest.parts.iter().map(|part: &Part| part.name.as_str()).collect();
        let kind = if is_encrypted { ", encrypted" } else { "" };
        let object = json!({
            "file": file,
            "bytes": bytes,
            "encrypted": is_encrypted,
            "schema": manifest.schema,
            "parts": manifest.parts,
            "elsewhere": manifest.elsewhere,
        });
        self.format.done(
            &format!("Saved {} ({bytes} bytes{kind})", file.display()),
            &[format!("In it: {}", parts.join(", "))],
            &object,
        )?;
        tell_what_is_missing(manifest);
        Ok(())
    }
}

/// Writes into the audit log that a backup was made. A database of an older version is left as it is, and a log that cannot be
/// written makes no backup worse.
fn log(inputs: &Inputs, manifest: &Manifest, file: &Path) {
    if manifest.schema != latest_schema() {
        return;
    }
    let noted = context::with_accounts(inputs, async |app| Ok(app.note_backup(file, CONSOLE).await?));
    if noted.is_err() {
        note("The backup is made, but the audit log could not be told of it.");
    }
}

/// Settings that a restore could not bring back.
fn tell_what_is_missing(manifest: &Manifest) {
    if !manifest.elsewhere.is_empty() {
        note(&format!(
            "Not in it, because they are set elsewhere: {}",
            harmless(&manifest.elsewhere.join(", "))
        ));
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let config = context::installed(inputs)?;
        let now = SystemClock.now();
        let row = |kept: Kept| {
            let age = now.since(kept.made_at);
            let encrypted = if kept.is_encrypted { "yes" } else { "no" };
            let cells = vec![
                kept.made_at.to_string(),
                duration::format(Duration::from_mins(age.as_secs() / 60)),
                kept.bytes.to_string(),
                encrypted.to_owned(),
                kept.file.display().to_string(),
            ];
            let object = json!({
                "file": kept.file,
                "made_at": kept.made_at.to_string(),
                "age_seconds": age.as_secs(),
                "bytes": kept.bytes,
                "encrypted": kept.is_encrypted,
            });
            (cells, object)
        };
        let rows = Rows {
            titles: &["made at", "age", "bytes", "encrypted", "file"],
            rows: nightly::list(&config.backups.dir)?.into_iter().map(row).collect(),
        };
        rows.print(
            self.format,
            &format!("There is no backup in {}", config.backups.dir.display()),
        )
    }
}

impl Check {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let loaded = load(inputs);
        let backups = loaded.config.as_ref().map(|config| &config.backups);
        let archive = match &self.file {
            Some(file) if file == Path::new("-") => from_stdin(&self.passphrase)?,
            Some(file) => Archive::open(&inputs.working_dir.join(file))?,
            None => {
                let dir = backups.map_or_else(|| loaded.data_dir.join("backups"), |backups| backups.dir.clone());
                let newest = nightly::list(&dir)?.into_iter().next();
                let newest =
                    newest.ok_or_else(|| Stop::failed(format!("there is no backup in {}: name one", dir.display())))?;
                Archive::open(&newest.file)?
            }
        };
        let configured = backups.and_then(|backups| backups.passphrase.as_ref());
        let passphrase = archive
            .is_encrypted()
            .then(|| self.passphrase.to_open(inputs, configured, archive.shown()))
            .transpose()?;
        // On the disk of the data directory, where there is one: what is unpacked is secret.
        let parent = if loaded.data_dir.is_dir() {
            loaded.data_dir
        } else {
            inputs.working_dir.clone()
        };
        let shown = archive.shown().to_owned();
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let verified = context::wait_for(verify(archive, passphrase.as_ref(), &parent, clock, entropy))??;
        self.tell(&shown, &verified)
    }

    fn tell(&self, shown: &str, verified: &Verified) -> Outcome {
        let object = json!({
            "file": shown,
            "ok": verified.problems.is_empty(),
            "problems": verified.problems,
            "made_at": verified.manifest.made_at,
            "version": verified.manifest.version,
            "schema": verified.manifest.schema,
            "accounts": verified.accounts,
            "admins": verified.admins,
            "passwords": verified.passwords,
            "second_factors": verified.second_factors,
            "audit": verified.audit,
            "logged_in": verified.logged_in,
            "parts": verified.manifest.parts,
            "elsewhere": verified.manifest.elsewhere,
        });
        if verified.problems.is_empty() {
            self.format
                .done(&format!("✔ {shown} can be restored"), &details(verified), &object)?;
            if !self.format.json {
                tell_what_is_missing(&verified.manifest);
            }
            return Ok(());
        }
        if self.format.json {
            self.format.done("", &[], &object)?;
            return Err(Stop::explained());
        }
        let lines: Vec<String> = verified
            .problems
            .iter()
            .map(|problem| format!("\n  {problem}"))
            .collect();
        Err(Stop::failed(format!("{shown} is not sound:{}", lines.concat())))
    }
}

fn details(verified: &Verified) -> Vec<String> {
    let manifest = &verified.manifest;
    let parts: Vec<&str> = manifest.parts.iter().map(|part| part.name.as_str()).collect();
    let login = match verified.logged_in {
        Some(_) => "a login with its keys works",
        None => "nobody is there who could log in",
    };
    vec![
        format!(
            "made at {} by version {}, schema {}",
            harmless(&manifest.made_at),
            harmless(&manifest.version),
            manifest.schema
        ),
        format!(
            "{} account(s), {} of them admin; {} password(s) can be checked, {} second factor(s) opened; {login}",
            verified.accounts, verified.admins, verified.passwords, verified.second_factors
        ),
        format!("{} line(s) of the audit log are as they were written", verified.audit),
        format!("in it: {}", parts.join(", ")),
    ]
}

/// The backup on standard input, unless that has the passphrase.
///
/// # Errors
/// A usage error then, or if it cannot be read.
pub(super) fn from_stdin(passphrase: &Passphrase) -> Result<Archive<'static>, Stop> {
    if passphrase.takes_stdin() {
        return Err(Stop::usage(
            "standard input has the backup: give the passphrase by --passphrase-file FILE",
        ));
    }
    Ok(Archive::from_reader(io::stdin(), "standard input".to_owned())?)
}
