//! The one thread that writes. It takes a job and what has queued behind it, runs each in a savepoint of one
//! transaction, commits once, and only then answers.
//!
//! ```text
//!   job fails or panics          its savepoint is undone, it alone gets the error
//!   the transaction is gone  ┐
//!   COMMIT fails             ┴►  every job of the batch runs again, alone
//! ```

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Notify, oneshot};

use crate::domain::vault::Vault;

use super::checkpoint::{Checkpointer, Signal};
use super::faults::Faults;
use super::remembered::Remembered;
use super::sql::Sql as _;
use super::{Sqlite, StoreError, Tx, checkpoint, spawn};
use crate::observe::meter::{Counter, Gauge, Histogram};

/// Jobs per commit: enough to make the commit's share small, few enough to keep the first one's wait short.
const BATCH: usize = 64;

/// How long the last checkpoint waits for readers in other processes.
const FAREWELL: Duration = Duration::from_millis(500);

/// How the writer is doing.
#[derive(Debug)]
pub struct Meters {
    /// Writes that wait.
    pub queue: Gauge,
    /// Writes that were committed together.
    pub batch: Histogram,
    /// How long a batch took.
    pub commit: Histogram,
    /// Commits that failed.
    pub failed: Counter,
    /// Writes that found no place in the queue.
    pub refused: Counter,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            queue: Gauge::default(),
            batch: Histogram::sizes(),
            commit: Histogram::seconds(),
            failed: Counter::default(),
            refused: Counter::default(),
        }
    }
}

/// What jobs run with, and who hears of them.
pub(super) struct Means {
    /// Failures on demand.
    pub(super) faults: Faults,
    /// What seals and signs the audit log.
    pub(super) vault: Option<Arc<dyn Vault>>,
    /// What is kept in memory of the rows that jobs change.
    pub(super) remembered: Arc<Remembered>,
}

/// The queue's entrance, and the threads behind it.
pub(super) struct Writer {
    queue: SyncSender<Message>,
    threads: Mutex<Option<(JoinHandle<Connection>, Checkpointer)>>,
    letters: Arc<Notify>,
    meters: Arc<Meters>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        queue: usize,
        checkpointer: Checkpointer,
        Means {
            faults,
            vault,
            remembered,
        }: Means,
    ) -> io::Result<Self> {
        let (entrance, exit) = sync_channel(queue.max(1));
        let (letters, meters) = (Arc::new(Notify::new()), Arc::new(Meters::default()));
        let work = Batches {
            connection,
            queue: exit,
            signal: checkpointer.signal(),
            faults,
            vault,
            remembered,
            letters: Arc::clone(&letters),
            wakes_sender: Cell::new(false),
            meters: Arc::clone(&meters),
        };
        let thread = spawn("store-writer", move || work.run())?;
        Ok(Self {
            queue: entrance,
            threads: Mutex::new(Some((thread, checkpointer))),
            letters,
            meters,
        })
    }

    pub(super) fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Resolves after a commit with letters in it; at once if there was one since the last time.
    pub(super) async fn letter_queued(&self) {
        self.letters.notified().await;
    }

    /// Queues a job; its outcome arrives through the channel once it is durable.
    pub(super) fn enqueue<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Queued {
            work,
            value: None,
            reply,
        });
        match self.queue.try_send(Message::Job(job)) {
            Ok(()) => {
                self.meters.queue.add(1);
                Ok(answer)
            }
            Err(TrySendError::Full(_)) => {
                self.meters.refused.increase();
                Err(StoreError::Busy)
            }
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.as_ref().is_some_and(|(thread, _)| !thread.is_finished())
    }

    /// Lets the queue run empty, then ends both threads and empties the write-ahead log.
    pub(super) fn close(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((writer, checkpointer)) = threads.take() else {
            return;
        };
        if writer.thread().id() == thread::current().id() {
            // A job held the last handle and was dropped by the writer, which ends when its queue has no entrance left.
            checkpointer.stop();
            return;
        }
        // An error means that the writer has ended already.
        let _ended = self.queue.send(Message::Close);
        let connection = writer.join();
        checkpointer.stop();
        if let Ok(connection) = connection {
            checkpoint::truncate(&connection, FAREWELL);
        } else {
            tracing::error!("the writer thread had panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

enum Message {
    Job(Box<dyn Job>),
    Close,
}

/// A queued write, whatever type its value has.
trait Job: Send {
    /// Does the work and keeps its value.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    /// Tells the caller: the kept value, or the error.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Queued<T, F> {
    work: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Queued<T, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.value = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let value = self.value;
        let outcome = outcome.and_then(|()| value.ok_or(StoreError::Closed));
        // An error means that nobody waits any more; the work is done all the same.
        let _unheard = self.reply.send(outcome);
    }
}

type Finished = Vec<(Box<dyn Job>, Result<(), StoreError>)>;

struct Batches {
    connection: Connection,
    queue: Receiver<Message>,
    signal: Signal,
    faults: Faults,
    vault: Option<Arc<dyn Vault>>,
    remembered: Arc<Remembered>,
    letters: Arc<Notify>,
    /// Whether the batch has letters in it.
    wakes_sender: Cell<bool>,
    meters: Arc<Meters>,
}

impl Batches {
    fn run(self) -> Connection {
        let mut open = true;
        while open && let Ok(Message::Job(first)) = self.queue.recv() {
            let begun = Instant::now();
            open = self.batch(first);
            self.meters.commit.took(begun.elapsed());
            self.signal.committed();
            if self.wakes_sender.take() {
                self.letters.notify_one();
            }
        }
        self.connection
    }

    /// Runs the job and those waiting behind it; false once the queue is closed.
    fn batch(&self, first: Box<dyn Job>) -> bool {
        let begun = self.begin();
        let mut finished = Finished::with_capacity(BATCH);
        let mut open = true;
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            self.meters.queue.add(-1);
            let outcome = begun.clone().and_then(|()| self.in_savepoint(job.as_mut()));
            finished.push((job, outcome));
            if begun.is_ok() && self.connection.is_autocommit() {
                self.remembered.settled(false);
                self.count(&finished);
                one_by_one(self, finished);
                return open;
            }
            if finished.len() < BATCH {
                match self.queue.try_recv() {
                    Ok(Message::Job(job)) => next = Some(job),
                    Ok(Message::Close) | Err(TryRecvError::Disconnected) => open = false,
                    Err(TryRecvError::Empty) => {}
                }
            }
        }
        self.count(&finished);
        if begun.is_err() {
            answer(finished);
        } else {
            self.finish(finished);
        }
        open
    }

    fn count(&self, finished: &Finished) {
        self.meters.batch.saw(u32::try_from(finished.len()).unwrap_or(u32::MAX));
    }

    fn finish(&self, mut finished: Finished) {
        match (self.commit(), finished.as_mut_slice()) {
            (Ok(()), _) => answer(finished),
            (Err(error), [(_, outcome)]) => {
                if outcome.is_ok() {
                    *outcome = Err(error);
                }
                answer(finished);
            }
            (Err(error), _) => {
                tracing::warn!(%error, jobs = finished.len(), "a commit failed; its jobs run again one by one");
                one_by_one(self, finished);
            }
        }
    }

    /// A whole transaction for one job.
    fn alone(&self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.begin()?;
        let outcome = self.guarded(job);
        if self.connection.is_autocommit() {
            self.remembered.settled(false);
            return outcome.and(Err(lost()));
        }
        match outcome {
            Ok(()) => self.commit(),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    fn in_savepoint(&self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.execute("SAVEPOINT job")?;
        let outcome = self.guarded(job);
        if self.connection.is_autocommit() {
            return outcome.and(Err(lost()));
        }
        if outcome.is_err() {
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        outcome
    }

    fn guarded(&self, job: &mut dyn Job) -> Result<(), StoreError> {
        let work = || {
            self.faults.over(&mut Sqlite(&self.connection), |sql| {
                let mut tx = Tx::new(sql, self.vault.as_deref());
                let outcome = job.run(&mut tx);
                if tx.wakes_sender() {
                    self.wakes_sender.set(true);
                }
                outcome
            })
        };
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(StoreError::Other("a write panicked".to_owned())))
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE")?;
        self.remembered.begun();
        Ok(())
    }

    fn commit(&self) -> Result<(), StoreError> {
        let outcome = self.faults.commit().and_then(|()| self.execute("COMMIT"));
        if outcome.is_err() {
            self.meters.failed.increase();
            self.roll_back();
        } else {
            self.remembered.settled(true);
        }
        outcome
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
        self.remembered.settled(false);
    }

    fn execute(&self, sql: &'static str) -> Result<(), StoreError> {
        Sqlite(&self.connection).execute(sql, &[]).map(drop)
    }
}

fn one_by_one(batches: &Batches, finished: Finished) {
    for (mut job, _) in finished {
        let outcome = batches.alone(job.as_mut());
        job.answer(outcome);
    }
}

fn answer(finished: Finished) {
    for (job, outcome) in finished {
        job.answer(outcome);
    }
}

fn lost() -> StoreError {
    StoreError::Other("the database ended the transaction by itself".to_owned())
}
