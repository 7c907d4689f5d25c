//! Sessions of everybody: pages of them, filtered and sorted, and the end of some or all.

use std::collections::BTreeMap;

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::job::JobId;
use crate::domain::list::{Start, Total};
use crate::domain::session::Identity;
use crate::domain::session_list::{Asker, Ending, Filter, Found, Order, Present, Selection};
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

    /// How many sessions of a selection end if somebody wants it.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn count_meant(&self, selection: &Selection, asker: Asker) -> Result<Total, Failure> {
        let filter = match selection {
            Selection::These(ids) => {
                let mut known = self.sessions_with(ids).await?;
                known.retain(|known| !selection.spares(known, asker));
                return Ok(Total::Exactly(known.len() as u64));
            }
            Selection::Matching(filter) => filter,
        };
        let all = if filter.is_empty() {
            Total::Exactly(self.session_count().await?)
        } else {
            self.total_of((**filter).clone()).await?
        };
        let Total::Exactly(all) = all else { return Ok(all) };
        let spared = match asker {
            Asker::Console => 0,
            Asker::Session(own) => {
                let own = self.sessions_with(&[own]).await?;
                own.iter().filter(|own| filter.matches(own, self.present())).count() as u64
            }
            Asker::Program(owner) if filter.user.is_some_and(|user| user != owner) => 0,
            Asker::Program(owner) => {
                let user = Some(owner);
                self.total_of(Filter {
                    user,
                    ..(**filter).clone()
                })
                .await?
                .number()
            }
        };
        Ok(Total::Exactly(all.saturating_sub(spared)))
    }

    async fn total_of(&self, filter: Filter) -> Result<Total, Failure> {
        let found = self.find_sessions(filter, Order::default(), Start::Beginning, 1);
        Ok(found.await?.total)
    }

    /// Begins the end of many sessions in the background: [`App::run_ending`] ends them.
    ///
    /// # Errors
    /// [`Refusal::Busy`](crate::domain::refusal::Refusal::Busy) while as many as may go on at a time do, or a fault.
    pub async fn new_ending(&self, selection: &Selection, asker: Asker) -> Result<JobId, Failure> {
        let meant = self.count_meant(selection, asker).await?;
        Ok(self.endings.begin(JobId::new(self.random()), meant)?)
    }

    /// Ends the sessions whose end was begun.
    pub async fn run_ending(&self, id: JobId, selection: &Selection, asker: Asker, by: &Actor) {
        let note = |ended| self.endings.note(id, ended);
        let outcome = self.end_sessions(selection, asker, by, note).await;
        self.endings.end(id, outcome);
    }

    /// How far the end of many sessions has come; `None` if it is not remembered.
    #[must_use]
    pub fn ending(&self, id: JobId) -> Option<Ending> {
        self.endings.find(id)
    }

    /// Ends sessions, all but those that [`Selection::spares`]; `note` hears now and then how many have ended. Sessions that
    /// begin meanwhile go on. Where all that match end, one line of the audit log says at last how many they were.
    ///
    /// # Errors
    /// Only a fault. What ended until then has ended.
    pub async fn end_sessions(
        &self,
        selection: &Selection,
        asker: Asker,
        by: &Actor,
        mut note: impl FnMut(u64),
    ) -> Result<u64, Failure> {
        let (mut ended, spares) = (0, |known: &Identity| selection.spares(known, asker));
        match selection {
            Selection::These(ids) => {
                for some in ids.chunks(STEP as usize) {
                    let mut some = self.sessions_with(some).await?;
                    some.retain(|known| !spares(known));
                    ended += self.end_some(some, by).await?;
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
                    let (mut some, next) = next.await?;
                    some.retain(|known| !spares(known));
                    ended += self.end_some(some, by).await?;
                    note(ended);
                    let Some(next) = next else { break };
                    after = Some(next);
                }
                self.note_ended(ended, by).await?;
            }
        }
        Ok(ended)
    }

    /// One line in the audit log for all of them together.
    async fn note_ended(&self, ended: u64, by: &Actor) -> Result<(), Failure> {
        if ended == 0 {
            return Ok(());
        }
        let event = self.event_of(EventKind::SessionsEnded, None, by, &ended.to_string());
        Ok(self.store.write(move |tx| audit::append(tx, &event)).await?)
    }

    /// Ends these sessions, with one line in the audit log for each account; answers with how many there were.
    async fn end_some(&self, some: Vec<Identity>, by: &Actor) -> Result<u64, Failure> {
        let mut owners: BTreeMap<UserId, Vec<SessionId>> = BTreeMap::new();
        for one in &some {
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
