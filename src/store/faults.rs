//! Failures on demand, so that tests can see what the program does when a statement, a commit or the disk fails.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::sql::{Row, Sql, Value};
use super::{OpenError, StoreError};

/// Which statement or commit fails. Clones share the setting; the default fails nothing and costs one branch.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<State>>);

#[derive(Default)]
struct State {
    statements: Countdown,
    commits: Countdown,
    pages: AtomicU32,
}

impl Faults {
    /// Failures that can be asked for later.
    #[must_use]
    pub fn armed() -> Self {
        Self(Some(Arc::default()))
    }

    /// The `n`th statement from now on, counted from 1, fails.
    pub fn fail_statement(&self, n: u32) {
        if let Some(state) = &self.0 {
            state.statements.set(&[n]);
        }
    }

    /// The `n`th commit from now on, counted from 1, fails.
    pub fn fail_commit(&self, n: u32) {
        self.fail_commits(&[n]);
    }

    /// These commits from now on, counted from 1, fail.
    pub fn fail_commits(&self, turns: &[u32]) {
        if let Some(state) = &self.0 {
            state.commits.set(turns);
        }
    }

    /// A database opened with these faults finds the disk full beyond this many pages.
    pub fn limit_pages(&self, pages: u32) {
        if let Some(state) = &self.0 {
            state.pages.store(pages, Ordering::SeqCst);
        }
    }

    pub(super) fn limit_pages_of(&self, connection: &Connection, path: &Path) -> Result<(), OpenError> {
        match self.0.as_ref().map(|state| state.pages.load(Ordering::SeqCst)) {
            None | Some(0) => Ok(()),
            Some(pages) => connection
                .execute_batch(&format!("PRAGMA max_page_count = {pages}"))
                .map_err(|error| OpenError::from_sqlite(&error, path)),
        }
    }

    /// Hands `work` the driver, behind a failing one if failures are armed.
    pub(super) fn over<T>(&self, sql: &mut dyn Sql, work: impl FnOnce(&mut dyn Sql) -> T) -> T {
        match &self.0 {
            None => work(sql),
            Some(state) => work(&mut FaultySql { sql, state }),
        }
    }

    /// Asked before each commit.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        self.0.as_ref().map_or(Ok(()), |state| state.commits.strike("commit"))
    }
}

/// Turns that are still to come, the next one being 1.
#[derive(Default)]
struct Countdown(Mutex<Vec<u32>>);

impl Countdown {
    fn set(&self, turns: &[u32]) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = turns.to_vec();
    }

    fn strike(&self, what: &str) -> Result<(), StoreError> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = turns.contains(&1);
        turns.retain_mut(|turn| {
            *turn = turn.saturating_sub(1);
            *turn > 0
        });
        if due {
            Err(StoreError::Other(format!("injected failure of a {what}")))
        } else {
            Ok(())
        }
    }
}

struct FaultySql<'a> {
    sql: &'a mut dyn Sql,
    state: &'a State,
}

impl Sql for FaultySql<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.state.statements.strike("statement")?;
        self.sql.execute(sql, values)
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.state.statements.strike("statement")?;
        self.sql.query(sql, values, each)
    }
}
