//! Jobs in the background, remembered so that whoever began one can look on. They end with the process: what was done until
//! then is done.

use std::sync::Mutex;

use crate::app::Failure;
use crate::domain::job::{JobId, Progress};
use crate::domain::refusal::Refusal;

/// Jobs of a kind that are remembered.
const REMEMBERED: usize = 64;

/// Jobs of a kind that go on at a time.
const MOST_AT_A_TIME: usize = 4;

/// Jobs of one kind, the oldest first: `W` is what is done, and `T` what came of it so far.
pub(super) struct Jobs<W, T>(Mutex<Vec<(JobId, Progress<W, T>)>>);

impl<W, T> Default for Jobs<W, T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<W: Clone, T: Clone + Default> Jobs<W, T> {
    fn with<R>(&self, work: impl FnOnce(&mut Vec<(JobId, Progress<W, T>)>) -> R) -> R {
        let mut jobs = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut jobs)
    }

    fn update(&self, id: JobId, work: impl FnOnce(&mut Progress<W, T>)) {
        self.with(|jobs| {
            if let Some((_, progress)) = jobs.iter_mut().find(|(known, _)| *known == id) {
                work(progress);
            }
        });
    }

    /// Remembers a job that begins.
    ///
    /// # Errors
    /// [`Refusal::Busy`] while as many as may go on at a time do.
    pub(super) fn begin(&self, id: JobId, what: W) -> Result<JobId, Refusal> {
        self.with(|jobs| {
            if jobs.iter().filter(|(_, progress)| !progress.is_over).count() >= MOST_AT_A_TIME {
                return Err(Refusal::Busy);
            }
            if jobs.len() >= REMEMBERED {
                let oldest = jobs.iter().position(|(_, progress)| progress.is_over);
                oldest.map(|at| jobs.remove(at));
            }
            let progress = Progress {
                what,
                so_far: T::default(),
                is_over: false,
                fault: None,
            };
            jobs.push((id, progress));
            Ok(id)
        })
    }

    /// Notes what came of a job so far.
    pub(super) fn note(&self, id: JobId, so_far: T) {
        self.update(id, |progress| progress.so_far = so_far);
    }

    /// Notes that a job is over, and what stopped it if it was stopped.
    pub(super) fn end(&self, id: JobId, outcome: Result<T, Failure>) {
        let (so_far, fault) = match outcome {
            Ok(so_far) => (Some(so_far), None),
            Err(Failure::Fault(fault)) => {
                fault.log();
                (None, Some(fault.reference().to_owned()))
            }
            Err(Failure::Refused(refusal)) => (None, Some(refusal.key().to_owned())),
        };
        self.update(id, |progress| {
            progress.so_far = so_far.unwrap_or_else(|| progress.so_far.clone());
            progress.is_over = true;
            progress.fault = fault;
        });
    }

    /// How far a job has come; `None` if it is not remembered.
    pub(super) fn find(&self, id: JobId) -> Option<Progress<W, T>> {
        self.with(|jobs| {
            let (_, progress) = jobs.iter().find(|(known, _)| *known == id)?;
            Some(progress.clone())
        })
    }
}
