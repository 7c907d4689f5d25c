//! How fast the server is there, how large it is, and whether its memory stays flat.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{Bed, LOGIN, PAGE, Part, REFRESH, Run, SESSION, STARTS, announce, megabytes, millis};
use crate::duel::{self, Measured};
use crate::fill::Filled;
use crate::finding::Bound::AtMost;
use crate::finding::Finding;
use crate::load::{Load, count};
use crate::servers::{Directory, Durability, Program};

impl Run<'_> {
    pub(super) fn footprint(&mut self) -> Result<()> {
        if self.wants(Part::Footprint) {
            self.size()?;
            self.first_answers()?;
        }
        Ok(())
    }

    /// Memory before any load, in MB.
    pub(super) fn idle(&mut self, server: &Bed) -> Result<f64> {
        std::thread::sleep(Duration::from_secs(2));
        self.remember("server, idle", server)?;
        let idle = megabytes(server.memory()?.resident);
        let finding = Finding::new(
            "G11",
            "idle resident memory, 1,000 users",
            vec![idle],
            AtMost(30.0),
            AtMost(20.0),
        );
        self.find(finding.unit("MB"));
        Ok(idle)
    }

    pub(super) fn peak(&mut self, idle: f64, reference: &Bed, server: &Bed) -> Result<()> {
        self.remember("server", server)?;
        self.remember("reference", reference)?;
        if !(self.wants(Part::Requests) && self.wants(Part::Hashing)) {
            return Ok(());
        }
        let most = AtMost(idle + 25.0 * count(self.place.cores as u64) + 20.0);
        let peak = megabytes(server.memory()?.peak);
        self.find(Finding::new("G12", "peak memory over the loads so far", vec![peak], most, most).unit("MB"));
        Ok(())
    }

    fn size(&mut self) -> Result<()> {
        let binary = self.place.binary(Program::Server);
        let bytes = std::fs::metadata(&binary)
            .with_context(|| format!("{} is not built", binary.display()))?
            .len();
        let size = count(bytes) / 1e6;
        self.find(Finding::new("G14", "stripped binary", vec![size], AtMost(25.0), AtMost(15.0)).unit("MB"));
        Ok(())
    }

    fn first_answers(&mut self) -> Result<()> {
        announce("first answer after exec");
        let cases = [
            (
                Directory::Empty,
                "first answer over the reference's, database made meanwhile",
            ),
            (
                Directory::Made,
                "first answer over the reference's, database made before",
            ),
        ];
        let mut times = cases.map(|_| (Vec::new(), Vec::new()));
        for _ in 0..STARTS.min(self.plan.rounds * 3) {
            for ((directory, _), (server, reference)) in cases.iter().zip(&mut times) {
                reference.push(
                    self.place
                        .first_answer("first-reference", Program::Reference, *directory)?,
                );
                server.push(self.place.first_answer("first-server", Program::Server, *directory)?);
            }
        }
        for ((_, what), (server, reference)) in cases.iter().zip(&times) {
            let pairs = server.iter().zip(reference);
            let ratios = pairs.map(|(ours, bare)| millis(ours.took) / millis(bare.took));
            self.find(Finding::new("G13", *what, ratios.collect(), AtMost(4.0), AtMost(2.0)));
        }
        let [(server, _), _] = &times;
        let took = server.iter().map(|first| millis(first.took)).collect();
        let cpu = server.iter().map(|first| millis(first.cpu)).collect();
        self.find(
            Finding::new(
                "G13",
                "first answer, database and secrets made meanwhile",
                took,
                AtMost(150.0),
                AtMost(80.0),
            )
            .unit("ms"),
        );
        self.find(Finding::new("G13", "CPU time until then", cpu, AtMost(60.0), AtMost(60.0)).unit("ms"));
        Ok(())
    }

    pub(super) fn soak(&mut self, thousand: &Filled) -> Result<()> {
        announce("memory under a mixed load");
        let server = Bed::start(self.place, "server, soak", Program::Server, Durability::Full, thousand)?;
        let kinds = [(SESSION, 4), (REFRESH, 4), (LOGIN, 4), (PAGE, 4)];
        let mut loads = kinds.map(|(workload, connections)| Load::new(&server.target, workload, connections));
        let mut levels = Vec::new();
        for part in 1..=10 {
            let names = ["session", "refresh", "login", "page"].map(|name| format!("{}: {name}", server.name));
            let samples = duel::turn(
                &server.running.process,
                &mut loads.iter_mut().collect::<Vec<_>>(),
                self.soak / 10,
            )?;
            for (name, sample) in names.into_iter().zip(samples) {
                duel::tell(part, 10, &name, &sample);
                self.results.measured.push(Measured {
                    name,
                    samples: vec![sample],
                });
            }
            self.remember(&format!("server, soak {part}/10"), &server)?;
            levels.push(megabytes(server.memory()?.resident));
        }
        let growth = levels[9] - levels[1];
        self.find(
            Finding::new(
                "G12",
                "growth from a fifth of the soak to its end",
                vec![growth],
                AtMost(5.0),
                AtMost(2.0),
            )
            .unit("MB"),
        );
        Ok(())
    }
}
