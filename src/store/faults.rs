//! Failures on demand, so that tests can see what the program does when a statement, a commit or the disk fails.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use rusqlite::Connection;

use super::sql::{Row, Sql, Value};
use super::{OpenError, StoreError};

/// Which statement or commit fails. Clones share the setting; the default fails nothing and costs one branch.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<State>>);

struct State {
    statements: AtomicI64,
    commits: AtomicI64,
    pages: AtomicU32,
}

impl Faults {
    /// Failures that can be asked for later.
    #[must_use]
    pub fn armed() -> Self {
        Self(Some(Arc::new(State {
            statements: AtomicI64::new(0),
            commits: AtomicI64::new(0),
            pages: AtomicU32::new(0),
        })))
    }

    /// The `n`th statement from now on, counted from 1, fails.
    pub fn fail_statement(&self, n: i64) {
        if let Some(state) = &self.0 {
            state.statements.store(n, Ordering::SeqCst);
        }
    }

    /// The `n`th commit from now on, counted from 1, fails.
    pub fn fail_commit(&self, n: i64) {
        if let Some(state) = &self.0 {
            state.commits.store(n, Ordering::SeqCst);
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
        self.0.as_ref().map_or(Ok(()), |state| strike(&state.commits, "commit"))
    }
}

fn strike(left: &AtomicI64, what: &str) -> Result<(), StoreError> {
    if left.fetch_sub(1, Ordering::SeqCst) == 1 {
        Err(StoreError::Other(format!("injected failure of a {what}")))
    } else {
        Ok(())
    }
}

struct FaultySql<'a> {
    sql: &'a mut dyn Sql,
    state: &'a State,
}

impl Sql for FaultySql<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        strike(&self.state.statements, "statement")?;
        self.sql.execute(sql, values)
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        strike(&self.state.statements, "statement")?;
        self.sql.query(sql, values, each)
    }
}
