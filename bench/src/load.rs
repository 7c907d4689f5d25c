//! Loads one server over N keep-alive connections for a while, from one thread, and says what happened.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;
use tokio::task::LocalSet;

use crate::client::Connection;
use crate::people::People;
use crate::workload::{Visitor, Wallet, Workload};

/// How much of a failed answer is kept to show what went wrong.
const EXCERPT: usize = 300;

/// What happened during one load.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sample {
    /// Requests answered with 2xx.
    pub requests: u64,
    /// Requests answered otherwise, or not at all.
    pub errors: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// CPU seconds of the server process, all threads; filled in by the caller.
    pub cpu_seconds: f64,
    /// Median latency in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile of latency in milliseconds.
    pub p99_ms: f64,
    /// Answers by status; 0 is a broken connection.
    pub statuses: BTreeMap<u16, u64>,
    /// The beginning of the first answer that was not 2xx.
    pub first_failure: Option<String>,
}

impl Sample {
    /// Requests per CPU second of the server.
    #[must_use]
    pub fn per_cpu_second(&self) -> f64 {
        count(self.requests) / self.cpu_seconds
    }

    /// Requests per second of the clock.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        count(self.requests) / self.seconds
    }
}

/// A server as its visitors see it.
#[derive(Clone)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who is in its database.
    pub people: Rc<People>,
    /// The refresh tokens it has handed out.
    pub wallet: Wallet,
}

/// A load on one server that can be repeated.
pub struct Load {
    target: Target,
    workload: Workload,
    visitors: Vec<Visitor>,
}

impl Load {
    /// A load over `connections` connections.
    #[must_use]
    pub fn new(target: &Target, workload: Workload, connections: usize) -> Self {
        let visitor = |number| Visitor::new(number, connections, Rc::clone(&target.wallet));
        Self {
            target: target.clone(),
            workload,
            visitors: (0..connections).map(visitor).collect(),
        }
    }

    /// Runs for `span`.
    ///
    /// # Errors
    /// If no runtime can be had. Failures of requests are counted, not returned.
    pub fn run(&mut self, span: Duration) -> Result<Sample> {
        Ok(run_together(&mut [self], span)?.remove(0))
    }

    /// Makes the request once for every session.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub fn run_round(&mut self) -> Result<Sample> {
        Ok(run_all(&mut [self], Extent::Round)?.remove(0))
    }
}

/// How long a load goes on.
#[derive(Clone, Copy)]
enum Extent {
    Span(Duration),
    /// Until each session had its turn.
    Round,
}

/// When one connection stops.
enum End {
    At(Instant),
    After(usize),
}

impl End {
    fn is_reached(&mut self) -> bool {
        match self {
            Self::At(moment) => Instant::now() >= *moment,
            Self::After(0) => true,
            Self::After(left) => {
                *left -= 1;
                false
            }
        }
    }
}

/// Runs several loads at the same time for `span`.
///
/// # Errors
/// If no runtime can be had.
pub fn run_together(loads: &mut [&mut Load], span: Duration) -> Result<Vec<Sample>> {
    run_all(loads, Extent::Span(span))
}

fn run_all(loads: &mut [&mut Load], extent: Extent) -> Result<Vec<Sample>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no tokio runtime")?;
    LocalSet::new().block_on(&runtime, async {
        let started = Instant::now();
        let running: Vec<Vec<_>> = loads
            .iter_mut()
            .map(|load| {
                let visitors = std::mem::take(&mut load.visitors);
                let people = Rc::clone(&load.target.people);
                let start = |mut visitor: Visitor| {
                    let end = match extent {
                        Extent::Span(span) => End::At(started + span),
                        Extent::Round => End::After(visitor.go_round(&people)),
                    };
                    tokio::task::spawn_local(visit(load.target.clone(), load.workload, visitor, end))
                };
                visitors.into_iter().map(start).collect()
            })
            .collect();
        let mut samples = Vec::new();
        for (load, tasks) in loads.iter_mut().zip(running) {
            let mut tally = Tally::default();
            for task in tasks {
                let (visitor, part) = task.await.context("a connection's task failed")?;
                load.visitors.push(visitor);
                tally.add(part);
            }
            samples.push(tally.into_sample(started.elapsed()));
        }
        Ok(samples)
    })
}

async fn visit(target: Target, workload: Workload, mut visitor: Visitor, mut end: End) -> (Visitor, Tally) {
    let mut tally = Tally::default();
    let mut connection = None;
    while !end.is_reached() {
        let request = visitor.ask(workload, &target.people);
        let begun = Instant::now();
        match one(&mut connection, target.address, &request).await {
            Ok(answer) if (200..300).contains(&answer.status) => {
                tally.good(answer.status, begun.elapsed());
                visitor.hear(workload, &answer);
            }
            Ok(answer) => {
                let shown = &answer.body[..answer.body.len().min(EXCERPT)];
                tally.bad(
                    answer.status,
                    format!("{}: {}", answer.status, String::from_utf8_lossy(shown)),
                );
            }
            Err(error) => {
                tally.bad(0, error.to_string());
                connection = None;
            }
        }
    }
    (visitor, tally)
}

async fn one<'a>(
    connection: &'a mut Option<Connection>,
    address: SocketAddr,
    request: &[u8],
) -> std::io::Result<crate::client::Answer<'a>> {
    if connection.is_none() {
        *connection = Some(Connection::open(address).await?);
    }
    connection
        .as_mut()
        .expect("it was opened just above")
        .exchange(request)
        .await
}

#[derive(Default)]
struct Tally {
    micros: Vec<u32>,
    statuses: BTreeMap<u16, u64>,
    errors: u64,
    first_failure: Option<String>,
}

impl Tally {
    fn good(&mut self, status: u16, took: Duration) {
        self.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        *self.statuses.entry(status).or_default() += 1;
    }

    fn bad(&mut self, status: u16, what: String) {
        self.errors += 1;
        *self.statuses.entry(status).or_default() += 1;
        self.first_failure.get_or_insert(what);
    }

    fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.errors += other.errors;
        for (status, n) in other.statuses {
            *self.statuses.entry(status).or_default() += n;
        }
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    fn into_sample(mut self, took: Duration) -> Sample {
        self.micros.sort_unstable();
        Sample {
            requests: self.micros.len() as u64,
            errors: self.errors,
            seconds: took.as_secs_f64(),
            cpu_seconds: 0.0,
            p50_ms: quantile(&self.micros, 50),
            p99_ms: quantile(&self.micros, 99),
            statuses: self.statuses,
            first_failure: self.first_failure,
        }
    }
}

/// The given percentile of sorted microseconds, in milliseconds; 0 of nothing.
fn quantile(sorted: &[u32], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
}

/// A count as a floating-point number: exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "no load run comes near 2^53 requests")]
#[must_use]
pub fn count(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_in_milliseconds() {
        let micros: Vec<u32> = (0..100).map(|n| n * 1000).collect();
        assert!((quantile(&micros, 50) - 50.0).abs() < f64::EPSILON);
        assert!((quantile(&micros, 99) - 99.0).abs() < f64::EPSILON);
        assert!(quantile(&[], 99).abs() < f64::EPSILON);
    }

    #[test]
    fn a_dead_server_is_errors_not_a_crash() {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let people = Rc::new(People::new(
            10,
            librechat_auth::domain::time::Timestamp::from_seconds(0),
        ));
        let target = Target {
            address: free,
            people,
            wallet: Wallet::default(),
        };
        let sample = Load::new(&target, Workload::Get("/"), 1)
            .run(Duration::from_millis(20))
            .unwrap();
        assert!(sample.requests == 0 && sample.errors > 0, "{sample:?}");
    }
}
