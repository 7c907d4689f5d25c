//! SIGHUP: what can be changed while the server runs is, and the rest is named.

use std::fs;

use rustix::process::Signal;

use super::kit::Supervised;
use crate::cli::kit::Home;

fn configure(home: &Home, text: &str) {
    fs::write(home.dir.path().join("librechat-auth.toml"), text).expect("written");
}

#[test]
fn the_log_filter_changes_at_once_and_other_settings_are_named() {
    let home = Home::with_people();
    configure(&home, "[log]\nfilter = \"info\"\n");
    let mut service = Supervised::start(&home, &[]);
    service.expect("READY=1", 1);
    configure(
        &home,
        "[log]\nfilter = \"warn\"\n[site]\ntitle = \"Home\"\n[limits]\nlogin_max = 3\n",
    );
    service.signal(Signal::HUP);
    service.expect("READY=1", 2);
    service.expect_log("only a restart makes it count: site.title, limits.login_max");
    let before = service.log();
    service.signal(Signal::HUP);
    service.expect("READY=1", 3);
    let after = service.log();
    assert!(!after[before.len()..].contains("INFO"), "{after}");
    assert!(after[before.len()..].contains("site.title"), "it still waits: {after}");
    configure(&home, "[log]\nfilter = \"info\"\n");
    service.signal(Signal::HUP);
    service.expect_log("changed: log.filter");
    assert_eq!(service.stop().0, Some(0));
}

#[test]
fn with_a_mistake_in_it_nothing_changes() {
    let home = Home::with_people();
    let mut service = Supervised::start(&home, &[]);
    service.expect("READY=1", 1);
    configure(&home, "[log]\nfilter = \"warn\"\n[site]\ntitel = \"Home\"\n");
    service.signal(Signal::HUP);
    service.expect_log("stays as it was, because of:\n  librechat-auth.toml:4: site.titel: unknown setting");
    service.expect("READY=1", 2);
    configure(&home, "");
    service.signal(Signal::HUP);
    service.expect_log("changed: nothing");
    assert_eq!(service.stop().0, Some(0));
}
