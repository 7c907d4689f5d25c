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
//!
//! Sessions are kept as their rows, packed; those asked for again and again also as what is made of a row. The latter are always
//! among the former, which know the sessions of an account.

mod packed;
mod rows;

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{HashMap, HashSet};
use rusqlite::Connection;

use super::commits::Commits;
use super::sessions;
use crate::domain::account::AccountKey;
use crate::domain::ids::SessionId;
use crate::domain::session::Identity;

pub(super) use packed::{Packed, pack};
use rows::Rows;

/// Kept unpacked at most.
const UNPACKED: usize = 8192;
/// So many that were asked for again are passed over, at most, when one has to go.
const CHANCES: usize = 4;
/// A write that touches more sessions or more accounts than this forgets everything, which is quicker than looking for each.
const FEW: usize = 4096;

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
    lately: Lately,
    touched: Arc<Mutex<Touched>>,
    commits: Option<Commits>,
}

struct State {
    /// The count of commits at which everything kept was true.
    known: Option<u32>,
    /// The count at the beginning of our own transaction, while there is one.
    begun: Option<u32>,
    /// Grows whenever something is forgotten.
    epoch: u64,
    rows: Rows,
    unpacked: Unpacked,
}

/// What was made of rows. One goes for one that comes: the one that came first, unless it was asked for since.
#[derive(Default)]
struct Unpacked {
    known: HashMap<SessionId, Kept>,
    /// In the order in which they came; some may be gone already.
    order: VecDeque<SessionId>,
}

struct Kept {
    identity: Arc<Identity>,
    is_asked_for: bool,
}

/// Who was asked for lately, more or less: whoever is asked for twice within some thousand questions is worth being kept unpacked.
/// In a crowd so large that nobody is, unpacking each time costs less than keeping.
struct Lately(Box<[AtomicI64]>);

/// Rows that the open transaction touched.
#[derive(Default)]
struct Touched {
    sessions: Vec<SessionId>,
    accounts: HashSet<AccountKey>,
    rows: u64,
}

impl Remembered {
    /// A memory of so many bytes for what `writer` writes; without `commits` nothing is ever kept.
    pub(super) fn of(writer: &Connection, commits: Option<Commits>, bytes: usize) -> rusqlite::Result<Self> {
        let touched = Arc::new(Mutex::new(Touched::default()));
        if commits.is_some() {
            let noted = Arc::clone(&touched);
            writer.update_hook(Some(move |_, _: &str, table: &str, row| {
                locked(&noted).note(table, row);
            }))?;
        }
        Ok(Self {
            state: Mutex::new(State {
                known: None,
                begun: None,
                epoch: 0,
                rows: Rows::new(bytes),
                unpacked: Unpacked::default(),
            }),
            lately: Lately::default(),
            touched,
            commits,
        })
    }

    pub(super) fn get(&self, id: SessionId) -> Lookup {
        let Some(commits) = &self.commits else {
            return Lookup::Unknown(Ticket(None));
        };
        // Read without holding others up. If what is kept was true at this count, the answer is as of this moment.
        let Some(count) = commits.count() else {
            return Lookup::Unknown(Ticket(None));
        };
        let mut state = locked(&self.state);
        if state.known != Some(count) && !state.catches_up(commits) {
            return Lookup::Unknown(Ticket(None));
        }
        if let Some(identity) = state.unpacked.find(id) {
            return Lookup::Known(identity);
        }
        let (ticket, row) = (Ticket(Some(state.epoch)), state.rows.get(id).map(<[u8]>::to_vec));
        drop(state);
        match row.and_then(|row| sessions::unpacked(&row)).map(Arc::new) {
            Some(identity) => {
                self.keep(&ticket, &identity, None);
                Lookup::Known(identity)
            }
            None => Lookup::Unknown(ticket),
        }
    }

    /// Keeps what the database answered, and the row that it was made of.
    pub(super) fn put(&self, ticket: &Ticket, identity: &Arc<Identity>, row: &[u8]) {
        self.keep(ticket, identity, Some(row));
    }

    fn keep(&self, ticket: &Ticket, identity: &Arc<Identity>, row: Option<&[u8]>) {
        let Some(epoch) = ticket.0 else {
            return;
        };
        let is_asked_again = self.lately.is_asked_again(identity.session.id);
        if row.is_none() && !is_asked_again {
            return;
        }
        let mut state = locked(&self.state);
        if state.epoch != epoch {
            return;
        }
        let is_kept = match row {
            Some(row) => state.put(identity, row),
            None => state.rows.has(identity.session.id),
        };
        if is_kept && is_asked_again {
            state.unpacked.keep(Arc::clone(identity));
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
        if is_ours && touched.sessions.len() <= FEW && touched.accounts.len() <= FEW {
            state.forget(&touched);
        } else {
            state.forget_all();
        }
    }
}

impl Default for Lately {
    fn default() -> Self {
        Self((0..UNPACKED).map(|_| AtomicI64::new(0)).collect())
    }
}

impl Lately {
    fn is_asked_again(&self, id: SessionId) -> bool {
        // The lowest bits of an id are random.
        let bits = usize::try_from(id.number() & i64::from(u16::MAX)).unwrap_or(0);
        let place = self.0.get(bits % UNPACKED);
        place.is_some_and(|place| place.swap(id.number(), Ordering::Relaxed) == id.number())
    }
}

impl State {
    /// Forgets what somebody else may have changed; false in the middle of a write of ours, or if nobody knows.
    fn catches_up(&mut self, commits: &Commits) -> bool {
        // Once more, now that our own writes wait: one may have ended in between.
        let Some(count) = commits.count() else {
            return false;
        };
        if self.known != Some(count) {
            if self.begun.is_some() {
                return false;
            }
            self.forget_all();
            self.known = Some(count);
        }
        true
    }

    /// Keeps a row; false if there is no room for it.
    fn put(&mut self, identity: &Identity, row: &[u8]) -> bool {
        let (session, account) = (identity.session.id, identity.account.key);
        let Self { rows, unpacked, .. } = self;
        unpacked.forget(session);
        rows.put(session, account, row, |gone| unpacked.forget(gone))
    }

    fn forget(&mut self, touched: &Touched) {
        self.epoch += 1;
        let Self { rows, unpacked, .. } = self;
        for id in &touched.sessions {
            rows.forget(*id);
            unpacked.forget(*id);
        }
        for account in &touched.accounts {
            rows.forget_account(*account, |id| unpacked.forget(id));
        }
    }

    fn forget_all(&mut self) {
        self.epoch += 1;
        self.rows.forget_all();
        self.unpacked = Unpacked::default();
    }
}

impl Unpacked {
    fn find(&mut self, id: SessionId) -> Option<Arc<Identity>> {
        let kept = self.known.get_mut(&id)?;
        kept.is_asked_for = true;
        Some(Arc::clone(&kept.identity))
    }

    fn keep(&mut self, identity: Arc<Identity>) {
        let id = identity.session.id;
        let mut chances = CHANCES;
        while self.order.len() >= UNPACKED
            && let Some(first) = self.order.pop_front()
        {
            match self.known.get_mut(&first) {
                Some(kept) if kept.is_asked_for && chances > 0 => {
                    kept.is_asked_for = false;
                    chances -= 1;
                    self.order.push_back(first);
                }
                Some(_) => drop(self.known.remove(&first)),
                None => {}
            }
        }
        let is_asked_for = false;
        self.known.insert(id, Kept { identity, is_asked_for });
        self.order.push_back(id);
    }

    fn forget(&mut self, id: SessionId) {
        self.known.remove(&id);
    }
}

impl Touched {
    fn note(&mut self, table: &str, row: i64) {
        self.rows += 1;
        match table {
            "sessions" if self.sessions.len() <= FEW => self.sessions.push(SessionId::from_row(row)),
            "users" if self.accounts.len() <= FEW => drop(self.accounts.insert(AccountKey::from_row(row))),
            _ => {}
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
