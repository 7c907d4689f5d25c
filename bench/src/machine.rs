//! The machine a run was made on: figures mean nothing without it.

use std::fs;

use serde::Serialize;

/// What matters about the machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores this program may use.
    pub cores: usize,
    /// Memory in MB.
    pub memory_mb: u64,
    /// Kernel name and release.
    pub kernel: String,
    /// Load average over a minute before the run: how busy others kept the machine.
    pub load_before: String,
}

impl Machine {
    /// This machine, as `/proc` describes it; what is not told is "unknown".
    #[must_use]
    pub fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let first_word = |text: String| text.split_whitespace().next().unwrap_or("unknown").to_owned();
        let processor = value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into());
        let kib = value(&read("/proc/meminfo"), "MemTotal")
            .map(first_word)
            .and_then(|n| n.parse::<u64>().ok());
        Self {
            processor,
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_mb: kib.unwrap_or(0) * 1024 / 1_000_000,
            kernel: format!("Linux {}", first_word(read("/proc/sys/kernel/osrelease"))),
            load_before: first_word(read("/proc/loadavg")),
        }
    }
}

fn value(table: &str, name: &str) -> Option<String> {
    let line = table.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
