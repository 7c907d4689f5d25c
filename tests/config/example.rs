//! The example file in the repository says what the code does.

use std::fs;
use std::path::Path;
use std::time::Duration;

use librechat_auth::config::setting::SETTINGS;

use super::{Folder, lines};

fn example_file() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("librechat-auth.toml")).expect("in the repository")
}

/// The lines of the example file that are settings, without their `#`.
fn uncommented() -> String {
    let is_setting = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    example_file()
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| is_setting(rest))
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect()
}

#[test]
fn nothing_configured_is_a_configuration() {
    let folder = Folder::new();
    let loaded = folder.prepare();
    assert_eq!(
        (lines(&loaded.errors), lines(&loaded.warnings)),
        (String::new(), String::new())
    );
    let config = loaded.config.expect("complete");
    assert_eq!((config.server.host.as_str(), config.server.port), ("127.0.0.1", 3081));
    assert_eq!(config.data_dir, folder.path("data"));
    assert_eq!(config.session.access_lifetime, Duration::from_mins(15));
    assert_eq!(config.secrets.jwt.expose().len(), 64);
}

#[test]
fn the_example_file_as_shipped_changes_nothing() {
    let folder = Folder::new().file("librechat-auth.toml", &example_file());
    let loaded = folder.load();
    assert_eq!(
        (lines(&loaded.errors), lines(&loaded.warnings)),
        (String::new(), String::new())
    );
    for origin in &loaded.origins {
        assert_eq!(origin.given.place.source, "default", "{}", origin.setting.key);
    }
}

#[test]
fn the_example_file_shows_every_setting_once_at_its_default() {
    let defaults = Folder::new().load().origins;
    let text = uncommented();
    let loaded = Folder::new().file("librechat-auth.toml", &text).load();
    assert_eq!(
        (lines(&loaded.errors), lines(&loaded.warnings)),
        (String::new(), String::new())
    );
    for (shown, default) in loaded.origins.iter().zip(&defaults) {
        assert_eq!(shown.value, default.value, "{}", shown.setting.key);
    }
    let settings = text
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#'))
        .count();
    assert_eq!(settings, SETTINGS.len());
    for setting in SETTINGS.iter() {
        assert!(text.contains(setting.env), "{} is not mentioned", setting.env);
    }
}
