//! Reads Rust source well enough to ask what it refers to: comments and literals apart from code, test modules left out,
//! paths that lead to another room resolved. Not a parser; the compiler has already said that the source is valid.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One source file below the repository's root.
pub struct Source {
    /// Path from the root, with `/` on every system.
    pub path: String,
    /// The file as written.
    pub text: String,
    /// The code that ships: comments, literals and `#[cfg(test)]` items replaced by spaces, lines kept.
    pub code: String,
    /// The string literals of the whole file and the lines they start on, tests included.
    pub literals: Vec<(usize, String)>,
    /// The first line of the unit tests, or one past the end of the file.
    pub tests_start: usize,
    /// Modules in files of their own that are built for tests only.
    test_modules: Vec<String>,
}

impl Source {
    /// Reads one file.
    pub fn read(root: &Path, file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let path = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        Self::from_text(path, text)
    }

    /// Takes text that did not come from a file, so that the rules themselves can be tested.
    pub fn from_text(path: String, text: String) -> Self {
        let (mut code, literals) = separate(&text);
        let mut test_modules = Vec::new();
        let first = blank_tests(&mut code, &mut test_modules);
        let tests_start = first.unwrap_or_else(|| text.lines().count() + 1);
        Self {
            path,
            text,
            code,
            literals,
            tests_start,
            test_modules,
        }
    }

    /// Whether `other` is a module of this one that is built for tests only.
    pub fn has_test_module(&self, other: &str) -> bool {
        let folder = match self
            .path
            .strip_suffix("/mod.rs")
            .or_else(|| self.path.strip_suffix("/lib.rs"))
        {
            Some(folder) => folder,
            None => self.path.trim_end_matches(".rs"),
        };
        self.test_modules.iter().any(|name| {
            let inside = other.strip_prefix(&format!("{folder}/{name}")).unwrap_or_default();
            inside == ".rs" || inside.starts_with('/')
        })
    }

    /// Takes the whole file for a test: nothing in it ships.
    pub fn never_ships(&mut self) {
        self.code = self.code.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        self.tests_start = 1;
    }

    /// The room this file belongs to: its folder below `src`, or its own name if it lies there directly.
    pub fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside
            .split_once('/')
            .map_or_else(|| inside.trim_end_matches(".rs"), |(room, _)| room)
    }

    /// Every path that starts at the crate's root, without `crate::`, each name of a braced list on its own.
    pub fn crate_paths(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for prefix in ["crate::", "librechat_auth::"] {
            for chain in self.paths_from(prefix) {
                expand("", &chain[prefix.len()..], &mut found);
            }
        }
        for chain in self.paths_from("super::") {
            let supers = chain.split("super::").take_while(|part| part.is_empty()).count();
            if supers >= self.depth() {
                expand("", &chain[supers * "super::".len()..], &mut found);
            }
        }
        found
    }

    /// How many `super::` lead from this file's module to the crate's root.
    fn depth(&self) -> usize {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').filter(|part| *part != "mod.rs").count()
    }

    /// The lines of shipped code that contain `needle`, as `path:line`.
    pub fn lines_with(&self, needle: &str) -> Vec<String> {
        let lines = self.code.lines().enumerate();
        lines
            .filter(|(_, line)| line.contains(needle))
            .map(|(at, _)| format!("{}:{}", self.path, at + 1))
            .collect()
    }

    /// Whether shipped code names the crate `name` in a path.
    pub fn uses_crate(&self, name: &str) -> bool {
        self.paths_from(&format!("{name}::")).next().is_some()
    }

    /// The code from each place on where a path starts with `prefix`.
    fn paths_from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.code
            .match_indices(prefix)
            .map(|(at, _)| self.code.split_at(at))
            .filter_map(|(before, chain)| {
                let is_start = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                is_start.then_some(chain)
            })
    }
}

/// All files below `folder` whose names end in one of `extensions`, except what is built or downloaded.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "node_modules", ".git", "data"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if extensions.iter().any(|wanted| name.ends_with(wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Adds the path at the start of `text` to `found`; `a::{b, c::d}` becomes `a::b` and `a::c::d`.
fn expand(prefix: &str, text: &str, found: &mut BTreeSet<String>) {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let path = format!("{prefix}{path}");
    if !rest.starts_with('{') {
        found.insert(path);
        return;
    }
    let mut depth = 0_usize;
    let mut start = 1;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            let item = rest[start..at].trim();
            if !item.is_empty() {
                expand(&path, item, found);
            }
            start = at + 1;
        }
        if depth == 0 {
            return;
        }
    }
}

/// Splits source into code with everything else blanked, and the string literals with their lines.
fn separate(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word_before = code
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest),
            'r' if !word_before => raw_string(rest).unwrap_or(0),
            '\'' => char_literal(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (taken, after) = rest.split_at(length);
        if taken.ends_with(['"', '#']) && taken.contains('"') && !taken.starts_with('/') {
            literals.push((
                code.matches('\n').count() + 1,
                taken.trim_matches(['r', '#', '"']).to_owned(),
            ));
        }
        code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    (code, literals)
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&end)? + end.len())
}

/// A character literal; `None` for a lifetime.
fn char_literal(text: &str) -> Option<usize> {
    let inside = &text[1..];
    if let Some(escape) = inside.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return Some(2 + first + escape[first..].find('\'')? + 1);
    }
    let first = inside.chars().next()?.len_utf8();
    inside[first..].starts_with('\'').then_some(first + 2)
}

/// Blanks every item marked `#[cfg(test)]` and says on which line the first one starts. A module that lies in a file of its
/// own is added to `modules`.
fn blank_tests(code: &mut String, modules: &mut Vec<String>) -> Option<usize> {
    let mut first = None;
    while let Some(start) = code.find("#[cfg(test)]") {
        first = first.or_else(|| Some(code[..start].matches('\n').count() + 1));
        let mut depth = 0_usize;
        let mut end = code.len();
        for (at, c) in code[start..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && (c == '}' || c == ';') {
                end = start + at + 1;
                break;
            }
        }
        if let Some(name) = code[start..end]
            .strip_suffix(';')
            .and_then(|item| item.split("mod ").nth(1))
        {
            modules.push(name.to_owned());
        }
        let blank: String = code[start..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..end, &blank);
    }
    first
}

#[test]
fn comments_literals_and_tests_are_no_code() {
    let text = concat!(
        "use crate::domain::{ids, time::{Clock, Timestamp}};\n",
        "// crate::web\n/* crate::cli /* crate::app */ */\n",
        "fn f<'a>(x: &'a str) -> char { g(\"crate::store\", r#\"say \"hi\" crate::mail\"#, '\\'', '\"', x) }\n",
        "#[cfg(test)]\nmod tests { use crate::cache; fn g() { {} } }\nuse super::super::config::Site;\n",
    );
    let source = Source::from_text("src/web/pages.rs".to_owned(), text.to_owned());
    let expected = [
        "config::Site",
        "domain::ids",
        "domain::time::Clock",
        "domain::time::Timestamp",
    ];
    assert_eq!(source.crate_paths().into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(
        source.literals,
        [(4, "crate::store".to_owned()), (4, "say \"hi\" crate::mail".to_owned())]
    );
    assert_eq!(source.tests_start, 5);
    assert_eq!(source.code.lines().count(), text.lines().count());
}

#[test]
fn a_module_for_tests_in_its_own_file_is_found() {
    let text = "pub mod a;\n#[cfg(test)]\nmod samples;\n#[cfg(test)]\npub(crate) mod kit;\n";
    let source = Source::from_text("src/web/mod.rs".to_owned(), text.to_owned());
    let others = [
        "src/web/samples.rs",
        "src/web/kit/door.rs",
        "src/web/a.rs",
        "src/app/kit.rs",
        "src/web/kite.rs",
    ];
    assert_eq!(
        others.map(|other| source.has_test_module(other)),
        [true, true, false, false, false]
    );
}
