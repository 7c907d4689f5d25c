//! A real Chromium against the built server: the `*.test.mjs` beside this file, run by node's own test runner.

use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "needs Debian's chromium and node: run make browser"]
fn chromium_walks_every_journey() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo's temporary folder lies in target");
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .args([
            "journeys.test.mjs",
            "client.test.mjs",
            "connections.test.mjs",
            "cookies.test.mjs",
            "disown.test.mjs",
            "door.test.mjs",
            "look.test.mjs",
            "two_factor.test.mjs",
            "recovery.test.mjs",
            "openid.test.mjs",
            "admin_audit.test.mjs",
            "admin_bans.test.mjs",
            "admin_invitations.test.mjs",
            "admin_mail.test.mjs",
            "admin_overview.test.mjs",
            "admin_person.test.mjs",
            "admin_providers.test.mjs",
            "admin_sessions.test.mjs",
            "admin_settings.test.mjs",
            "admin_users.test.mjs",
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser"))
        .env("LIBRECHAT_AUTH_BIN", env!("CARGO_BIN_EXE_librechat-auth"))
        .env("SCREENSHOTS", target.join("screenshots"))
        .output()
        .expect("node runs; make browser installs it");
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
}
