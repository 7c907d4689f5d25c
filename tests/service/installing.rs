//! `install-service` into a folder that stands for a machine.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::backup::names;
use crate::cli::kit::Home;

/// A machine with root and nobody else.
fn machine(home: &Home) -> std::path::PathBuf {
    let root = home.dir.path().join("machine");
    fs::create_dir_all(root.join("etc")).expect("made");
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n").expect("written");
    fs::write(root.join("etc/group"), "root:x:0:\n").expect("written");
    root
}

fn facts(path: &Path) -> (u32, u32, u32) {
    let metadata = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (metadata.mode() & 0o7777, metadata.uid(), metadata.gid())
}

#[test]
fn a_dry_run_says_everything_and_does_nothing() {
    let home = Home::new();
    let root = machine(&home);
    let ended = home.run(&["install-service", "--dry-run", "--root", "machine"]);
    let said = ended.done();
    for line in [
        "would make the system user librechat-auth",
        "machine/var/lib/librechat-auth (mode 0700, of librechat-auth)",
        "machine/usr/local/bin/librechat-auth",
        "would write",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(names(&root), ["etc"]);
    home.run(&["install-service", "--dry-run", "--user", "Bad Name"])
        .refused(2, "is no name of a user");
}

#[test]
#[ignore = "needs root and useradd: run make test"]
fn an_installation_is_complete_private_and_can_be_done_again() {
    let home = Home::new();
    let root = machine(&home);
    home.run(&["install-service", "--root", "machine"]).done();
    let users = fs::read_to_string(root.join("etc/passwd")).expect("users");
    let line = users
        .lines()
        .find(|line| line.starts_with("librechat-auth:"))
        .expect("a user");
    assert!(line.ends_with(":/var/lib/librechat-auth:/usr/sbin/nologin"), "{line}");
    let number = |at| {
        line.split(':')
            .nth(at)
            .and_then(|number| number.parse::<u32>().ok())
            .expect("a number")
    };
    let (uid, gid) = (number(2), number(3));
    assert!(uid > 0 && gid > 0);
    assert_eq!(facts(&root.join("var/lib/librechat-auth")), (0o700, uid, gid));
    assert_eq!(facts(&root.join("etc/librechat-auth")), (0o750, 0, gid));
    let configuration = root.join("etc/librechat-auth/librechat-auth.toml");
    assert_eq!(facts(&configuration), (0o640, 0, gid));
    assert_eq!(facts(&root.join("usr/local/bin/librechat-auth")), (0o755, 0, 0));
    let unit = root.join("etc/systemd/system/librechat-auth.service");
    assert_eq!(facts(&unit), (0o644, 0, 0));
    assert_eq!(
        names(unit.parent().expect("a folder")),
        ["librechat-auth.service", "librechat-auth.socket"]
    );

    fs::write(&configuration, "[site]\ntitle = \"Home\"\n").expect("configured");
    let again = home.json(&["install-service", "--root", "machine"]);
    let steps = again["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1, "only the program is copied again: {again}");
    assert!(fs::read_to_string(&configuration).expect("there").contains("Home"));
    fs::write(&unit, "[Service]\n").expect("changed");
    home.run(&["install-service", "--root", "machine"]).done();
    assert_eq!(
        fs::read_to_string(unit.with_extension("service.replaced")).expect("kept"),
        "[Service]\n"
    );
}

#[test]
#[ignore = "needs root and useradd: run make test"]
fn another_user_can_be_named() {
    let home = Home::new();
    let root = machine(&home);
    home.run(&["install-service", "--root", "machine", "--user", "login"])
        .done();
    let unit = fs::read_to_string(root.join("etc/systemd/system/librechat-auth.service")).expect("a unit");
    assert!(unit.contains("\nUser=login\nGroup=login\n"), "{unit}");
    let users = fs::read_to_string(root.join("etc/passwd")).expect("users");
    assert!(
        users.contains("\nlogin:") && !users.contains("\nlibrechat-auth:"),
        "{users}"
    );
}
