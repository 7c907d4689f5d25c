//! Sessions of everybody: pages of them, filtered and sorted, and the end of some or all.

use std::collections::BTreeMap;

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::list::Start;
use crate::domain::session::Identity;
use crate::domain::session_list::{Filter, Found, Order, Present, Selection};
use crate::store::{audit, session_list, sessions};

/// Sessions that end in one step: others write in between.
const STEP: u32 = 500;

impl App {
    /// When it is, for what is asked about sessions.
    #[must_use]
    pub fn present(&self) -> Present {
        Present {
            now: self.now(),
            idle: self.config.session.idle,
        }
    }

    /// A page of the sessions that match.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_sessions(
        &self,
        filter: Filter,
        order: Order,
        start: Start,
        limit: usize,
    ) -> Result<Found, Failure> {
        let present = self.present();
        let found = self
            .store
            .scan(move |tx| session_list::find(tx, (&filter, order), present, &start, limit));
        Ok(found.await?)
    }

    /// Those of these sessions that count, in the same order.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn sessions_with(&self, ids: &[SessionId]) -> Result<Vec<Identity>, Failure> {
        let (ids, present) = (ids.to_vec(), self.present());
        let known = self.store.scan(move |tx| {
            let found = ids.iter().map(|id| sessions::identity(tx, *id));
            found.collect::<Result<Vec<_>, _>>()
        });
        let all = Filter::default();
        let known = known.await?.into_iter().flatten();
        Ok(known.filter(|known| all.matches(known, present)).collect())
    }

    /// How many sessions count.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn session_count(&self) -> Result<u64, Failure> {
        let present = self.present();
        Ok(self.store.scan(move |tx| session_list::count(tx, present)).await?)
    }

    /// Ends sessions, all but that of whoever asks (see [`Selection::spares`]); `note` hears now and then how many have
    /// ended. Sessions that begin meanwhile go on.
    ///
    /// # Errors
    /// Only a fault. What ended until then has ended.
    pub async fn end_sessions(
        &self,
        selection: &Selection,
        own: Option<SessionId>,
        by: &Actor,
        mut note: impl FnMut(u64),
    ) -> Result<u64, Failure> {
        let (keep, mut ended) = (selection.spares(own), 0);
        match selection {
            Selection::These(ids) => {
                for some in ids.chunks(STEP as usize) {
                    let some = self.sessions_with(some).await?;
                    ended += self.end_some(some, keep, by).await?;
                    note(ended);
                }
            }
            Selection::Matching(filter) => {
                let (present, last) = (self.present(), SessionId::new(self.now(), u32::MAX));
                let mut after = None;
                loop {
                    let filter = filter.clone();
                    let next = self
                        .store
                        .scan(move |tx| session_list::next(tx, &filter, present, (after, last), STEP));
                    let (some, next) = next.await?;
                    ended += self.end_some(some, keep, by).await?;
                    note(ended);
                    let Some(next) = next else { break };
                    after = Some(next);
                }
            }
        }
        Ok(ended)
    }

    /// Ends these sessions, with one line in the audit log for each account; answers with how many there were.
    async fn end_some(&self, some: Vec<Identity>, keep: Option<SessionId>, by: &Actor) -> Result<u64, Failure> {
        let mut owners: BTreeMap<UserId, Vec<SessionId>> = BTreeMap::new();
        for one in some.iter().filter(|one| Some(one.session.id) != keep) {
            owners.entry(one.account.id).or_default().push(one.session.id);
        }
        if owners.is_empty() {
            return Ok(0);
        }
        let event = self.event_of(EventKind::SessionEnded, None, by, "");
        let ended = self.store.write(move |tx| {
            let mut all = 0;
            for (owner, ids) in &owners {
                let mut ended = 0;
                for id in ids {
                    ended += u64::from(sessions::delete(tx, *id)?);
                }
                if ended > 0 {
                    let detail = by_admin(ended);
                    let event = Event {
                        detail,
                        ..event.clone()
                    };
                    audit::append(tx, &event.about(*owner))?;
                }
                all += ended;
            }
            Ok(all)
        });
        Ok(ended.await?)
    }
}

/// The remark of the audit log about sessions that somebody else ended.
pub(super) fn by_admin(count: u64) -> String {
    match count {
        1 => "by_admin".to_owned(),
        many => format!("by_admin {many}"),
    }
}
