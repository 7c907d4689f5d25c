//! Statements are run, and their plans looked at.

use rusqlite::Connection;

use crate::store::sql::{Row, Sql, Value};
use crate::store::{Sqlite, StoreError};

/// Runs statements and notes those whose plan walks through a whole table, or sorts it.
pub(super) struct Explaining<'c> {
    connection: &'c Connection,
    found: Vec<String>,
}

impl<'c> Explaining<'c> {
    pub(super) const fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            found: Vec::new(),
        }
    }

    pub(super) fn found(&self) -> &[String] {
        &self.found
    }

    fn explain(&mut self, sql: &'static str) {
        let mut plan = self
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .expect("a plan");
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next().expect("a step") {
            let detail: String = step.get(3).expect("text");
            let is_long = (detail.starts_with("SCAN") || looks_for_an_end(&detail)) && !is_short(sql, &detail);
            let sorts = detail.starts_with("USE TEMP B-TREE FOR") && detail.ends_with("ORDER BY") && !sorts_few(sql);
            if is_long || sorts {
                self.found.push(format!("{detail}: {sql}"));
            }
        }
    }
}

/// Whether the least or the greatest of an index is looked for, with conditions that the index knows nothing of.
fn looks_for_an_end(detail: &str) -> bool {
    detail.starts_with("SEARCH") && detail.contains(" INDEX ") && !detail.contains('(')
}

fn is_short(sql: &str, detail: &str) -> bool {
    // The index of admins is as short as the list of admins, that of newcomers is read to its limit, what could not be sent is
    // cleared away, and destroyed keys are as few as people who were deleted.
    let is_short = [
        "users_admins",
        "users_untold",
        "outbox_unsent",
        "audit_keys_destroyed",
        "spared_networks",
    ]
    .iter()
    .any(|name| detail.ends_with(name));
    // A list that another select made is as short as its limit. Rows are counted by the page, not one by one.
    let is_bounded = detail == "SCAN found"
        || detail == "SCAN CONSTANT ROW"
        || detail.contains("VIRTUAL TABLE INDEX")
        || detail == "SCAN users USING COVERING INDEX users_created"
        || sql == "SELECT count(*) FROM users";
    let oldest = |table: &str| sql.contains(&format!("FROM {table} ORDER BY id LIMIT"));
    is_short || is_bounded || detail.strip_prefix("SCAN ").is_some_and(oldest)
}

/// Whether only what belongs to one account or address is sorted, or one page, or what somebody wrote down line by line.
fn sorts_few(sql: &str) -> bool {
    [
        "user_seq = $1",
        "WHERE email = $1",
        "WHERE u.seq IN (SELECT seq FROM users",
        "FROM spared_networks",
    ]
    .iter()
    .any(|few| sql.contains(few))
}

impl Sql for Explaining<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.explain(sql);
        Sqlite(self.connection).execute(sql, values)
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.explain(sql);
        Sqlite(self.connection).query(sql, values, each)
    }
}
