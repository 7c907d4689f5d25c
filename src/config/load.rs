//! The loader: all sources, weakest first, all problems at once.
//!
//! Reading and judging write nothing; only [`prepare`] creates the data directory and the missing secrets.

use std::path::PathBuf;

use super::inputs::Inputs;
use super::problem::{Findings, Place, Problem};
use super::settled::{Origin, Settled};
use super::sources::{self, Written};
use super::{Config, backup, data_dir, mistakes, unbuilt};
use crate::domain::registration::Policy;
use crate::domain::secret::Entropy;

/// What the sources say together.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration, unless there are errors or secrets still have to be generated.
    pub config: Option<Config>,
    /// What must be put right before anything starts.
    pub errors: Vec<Problem>,
    /// What is probably not meant that way.
    pub warnings: Vec<Problem>,
    /// Every setting with what decided it, in the order of the table.
    pub origins: Vec<Origin>,
    /// Who may have an account, if there are no errors.
    pub registration: Policy,
    /// Where the database and the secrets live.
    pub data_dir: PathBuf,
}

/// Reads all sources and writes nothing: for `config check` and `config explain`.
///
/// Without errors the configuration is still absent if a secret has not been generated yet.
#[must_use]
pub fn load(inputs: &Inputs) -> Loaded {
    let mut findings = Findings::default();
    let Written {
        entries,
        variables,
        data_dir,
        file,
    } = sources::read(inputs, &mut findings);
    let settled = Settled::new(&entries, &mut findings);
    unbuilt::review(&variables, &mut findings);
    mistakes::review(&settled, &mut findings);
    findings.errors.sort();
    findings.errors.dedup();
    findings.warnings.sort();
    findings.warnings.dedup();
    let config = settled
        .secrets()
        .filter(|_| findings.errors.is_empty())
        .map(|secrets| settled.config(data_dir.clone(), secrets));
    let registration = settled.registration();
    let origins = settled.into_origins();
    let written = backup::written(file, &data_dir, &origins, &inputs.working_dir);
    Loaded {
        config: config.map(|config| Config { written, ..config }),
        errors: findings.errors,
        warnings: findings.warnings,
        registration,
        origins,
        data_dir,
    }
}

/// Reads all sources, then creates the data directory and the missing secrets: for everything that opens the database.
///
/// Afterwards there is a configuration or an error.
#[must_use]
pub fn prepare(inputs: &Inputs, entropy: &dyn Entropy) -> Loaded {
    let loaded = load(inputs);
    if !loaded.errors.is_empty() {
        return loaded;
    }
    let prepared = data_dir::create(&loaded.data_dir).and_then(|()| match loaded.config {
        Some(_) => Ok(()),
        None => data_dir::complete_secrets(&loaded.data_dir, entropy),
    });
    match (prepared, loaded.config.is_some()) {
        (Ok(()), true) => loaded,
        (Ok(()), false) => load(inputs),
        (Err(error), _) => {
            let origin = loaded.origins.iter().find(|origin| origin.setting.key == "data_dir");
            let place = origin.map_or_else(|| Place::new("default"), |origin| origin.given.place.clone());
            Loaded {
                config: None,
                errors: vec![Problem::new(&place, "data_dir", error.to_string())],
                ..loaded
            }
        }
    }
}
