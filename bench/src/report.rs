//! Writes results down: a table for people, JSON for machines, and the marked part of `docs/performance.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use librechat_auth::domain::time::Timestamp;
use serde::Serialize;

use crate::duel::{Measured, Plan};
use crate::finding::{Finding, Verdict, rounded};
use crate::goals::Results;
use crate::load::Sample;
use crate::machine::Machine;

const BEGIN: &str = "<!-- results: begin, written by make bench -->";
const END: &str = "<!-- results: end -->";

/// A finished run.
#[derive(Serialize)]
pub struct Report {
    /// When it began.
    pub at: Timestamp,
    /// Where it ran.
    pub machine: Machine,
    /// Rounds and seconds per turn.
    pub rounds: usize,
    /// Seconds per turn.
    pub seconds: f64,
    /// The larger population.
    pub crowd: usize,
    /// What was found.
    #[serde(flatten)]
    pub results: Results,
}

impl Report {
    /// Puts a run's results together.
    #[must_use]
    pub fn new(at: Timestamp, machine: Machine, plan: &Plan, crowd: usize, mut results: Results) -> Self {
        results
            .findings
            .sort_by_key(|finding| finding.goal[1..].parse::<u32>().unwrap_or(u32::MAX));
        Self {
            at,
            machine,
            rounds: plan.rounds,
            seconds: plan.span.as_secs_f64(),
            crowd,
            results,
        }
    }

    /// The whole report in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = self.heading();
        text.push_str("| goal | what | figure | rounds | must | aim | |\n|---|---|---:|---:|---:|---:|---|\n");
        self.results
            .findings
            .iter()
            .for_each(|finding| goal_line(&mut text, finding));
        text.push_str("\n| load | per CPU s | per s | p50 ms | p99 ms | errors |\n|---|---:|---:|---:|---:|---:|\n");
        self.results
            .measured
            .iter()
            .for_each(|measured| load_line(&mut text, measured));
        text.push_str("\n| memory, MB | resident | peak | own |\n|---|---:|---:|---:|\n");
        for (name, memory) in &self.results.memory {
            let [resident, peak, own] = [memory.resident, memory.peak, memory.own].map(|kib| kib * 1024 / 1_000_000);
            line(
                &mut text,
                &[name.clone(), resident.to_string(), peak.to_string(), own.to_string()],
            );
        }
        text
    }

    fn heading(&self) -> String {
        let Machine {
            processor,
            cores,
            memory_mb,
            kernel,
            load_before,
        } = &self.machine;
        format!(
            "Measured {} on {processor}, {cores} cores, {memory_mb} MB, {kernel}; load average before the run \
             {load_before}. {} rounds of {} s each turn; the crowd is {} users.\n\n",
            self.at, self.rounds, self.seconds, self.crowd
        )
    }

    /// Writes the JSON file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_vec_pretty(self)?).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Replaces what is between the markers of the Markdown file.
    ///
    /// # Errors
    /// If the file or its markers are missing, or it cannot be written.
    pub fn update_docs(&self, path: &Path) -> Result<()> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = replaced(&text, &self.markdown()).with_context(|| format!("{} has no markers", path.display()))?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn replaced(text: &str, results: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{results}\n{END}{after}"))
}

fn goal_line(text: &mut String, finding: &Finding) {
    let verdict = match finding.verdict {
        Verdict::Aim => "aim reached",
        Verdict::Must => "must reached",
        Verdict::Missed => "**missed**",
    };
    let Finding {
        goal, what, must, aim, ..
    } = finding;
    let cells = [
        (*goal).into(),
        what.clone(),
        finding.shown(),
        finding.range(),
        must.to_string(),
        aim.to_string(),
    ];
    line(text, &[&cells[..], &[verdict.into()]].concat());
}

fn load_line(text: &mut String, measured: &Measured) {
    let errors: u64 = measured.samples.iter().map(|sample| sample.errors).sum();
    let median = |figure| rounded(measured.median(figure));
    let [cpu, clock] = [median(Sample::per_cpu_second), median(Sample::per_second)];
    let [p50, p99] = [median(|sample| sample.p50_ms), median(|sample| sample.p99_ms)];
    line(text, &[measured.name.clone(), cpu, clock, p50, p99, errors.to_string()]);
}

fn line(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let text = format!("before {BEGIN} old {END} after");
        let new = replaced(&text, "new").unwrap();
        assert!(new.starts_with("before ") && new.ends_with(" after") && new.contains("new") && !new.contains("old"));
    }

    #[test]
    fn a_file_without_markers_is_left_alone() {
        assert_eq!(replaced("before after", "new"), None);
    }
}
