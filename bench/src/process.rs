//! A server as a child process, and what the kernel knows about it (`proc(5)`): CPU time and memory.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// The unit of CPU times in `/proc`, fixed for user space on Linux.
const TICKS_PER_SECOND: u32 = 100;

/// A running child; killed when dropped.
pub struct Process {
    child: Child,
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Memory {
    /// Resident, mapped file pages included (`VmRSS`).
    pub resident: u64,
    /// The most that was ever resident (`VmHWM`).
    pub peak: u64,
    /// Resident and the process's own, without mapped files (`RssAnon`).
    pub own: u64,
}

impl Process {
    /// Starts `command` with standard output and error going to `log`.
    ///
    /// # Errors
    /// If the file cannot be made or the program cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let file = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// User and system time of all its threads so far, to 10 ms.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn cpu(&self) -> Result<Duration> {
        cpu_in(&fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?)
    }

    /// Its memory now.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name| field(&status, name).with_context(|| format!("/proc has no {name}"));
        Ok(Memory {
            resident: field("VmRSS")?,
            peak: field("VmHWM")?,
            own: field("RssAnon")?,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Errors only mean that it has already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time of this very process.
///
/// # Errors
/// If `/proc` is not mounted.
pub fn own_cpu() -> Result<Duration> {
    cpu_in(&fs::read_to_string("/proc/self/stat").context("/proc is not mounted")?)
}

fn cpu_in(stat: &str) -> Result<Duration> {
    // The second field is the program's name in parentheses and may contain blanks: count from its end.
    let (_, rest) = stat.rsplit_once(')').context("/proc/PID/stat has no name")?;
    let ticks: Vec<u32> = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse().ok())
        .collect();
    anyhow::ensure!(ticks.len() == 2, "/proc/PID/stat has no CPU times");
    Ok(Duration::from_secs(1) * ticks.iter().sum::<u32>() / TICKS_PER_SECOND)
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_times_are_fields_14_and_15_even_with_an_odd_name() {
        let stat = "1 (a) b) S 1 1 1 0 -1 4 5 6 7 8 150 50 0 0 20 0 3 0";
        assert_eq!(cpu_in(stat).unwrap(), Duration::from_secs(2));
    }

    #[test]
    fn memory_fields_are_read_by_their_whole_name() {
        let status = "Name:\tx\nVmRSSX:\t 9 kB\nVmRSS:\t  1234 kB\n";
        assert_eq!(field(status, "VmRSS"), Some(1234));
        assert_eq!(field(status, "VmHWM"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        assert!(own_cpu().is_ok());
    }
}
