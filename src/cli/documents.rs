//! `completions` and `man`: what the program knows about its own command line, for shells and for `man`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::{Outcome, Stop};

/// For which shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads the script
    shell: Shell,
}

/// One page, or all.
#[derive(Debug, Args)]
pub struct Pages {
    /// Write a page for every command into this folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Completions {
    /// Prints the script.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn run(&self, mut command: Command) -> Outcome {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        print(&script)
    }
}

impl Pages {
    /// Prints the page of the program, or writes all pages.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn run(&self, command: Command) -> Outcome {
        let Some(dir) = &self.dir else {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            return print(&page);
        };
        std::fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(command, dir))
            .map_err(|error| Stop::failed(format!("cannot write to {}: {error}", dir.display())))
    }
}

fn print(document: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(document)?;
    Ok(out.flush()?)
}
