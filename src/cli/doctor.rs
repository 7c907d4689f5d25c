//! `doctor`: looks at the machine, goes through the front door, and says what to change.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use dialoguer::console::style;
use serde_json::{Value as Json, json};
use url::Url;

use crate::app::doctor::{Authority, Report};
use crate::cli::output::{Format, harmless, note};
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::doctor::{Finding, Grade};
use crate::domain::lang::Lang;

/// Where the front door is.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The address that people type [default: the configured public address]
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Certificates (PEM) of an authority of one's own, which counts as if browsers knew it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

impl Doctor {
    /// Runs the command.
    ///
    /// # Errors
    /// If something is to be changed, after it was said.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let trust = self.trust(inputs)?;
        let report = context::with_accounts(inputs, async |app| {
            let mut report = app.examine_here().await;
            let url = self.url.as_ref().or(app.config.server.public_url.as_ref());
            match url {
                Some(url) => {
                    let door = app.examine_door(url, &trust).await?;
                    report.proxy = door.proxy;
                    report.findings = [door.findings, report.findings].concat();
                }
                None => note("server.public_url is not set, so nobody went through the front door: add --url URL"),
            }
            Ok(report)
        })?;
        self.print(&report)?;
        if report.worst() == Grade::Bad {
            return Err(Stop::explained());
        }
        Ok(())
    }

    fn trust(&self, inputs: &Inputs) -> Result<Authority, Stop> {
        let Some(file) = &self.ca else {
            return Ok(Authority::new(None)?);
        };
        let file = inputs.working_dir.join(file);
        let pem = fs::read(&file).map_err(|error| Stop::failed(format!("cannot read {}: {error}", file.display())))?;
        Authority::new(Some(&pem))
            .map_err(|reason| Stop::failed(format!("{} cannot be used: {reason}", file.display())))
    }

    fn print(&self, report: &Report) -> Outcome {
        let mut out = io::stdout().lock();
        if self.format.json {
            let findings: Json = report.findings.iter().map(|finding| object(finding, report)).collect();
            writeln!(
                out,
                "{}",
                json!({ "worst": report.worst().key(), "findings": findings })
            )?;
            return Ok(out.flush()?);
        }
        for finding in &report.findings {
            let sentence = harmless(&finding.sentence(Lang::En));
            let line = format!("{} {:<14} {sentence}", mark(finding.grade()), finding.key());
            writeln!(out, "{line}")?;
            if let Some(remedy) = finding.remedy(Lang::En, report.proxy) {
                writeln!(out, "                 → {}", harmless(&remedy))?;
            }
        }
        Ok(out.flush()?)
    }
}

fn mark(grade: Grade) -> String {
    match grade {
        Grade::Good => style("✔").green().to_string(),
        Grade::Fair => style("!").yellow().to_string(),
        Grade::Bad => style("✘").red().to_string(),
    }
}

fn object(finding: &Finding, report: &Report) -> Json {
    json!({
        "check": finding.key(),
        "grade": finding.grade().key(),
        "finding": finding.sentence(Lang::En),
        "remedy": finding.remedy(Lang::En, report.proxy),
    })
}
