//! `audit`: search the audit log, write it out, and verify that nobody has touched it.

mod picked;
mod verify;

use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::App;
use crate::cli::output::{Format, note};
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::audit::Event;
use crate::domain::audit_export::{Shape, object};
use crate::domain::ids::UserId;

use picked::Picked;

/// What is done with the audit log.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what happened, the newest last
    ///
    /// With --user this is somebody's timeline: what happened to their account, and what they did to others.
    List(List),
    /// Write the log out as CSV, or as JSON, one object per line
    Export(Export),
    /// Verify that no row was changed, removed or put in
    ///
    /// Exit code 1 names the first row that is wrong. An older copy of the database is found only by a head that was kept
    /// elsewhere: --head FILE.
    Verify(verify::Verify),
    /// Print the signed head of the log, to be kept elsewhere
    Head(verify::Head),
}

/// Which events.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    picked: Picked,
    /// The last so many
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

/// Which events, and where to.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    picked: Picked,
    /// How they are written: csv or jsonl
    #[arg(long, value_name = "csv|jsonl", default_value = "csv", value_parser = shape)]
    format: Shape,
    /// Write into this new file instead of standard output; only its owner may read it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn shape(text: &str) -> Result<Shape, String> {
    Shape::from_key(text).ok_or_else(|| "write csv or jsonl".to_owned())
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the log is not as it should be, or cannot be read or written.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::List(list) => list.run(inputs),
            Self::Export(export) => export.run(inputs),
            Self::Verify(verify) => verify.run(inputs),
            Self::Head(head) => head.run(inputs),
        }
    }
}

impl List {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let (rows, more) = context::with_accounts(inputs, async |app| {
            let wanted = self.picked.wanted(app).await?;
            let found = app.audit_before(&wanted, None, self.limit).await?;
            let mut names = Names::default();
            let mut rows = VecDeque::new();
            for (id, event) in &found.events {
                rows.push_front((names.cells(app, *id, event).await?, object(*id, event)));
            }
            Ok((rows, found.next.is_some()))
        })?;
        let rows = Rows {
            titles: &["Row", "At", "Kind", "Account", "By", "Address", "Reference", "Detail"],
            rows: rows.into(),
        };
        rows.print(self.format, "The audit log has no such events.")?;
        if more && !self.format.json {
            note("Older ones are left out: --limit N shows more, `librechat-auth audit export` all.");
        }
        Ok(())
    }
}

/// How accounts are called; those that are gone keep their id.
#[derive(Default)]
struct Names(BTreeMap<UserId, String>);

impl Names {
    async fn of(&mut self, app: &App, id: UserId) -> Result<String, Stop> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let account = app.find_user(&id.to_string()).await?;
        let name = account.map_or_else(|| id.to_string(), |account| account.email.to_string());
        self.0.insert(id, name.clone());
        Ok(name)
    }

    async fn cells(&mut self, app: &App, id: i64, event: &Event) -> Result<Vec<String>, Stop> {
        let account = match event.subject {
            Some(subject) => self.of(app, subject).await?,
            None => String::new(),
        };
        let by = match event.actor.parse() {
            Ok(actor) => self.of(app, actor).await?,
            Err(_) => event.actor.clone(),
        };
        let cells = [
            id.to_string(),
            event.at.to_string(),
            event.kind.key().to_owned(),
            account,
            by,
            event.address.clone(),
            event.reference.clone(),
            event.detail.clone(),
        ];
        let or_dash = |cell: String| if cell.is_empty() { "-".to_owned() } else { cell };
        Ok(cells.into_iter().map(or_dash).collect())
    }
}

impl Export {
    fn run(&self, inputs: &Inputs) -> Outcome {
        context::with_accounts(inputs, async |app| match &self.out {
            None => self.write(app, io::stdout().lock()).await,
            Some(file) => {
                let path = inputs.working_dir.join(file);
                let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
                let file = made.map_err(|error| Stop::failed(format!("cannot write {}: {error}", path.display())))?;
                self.write(app, file).await
            }
        })
    }

    /// Writes page by page: a long log takes no more memory than a short one.
    async fn write(&self, app: &App, out: impl Write) -> Outcome {
        let wanted = self.picked.wanted(app).await?;
        app.note_export(&crate::app::audit::Actor::Console, self.format).await?;
        let mut out = BufWriter::new(out);
        out.write_all(self.format.beginning().as_bytes())?;
        let mut after = 0;
        loop {
            let page = app.audit_after(&wanted, after).await?;
            for (id, event) in &page.events {
                out.write_all(self.format.line(*id, event).as_bytes())?;
            }
            match page.next {
                Some(next) => after = next,
                None => return Ok(out.flush()?),
            }
        }
    }
}
