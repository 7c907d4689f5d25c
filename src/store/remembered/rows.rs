//! Packed rows of sessions in the order in which they came, found by session and by account.
//!
//! They lie in pieces of one size. When no more pieces may be made, the oldest is emptied and becomes the newest. What is
//! forgotten stays in its piece until then, but is found no more. So nothing here takes longer the more is kept, apart
//! from a table that grows.
//!
//! Each row knows the row of the same account that came before it: that way the sessions of an account are found without a list
//! for each account.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::domain::account::AccountKey;
use crate::domain::ids::SessionId;

/// Bytes of a piece. What is longer than that is not kept.
const PIECE: usize = 1 << PLACES;
/// Bits of a place in a piece.
const PLACES: u32 = 17;
/// Before each row: its session, its account, the account's row before it, and its length.
const HEAD: usize = 8 + 8 + 8 + 4;
/// What the tables take for each byte of rows, about: a share of this.
const TABLES: usize = 4;

/// Where a row is: the number of its piece, and from which byte on. Numbers of pieces are never used again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(u64);

impl Place {
    const NOWHERE: Self = Self(u64::MAX);

    fn new(piece: u64, at: usize) -> Self {
        Self(piece << PLACES | at as u64)
    }

    const fn piece(self) -> u64 {
        self.0 >> PLACES
    }

    fn at(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX) & (PIECE - 1)
    }
}

/// A row where it lies.
struct Found<'r> {
    session: SessionId,
    account: AccountKey,
    previous: Place,
    row: &'r [u8],
}

/// The rows.
pub(super) struct Rows {
    pieces: VecDeque<Vec<u8>>,
    /// The number of the oldest piece.
    oldest: u64,
    most: usize,
    spare: Vec<Vec<u8>>,
    by_session: HashMap<SessionId, Place>,
    /// The newest row of each.
    by_account: HashMap<AccountKey, Place>,
}

impl Rows {
    /// For rows of `bytes` together, with the tables that find them.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            pieces: VecDeque::new(),
            oldest: 0,
            most: (bytes - bytes / TABLES) / PIECE,
            spare: Vec::new(),
            by_session: HashMap::new(),
            by_account: HashMap::new(),
        }
    }

    pub(super) fn has(&self, session: SessionId) -> bool {
        self.by_session.contains_key(&session)
    }

    pub(super) fn get(&self, session: SessionId) -> Option<&[u8]> {
        let place = self.by_session.get(&session)?;
        self.read(*place).map(|found| found.row)
    }

    /// Keeps a row, in place of the one that the session had; hands those whom it pushes out to `gone`. False if there is no
    /// room for it at all.
    pub(super) fn put(
        &mut self,
        session: SessionId,
        account: AccountKey,
        row: &[u8],
        gone: impl FnMut(SessionId),
    ) -> bool {
        self.forget(session);
        let Some(length) = u32::try_from(row.len()).ok().filter(|_| HEAD + row.len() <= PIECE) else {
            return false;
        };
        if !self.make_room(HEAD + row.len(), gone) {
            return false;
        }
        let newest = self.oldest + self.pieces.len() as u64 - 1;
        let Some(piece) = self.pieces.back_mut() else {
            return false;
        };
        let place = Place::new(newest, piece.len());
        let previous = self.by_account.insert(account, place).unwrap_or(Place::NOWHERE);
        piece.extend_from_slice(&session.number().to_le_bytes());
        piece.extend_from_slice(&account.number().to_le_bytes());
        piece.extend_from_slice(&previous.0.to_le_bytes());
        piece.extend_from_slice(&length.to_le_bytes());
        piece.extend_from_slice(row);
        self.by_session.insert(session, place);
        true
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        let Some(place) = self.by_session.remove(&session) else {
            return;
        };
        let Some((account, previous)) = self.read(place).map(|found| (found.account, found.previous)) else {
            return;
        };
        // A row that is read again and again leaves no trail behind.
        if self.by_account.get(&account) == Some(&place) {
            if self.is_there(previous) {
                self.by_account.insert(account, previous);
            } else {
                self.by_account.remove(&account);
            }
        }
    }

    /// Forgets the sessions of an account and hands each to `gone`.
    pub(super) fn forget_account(&mut self, account: AccountKey, mut gone: impl FnMut(SessionId)) {
        let mut next = self.by_account.remove(&account);
        while let Some(place) = next {
            let Some((session, previous)) = self.read(place).map(|found| (found.session, found.previous)) else {
                return;
            };
            if self.by_session.get(&session) == Some(&place) {
                self.by_session.remove(&session);
                gone(session);
            }
            next = Some(previous);
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.by_session.clear();
        self.by_account.clear();
        self.oldest += self.pieces.len() as u64;
        for mut piece in self.pieces.drain(..) {
            piece.clear();
            self.spare.push(piece);
        }
    }

    fn is_there(&self, place: Place) -> bool {
        place != Place::NOWHERE && place.piece() >= self.oldest
    }

    fn read(&self, place: Place) -> Option<Found<'_>> {
        if !self.is_there(place) {
            return None;
        }
        let piece = usize::try_from(place.piece() - self.oldest).ok()?;
        found(self.pieces.get(piece)?.get(place.at()..)?)
    }

    /// Sees to it that the newest piece has room for `length` more bytes.
    fn make_room(&mut self, length: usize, gone: impl FnMut(SessionId)) -> bool {
        if self.pieces.back().is_some_and(|piece| piece.len() + length <= PIECE) {
            return true;
        }
        let empty = if self.pieces.len() < self.most {
            self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PIECE))
        } else if let Some(piece) = self.pieces.pop_front() {
            self.emptied(piece, gone)
        } else {
            return false;
        };
        self.pieces.push_back(empty);
        true
    }

    /// The oldest piece, which was just taken out, without its rows.
    fn emptied(&mut self, mut piece: Vec<u8>, mut gone: impl FnMut(SessionId)) -> Vec<u8> {
        let mut at = 0;
        while let Some(Found {
            session, account, row, ..
        }) = piece.get(at..).and_then(found)
        {
            let place = Place::new(self.oldest, at);
            if self.by_session.get(&session) == Some(&place) {
                self.by_session.remove(&session);
                gone(session);
            }
            if self.by_account.get(&account) == Some(&place) {
                self.by_account.remove(&account);
            }
            at += HEAD + row.len();
        }
        self.oldest += 1;
        piece.clear();
        piece
    }
}

/// The row at the beginning of `bytes`.
fn found(bytes: &[u8]) -> Option<Found<'_>> {
    let (session, rest) = bytes.split_first_chunk::<8>()?;
    let (account, rest) = rest.split_first_chunk::<8>()?;
    let (previous, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    Some(Found {
        session: SessionId::from_row(i64::from_le_bytes(*session)),
        account: AccountKey::from_row(i64::from_le_bytes(*account)),
        previous: Place(u64::from_le_bytes(*previous)),
        row: rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const fn id(number: i64) -> SessionId {
        SessionId::from_row(number)
    }

    fn rows(pieces: usize) -> Rows {
        let rows = Rows::new(pieces * PIECE * TABLES / (TABLES - 1));
        assert_eq!(rows.most, pieces);
        rows
    }

    /// A row that nothing else looks like.
    fn row(session: i64, length: usize) -> Vec<u8> {
        session.to_le_bytes().into_iter().cycle().take(length).collect()
    }

    #[test]
    fn the_oldest_give_way_to_the_newest() {
        let mut rows = rows(3);
        let half = PIECE / 2 - HEAD;
        let mut gone = Vec::new();
        for number in 0..7 {
            assert!(
                rows.put(id(number), AccountKey::from_row(1), &row(number, half), |who| gone
                    .push(who))
            );
        }
        assert_eq!(gone, [id(0), id(1)], "a piece at a time");
        assert_eq!(rows.get(id(1)), None);
        assert_eq!(rows.get(id(2)), Some(row(2, half).as_slice()));
        assert_eq!(rows.get(id(6)), Some(row(6, half).as_slice()));
        let mut of_account = Vec::new();
        rows.forget_account(AccountKey::from_row(1), |who| of_account.push(who));
        assert_eq!(of_account, [6, 5, 4, 3, 2].map(id), "the chain ends where the rows do");
    }

    #[test]
    fn what_fits_nowhere_is_not_kept_and_nothing_goes_for_it() {
        let mut rows = rows(1);
        let nobody = |who| panic!("{who} had to go");
        assert!(rows.put(id(1), AccountKey::from_row(1), b"first", nobody));
        assert!(!rows.put(id(2), AccountKey::from_row(1), &row(2, PIECE), nobody));
        assert_eq!(rows.get(id(1)), Some(&b"first"[..]));
        let mut none = Rows::new(PIECE);
        assert!(!none.put(id(1), AccountKey::from_row(1), b"first", nobody));
        assert_eq!(none.get(id(1)), None);
    }

    #[test]
    fn a_session_read_again_and_again_leaves_no_trail() {
        let mut rows = rows(2);
        for _ in 0..100 {
            rows.put(id(1), AccountKey::from_row(1), b"row", |_| {});
        }
        let newest = rows.by_account[&AccountKey::from_row(1)];
        assert!(rows.read(newest).unwrap().previous == Place::NOWHERE);
    }

    #[test]
    fn memory_is_used_again_when_all_is_forgotten() {
        let mut rows = rows(2);
        for _ in 0..5 {
            for number in 0..4 {
                rows.put(
                    id(number),
                    AccountKey::from_row(number),
                    &row(number, PIECE / 2),
                    |_| {},
                );
            }
            rows.forget_all();
            assert_eq!(rows.get(id(3)), None);
            assert_eq!(rows.spare.len(), 2);
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Put(i64, usize),
        Forget(i64),
        ForgetAccount(i64),
        ForgetAll,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            12 => (0_i64..24, 0_usize..PIECE / 3).prop_map(|(session, length)| Step::Put(session, length)),
            4 => (0_i64..24).prop_map(Step::Forget),
            2 => (0_i64..4).prop_map(Step::ForgetAccount),
            1 => Just(Step::ForgetAll),
        ];
        proptest::collection::vec(step, 1..120)
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_was_put_last_and_never_what_was_forgotten(steps in steps()) {
            let mut rows = rows(4);
            // What may be found; session N belongs to account N modulo 4.
            let mut known: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Put(session, length) => {
                        let mut gone = BTreeSet::new();
                        let account = AccountKey::from_row(session % 4);
                        let new = row(session, length);
                        let is_kept = rows.put(id(session), account, &new, |who| { gone.insert(who.number()); });
                        prop_assert!(is_kept);
                        known.retain(|session, _| !gone.contains(session));
                        known.insert(session, new);
                    }
                    Step::Forget(session) => {
                        rows.forget(id(session));
                        known.remove(&session);
                    }
                    Step::ForgetAccount(account) => {
                        let mut gone = BTreeSet::new();
                        rows.forget_account(AccountKey::from_row(account), |who| { gone.insert(who.number()); });
                        let theirs = known.keys().copied().filter(|session| session % 4 == account);
                        prop_assert_eq!(gone, theirs.collect::<BTreeSet<_>>());
                        known.retain(|session, _| session % 4 != account);
                    }
                    Step::ForgetAll => {
                        rows.forget_all();
                        known.clear();
                    }
                }
                for session in 0..24 {
                    prop_assert_eq!(rows.get(id(session)), known.get(&session).map(Vec::as_slice));
                }
            }
        }
    }
}
