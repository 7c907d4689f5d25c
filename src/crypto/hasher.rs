//! Hashes and verifies passwords on threads of its own, as many as there are cores, so that a crowd at the door costs
//! neither memory nor the answers to everybody else.
//!
//! Who waits is served in turns by fairness key (the client's address); beyond the queue's bound the answer is
//! [`HashError::Busy`] at once. Work whose caller has gone is skipped. An unknown account takes as long as a known one.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use argon2::Params;
use tokio::sync::oneshot;

use crate::crypto::fair_queue::FairQueue;
pub use crate::crypto::password_hash::Cost;
use crate::crypto::password_hash::{self, Memory, SALT_BYTES, Stored};
use crate::domain::secret::{Entropy, Secret};
use crate::observe::meter::{Counter, Histogram};
use crate::observe::request::{self, RequestId};

/// How much later than other threads ours run when the processor is short (`nice`, 0 to 19).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password, no such account, or a stored hash nobody can check.
    Wrong,
    /// The password.
    Right,
    /// The password, but its stored hash is weaker than today's: the caller hashes again and stores that.
    RightButOutdated,
}

/// Why a password was neither hashed nor checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already, or memory is short: try again soon.
    #[error("too many passwords are waiting to be checked")]
    Busy,
    /// The server is shutting down.
    #[error("the password hasher has stopped")]
    Stopped,
}

/// Whether a stored hash is in a form that can be checked, at a cost that may be paid.
#[must_use]
pub fn is_readable(stored: &str) -> bool {
    Stored::parse(stored).is_ok()
}

/// How the pool is doing.
#[derive(Debug, Default)]
pub struct Meters {
    /// How long requests waited for a thread.
    pub wait: Histogram,
    /// How long threads worked on one.
    pub work: Histogram,
    /// Requests that found no place.
    pub refused: Counter,
}

/// The pool. Clones share it; when the last one is dropped its threads end.
#[derive(Clone)]
pub struct Hasher(Arc<Pool>);

impl Hasher {
    /// Starts `threads` threads (at least one) in front of which `queue` requests may wait.
    ///
    /// # Errors
    /// `InvalidInput` for a cost that argon2 does not allow or above 256 MiB, 20 passes or 64 lanes; otherwise what the
    /// system says when it starts no thread.
    pub fn start(cost: Cost, threads: usize, queue: usize, entropy: Arc<dyn Entropy>) -> io::Result<Self> {
        let params = cost.params().map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "the cost of password hashing is out of bounds",
            )
        })?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                waiting: FairQueue::new(queue),
                stopping: false,
            }),
            changed: Condvar::new(),
            params,
            entropy,
            meters: Meters::default(),
        });
        let pool = Self(Arc::new(Pool {
            shared: Arc::clone(&shared),
            threads: Mutex::new(Vec::new()),
        }));
        for number in 0..threads.max(1) {
            let mut worker = Worker {
                shared: Arc::clone(&shared),
                memory: Memory::default(),
            };
            let thread = std::thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || worker.run())?;
            lock(&pool.0.threads).push(thread);
        }
        Ok(pool)
    }

    /// Hashes a new password with argon2id and a fresh salt, in PHC form.
    ///
    /// # Errors
    /// [`HashError::Busy`] when the queue is full, [`HashError::Stopped`] after [`Hasher::stop`].
    pub async fn hash(&self, password: Secret, key: &str) -> Result<String, HashError> {
        let (answer, outcome) = oneshot::channel();
        self.submit(key, Job::Hash { password, answer })?;
        let outcome = request::step("password.hash", outcome).await;
        outcome.unwrap_or(Err(HashError::Stopped))
    }

    /// Checks a password against a stored hash: argon2 in PHC form, or bcrypt as LibreChat writes it.
    ///
    /// `None`, for an account that does not exist or has no password, costs one hash at today's parameters and is always
    /// wrong. So is a stored hash in an unknown form or of excessive cost, which is logged.
    ///
    /// # Errors
    /// As for [`Hasher::hash`].
    pub async fn verify(&self, password: Secret, stored: Option<String>, key: &str) -> Result<Verdict, HashError> {
        let (answer, outcome) = oneshot::channel();
        let job = Job::Verify {
            password,
            stored,
            answer,
        };
        self.submit(key, job)?;
        let outcome = request::step("password.verify", outcome).await;
        outcome.unwrap_or(Err(HashError::Stopped))
    }

    /// How many requests wait for a thread.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.shared.lock().waiting.len()
    }

    /// How it is doing.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.0.shared.meters
    }

    /// Ends the threads and waits for the hashes they are at; who waits in the queue hears [`HashError::Stopped`].
    pub fn stop(&self) {
        self.0.stop();
    }

    fn submit(&self, key: &str, job: Job) -> Result<(), HashError> {
        let mut state = self.0.shared.lock();
        if state.stopping {
            return Err(HashError::Stopped);
        }
        if state.waiting.is_full() {
            state.waiting.retain(|queued| !queued.job.is_abandoned());
        }
        let queued = Queued {
            since: Instant::now(),
            request: request::current(),
            job,
        };
        let turned_away = state.waiting.push(key, queued);
        drop(state);
        self.0.shared.changed.notify_one();
        if let Some(queued) = turned_away {
            self.0.shared.meters.refused.increase();
            queued.job.refuse(HashError::Busy);
        }
        Ok(())
    }
}

struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    fn stop(&self) {
        let mut state = self.shared.lock();
        state.stopping = true;
        state.waiting.retain(|_| false);
        drop(state);
        self.shared.changed.notify_all();
        for thread in lock(&self.threads).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a password hashing thread had panicked");
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    params: Params,
    entropy: Arc<dyn Entropy>,
    meters: Meters,
}

/// A job, and whose it is.
struct Queued {
    since: Instant,
    request: Option<RequestId>,
    job: Job,
}

struct State {
    waiting: FairQueue<Queued>,
    stopping: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The next job somebody still waits for; `None` when the pool stops.
    fn next(&self) -> Option<Queued> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            match state.waiting.pop() {
                Some(queued) if queued.job.is_abandoned() => {}
                Some(queued) => return Some(queued),
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// What the locks guard is whole at every moment, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Answer<T> = oneshot::Sender<Result<T, HashError>>;

enum Job {
    Hash {
        password: Secret,
        answer: Answer<String>,
    },
    Verify {
        password: Secret,
        stored: Option<String>,
        answer: Answer<Verdict>,
    },
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Hash { answer, .. } => answer.is_closed(),
            Self::Verify { answer, .. } => answer.is_closed(),
        }
    }

    fn refuse(self, why: HashError) {
        match self {
            Self::Hash { answer, .. } => tell(answer, Err(why)),
            Self::Verify { answer, .. } => tell(answer, Err(why)),
        }
    }
}

/// Answers, unless the caller has gone in the meantime.
fn tell<T>(answer: Answer<T>, outcome: Result<T, HashError>) {
    answer.send(outcome).ok();
}

/// One thread's tools.
struct Worker {
    shared: Arc<Shared>,
    memory: Memory,
}

impl Worker {
    fn run(&mut self) {
        yield_to_other_threads();
        while let Some(Queued { since, request, job }) = self.shared.next() {
            self.shared.meters.wait.took(since.elapsed());
            let work = || request::resumed(request, || self.perform(job));
            // A panic must not cost the pool a thread; the caller hears `Stopped` because its channel closes.
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("a password hash panicked; its thread goes on");
            }
            self.memory.shrink_to(&self.shared.params);
        }
    }

    fn perform(&mut self, job: Job) {
        let begun = Instant::now();
        match job {
            Job::Hash { password, answer } => {
                let outcome = self.hash(&password);
                drop(password);
                self.shared.meters.work.took(begun.elapsed());
                tell(answer, outcome.ok_or(HashError::Busy));
            }
            Job::Verify {
                password,
                stored,
                answer,
            } => {
                let outcome = self.verify(&password, stored.as_deref());
                drop(password);
                self.shared.meters.work.took(begun.elapsed());
                tell(answer, outcome.ok_or(HashError::Busy));
            }
        }
    }

    fn hash(&mut self, password: &Secret) -> Option<String> {
        let mut salt = [0; SALT_BYTES];
        self.shared.entropy.fill(&mut salt);
        password_hash::hash(
            password.expose().as_bytes(),
            salt,
            &self.shared.params,
            &mut self.memory,
        )
    }

    fn verify(&mut self, password: &Secret, stored: Option<&str>) -> Option<Verdict> {
        let password = password.expose().as_bytes();
        match stored.map(Stored::parse) {
            Some(Ok(stored)) => match stored.matches(password, &mut self.memory)? {
                false => Some(Verdict::Wrong),
                true if stored.is_outdated(&self.shared.params) => Some(Verdict::RightButOutdated),
                true => Some(Verdict::Right),
            },
            Some(Err(unsupported)) => {
                tracing::warn!("{unsupported}: the login is refused");
                self.pretend(password)
            }
            None => self.pretend(password),
        }
    }

    /// Takes the time of a verification and comes to nothing.
    fn pretend(&mut self, password: &[u8]) -> Option<Verdict> {
        password_hash::hash(password, [0; SALT_BYTES], &self.shared.params, &mut self.memory).map(|_| Verdict::Wrong)
    }
}

/// Lets the threads that answer requests go first. Where that is not allowed, all threads are equal.
fn yield_to_other_threads() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::debug!(%error, "password hashing runs at normal priority");
    }
}

#[cfg(test)]
mod tests;
