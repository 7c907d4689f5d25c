//! What the system says of this process.

use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};

/// What is known; nothing where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
    /// Address space, in bytes.
    pub virtual_bytes: u64,
    /// Open files and connections.
    pub open_fds: u64,
    /// How many of them there may be.
    pub most_fds: u64,
    /// Threads.
    pub threads: u64,
}

impl Process {
    /// As it is now; `None` where there is no `/proc`.
    #[must_use]
    pub fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let mut process = read(&stat)?;
        // One of them is the folder that was just read.
        process.open_fds = u64::try_from(open).unwrap_or(0).saturating_sub(1);
        process.most_fds = most_fds(&limits).unwrap_or(0);
        Some(process)
    }
}

/// The fields after the name of the program, which may contain anything (proc(5)).
fn read(stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields.get(at - 3)?.parse::<u64>().ok();
    #[expect(clippy::cast_precision_loss, reason = "seconds of processor time")]
    let cpu_seconds = (number(14)? + number(15)?) as f64 / clock_ticks_per_second().max(1) as f64;
    Some(Process {
        cpu_seconds,
        resident_bytes: number(24)? * u64::try_from(page_size()).unwrap_or(0),
        virtual_bytes: number(23)?,
        threads: number(20)?,
        ..Process::default()
    })
}

fn most_fds(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_files_and_threads() {
        let now = Process::now().expect("Linux");
        assert!(
            now.resident_bytes > 1_000_000 && now.virtual_bytes > now.resident_bytes,
            "{now:?}"
        );
        assert!(
            now.open_fds >= 3 && now.most_fds >= now.open_fds && now.threads >= 1,
            "{now:?}"
        );
    }

    #[test]
    fn a_name_with_a_bracket_misleads_nobody() {
        let stat = "1 (a) b (c) S 1 1 1 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 7 0 100 8192 2 18446744073709551615";
        let process = read(stat).expect("readable");
        assert_eq!((process.threads, process.virtual_bytes), (7, 8192));
        assert!((process.cpu_seconds - 3.0).abs() < 1e-9 || clock_ticks_per_second() != 100);
    }
}
