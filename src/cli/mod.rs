//! The command line: one file per command. Commands print and call `app`; they work beside the running server.
//!
//! Exit codes: 0 done, 1 not done (the reason is on standard error), 2 the command line makes no sense.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Inputs;

pub mod config;
pub mod context;
pub mod serve;
pub mod setup_link;

/// A login server in one file.
#[derive(Debug, Parser)]
#[command(name = "librechat-auth", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the configuration comes from: the same for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the database and the secrets [default: ./data; under systemd the state directory]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration file [default: ./librechat-auth.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// File with NAME=value lines, such as LibreChat's [default: ./.env if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (also without any command)
    Serve(serve::Arguments),
    /// Print a new one-time link for making the first admin
    SetupLink,
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Report every error and warning, with file and line
    Check,
    /// Show settings, their values and where they come from
    Explain {
        /// A setting: server.port or PORT
        key: Option<String>,
        /// Machine-readable
        #[arg(long)]
        json: bool,
    },
}

/// How a command ends when it does not succeed: what standard error says.
#[derive(Debug)]
pub struct Stop(pub String);

impl<E: std::fmt::Display> From<E> for Stop {
    fn from(error: E) -> Self {
        Self(format!("{error:#}"))
    }
}

/// What a command returns; `false` is a plain "no" that was already explained.
pub type Outcome = Result<bool, Stop>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Stop(reason)) => {
            // Nobody is left to tell if standard error is closed too.
            let _ = writeln!(io::stderr(), "librechat-auth: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Outcome {
    let inputs = |flags| cli.global.inputs(flags);
    match cli.command.unwrap_or(Command::Serve(serve::Arguments::default())) {
        Command::Serve(arguments) => serve::run(&inputs(arguments.flags())?),
        Command::SetupLink => setup_link::run(&inputs(Vec::new())?),
        Command::Config(ConfigCommand::Check) => Ok(config::check(&inputs(Vec::new())?, &mut io::stdout().lock())?),
        Command::Config(ConfigCommand::Explain { key, json }) => Ok(config::explain(
            &inputs(Vec::new())?,
            key.as_deref(),
            json,
            &mut io::stdout().lock(),
        )?),
    }
}

impl Global {
    fn inputs(&self, mut flags: Vec<(String, String)>) -> Result<Inputs, Stop> {
        flags.extend(
            self.data
                .iter()
                .map(|dir| ("data_dir".to_owned(), dir.display().to_string())),
        );
        Ok(Inputs::from_process(flags, self.config.clone(), self.env_file.clone())?)
    }
}
