//! Who is here now: the last uses of sessions, kept in memory for some minutes, since the database learns of them later.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hashbrown::HashMap;

use crate::app::{App, Failure};
use crate::domain::ids::SessionId;
use crate::domain::session::Identity;
use crate::domain::time::Timestamp;
use crate::store::sessions;

pub use crate::domain::session_list::WITHIN;

/// So many are listed.
pub const LISTED: usize = 20;

/// More than this many are not told apart.
const MOST: usize = 100_000;

/// How often room is made at most.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Sessions that are looked up to see whether they ended meanwhile.
const LOOKED_UP: usize = 1_000;

#[derive(Default)]
pub(super) struct Here(Mutex<Uses>);

#[derive(Default)]
struct Uses {
    last: HashMap<SessionId, Timestamp>,
    /// Whether the uses before the start were read from the database.
    is_complete: bool,
    /// When those who left are next looked for to make room.
    sweep_at: Option<Timestamp>,
}

impl Uses {
    /// Forgets who left, once in a while: with more than are told apart there is no room, and to look for some would take
    /// longer than the request.
    fn make_room(&mut self, now: Timestamp) {
        if self.sweep_at.is_none_or(|at| now >= at) {
            self.last.retain(|_, at| now.since(*at) < WITHIN);
            self.sweep_at = Some(now.after(SWEEP_EVERY));
        }
    }
}

impl Here {
    pub(super) fn note(&self, id: SessionId, now: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.last.len() >= MOST && !uses.last.contains_key(&id) {
            uses.make_room(now);
        }
        if uses.last.len() < MOST {
            uses.last.insert(id, now);
        }
    }

    fn is_complete(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_complete
    }

    fn complete(&self, before: Vec<(SessionId, Timestamp)>) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, at) in before.into_iter().take(MOST) {
            uses.last.entry(id).or_insert(at);
        }
        uses.is_complete = true;
    }

    /// Who is here, the last one to do something first.
    fn present(&self, now: Timestamp) -> Vec<(SessionId, Timestamp)> {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.last.retain(|_, at| now.since(*at) < WITHIN);
        let mut present: Vec<_> = uses.last.iter().map(|(id, at)| (*id, *at)).collect();
        present.sort_unstable_by_key(|(id, at)| std::cmp::Reverse((*at, *id)));
        present
    }
}

/// Who is here.
#[derive(Clone, Debug, Default)]
pub struct Online {
    /// How many sessions were used within [`WITHIN`].
    pub count: usize,
    /// The last ones, newest first: who, and when they did something, to within a minute.
    pub newest: Vec<(Identity, Timestamp)>,
}

impl App {
    /// Who did something within the last minutes.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn online(&self) -> Result<Online, Failure> {
        let (now, idle) = (self.now(), self.config.session.idle);
        if !self.here.is_complete() {
            let since = now.before(WITHIN);
            let before = self.store.scan(move |tx| sessions::used_since(tx, since)).await?;
            self.here.complete(before);
        }
        let present = self.here.present(now);
        let (beyond, looked_up) = (present.len().saturating_sub(LOOKED_UP), LOOKED_UP);
        let online = self
            .store
            .scan(move |tx| {
                let mut online = Online {
                    count: beyond,
                    newest: Vec::new(),
                };
                for (id, at) in present.into_iter().take(looked_up) {
                    let found = sessions::identity(tx, id)?;
                    let Some(identity) = found.filter(|found| found.may_act(now, idle)) else {
                        continue;
                    };
                    online.count += 1;
                    if online.newest.len() < LISTED {
                        let at = at.max(identity.session.last_used_at);
                        online.newest.push((identity, at));
                    }
                }
                Ok(online)
            })
            .await?;
        Ok(online)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    #[test]
    fn whoever_did_nothing_for_minutes_is_gone() {
        let here = Here::default();
        here.note(SessionId::from_row(1), NOW);
        here.note(SessionId::from_row(2), NOW.after(Duration::from_mins(2)));
        here.note(SessionId::from_row(1), NOW.after(Duration::from_mins(1)));
        let ids = |now| here.present(now).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(
            ids(NOW.after(Duration::from_mins(3))),
            [SessionId::from_row(2), SessionId::from_row(1)]
        );
        assert_eq!(ids(NOW.after(Duration::from_mins(6))), [SessionId::from_row(2)]);
        assert_eq!(ids(NOW.after(Duration::from_mins(7))), []);
    }

    #[test]
    fn what_the_database_knew_does_not_overrule_what_happened_since() {
        let here = Here::default();
        here.note(SessionId::from_row(1), NOW);
        here.complete(vec![
            (SessionId::from_row(1), NOW.before(WITHIN)),
            (SessionId::from_row(2), NOW.before(Duration::from_mins(1))),
        ]);
        assert_eq!(here.present(NOW).len(), 2);
        assert!(here.is_complete());
    }
    #[test]
    fn with_more_than_are_told_apart_room_is_made_once_in_a_while() {
        let here = Here::default();
        let after = |seconds| NOW.after(Duration::from_secs(seconds));
        let newcomers = i64::try_from(MOST).unwrap();
        for id in 0..newcomers {
            here.note(SessionId::from_row(id), NOW);
        }
        let sweep = || here.0.lock().unwrap().sweep_at;
        here.note(SessionId::from_row(newcomers), after(1));
        assert_eq!(sweep(), Some(after(1).after(SWEEP_EVERY)));
        here.note(SessionId::from_row(newcomers), after(2));
        assert_eq!(sweep(), Some(after(1).after(SWEEP_EVERY)), "nobody looks again so soon");
        let later = NOW.after(WITHIN);
        here.note(SessionId::from_row(newcomers), later);
        assert_eq!(here.present(later), [(SessionId::from_row(newcomers), later)]);
    }
}
