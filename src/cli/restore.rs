//! `restore`: puts a backup in the place of an installation that does not run.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::app::audit_notes::note_replaced;
use crate::app::backup::archive::Archive;
use crate::app::backup::restore::{Change, Place, Restoration, Step};
use crate::app::clock::{SystemClock, SystemEntropy};
use crate::cli::output::{Format, harmless, note};
use crate::cli::passphrase::Passphrase;
use crate::cli::{Outcome, Stop, backup, prompt};
use crate::config::{Inputs, load};
use crate::domain::time::Clock as _;

/// Which backup comes back.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The backup, or - for standard input
    file: PathBuf,
    /// Replace the configuration file too, if it differs
    #[arg(long)]
    with_config: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file is no backup, or the server runs.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let is_stream = self.file == Path::new("-");
        if is_stream && !self.yes {
            return Err(Stop::usage(
                "standard input has the backup, so nothing can be asked: add --yes",
            ));
        }
        prompt::expect_consent(self.yes)?;
        // The configuration may be what has to be restored: its mistakes do not matter here.
        let loaded = load(inputs);
        let archive = if is_stream {
            backup::from_stdin(&self.passphrase)?
        } else {
            Archive::open(&inputs.working_dir.join(&self.file))?
        };
        let configured = loaded
            .config
            .as_ref()
            .and_then(|config| config.backups.passphrase.as_ref());
        let passphrase = archive
            .is_encrypted()
            .then(|| self.passphrase.to_open(inputs, configured, archive.shown()))
            .transpose()?;
        let named = inputs.config_file.as_deref();
        let place = Place {
            data_dir: loaded.data_dir,
            configuration: inputs.resolve(named.unwrap_or(Path::new("librechat-auth.toml"))),
            with_configuration: self.with_config,
        };
        let shown = archive.shown().to_owned();
        let restoration = Restoration::prepare(archive, passphrase.as_ref(), &place, &SystemEntropy)?;
        let plan = plan(&restoration);
        prompt::confirm(&format!("{plan}\nGo on? (y/N)"), self.yes)?;
        self.carry_out(restoration, &shown)
    }

    fn carry_out(&self, restoration: Restoration, shown: &str) -> Outcome {
        let manifest = restoration.manifest.clone();
        let data_dir = restoration.data_dir().to_owned();
        let left: Vec<PathBuf> = restoration
            .steps
            .iter()
            .filter(|step| step.change == Change::Leave)
            .map(|step| step.to.clone())
            .collect();
        let done = restoration.carry_out(SystemClock.now())?;
        note_replaced(&data_dir, &format!("restore {}", manifest.made_at), SystemClock.now())?;
        let kept = done
            .kept
            .iter()
            .map(|kept| format!("What was there is now {}", kept.display()));
        self.format.done(
            &format!("Restored {shown}"),
            &kept.collect::<Vec<_>>(),
            &json!({
                "restored": done.restored,
                "kept": done.kept,
                "left": left,
                "made_at": manifest.made_at,
                "schema": manifest.schema,
                "elsewhere": manifest.elsewhere,
            }),
        )?;
        for left in left {
            note(&format!(
                "{} differs from the one in the backup and stays; --with-config replaces it",
                left.display()
            ));
        }
        if !manifest.elsewhere.is_empty() {
            note(&format!(
                "Set elsewhere when the backup was made, so check that they are set here: {}",
                harmless(&manifest.elsewhere.join(", "))
            ));
        }
        Ok(())
    }
}

/// What would happen, a line for each file.
fn plan(restoration: &Restoration) -> String {
    let manifest = &restoration.manifest;
    let mut text = format!(
        "The backup was made at {} by version {}. Accounts, passwords and sessions will be as they were then.",
        harmless(&manifest.made_at),
        harmless(&manifest.version)
    );
    for step in &restoration.steps {
        text += "\n  ";
        text += &line(step);
    }
    text + "\nWhat is replaced stays beside it, under a name that ends in .replaced- and the time."
}

fn line(step: &Step) -> String {
    let does = match step.change {
        Change::Add => "adds      ",
        Change::Replace => "REPLACES  ",
        Change::Remove => "REMOVES   ",
        Change::Keep => "keeps     ",
        Change::Leave => "leaves    ",
    };
    let why = match step.change {
        Change::Keep => " (it is the same)",
        Change::Leave => " (it differs; --with-config replaces it)",
        Change::Remove => " (the backup has none)",
        Change::Add | Change::Replace => "",
    };
    format!("{does}{}{why}", step.to.display())
}
