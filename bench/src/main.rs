//! `make bench`: measures the server against bare references and its goals.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bench::duel::Plan;
use bench::fill::filled;
use bench::goals::{Part, Results, Run};
use bench::load::{Load, Target};
use bench::machine::Machine;
use bench::report::Report;
use bench::servers::Place;
use bench::workload::{Wallet, Workload};
use clap::{Parser, Subcommand, ValueEnum};
use librechat_auth::app::clock::SystemClock;
use librechat_auth::domain::time::Clock as _;

/// Measures the server against bare references doing the same work in turn.
#[derive(Parser)]
struct Arguments {
    /// Where databases, logs and results go.
    #[arg(long, default_value = "target/bench")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures everything and writes the results down.
    Run(Wanted),
    /// Loads a server that runs already, on a copy of a filled database, and prints what happened as JSON.
    Load {
        /// Where it listens.
        address: SocketAddr,
        /// What to ask for.
        #[arg(value_enum)]
        kind: Kind,
        /// The path, on the server or the reference.
        path: String,
        /// Connections.
        #[arg(long, default_value_t = 16)]
        connections: usize,
        /// Seconds.
        #[arg(long, default_value_t = 10.0)]
        seconds: f64,
        /// How many users the database has.
        #[arg(long, default_value_t = 1000)]
        users: usize,
    },
    /// Makes the database of so many users, if it is not there yet.
    Fill {
        /// How many users, with one session each.
        users: usize,
    },
}

/// How thoroughly to measure.
#[derive(clap::Args)]
struct Wanted {
    /// Rounds; each gives every contender one turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds per turn.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// What to measure; may be repeated. Without it everything except the soak.
    #[arg(long = "part", value_enum)]
    parts: Vec<Part>,
    /// The larger population.
    #[arg(long, default_value_t = 1_000_000)]
    crowd: usize,
    /// The server to measure; without it the one beside this program.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Minutes for which memory is watched in the soak.
    #[arg(long, default_value_t = 10.0)]
    soak: f64,
    /// The Markdown file whose marked part is replaced; only if everything is measured.
    #[arg(long)]
    docs: Option<PathBuf>,
}

/// Kinds of requests.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// GET without credentials.
    Get,
    /// GET with an access token.
    Session,
    /// A proxy's question about a browser with a page cookie.
    Door,
    /// POST with a refresh cookie.
    Refresh,
    /// POST with address and password.
    Login,
}

impl Kind {
    fn at(self, path: String) -> Workload {
        // The path lives as long as the program, which measures one workload and ends.
        let path = Box::leak(path.into_boxed_str());
        match self {
            Self::Get => Workload::Get(path),
            Self::Session => Workload::Session(path),
            Self::Door => Workload::Door(path),
            Self::Refresh => Workload::Refresh(path),
            Self::Login => Workload::Login(path),
        }
    }
}

#[expect(clippy::print_stdout, reason = "the results are what this program is for")]
fn main() -> Result<()> {
    let Arguments { root, command } = Arguments::parse();
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make {}", root.display()))?;
    let root = root.canonicalize()?;
    match command {
        Command::Fill { users } => println!("{}", filled(&root, users)?.database.display()),
        Command::Load {
            address,
            kind,
            path,
            connections,
            seconds,
            users,
        } => {
            let target = Target {
                address,
                people: filled(&root, users)?.people,
                wallet: Wallet::default(),
            };
            let sample = Load::new(&target, kind.at(path), connections).run(Duration::from_secs_f64(seconds))?;
            println!("{}", serde_json::to_string_pretty(&sample)?);
        }
        Command::Run(wanted) => {
            let report = measure(root, &wanted)?;
            println!("{}", report.markdown());
        }
    }
    Ok(())
}

/// Measures, and writes JSON and the documentation.
fn measure(root: PathBuf, wanted: &Wanted) -> Result<Report> {
    let (at, machine) = (SystemClock.now(), Machine::this());
    let program = std::env::current_exe()?;
    let binaries = program.parent().context("this program lies in a directory")?.to_owned();
    let server = wanted.server.clone().unwrap_or_else(|| binaries.join("librechat-auth"));
    let place = Place {
        root,
        server: server
            .canonicalize()
            .with_context(|| format!("{} is not built", server.display()))?,
        binaries,
        cores: machine.cores,
    };
    let plan = Plan {
        rounds: wanted.rounds,
        span: Duration::from_secs_f64(wanted.seconds),
        warm_up: Duration::from_millis(500),
    };
    let everything = [Part::Footprint, Part::Requests, Part::Proxy, Part::Hashing, Part::Crowd];
    let parts = if wanted.parts.is_empty() {
        everything.to_vec()
    } else {
        wanted.parts.clone()
    };
    let whole = everything.iter().all(|part| parts.contains(part));
    let soak = Duration::from_secs_f64(wanted.soak * 60.0);
    let mut run = Run {
        place: &place,
        plan,
        parts,
        crowd: wanted.crowd,
        soak,
        results: Results::default(),
    };
    run.all()?;
    let report = Report::new(at, machine, &plan, wanted.crowd, run.results);
    report.write_json(&place.root.join("results.json"))?;
    match &wanted.docs {
        Some(docs) if whole => report.update_docs(docs)?,
        Some(_) | None => {}
    }
    Ok(report)
}
