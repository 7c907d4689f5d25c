//! Backups that do not come to an end: killed, or without room.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::{backup, names};
use crate::cli::kit::Home;

#[test]
fn a_killed_backup_leaves_no_half_file_and_the_next_one_cleans_up() {
    let home = Home::with_people();
    home.populate(20_000);
    let target = home.dir.path().join("out");
    fs::create_dir(&target).expect("made");
    let mut complete = 0;
    for round in 0..12 {
        let file = target.join(format!("{round}.tar.gz"));
        let mut child = home.command().arg("backup").arg(&file).spawn().expect("it starts");
        // Another moment each time; where exactly it is hit does not matter.
        thread::sleep(Duration::from_millis(round * 15));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if file.exists() {
            complete += 1;
            home.run(&["backup", "verify", &file.display().to_string()]).done();
        }
    }
    assert_eq!(names(&target).len(), complete, "complete backups and nothing else");
    backup(&home, "after.tar.gz");
    let left: Vec<_> = names(&home.data())
        .into_iter()
        .filter(|name| name.contains(".copy"))
        .collect();
    assert_eq!(left, ["librechat-auth.db.copy-lock"]);
}

#[test]
fn an_interrupted_restore_is_noticed_and_can_be_done_again() {
    let home = Home::with_people();
    backup(&home, "saved.tar.gz");
    fs::write(home.data().join("restore.unfinished"), "").expect("as a killed restore leaves it");
    for command in [&["list-users"][..], &["serve", "--port", "0"], &["user-stats"]] {
        home.run(command)
            .refused(1, "was interrupted: run `librechat-auth restore`");
    }
    home.run(&["restore", "saved.tar.gz", "--yes"]).done();
    assert!(home.account("bob@example.org").is_some());
    assert!(!home.data().join("restore.unfinished").exists());
}

/// A file system of so many bytes; `None` where this user may not mount one.
struct Small<'d>(&'d Path);

impl<'d> Small<'d> {
    fn mount(dir: &'d Path, size: &str) -> Option<Self> {
        fs::create_dir_all(dir).expect("made");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(dir)
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(dir))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
#[ignore = "needs root, to mount a small disk: run make test"]
fn a_full_disk_is_said_by_name_and_leaves_nothing_behind() {
    let home = Home::with_people();
    home.populate(20_000);
    let dir = home.dir.path().join("small");
    let Some(small) = Small::mount(&dir, "256k") else {
        // Containers often allow no mounts, even to root; then there is nothing to see here.
        let _unseen = writeln!(std::io::stderr(), "skipped: this system lets nobody mount a disk");
        return;
    };
    let ended = home.run(&["backup", "small/saved.tar.gz"]);
    ended.refused(1, "small/saved.tar.gz: no space is left");
    assert_eq!(names(small.0), Vec::<String>::new());
    backup(&home, "saved.tar.gz");
    let restored = home
        .command()
        .args(["restore", "saved.tar.gz", "--yes", "--data", "small/data"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&restored.stderr);
    assert!(
        !restored.status.success() && said.contains("bytes are needed"),
        "{said}"
    );
    assert_eq!(names(&small.0.join("data")), ["serve.lock"]);
}
