//! Backups: made under load, tried out, put back, and refused when anything about them is wrong.

mod interrupted;
mod making;
mod nightly;
mod restoring;
mod upgrading;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::kit::Home;

const PASSPHRASE: &str = "five quite random old words";

/// A file with the passphrase.
fn passphrase_file(home: &Home) -> String {
    let file = home.dir.path().join("passphrase");
    fs::write(&file, format!("{PASSPHRASE}\n")).expect("written");
    file.display().to_string()
}

/// A backup of this installation.
fn backup(home: &Home, name: &str) -> PathBuf {
    let file = home.dir.path().join(name);
    home.run(&["backup", &file.display().to_string()]).done();
    file
}

/// Everything in a folder, by name.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("a folder").flatten();
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

pub fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder").flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
