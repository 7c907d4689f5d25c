//! The bare reference: the least code that does the same work as the server, to compare against in the same run.
//!
//! No rate limits, logs, security headers, error pages, roles or rules. It reads the database the server made.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

mod hash;
mod serve;
mod sessions;
mod tokens;

/// Bare reference servers and loops.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers GET /, GET /session, GET /page and POST /refresh.
    Serve(Serve),
    /// Hashes passwords with argon2id (19 MiB, t=2, p=1) and prints how many and in how much CPU time, as JSON.
    Hash {
        /// Threads that hash.
        #[arg(long)]
        threads: usize,
        /// How long.
        #[arg(long)]
        seconds: f64,
    },
}

/// What a reference server works on.
#[derive(clap::Args, Clone)]
pub struct Serve {
    /// The database; empty tables are made if there are none.
    #[arg(long)]
    database: PathBuf,
    /// The port on 127.0.0.1.
    #[arg(long)]
    port: u16,
    /// Threads that answer requests.
    #[arg(long)]
    workers: usize,
    /// When a commit counts as done.
    #[arg(long, value_enum, default_value = "normal")]
    synchronous: Synchronous,
    /// The secret of access tokens.
    #[arg(long)]
    jwt_secret: String,
    /// The secret of refresh tokens.
    #[arg(long)]
    jwt_refresh_secret: String,
}

/// SQLite's `synchronous`.
#[derive(Clone, Copy, ValueEnum)]
pub enum Synchronous {
    /// The system has it.
    Normal,
    /// The disk has it.
    Full,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Hash { threads, seconds } => hash::run(threads, seconds),
    }
}
