//! docs/metrics.md says what there is.

use std::collections::BTreeSet;
use std::path::Path;

use librechat_auth::observe::names;

use super::kit::{scrape, site};

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    std::fs::read_to_string(page).expect("in the repository")
}

#[test]
fn the_page_has_every_name_with_its_kind_labels_and_meaning() {
    let page = page();
    for metric in names::ALL {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let row = format!(
            "| `{}` | {} | {} | {} |",
            metric.name,
            metric.kind.word(),
            labels.join(", "),
            metric.help
        );
        assert!(page.contains(&row), "docs/metrics.md lacks:\n{row}");
    }
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| `librechat_auth_") || line.starts_with("| `process_"));
    assert_eq!(rows.count(), names::ALL.len());
}

#[test]
fn what_is_told_is_what_is_named() {
    let site = site(|config| {
        config.telemetry = Some(librechat_auth::config::Telemetry {
            traces: "http://127.0.0.1:9/v1/traces".parse().expect("an address"),
            headers: Vec::new(),
            service: "test".to_owned(),
            percent: 0,
        });
    });
    let told: BTreeSet<String> = scrape(&site).kinds.into_keys().collect();
    let named: BTreeSet<String> = names::ALL.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(told, named);
}

#[test]
fn the_rules_of_the_page_speak_of_what_there_is() {
    let page = page();
    let words = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let spoken: BTreeSet<&str> = words
        .filter(|word| word.starts_with("librechat_auth_") || word.starts_with("process_"))
        .collect();
    for word in spoken {
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending))
            .unwrap_or(word);
        let is_known = names::ALL
            .iter()
            .any(|metric| metric.name == word || metric.name == base);
        assert!(is_known, "{word}");
    }
}
