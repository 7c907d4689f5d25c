//! Sessions read lately, kept in memory for as long as nobody changes them, so that checking one costs no query.
//!
//! What is kept is never older than the database. Two things see to that, and neither is a time limit:
//!
//! - *Our own writes* go through one connection. It says which rows it touches, and these are forgotten before whoever
//!   asked for the write hears that it is done.
//! - *Others' writes* (the command line, a shell) show in SQLite's count of commits, which is read at each question. A commit
//!   that was not ours makes everything forgotten.
//!
//! ```text
//!   writer   BEGIN ── begun() ── jobs … touched(row) ── COMMIT ── settled() ── answers
//!   reader        get(): count as known? ── yes: from memory ── no, or unknown row: query, put()
//! ```
//!
//! Between COMMIT and `settled` the count differs from the known one: readers ask the database, and keep nothing.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::commits::Commits;
use crate::domain::account::AccountKey;
use crate::domain::ids::SessionId;
use crate::domain::session::Identity;

/// Kept at most, twice: a generation that is full becomes the old one, and what is not asked for again goes with it.
const GENERATION: usize = 8192;
/// A write that touches more accounts than this forgets everything, which is quicker than looking for each.
const FEW: usize = 16;

/// What a question finds.
pub(super) enum Lookup {
    /// This, as the database has it now.
    Known(Arc<Identity>),
    /// The database has to be asked; the answer may be kept with this ticket.
    Unknown(Ticket),
}

/// Since when something is read. What was read before a write is not kept after it.
pub(super) struct Ticket(Option<u64>);

/// The memory of one open database.
pub(super) struct Remembered {
    state: Mutex<State>,
    touched: Arc<Mutex<Touched>>,
    commits: Option<Commits>,
}

#[derive(Default)]
struct State {
    /// The count of commits at which everything kept was true.
    known: Option<u32>,
    /// The count at the beginning of our own transaction, while there is one.
    begun: Option<u32>,
    /// Grows whenever something is forgotten.
    epoch: u64,
    young: HashMap<SessionId, Arc<Identity>>,
    old: HashMap<SessionId, Arc<Identity>>,
}

/// Rows that the open transaction touched.
#[derive(Default)]
struct Touched {
    sessions: Vec<SessionId>,
    accounts: Vec<AccountKey>,
    rows: u64,
}

impl Remembered {
    /// A memory for what `writer` writes; without `commits` nothing is ever kept.
    pub(super) fn of(writer: &Connection, commits: Option<Commits>) -> rusqlite::Result<Self> {
        let touched = Arc::new(Mutex::new(Touched::default()));
        if commits.is_some() {
            let noted = Arc::clone(&touched);
            writer.update_hook(Some(move |_, _: &str, table: &str, row| {
                locked(&noted).note(table, row);
            }))?;
        }
        Ok(Self {
            state: Mutex::default(),
            touched,
            commits,
        })
    }

    pub(super) fn get(&self, id: SessionId) -> Lookup {
        let Some(commits) = &self.commits else {
            return Lookup::Unknown(Ticket(None));
        };
        let mut state = locked(&self.state);
        let Some(count) = commits.count() else {
            return Lookup::Unknown(Ticket(None));
        };
        if state.known != Some(count) {
            if state.begun.is_some() {
                return Lookup::Unknown(Ticket(None));
            }
            state.forget_all();
            state.known = Some(count);
        }
        match state.find(id) {
            Some(identity) => Lookup::Known(identity),
            None => Lookup::Unknown(Ticket(Some(state.epoch))),
        }
    }

    pub(super) fn put(&self, ticket: &Ticket, identity: Arc<Identity>) {
        let Some(epoch) = ticket.0 else {
            return;
        };
        let mut state = locked(&self.state);
        if state.epoch == epoch {
            state.keep(identity);
        }
    }

    /// A transaction of ours has begun: nobody else commits until it ends.
    pub(super) fn begun(&self) {
        let Some(commits) = &self.commits else {
            return;
        };
        *locked(&self.touched) = Touched::default();
        let mut state = locked(&self.state);
        let count = commits.count();
        if state.known != count {
            state.forget_all();
            state.known = count;
        }
        state.begun = count;
    }

    /// It has ended, one way or the other.
    pub(super) fn settled(&self, is_committed: bool) {
        let Some(commits) = &self.commits else {
            return;
        };
        let touched = mem::take(&mut *locked(&self.touched));
        let mut state = locked(&self.state);
        let count = commits.count();
        let is_ours = match (state.begun.take(), count) {
            (Some(begun), Some(count)) => {
                count == begun || (is_committed && touched.rows > 0 && count == begun.wrapping_add(1))
            }
            (None, _) | (_, None) => false,
        };
        state.known = count;
        if is_ours && touched.accounts.len() <= FEW {
            state.forget(&touched);
        } else {
            state.forget_all();
        }
    }
}

impl State {
    fn find(&mut self, id: SessionId) -> Option<Arc<Identity>> {
        if let Some(identity) = self.young.get(&id) {
            return Some(Arc::clone(identity));
        }
        let identity = self.old.remove(&id)?;
        self.keep(Arc::clone(&identity));
        Some(identity)
    }

    fn keep(&mut self, identity: Arc<Identity>) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(identity.session.id, identity);
    }

    fn forget(&mut self, touched: &Touched) {
        self.epoch += 1;
        for id in &touched.sessions {
            self.young.remove(id);
            self.old.remove(id);
        }
        if !touched.accounts.is_empty() {
            let stays = |_: &SessionId, identity: &mut Arc<Identity>| !touched.accounts.contains(&identity.account.key);
            self.young.retain(stays);
            self.old.retain(stays);
        }
    }

    fn forget_all(&mut self) {
        self.epoch += 1;
        self.young.clear();
        self.old.clear();
    }
}

impl Touched {
    fn note(&mut self, table: &str, row: i64) {
        self.rows += 1;
        match table {
            "sessions" => self.sessions.push(SessionId::from_row(row)),
            "users" => {
                let account = AccountKey::from_row(row);
                if self.accounts.len() <= FEW && !self.accounts.contains(&account) {
                    self.accounts.push(account);
                }
            }
            _ => {}
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
