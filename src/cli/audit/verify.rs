//! `audit verify` and `audit head`: whether anybody has touched the log, and what to keep elsewhere so as to find out.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::audit_chain::{Break, Hex, Mark, Whole};

/// Against what.
#[derive(Debug, Args)]
pub struct Verify {
    /// A file with heads that were kept elsewhere: what `audit head` printed, mails, or lines of a system log; `-` is standard
    /// input
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// How it is printed.
#[derive(Debug, Args)]
pub struct Head {
    #[command(flatten)]
    format: Format,
}

impl Verify {
    pub(super) fn run(&self, inputs: &Inputs) -> Outcome {
        let kept = match &self.head {
            Some(file) => heads(inputs, file)?,
            None => Vec::new(),
        };
        let found = context::with_accounts(inputs, async |app| Ok(app.verify_audit(kept).await?))?;
        match found {
            Ok(whole) => self
                .format
                .done(&sentence(&whole), &details(&whole), &whole_object(&whole)),
            Err(broken) => self.broken(&broken),
        }
    }

    fn broken(&self, broken: &Break) -> Outcome {
        if self.format.json {
            let mut out = io::stdout().lock();
            writeln!(out, "{}", broken_object(broken))?;
            out.flush()?;
            return Err(Stop::explained());
        }
        Err(Stop::failed(format!("the audit log was touched: {broken}")))
    }
}

impl Head {
    pub(super) fn run(&self, inputs: &Inputs) -> Outcome {
        let head = context::with_accounts(inputs, async |app| Ok(app.audit_head().await?))?;
        let Some(head) = head else {
            return Err(Stop::failed("the audit log is empty: it has no head yet"));
        };
        let mut out = io::stdout().lock();
        if self.format.json {
            writeln!(out, "{}", head_object(&head))?;
        } else {
            writeln!(out, "{head}")?;
        }
        Ok(out.flush()?)
    }
}

fn heads(inputs: &Inputs, file: &PathBuf) -> Result<Vec<Mark>, Stop> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(inputs.working_dir.join(file))
    };
    let text = text.map_err(|error| Stop::failed(format!("cannot read {}: {error}", file.display())))?;
    let heads = Mark::read_heads(&text);
    if heads.is_empty() {
        return Err(Stop::failed(format!(
            "there is no head in {}: it is a line as `librechat-auth audit head` prints it",
            file.display()
        )));
    }
    Ok(heads)
}

fn sentence(whole: &Whole) -> String {
    if whole.rows == 0 {
        return "The audit log is empty, and nothing is missing.".to_owned();
    }
    format!(
        "The audit log is whole: {} rows, from {} to {}, lead to the signed head.",
        whole.rows, whole.first, whole.last
    )
}

fn details(whole: &Whole) -> Vec<String> {
    let mut lines = Vec::new();
    if whole.first > 1 {
        lines.push(format!("Rows before {} are over (audit.keep).", whole.first));
    }
    if whole.compared > 0 {
        lines.push(format!("Heads kept elsewhere that fit: {}.", whole.compared));
    }
    if whole.too_old > 0 {
        lines.push(format!(
            "Heads kept elsewhere that are older than what is kept here: {}; nothing can be said of them.",
            whole.too_old
        ));
    }
    if whole.compared == 0 && whole.too_old == 0 {
        lines.push(
            "An older copy of the database would pass as well: --head FILE compares with a head kept elsewhere."
                .to_owned(),
        );
    }
    lines
}

fn whole_object(whole: &Whole) -> Json {
    json!({
        "whole": true,
        "rows": whole.rows,
        "first": whole.first,
        "last": whole.last,
        "heads_compared": whole.compared,
        "heads_too_old": whole.too_old,
    })
}

fn broken_object(broken: &Break) -> Json {
    json!({ "whole": false, "problem": broken.key(), "row": broken.row(), "message": broken.to_string() })
}

fn head_object(head: &Mark) -> Json {
    json!({
        "row": head.seq,
        "at": head.at.to_string(),
        "digest": Hex(&head.link).to_string(),
        "line": head.to_string(),
    })
}
