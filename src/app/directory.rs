//! The list of everybody: pages of it, filtered and sorted, and LibreChat's two ways to ask for it.

use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::directory::{Filter, Found, Order, Sort, Start, fold};
use crate::domain::ids::UserId;
use crate::store::{accounts, directory};

/// How many of those who begin like that are sorted to find the first ones by name.
const MOST_SORTED: u32 = 2_000;

/// How many accounts are looked at in one step through all of them.
pub const STEP: u32 = 1_000;

impl App {
    /// A page of those who match.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_users(&self, filter: Filter, order: Order, start: Start, limit: usize) -> Result<Found, Failure> {
        let found = self
            .store
            .scan(move |tx| directory::find(tx, &filter, order, &start, limit));
        Ok(found.await?)
    }

    /// The next of those who match, the oldest row first, and where to go on; `None` after the last.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn matching_after(
        &self,
        filter: &Filter,
        after: Option<AccountKey>,
    ) -> Result<(Vec<Account>, Option<AccountKey>), Failure> {
        let filter = filter.clone();
        Ok(self
            .store
            .scan(move |tx| directory::next(tx, &filter, after, STEP))
            .await?)
    }

    /// Those of these accounts that there are, in the same order.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn users_with(&self, ids: &[UserId]) -> Result<Vec<Account>, Failure> {
        let ids = ids.to_vec();
        let known = self.store.scan(move |tx| {
            let found = ids.iter().map(|id| accounts::by_id(tx, *id));
            found.collect::<Result<Vec<_>, _>>()
        });
        Ok(known.await?.into_iter().flatten().collect())
    }

    /// The newest accounts without the first `offset`, and how many there are.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn newest_users(&self, limit: u32, offset: u64) -> Result<(Vec<Account>, u64), Failure> {
        Ok(self.store.scan(move |tx| directory::newest(tx, limit, offset)).await?)
    }

    /// The first by name of those whose name, address or user name begins with a text.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn users_beginning_with(&self, text: &str, limit: usize) -> Result<Vec<Account>, Failure> {
        let folded = fold(text);
        let found = self
            .store
            .scan(move |tx| directory::beginning_with(tx, &folded, Sort::Name, MOST_SORTED))
            .await?;
        Ok(found.into_iter().take(limit).map(|row| row.account).collect())
    }
}
