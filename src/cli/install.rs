//! `install-service`: makes this program a service of systemd: user, folders, configuration, program, unit.
//!
//! It works on a list of steps, which `--dry-run` prints and `--root DIR` puts below a folder.

use std::path::{Path, PathBuf};

use clap::Args;
use rustix::process::geteuid;
use serde_json::json;

use crate::cli::output::{Format, note};
use crate::cli::{Outcome, Stop};
use crate::config::Inputs;

mod owner;
mod step;

use owner::Owner;
use step::Step;

const SERVICE: &str = include_str!("../../packaging/systemd/librechat-auth.service");
const SOCKET: &str = include_str!("../../packaging/systemd/librechat-auth.socket");
const EXAMPLE: &str = include_str!("../../librechat-auth.toml");
/// The user in the unit as it is shipped.
const USER: &str = "librechat-auth";

/// What is installed where.
#[derive(Debug, Args)]
pub struct InstallService {
    /// The user that the server runs as; it is made if it is missing
    #[arg(long, default_value = USER, value_name = "NAME")]
    user: String,
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Put everything below this folder instead of /
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    #[command(flatten)]
    format: Format,
}

impl InstallService {
    /// Runs the command.
    ///
    /// # Errors
    /// If a step is not possible; those before it have been done, and can be done again.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        if !is_name(&self.user) {
            return Err(Stop::usage(format!(
                "{:?} is no name of a user: small letters, digits, - and _, beginning with a letter",
                self.user
            )));
        }
        if !self.dry_run && !geteuid().is_root() {
            return Err(Stop::failed(
                "only root can install a service: run it with sudo, or look at --dry-run",
            ));
        }
        let root = inputs.working_dir.join(&self.root);
        let steps = self.steps(&root)?;
        let mut lines = Vec::new();
        for step in &steps {
            let line = step.describe();
            if self.dry_run {
                lines.push(format!("would {line}"));
            } else if let Some(done) = step
                .carry_out()
                .map_err(|error| Stop::failed(format!("cannot {line}: {error}")))?
            {
                lines.push(done);
            }
        }
        let sentence = if self.dry_run {
            "This would be done:"
        } else {
            "✔ The service is installed"
        };
        self.format
            .done(sentence, &lines, &json!({ "done": !self.dry_run, "steps": lines }))?;
        if !self.dry_run && !self.format.json {
            self.advise(&root);
        }
        Ok(())
    }

    fn steps(&self, root: &Path) -> Result<Vec<Step>, Stop> {
        let owner = Owner::new(root, &self.user);
        let program = root.join("usr/local/bin/librechat-auth");
        let units = root.join("etc/systemd/system");
        let configuration = root.join("etc/librechat-auth");
        let unit = SERVICE
            .replace(&format!("User={USER}"), &format!("User={}", self.user))
            .replace(&format!("Group={USER}"), &format!("Group={}", self.user));
        Ok(vec![
            Step::User(owner.clone()),
            Step::Folder {
                path: root.join("var/lib/librechat-auth"),
                mode: 0o700,
                owner: Some(owner.clone()),
                group: Some(owner.clone()),
            },
            Step::Folder {
                path: configuration.clone(),
                mode: 0o750,
                owner: None,
                group: Some(owner.clone()),
            },
            Step::Example {
                path: configuration.join("librechat-auth.toml"),
                text: EXAMPLE,
                group: owner,
            },
            Step::Program {
                from: std::env::current_exe()?,
                to: program,
            },
            Step::Unit {
                path: units.join("librechat-auth.service"),
                text: unit,
            },
            Step::Unit {
                path: units.join("librechat-auth.socket"),
                text: SOCKET.to_owned(),
            },
            Step::Reload {
                is_here: root == Path::new("/"),
            },
        ])
    }

    /// What to do next.
    fn advise(&self, root: &Path) {
        if root != Path::new("/") {
            note(&format!(
                "All of it is below {}; start it where that is the root.",
                root.display()
            ));
            return;
        }
        note(
            "\nNext:\n  systemctl enable --now librechat-auth     start it, now and after every boot\n  journalctl -u \
             librechat-auth               shows the link that makes the first admin\n  \
             /etc/librechat-auth/librechat-auth.toml   all settings, each with its default\n  sudo -u librechat-auth \
             librechat-auth --data /var/lib/librechat-auth COMMAND   any other command",
        );
        if self.user != USER {
            note(&format!("(with -u {} there)", self.user));
        }
    }
}

fn is_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    starts_well
        && name.len() <= 31
        && name
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_".contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_users_are_taken() {
        for good in ["librechat-auth", "_auth", "login2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "2fast", "Root", "a b", "a;rm", "../x", "-x", &"a".repeat(32)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_unit_names_what_is_installed() {
        for line in [
            "ExecStart=/usr/local/bin/librechat-auth serve",
            "User=librechat-auth",
            "Group=librechat-auth",
            "StateDirectory=librechat-auth",
            "WorkingDirectory=/etc/librechat-auth",
        ] {
            assert!(SERVICE.lines().any(|one| one == line), "{line}");
        }
    }
}
