//! The administration's table of users, where there are very many.

use anyhow::Result;

use super::{Bed, Run};
use crate::duel::Measured;
use crate::finding::Bound::AtMost;
use crate::finding::Finding;
use crate::load::Sample;
use crate::workload::Workload;

/// What an admin asks for, and where.
const QUESTIONS: [(&str, &str); 8] = [
    ("users, by name", "/admin/users?sort=name"),
    ("users, newest", "/admin/users"),
    ("users, by last login", "/admin/users?sort=last_login"),
    ("users, search that finds one", "/admin/users?q=user0424242"),
    ("users, search that finds thousands", "/admin/users?q=number+99"),
    ("users, two letters", "/admin/users?q=nu"),
    ("users, disabled, of whom there are none", "/admin/users?state=disabled"),
    (
        "users, four filters that nobody meets",
        "/admin/users?q=number&state=disabled&two_factor=yes&role=ADMIN",
    ),
];

impl Run<'_> {
    /// How long the page of users takes, from question to answer, over one connection.
    pub(super) fn users(&mut self, crowd: &Bed) -> Result<()> {
        let ask = |(what, path)| crowd.contender(what, Workload::Admin(path), 1);
        let measured = self.duel("the table of users", QUESTIONS.into_iter().map(ask).collect())?;
        for (measured, (what, _)) in measured.iter().zip(QUESTIONS) {
            self.find(Finding::new("users", what, latencies(measured), AtMost(30.0), AtMost(15.0)).unit("ms"));
        }
        Ok(())
    }
}

/// The median of each round, in milliseconds.
fn latencies(measured: &Measured) -> Vec<f64> {
    measured.samples.iter().map(|Sample { p50_ms, .. }| *p50_ms).collect()
}
