//! Contenders take turns under the same load, A B A B, so that a busy machine is busy for all of them.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::load::{Load, Sample};
use crate::process::Process;

/// How often and how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Rounds; each gives every contender one turn.
    pub rounds: usize,
    /// One turn.
    pub span: Duration,
    /// A load before the first round that is not counted.
    pub warm_up: Duration,
}

/// A server, and the load it is given in its turns.
pub struct Contender<'a> {
    /// What to call it.
    pub name: String,
    /// Whose CPU time is counted.
    pub process: &'a Process,
    /// The load.
    pub load: Load,
}

/// All turns of one contender.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measured {
    /// What it was called.
    pub name: String,
    /// One sample per round.
    pub samples: Vec<Sample>,
}

impl Measured {
    /// The median over the rounds of what `figure` says about one.
    #[must_use]
    pub fn median(&self, figure: fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(figure).collect())
    }

    /// Round by round, this contender's figure over the other's.
    #[must_use]
    pub fn over(&self, other: &Self, figure: fn(&Sample) -> f64) -> Vec<f64> {
        self.samples
            .iter()
            .zip(&other.samples)
            .map(|(ours, theirs)| figure(ours) / figure(theirs))
            .collect()
    }
}

/// Gives each contender its turns.
///
/// # Errors
/// If a contender's process has ended.
pub fn duel(contenders: &mut [Contender<'_>], plan: &Plan) -> Result<Vec<Measured>> {
    for contender in contenders.iter_mut() {
        contender.load.run(plan.warm_up)?;
    }
    let mut measured: Vec<_> = contenders
        .iter()
        .map(|contender| Measured {
            name: contender.name.clone(),
            samples: Vec::new(),
        })
        .collect();
    for round in 1..=plan.rounds {
        for (contender, measured) in contenders.iter_mut().zip(&mut measured) {
            let sample = turn(contender.process, &mut [&mut contender.load], plan.span)?.remove(0);
            tell(round, plan.rounds, &contender.name, &sample);
            measured.samples.push(sample);
        }
    }
    Ok(measured)
}

/// Gives a contender one turn that lasts until it was asked for every session once.
///
/// # Errors
/// If its process has ended.
pub fn round(contender: &mut Contender<'_>) -> Result<Measured> {
    let load = &mut contender.load;
    let sample = with_cpu(contender.process, || Ok(vec![load.run_round()?]))?.remove(0);
    tell(1, 1, &contender.name, &sample);
    Ok(Measured {
        name: contender.name.clone(),
        samples: vec![sample],
    })
}

/// Runs loads together on one process; each sample carries the CPU time of all of them.
///
/// # Errors
/// If the process has ended.
pub fn turn(process: &Process, loads: &mut [&mut Load], span: Duration) -> Result<Vec<Sample>> {
    with_cpu(process, || crate::load::run_together(loads, span))
}

/// Adds to each sample of a turn the CPU time that the process took.
fn with_cpu(process: &Process, turn: impl FnOnce() -> Result<Vec<Sample>>) -> Result<Vec<Sample>> {
    let before = process.cpu()?;
    let mut samples = turn()?;
    let cpu_seconds = process.cpu()?.saturating_sub(before).as_secs_f64();
    for sample in &mut samples {
        sample.cpu_seconds = cpu_seconds;
    }
    Ok(samples)
}

/// Says on standard error how a turn went: a run takes minutes.
#[expect(clippy::print_stderr, reason = "this is the progress display")]
pub fn tell(round: usize, rounds: usize, name: &str, sample: &Sample) {
    eprintln!(
        "  {round}/{rounds} {name:<32} {:>9.0} per CPU s {:>9.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  {} errors",
        sample.per_cpu_second(),
        sample.per_second(),
        sample.p50_ms,
        sample.p99_ms,
        sample.errors
    );
    if let Some(failure) = &sample.first_failure {
        eprintln!("      first failure: {failure}");
    }
}

/// The middle value; the mean of the two middle ones of an even number, 0 of none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(requests: &[u64]) -> Measured {
        let samples = requests
            .iter()
            .map(|&requests| Sample {
                requests,
                seconds: 1.0,
                ..Sample::default()
            })
            .collect();
        Measured {
            name: String::new(),
            samples,
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!((median(vec![1.0, 2.0]) - 1.5).abs() < f64::EPSILON);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let ratios = measured(&[50, 10]).over(&measured(&[100, 20]), Sample::per_second);
        assert!(
            ratios.iter().all(|ratio| (ratio - 0.5).abs() < f64::EPSILON),
            "{ratios:?}"
        );
    }
}
