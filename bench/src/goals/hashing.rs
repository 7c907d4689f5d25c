//! Logins against the pure hash, and what a storm of logins does to everybody else.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Bed, DOOR, LOGIN, Run, announce};
use crate::duel::{self, Measured};
use crate::finding::Bound::{AtLeast, AtMost};
use crate::finding::Finding;
use crate::load::Sample;
use crate::servers::{Place, Program};

impl Run<'_> {
    pub(super) fn logins(&mut self, server: &Bed) -> Result<()> {
        announce("logins against the pure hash");
        let mut logins = server.contender("login, 8", LOGIN, 8);
        logins.load.run(self.plan.warm_up)?;
        let (mut hashes, mut ours) = (
            Measured {
                name: "reference: argon2id".into(),
                ..Measured::default()
            },
            Measured {
                name: logins.name.clone(),
                ..Measured::default()
            },
        );
        for round in 1..=self.plan.rounds {
            let hash = pure_hash(self.place, self.plan.span)?;
            duel::tell(round, self.plan.rounds, &hashes.name, &hash);
            hashes.samples.push(hash);
            let sample = duel::turn(logins.process, &mut [&mut logins.load], self.plan.span)?.remove(0);
            duel::tell(round, self.plan.rounds, &ours.name, &sample);
            ours.samples.push(sample);
        }
        let ratio = ours.over(&hashes, Sample::per_cpu_second);
        self.find(Finding::new(
            "G6",
            "logins over the pure argon2id hash",
            ratio,
            AtLeast(0.90),
            AtLeast(0.95),
        ));
        self.results.measured.extend([hashes, ours]);
        Ok(())
    }

    pub(super) fn storm(&mut self, server: &Bed) -> Result<()> {
        announce("login storm");
        let mut checks = server.contender("4 ask for access", DOOR, 4);
        let mut logins = server.contender("8 log in meanwhile", LOGIN, 8);
        let names = [
            checks.name.clone(),
            format!("{}, 8 logging in", checks.name),
            logins.name.clone(),
        ];
        let mut turns = names.map(|name| Measured {
            name,
            samples: Vec::new(),
        });
        for round in 1..=self.plan.rounds {
            let mut samples = duel::turn(checks.process, &mut [&mut checks.load], self.plan.span)?;
            samples.extend(duel::turn(
                checks.process,
                &mut [&mut checks.load, &mut logins.load],
                self.plan.span,
            )?);
            for (turn, sample) in turns.iter_mut().zip(samples) {
                duel::tell(round, self.plan.rounds, &turn.name, &sample);
                turn.samples.push(sample);
            }
        }
        let kept = turns[1].over(&turns[0], Sample::per_second);
        let slower = turns[1].over(&turns[0], |sample| sample.p99_ms);
        self.find(Finding::new(
            "G7",
            "login storm: access checks kept",
            kept,
            AtLeast(0.35),
            AtLeast(0.6),
        ));
        self.find(Finding::new(
            "G7",
            "login storm: p99 over p99 alone",
            slower,
            AtMost(4.0),
            AtMost(2.0),
        ));
        self.results.measured.extend(turns);
        Ok(())
    }
}

#[derive(Deserialize)]
struct Hashed {
    hashes: u64,
    cpu_seconds: f64,
    seconds: f64,
}

fn pure_hash(place: &Place, span: Duration) -> Result<Sample> {
    let mut command = std::process::Command::new(place.binary(Program::Reference));
    command.args([
        "hash",
        "--threads",
        &place.cores.to_string(),
        "--seconds",
        &span.as_secs_f64().to_string(),
    ]);
    let output = command.output().context("cannot start the reference")?;
    let Hashed {
        hashes,
        cpu_seconds,
        seconds,
    } = serde_json::from_slice(&output.stdout).context("no hash rate")?;
    Ok(Sample {
        requests: hashes,
        cpu_seconds,
        seconds,
        ..Sample::default()
    })
}
