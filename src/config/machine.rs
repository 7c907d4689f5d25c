//! What this machine has, where a setting is left to it.

use std::fs;
use std::path::Path;

/// Assumed where the system does not say: 1 GiB.
const UNKNOWN: u64 = 1 << 30;

/// The memory that this process may use, in bytes: the machine's, or less where its control group (a container, a unit with
/// `MemoryMax`) is given less.
#[must_use]
pub fn memory() -> u64 {
    memory_below(Path::new("/"))
}

fn memory_below(root: &Path) -> u64 {
    let machine = read(root, "proc/meminfo").and_then(|text| total(&text));
    let group = read(root, "proc/self/cgroup").and_then(|text| group(&text));
    let limits = group
        .iter()
        .flat_map(|group| Path::new(group).ancestors())
        .filter_map(|group| {
            let file = Path::new("sys/fs/cgroup").join(group).join("memory.max");
            // "max" is no number, and no limit.
            fs::read_to_string(root.join(file)).ok()?.trim().parse().ok()
        });
    limits.chain(machine).min().unwrap_or(UNKNOWN)
}

fn read(root: &Path, file: &str) -> Option<String> {
    fs::read_to_string(root.join(file)).ok()
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// The group of the one hierarchy that is left (cgroup v2), without the slash at its beginning.
fn group(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str = "MemTotal:        2048000 kB\nMemFree:          100000 kB\n";

    fn put(root: &Path, file: &str, text: &str) {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn the_machine_says_how_much_there_is() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "proc/meminfo", MEMINFO);
        assert_eq!(memory_below(root.path()), 2_048_000 * 1024);
        assert!(memory() >= 1 << 20);
    }

    #[test]
    fn the_least_limit_of_the_group_and_those_around_it_counts() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "proc/meminfo", MEMINFO);
        put(
            root.path(),
            "proc/self/cgroup",
            "0::/system.slice/librechat-auth.service\n",
        );
        put(root.path(), "sys/fs/cgroup/system.slice/memory.max", "268435456\n");
        let own = "sys/fs/cgroup/system.slice/librechat-auth.service/memory.max";
        put(root.path(), own, "max\n");
        assert_eq!(memory_below(root.path()), 268_435_456);
        put(root.path(), own, "134217728\n");
        assert_eq!(memory_below(root.path()), 134_217_728);
        // A container sees its own group as the root of all.
        put(root.path(), "proc/self/cgroup", "0::/\n");
        put(root.path(), "sys/fs/cgroup/memory.max", "67108864\n");
        assert_eq!(memory_below(root.path()), 67_108_864);
    }

    #[test]
    fn a_system_that_says_nothing_has_a_little() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(memory_below(root.path()), UNKNOWN);
    }
}
