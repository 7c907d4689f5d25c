//! The Debian package: built by the script, installed into a folder by dpkg itself, and run.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

#[test]
#[ignore = "needs root, dpkg and useradd: run make test"]
fn the_package_installs_and_what_it_installs_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let built = run(Command::new("sh")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/deb.sh"))
        .arg(env!("CARGO_BIN_EXE_librechat-auth"))
        .arg(dir.path()));
    let package = String::from_utf8(built.stdout).expect("text").trim().to_owned();
    let root = dir.path().join("root");
    for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"] {
        fs::create_dir_all(root.join(folder)).expect("made");
    }
    for (file, text) in [
        ("var/lib/dpkg/status", ""),
        ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
        ("etc/group", "root:x:0:\n"),
    ] {
        fs::write(root.join(file), text).expect("written");
    }
    run(Command::new("dpkg")
        .arg(format!("--root={}", root.display()))
        .args(["--force-script-chrootless", "--force-depends", "--install", &package])
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    let program = root.join("usr/bin/librechat-auth");
    let version = run(Command::new(&program).arg("--version"));
    assert_eq!(
        String::from_utf8_lossy(&version.stdout).trim(),
        concat!("librechat-auth ", env!("CARGO_PKG_VERSION"))
    );
    let data = fs::metadata(root.join("var/lib/librechat-auth")).expect("a folder");
    assert_eq!(data.mode() & 0o777, 0o700);
    assert_ne!(data.uid(), 0, "it belongs to the user of the service");
    let configuration = fs::metadata(root.join("etc/librechat-auth/librechat-auth.toml")).expect("a file");
    assert_eq!((configuration.mode() & 0o777, configuration.uid()), (0o640, 0));
    assert_eq!(configuration.gid(), data.gid());
    let unit = fs::read_to_string(root.join("lib/systemd/system/librechat-auth.service")).expect("a unit");
    assert!(unit.contains("ExecStart=/usr/bin/librechat-auth serve\n"), "{unit}");
    assert!(root.join("usr/share/man/man1/librechat-auth-backup.1.gz").exists());
    run(Command::new("dpkg")
        .arg(format!("--root={}", root.display()))
        .args(["--force-script-chrootless", "--purge", "librechat-auth"])
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    assert!(
        root.join("var/lib/librechat-auth").is_dir(),
        "accounts outlive the package"
    );
    assert!(!program.exists());
}
