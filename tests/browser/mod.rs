//! A real Chromium against the built server: `journeys.test.mjs` beside this file, run by node.

use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "needs Debian's chromium and node: run make browser"]
fn chromium_walks_every_journey() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec", "journeys.test.mjs"])
        .current_dir(folder)
        .env("LIBRECHAT_AUTH_BIN", env!("CARGO_BIN_EXE_librechat-auth"))
        .output()
        .expect("node runs; make browser installs it");
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
}
