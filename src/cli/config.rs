//! `config check` and `config explain`: what is wrong with what is written, and where each value comes from.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::cli::output::Format;
use crate::cli::policy::Policy;
use crate::cli::{Outcome, Stop};
use crate::config::live::changeable;
use crate::config::setting::{by_env, by_key, nearest_env, nearest_key};
use crate::config::{Inputs, Loaded, Origin, Place, Problem, load};

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Report every error and warning, with file and line
    Check(Check),
    /// Show settings, their values and where they come from
    Explain(Explain),
    /// Say in plain words who may register and log in at present, and who says so
    Policy(Policy),
}

/// How errors and warnings are printed.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    format: Format,
}

/// Which settings are shown.
#[derive(Debug, Args)]
pub struct Explain {
    /// A setting: server.port or PORT [default: all]
    key: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the configuration has errors, or there is no such setting.
    pub fn run(&self, inputs: &Inputs, out: &mut dyn Write) -> Outcome {
        match self {
            Self::Check(arguments) => {
                let is_fine = if arguments.format.json {
                    check_json(inputs, out)?
                } else {
                    check(inputs, out)?
                };
                if is_fine { Ok(()) } else { Err(Stop::explained()) }
            }
            Self::Policy(arguments) => arguments.run(inputs),
            Self::Explain(arguments) => {
                explain(inputs, arguments.key.as_deref(), arguments.format.json, out)?.map_err(Stop::failed)
            }
        }
    }
}

/// `config check --json`: as [`check`], as one object.
fn check_json(inputs: &Inputs, out: &mut dyn Write) -> io::Result<bool> {
    let loaded = load(inputs);
    let is_fine = loaded.errors.is_empty();
    let objects = |problems: &[Problem]| -> Json {
        let object = |problem: &Problem| {
            json!({
                "source": problem.source,
                "line": problem.line,
                "key": problem.key,
                "message": problem.message,
            })
        };
        problems.iter().map(object).collect()
    };
    let (errors, warnings) = (objects(&loaded.errors), objects(&loaded.warnings));
    writeln!(
        out,
        "{}",
        json!({
            "ok": is_fine,
            "errors": errors,
            "warnings": warnings,
            "registration": is_fine.then(|| loaded.registration.sentence()),
        })
    )?;
    Ok(is_fine)
}

/// `config check`: all errors and warnings, each with file and line, and a closing line. False if there are errors.
///
/// # Errors
/// If the output cannot be written.
pub fn check(inputs: &Inputs, out: &mut dyn Write) -> io::Result<bool> {
    let loaded = load(inputs);
    for error in &loaded.errors {
        writeln!(out, "error: {error}")?;
    }
    for warning in &loaded.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    let is_fine = loaded.errors.is_empty();
    if is_fine {
        writeln!(out, "{}", loaded.registration.sentence())?;
    }
    let verdict = if is_fine {
        "The configuration can be used"
    } else {
        "The configuration cannot be used"
    };
    let errors = counted(loaded.errors.len(), "error");
    let warnings = counted(loaded.warnings.len(), "warning");
    writeln!(out, "{verdict}: {errors}, {warnings}.")?;
    Ok(is_fine)
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// `config explain [KEY] [--json]`: settings, their values, what decided them and what that overrode. A setting's name
/// may be a path (`server.port`) or a name of the environment (`PORT`); if there is none, the answer is a sentence about it.
///
/// # Errors
/// If the output cannot be written.
pub fn explain(
    inputs: &Inputs,
    key: Option<&str>,
    as_json: bool,
    out: &mut dyn Write,
) -> io::Result<Result<(), String>> {
    let loaded = load(inputs);
    let wanted = key.map(|name| by_key(name).or_else(|| by_env(name)).ok_or(name));
    match wanted {
        Some(Err(name)) => return Ok(Err(unknown(name))),
        Some(Ok(setting)) => {
            let found = loaded.origins.iter().find(|origin| origin.setting.key == setting.key);
            if let Some(origin) = found {
                print(origin, as_json, out)?;
            }
        }
        None if as_json => {
            let all: Json = loaded.origins.iter().map(as_object).collect();
            writeln!(out, "{all:#}")?;
        }
        None => print_all(&loaded, out)?,
    }
    Ok(Ok(()))
}

fn unknown(name: &str) -> String {
    match nearest_key(name).or_else(|| nearest_env(name)) {
        Some(meant) => format!("{name}: unknown setting; did you mean {meant}?"),
        None => format!("{name}: unknown setting; `librechat-auth config explain` lists all of them"),
    }
}

fn print_all(loaded: &Loaded, out: &mut dyn Write) -> io::Result<()> {
    for origin in &loaded.origins {
        print(origin, false, out)?;
    }
    if !loaded.errors.is_empty() {
        let errors = counted(loaded.errors.len(), "error");
        writeln!(out, "There are {errors} as well: see `librechat-auth config check`.")?;
    }
    Ok(())
}

fn print(origin: &Origin, as_json: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_json {
        return writeln!(out, "{:#}", as_object(origin));
    }
    let setting = origin.setting;
    let value = match origin.value.shown() {
        Json::String(text) if text.is_empty() => "(not set)".to_owned(),
        Json::String(text) => text,
        other => other.to_string(),
    };
    let names: Vec<&str> = setting.names().collect();
    writeln!(out, "{} ({}) = {value}", setting.key, names.join(", "))?;
    writeln!(out, "    from {}", source(&origin.given.place, &origin.given.name))?;
    for weaker in &origin.overrode {
        let shown = if weaker.shown.is_empty() {
            "(not set)"
        } else {
            &weaker.shown
        };
        writeln!(out, "    instead of {shown} from {}", weaker.place)?;
    }
    if changeable(setting.key).is_some() && !origin.is_fixed() {
        writeln!(
            out,
            "    may be changed while the server runs: see `librechat-auth settings list`"
        )?;
    }
    writeln!(out, "    {}\n", setting.doc)
}

/// The place, and the name under which it was written there unless that is obvious.
fn source(place: &Place, name: &str) -> String {
    if by_env(name).is_some() || by_key(name).is_some() {
        place.to_string()
    } else {
        format!("{place} ({name})")
    }
}

fn as_object(origin: &Origin) -> Json {
    let setting = origin.setting;
    let overrode: Json = origin
        .overrode
        .iter()
        .map(|weaker| json!({ "source": weaker.place.source, "line": weaker.place.line, "value": weaker.shown }))
        .collect();
    json!({
        "key": setting.key,
        "env": setting.env,
        "value": origin.value.shown(),
        "secret": setting.is_secret(),
        "source": origin.given.place.source,
        "line": origin.given.place.line,
        "name": origin.given.name,
        "overrode": overrode,
        "doc": setting.doc,
    })
}
