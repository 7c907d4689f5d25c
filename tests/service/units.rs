//! The units as systemd's own tools see them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The units in a folder, with a program that is really there.
fn units() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd");
    for name in ["librechat-auth.service", "librechat-auth.socket"] {
        let text = fs::read_to_string(source.join(name)).expect("in the repository");
        let text = text.replace("/usr/local/bin/librechat-auth", env!("CARGO_BIN_EXE_librechat-auth"));
        fs::write(dir.path().join(name), text).expect("written");
    }
    dir
}

fn analyze(dir: &TempDir, arguments: &[&str]) -> Output {
    Command::new("systemd-analyze")
        .args(arguments)
        .current_dir(dir.path())
        .output()
        .expect("systemd-analyze runs")
}

#[test]
#[ignore = "needs systemd-analyze: run make test"]
fn systemd_has_nothing_to_say_against_the_units() {
    let dir = units();
    for unit in ["./librechat-auth.service", "./librechat-auth.socket"] {
        let verified = analyze(&dir, &["verify", "--man=no", unit]);
        // An unknown key is only a warning, so silence counts too.
        assert_eq!(String::from_utf8_lossy(&verified.stderr), "", "{unit}");
        assert!(verified.status.success(), "{unit}");
    }
}

#[test]
#[ignore = "needs systemd-analyze: run make test"]
fn the_service_is_exposed_by_one_and_a_half_points_at_most() {
    let dir = units();
    let exposure = analyze(
        &dir,
        &[
            "security",
            "--offline=true",
            "--threshold=15",
            "./librechat-auth.service",
        ],
    );
    assert!(
        exposure.status.success(),
        "{}",
        String::from_utf8_lossy(&exposure.stdout)
    );
}
