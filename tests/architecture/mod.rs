//! The rules of the house that no compiler checks: which room may use which, and what may be written where.

mod source;

use std::path::Path;

use source::{Source, files};

/// Who may use whom. `observe` (logging) may be used by all but `domain`.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain", "observe"]),
    ("store", &["domain", "config", "observe"]),
    ("cache", &["domain", "config", "observe"]),
    ("crypto", &["domain", "config", "observe"]),
    ("mail", &["domain", "config", "observe"]),
    ("providers", &["domain", "config", "observe"]),
    (
        "app",
        &[
            "domain",
            "config",
            "store",
            "cache",
            "crypto",
            "mail",
            "providers",
            "observe",
            "probe",
        ],
    ),
    ("web", &["app", "domain", "config", "observe"]),
    (
        "cli",
        &["app", "config", "domain", "web::server", "observe", "supervisor"],
    ),
    ("supervisor", &["config"]),
    ("probe", &["domain", "config", "observe"]),
    ("observe", &["domain", "config"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Crates that only the named rooms may touch.
const CRATES: &[(&str, &[&str])] = &[
    ("actix_web", &["web"]),
    ("actix_http", &["web"]),
    ("actix_server", &["web"]),
    ("actix_service", &["web"]),
    ("rusqlite", &["store"]),
    ("r2d2", &["store"]),
    ("r2d2_sqlite", &["store"]),
    ("askama", &["web", "mail"]),
    ("lettre", &["mail"]),
    ("reqwest", &["mail", "providers"]),
    ("rust_embed", &["web"]),
    ("argon2", &["crypto"]),
    ("bcrypt", &["crypto"]),
    ("jsonwebtoken", &["crypto", "providers"]),
    ("oauth2", &["providers"]),
    ("image", &["providers"]),
    ("scrypt", &["crypto"]),
    ("tokio_rustls", &["probe", "mail", "web"]),
    ("tar", &["store"]),
    ("totp_rs", &["crypto"]),
    ("clap", &["cli", "config"]),
    ("dialoguer", &["cli"]),
    ("indicatif", &["cli"]),
    ("comfy_table", &["cli"]),
    ("dotenvy", &["config"]),
    ("toml", &["config"]),
];

/// What may be written in some files only: the text, and the starts of the paths where it may stand.
const PLACES: &[(&str, &[&str])] = &[
    ("SystemTime::now", &["src/app/clock.rs"]),
    ("OffsetDateTime::now", &["src/app/clock.rs"]),
    ("rand::rng", &["src/app/clock.rs"]),
    ("env::var", &["src/config/"]),
    ("env::vars", &["src/config/"]),
    ("SameSite", &["src/web/cookies.rs", "src/config/"]),
    ("Cookie::build", &["src/web/cookies.rs"]),
    ("Cookie::new", &["src/web/cookies.rs"]),
];

/// Lists that are longer than a file should be, because splitting a list hides what is missing.
const TABLES: &[&str] = &["src/web/views/texts/", "src/config/raw.rs", "src/config/settings.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<Source> {
    let files = files(&root().join(folder), &[".rs"]);
    let mut sources: Vec<_> = files.iter().map(|file| Source::read(root(), file)).collect();
    assert!(!sources.is_empty(), "no source below {folder}");
    for at in 0..sources.len() {
        if sources.iter().any(|source| source.has_test_module(&sources[at].path)) {
            sources[at].never_ships();
        }
    }
    sources
}

fn is_below(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let mut found = Vec::new();
    for source in sources("src") {
        let Some((room, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room()) else {
            found.push(format!("{} is in no known room", source.path));
            continue;
        };
        for path in source.crate_paths() {
            let mut names = path.split("::");
            let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
            let known = ROOMS.iter().any(|(other, _)| *other == first);
            let is_allowed =
                first == *room || allowed.contains(&first) || allowed.contains(&&*format!("{first}::{second}"));
            if known && !is_allowed {
                found.push(format!("{}: {room} may not use {path}", source.path));
            }
        }
    }
    assert_none("a room may use only what its row in ROOMS allows", &found);
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut found = Vec::new();
    for source in sources("src") {
        for (name, rooms) in CRATES {
            if source.uses_crate(name) && !rooms.contains(&source.room()) {
                found.push(format!(
                    "{} uses {name}, which belongs to {}",
                    source.path,
                    rooms.join(", ")
                ));
            }
        }
    }
    assert_none("a crate is known to its own rooms only", &found);
}

#[test]
fn the_domain_neither_waits_nor_asks_the_time() {
    let mut found = Vec::new();
    for source in sources("src/domain") {
        // Addresses of `std::net` are values; its sockets and name look-ups are not.
        for needle in [
            "tokio::",
            "async fn",
            ".await",
            "Instant::now",
            "std::fs",
            "std::thread",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "ToSocketAddrs",
        ] {
            found.extend(source.lines_with(needle).iter().map(|line| format!("{line}: {needle}")));
        }
    }
    assert_none("the domain is pure", &found);
}

#[test]
fn clock_environment_randomness_and_cookies_have_one_place_each() {
    let mut found = Vec::new();
    for source in sources("src") {
        for (needle, places) in PLACES {
            if !is_below(&source.path, places) {
                found.extend(source.lines_with(needle).iter().map(|line| format!("{line}: {needle}")));
            }
        }
    }
    assert_none("some things are done in one place, see PLACES", &found);
}

#[test]
fn sql_is_written_in_the_store_only() {
    let starts = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "ALTER TABLE ",
        "DROP ",
        "PRAGMA ",
    ];
    let mut found = Vec::new();
    for source in sources("src") {
        for (line, literal) in &source.literals {
            let is_sql = starts.iter().any(|start| literal.trim_start().starts_with(start));
            if is_sql && source.room() != "store" && *line < source.tests_start {
                found.push(format!("{}:{line}", source.path));
            }
        }
    }
    assert_none("an SQL statement outside src/store", &found);
}

#[test]
fn nothing_that_ships_gives_up_on_its_own() {
    let mut found = Vec::new();
    for source in sources("src") {
        for needle in [
            ".unwrap()",
            ".unwrap_err()",
            "panic!(",
            "todo!(",
            "unimplemented!(",
            "dbg!(",
            "#[allow(",
            "#![allow(",
        ] {
            found.extend(source.lines_with(needle).iter().map(|line| format!("{line}: {needle}")));
        }
    }
    assert_none("return an error, or state the invariant with expect", &found);
}

#[test]
fn files_stay_short() {
    let mut found = Vec::new();
    for source in sources("src")
        .into_iter()
        .chain(sources("tests"))
        .chain(sources("bench"))
    {
        let lines = source.text.lines().count();
        if lines > 500 && !is_below(&source.path, TABLES) {
            found.push(format!("{}: {lines} lines", source.path));
        }
    }
    assert_none("a file has at most 500 lines, lists excepted", &found);
}

#[test]
fn every_module_says_what_it_is() {
    let mut found = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        if !source.text.starts_with("//!") {
            found.push(source.path);
        }
    }
    assert_none("a module opens with a //! comment", &found);
}

#[test]
fn names_say_what_things_are() {
    let mut found = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        let stem = source
            .path
            .trim_end_matches("/mod.rs")
            .trim_end_matches(".rs")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        if ["utils", "util", "helpers", "helper", "common", "manager", "misc"].contains(&stem) {
            found.push(source.path.clone());
        }
        found.extend(source.lines_with("fn get_"));
    }
    assert_none("no utils, no get_", &found);
}

#[test]
fn an_ignored_test_says_what_it_needs() {
    let mut found = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        let lines = source.text.lines().enumerate();
        let bare = lines.filter(|(_, line)| line.trim_start().starts_with("#[ignore]"));
        found.extend(bare.map(|(at, _)| format!("{}:{}", source.path, at + 1)));
    }
    assert_none("#[ignore] needs a reason", &found);
}

#[test]
fn texts_speak_of_the_project_only() {
    // In two halves, so that this file does not find itself.
    let refused = [
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("TO", "DO:"),
        ("FIX", "ME"),
        ("XX", "X:"),
        ("\"reso", "lved\":"),
    ];
    let extensions = [
        ".rs", ".md", ".toml", ".sh", ".py", ".mjs", ".js", ".json", ".html", ".css", ".yaml", ".lock", "run",
    ];
    let mut found = Vec::new();
    for file in files(root(), &extensions) {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            for (one, two) in refused {
                if line.contains(&format!("{one}{two}")) {
                    found.push(format!("{}:{}: {one}{two}", file.display(), at + 1));
                }
            }
        }
    }
    assert_none(
        "leave out unfinished notes and names of the machine it was written on",
        &found,
    );
}

#[test]
fn decisions_are_numbered() {
    let mut numbers = Vec::new();
    for file in files(&root().join("docs/adr"), &[".md"]) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.get(..4).and_then(|digits| digits.parse::<u16>().ok());
        let number = number.unwrap_or_else(|| panic!("{name}: an ADR is called NNNN-title.md"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# "), "{name}: opens with its title");
        assert!(text.to_lowercase().contains("status"), "{name}: says its status");
        assert!(!numbers.contains(&number), "{name}: the number {number} is taken");
        numbers.push(number);
    }
    assert!(numbers.contains(&1));
}
