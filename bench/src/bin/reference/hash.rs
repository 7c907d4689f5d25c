//! The pure hash: argon2id in a loop on N threads, each reusing its memory.

use std::time::{Duration, Instant};

use anyhow::Result;
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// Hashes for `seconds` on `threads` threads and prints `{"hashes": …, "cpu_seconds": …, "seconds": …}`.
#[expect(clippy::print_stdout, reason = "the result is what this command is for")]
pub fn run(threads: usize, seconds: f64) -> Result<()> {
    let started = Instant::now();
    let until = started + Duration::from_secs_f64(seconds);
    let workers: Vec<_> = (0..threads)
        .map(|_| std::thread::spawn(move || hash_until(until)))
        .collect();
    let mut hashes = 0;
    for worker in workers {
        hashes += worker
            .join()
            .map_err(|_| anyhow::anyhow!("a hashing thread panicked"))??;
    }
    let cpu_seconds = bench::process::own_cpu()?.as_secs_f64();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({ "hashes": hashes, "cpu_seconds": cpu_seconds, "seconds": seconds })
    );
    Ok(())
}

fn hash_until(until: Instant) -> Result<u64> {
    let fail = |error: argon2::Error| anyhow::anyhow!("argon2: {error}");
    let argon2 = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(19_456, 2, 1, None).map_err(fail)?,
    );
    let mut memory = vec![Block::default(); argon2.params().block_count()];
    let mut hashes = 0;
    while Instant::now() < until {
        let mut out = [0; 32];
        argon2
            .hash_password_into_with_memory(b"a password", b"sixteen salty by", &mut out, &mut memory)
            .map_err(fail)?;
        std::hint::black_box(&out);
        hashes += 1;
    }
    Ok(hashes)
}
