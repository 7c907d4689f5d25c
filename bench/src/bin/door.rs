//! What the door costs a normal request: is the address banned, and is it within its limit? In memory, with 100,000 bans in
//! force and a million addresses seen. Prints nanoseconds a check, beside a look-up in a plain map of the same size, and
//! the memory that both tables take.

#![expect(clippy::print_stdout, reason = "it prints its result")]

use std::collections::HashMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use anyhow::{Context as _, Result};
use librechat_auth::cache::bans::BanTable;
use librechat_auth::cache::limits::Limiter;
use librechat_auth::config::Limit;
use librechat_auth::domain::moderation::ban::Ban;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::refusal::LimitedAction;
use librechat_auth::domain::time::Timestamp;

const BANS: u32 = 100_000;
const ADDRESSES: u32 = 1_000_000;
const CHECKS: u32 = 1_000_000;
const ROUNDS: usize = 5;
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const LIMIT: Limit = Limit {
    max: Some(7),
    window_minutes: 5.0,
};

/// The n-th address; neighbours are far apart, so that no cache helps.
fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(n.wrapping_mul(2_654_435_761)))
}

fn ban(n: u32) -> Ban {
    Ban {
        id: i64::from(n),
        reference: format!("{n:08}"),
        subject: Subject::client(address(n)),
        cause: "logins".to_owned(),
        points: Points::whole(20),
        interval: Points::whole(20),
        by: "moderation".to_owned(),
        note: String::new(),
        started_at: NOW,
        ends_at: None,
        lifted_at: None,
        shadow: false,
    }
}

/// Resident memory of this process, in kilobytes (`proc_pid_statm(5)`).
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .context("no VmRSS in /proc/self/status")?
        .parse()
        .map_err(Into::into)
}

/// Nanoseconds a check, the median over the rounds.
fn measure(mut check: impl FnMut(u32)) -> u128 {
    let mut rounds: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CHECKS).for_each(&mut check);
            start.elapsed().as_nanos() / u128::from(CHECKS)
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn main() -> Result<()> {
    let before = resident()?;
    let bans = BanTable::default();
    let all: Vec<Ban> = (0..BANS).map(ban).collect();
    bans.load(&all, 1);
    drop(all);
    let with_bans = resident()?;
    let limiter = Limiter::new();
    for n in 0..ADDRESSES {
        black_box(limiter.take(LimitedAction::Login, &address(n).to_string(), LIMIT, NOW));
    }
    let with_limits = resident()?;
    let names: Vec<String> = (0..CHECKS).map(|n| address(n).to_string()).collect();
    let plain: HashMap<IpAddr, u32> = (0..BANS).map(|n| (address(n), n)).collect();
    // Most requests come from somebody who is not banned: the upper nine tenths of the addresses.
    let reference = measure(|n| {
        black_box(plain.get(&address(n)));
    });
    let banned = measure(|n| {
        black_box(bans.address(address(n), NOW));
    });
    let within = measure(|n| {
        let name = usize::try_from(n).map_or("", |n| names[n].as_str());
        black_box(limiter.take(LimitedAction::Login, name, LIMIT, NOW));
    });
    println!("a plain map of {BANS} addresses      {reference:>6} ns a look-up");
    println!("is it banned, {BANS} bans in force   {banned:>6} ns a check");
    println!("is it within its limit, {ADDRESSES} seen {within:>6} ns a check");
    println!(
        "both together                           {:>6} ns; the goal is under 2,000",
        banned + within
    );
    println!(
        "memory of the bans                      {:>6} KB",
        with_bans.saturating_sub(before)
    );
    println!(
        "memory of the limits                    {:>6} KB",
        with_limits.saturating_sub(with_bans)
    );
    Ok(())
}
