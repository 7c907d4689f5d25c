//! The goals: which server is measured under which load, and against what. Numbers are those of `docs/performance.md`.

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;

use crate::duel::{self, Contender, Measured, Plan};
use crate::fill::{Filled, filled};
use crate::finding::Bound::AtMost;
use crate::finding::Finding;
use crate::load::{Load, Target, count};
use crate::process::Memory;
use crate::servers::{Durability, Place, Program, Running};
use crate::workload::{Wallet, Workload};

mod door;
mod footprint;
mod hashing;
mod requests;
mod users;

const HELLO: Workload = Workload::Get("/");
const REFERENCE_SESSION: Workload = Workload::Session("/session");
const REFERENCE_PAGE: Workload = Workload::Get("/page");
const REFERENCE_REFRESH: Workload = Workload::Refresh("/refresh");
const SESSION: Workload = Workload::Session("/api/user");
const DOOR: Workload = Workload::Door("/forward-auth/nginx");
const PAGE: Workload = Workload::Get("/login");
const REFRESH: Workload = Workload::Refresh("/api/auth/refresh");
const LOGIN: Workload = Workload::Login("/api/auth/login");

/// Connections of an ordinary load.
const CONNECTIONS: usize = 16;
/// Connections that make group commit matter.
const MANY: usize = 64;
/// How often the first answer is measured.
const STARTS: usize = 7;

/// Everything a run found.
#[derive(Default, Serialize)]
pub struct Results {
    /// Goal by goal.
    pub findings: Vec<Finding>,
    /// The figures behind them.
    pub measured: Vec<Measured>,
    /// Memory of the servers, by name, at the end of their loads.
    pub memory: Vec<(String, Memory)>,
}

/// A server at work, with its database.
struct Bed {
    name: &'static str,
    running: Running,
    target: Target,
}

impl Bed {
    fn start(
        place: &Place,
        name: &'static str,
        program: Program,
        durability: Durability,
        filled: &Filled,
    ) -> Result<Self> {
        let running = place.start(name, program, durability, filled)?;
        let people = std::rc::Rc::clone(&filled.people);
        let target = Target {
            address: running.address,
            people,
            wallet: Wallet::default(),
        };
        Ok(Self { name, running, target })
    }

    fn contender(&self, what: &str, workload: Workload, connections: usize) -> Contender<'_> {
        Contender {
            name: format!("{}: {what}", self.name),
            process: &self.running.process,
            load: Load::new(&self.target, workload, connections),
        }
    }

    fn memory(&self) -> Result<Memory> {
        self.running.process.memory()
    }
}

/// What can be measured for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Size and start.
    Footprint,
    /// Session checks, pages and refreshes.
    Requests,
    /// What a proxy's question adds to a request.
    Proxy,
    /// Logins.
    Hashing,
    /// A million users.
    Crowd,
    /// Memory under a long mixed load.
    Soak,
}

/// One run over the goals.
pub struct Run<'a> {
    /// Where things are.
    pub place: &'a Place,
    /// How often and how long.
    pub plan: Plan,
    /// What to measure.
    pub parts: Vec<Part>,
    /// The larger population; the smaller is a thousand.
    pub crowd: usize,
    /// How long memory is watched under a mixed load.
    pub soak: Duration,
    /// What was found so far.
    pub results: Results,
}

impl Run<'_> {
    /// Measures what is wanted, in the order of what disturbs what least.
    ///
    /// # Errors
    /// If a server cannot be started or dies.
    pub fn all(&mut self) -> Result<()> {
        self.footprint()?;
        let thousand = filled(&self.place.root, 1000)?;
        let start = |name, program| Bed::start(self.place, name, program, Durability::Normal, &thousand);
        let reference = start("reference", Program::Reference)?;
        let server = start("server", Program::Server)?;
        let idle = self.idle(&server)?;
        if self.wants(Part::Requests) {
            self.sessions_and_pages(&reference, &server)?;
            self.refreshes(&reference, &server)?;
            self.durable_refreshes(&thousand, &reference, &server)?;
        }
        if self.wants(Part::Proxy) {
            self.through_nginx(&reference, &server)?;
        }
        if self.wants(Part::Hashing) {
            self.logins(&server)?;
            self.storm(&server)?;
        }
        self.peak(idle, &reference, &server)?;
        if self.wants(Part::Crowd) {
            self.crowd(&reference, &server)?;
        }
        if self.wants(Part::Soak) {
            self.soak(&thousand)?;
        }
        self.errors();
        Ok(())
    }

    fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    fn find(&mut self, finding: Finding) {
        self.results.findings.push(finding);
    }

    fn remember(&mut self, name: &str, bed: &Bed) -> Result<()> {
        self.results.memory.push((name.to_owned(), bed.memory()?));
        Ok(())
    }

    fn duel(&mut self, title: &str, mut contenders: Vec<Contender<'_>>) -> Result<Vec<Measured>> {
        announce(title);
        let measured = duel::duel(&mut contenders, &self.plan)?;
        self.results.measured.extend(measured.iter().cloned());
        Ok(measured)
    }

    /// Makes each request once for every session.
    fn everybody(&mut self, contenders: Vec<Contender<'_>>) -> Result<()> {
        announce("everybody once");
        for mut contender in contenders {
            self.results.measured.push(duel::round(&mut contender)?);
        }
        Ok(())
    }

    fn errors(&mut self) {
        let ours = self
            .results
            .measured
            .iter()
            .filter(|measured| measured.name.starts_with("server") || measured.name.starts_with("nginx"));
        let errors: u64 = ours
            .flat_map(|measured| &measured.samples)
            .map(|sample| sample.errors)
            .sum();
        self.find(Finding::new(
            "G15",
            "requests that failed, all loads",
            vec![count(errors)],
            AtMost(0.0),
            AtMost(0.0),
        ));
    }
}

fn megabytes(kib: u64) -> f64 {
    count(kib * 1024) / 1e6
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

#[expect(clippy::print_stderr, reason = "this is the progress display")]
fn announce(title: &str) {
    eprintln!("{title}");
}
