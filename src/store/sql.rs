//! The seam between tables and drivers: static SQL text, four kinds of values, rows read column by column.
//!
//! Parameters are written `$1…$n` in the order of their first use, which is how SQLite numbers them.

use crate::domain::account::AccountKey;
use crate::domain::account_key::GuessKey;
use crate::domain::ids::SessionId;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;

use super::StoreError;
use super::remembered::pack;

/// Few rows are longer when packed, in bytes.
const USUAL_ROW: usize = 512;

/// A value on its way into or out of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// SQL's NULL.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// UTF-8 text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What a driver offers.
pub trait Sql {
    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError>;

    /// Runs a query to its end and hands each row to `each`.
    ///
    /// # Errors
    /// [`StoreError`] as the database reports it, or the first one that `each` returns.
    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// One row of a result.
pub trait Row {
    /// The value of the column at `index`, from 0; `None` if it is none of the four kinds.
    fn value(&self, index: usize) -> Option<Value<'_>>;
}

/// One transaction, or one snapshot when reading. Table modules are its only users.
pub struct Tx<'a> {
    sql: &'a mut dyn Sql,
    vault: Option<&'a dyn Vault>,
    wakes_sender: bool,
}

impl<'a> Tx<'a> {
    pub(super) fn new(sql: &'a mut dyn Sql, vault: Option<&'a dyn Vault>) -> Self {
        Self {
            sql,
            vault,
            wakes_sender: false,
        }
    }

    /// What seals personal data in the audit log; `None` if the store was opened without keys.
    pub(super) fn vault(&self) -> Option<&'a dyn Vault> {
        self.vault
    }

    /// Once this is committed there is a letter to be sent.
    pub(super) fn wake_sender(&mut self) {
        self.wakes_sender = true;
    }

    /// Whether somebody asked for that.
    pub(super) fn wakes_sender(&self) -> bool {
        self.wakes_sender
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.sql.execute(sql, values)
    }

    /// Runs a query and reads every row.
    pub(super) fn rows<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.sql.query(sql, values, &mut |row| {
            found.push(read(&mut Columns::new(row))?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a query and reads its first row, if there is one.
    pub(super) fn row<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.sql.query(sql, values, &mut |row| {
            if found.is_none() {
                found = Some(read(&mut Columns::new(row))?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a query that answers with one integer, such as a count.
    pub(super) fn number(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, StoreError> {
        let found = self.row(sql, values, |columns| columns.integer("count"))?;
        found.ok_or_else(|| StoreError::Other(format!("no row came from {sql}")))
    }
}

/// Reads a row from left to right; a value that cannot be is reported with table, column and row.
pub(super) struct Columns<'r> {
    row: &'r dyn Row,
    table: &'static str,
    key: usize,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn new(row: &'r dyn Row) -> Self {
        Self {
            row,
            table: "result",
            key: 0,
            next: 0,
        }
    }

    /// The columns that follow belong to `table` and start with its integer primary key.
    pub(super) fn of(&mut self, table: &'static str) -> &mut Self {
        self.table = table;
        self.key = self.next;
        self
    }

    /// What was read so far, packed.
    pub(super) fn packed(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(USUAL_ROW);
        for index in 0..self.next {
            pack(&mut packed, self.row.value(index).unwrap_or(Value::Null));
        }
        packed
    }

    /// The next value as `read` understands it.
    pub(super) fn read<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(Value<'_>) -> Option<T>,
    ) -> Result<T, StoreError> {
        let value = self.row.value(self.next).and_then(read);
        self.next += 1;
        value.ok_or_else(|| self.corrupt(column))
    }

    fn optional<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(Value<'_>) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        if self.row.value(self.next) == Some(Value::Null) {
            self.next += 1;
            return Ok(None);
        }
        self.read(column, read).map(Some)
    }

    /// The error for a value read before, which turned out to be none.
    pub(super) fn corrupt(&self, column: &'static str) -> StoreError {
        let row = match self.row.value(self.key) {
            Some(Value::Integer(number)) => number,
            _ => 0,
        };
        StoreError::Corrupt {
            table: self.table,
            column,
            row,
        }
    }

    pub(super) fn integer(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.read(column, integer)
    }

    pub(super) fn optional_integer(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.optional(column, integer)
    }

    /// The next value is a number that cannot be negative.
    pub(super) fn count(&mut self, column: &'static str) -> Result<u32, StoreError> {
        self.read(column, |value| {
            integer(value).and_then(|number| u32::try_from(number).ok())
        })
    }

    pub(super) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.read(column, |value| text(value).map(str::to_owned))
    }

    pub(super) fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.optional(column, |value| text(value).map(str::to_owned))
    }

    pub(super) fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.read(column, |value| integer(value).map(Timestamp::from_millis))
    }

    pub(super) fn optional_time(&mut self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        self.optional(column, |value| integer(value).map(Timestamp::from_millis))
    }

    pub(super) fn digest(&mut self, column: &'static str) -> Result<TokenDigest, StoreError> {
        self.read(column, digest)
    }

    pub(super) fn optional_digest(&mut self, column: &'static str) -> Result<Option<TokenDigest>, StoreError> {
        self.optional(column, digest)
    }

    /// The next value is bytes with a meaning of their own, such as a salt.
    pub(super) fn bytes<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, StoreError> {
        self.read(column, |value| bytes(value).and_then(read))
    }

    pub(super) fn optional_bytes(&mut self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.optional(column, |value| bytes(value).map(<[u8]>::to_vec))
    }

    /// The next value is text with a meaning of its own, such as an id or a role.
    pub(super) fn parsed<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        self.read(column, |value| text(value).and_then(parse))
    }
}

fn integer(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(number),
        Value::Null | Value::Text(_) | Value::Bytes(_) => None,
    }
}

fn text(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Bytes(_) => None,
    }
}

fn bytes(value: Value<'_>) -> Option<&[u8]> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        Value::Null | Value::Integer(_) | Value::Text(_) => None,
    }
}

fn digest(value: Value<'_>) -> Option<TokenDigest> {
    bytes(value).and_then(TokenDigest::from_row)
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(moment: Timestamp) -> Self {
        Self::Integer(moment.millis())
    }
}

impl From<AccountKey> for Value<'_> {
    fn from(key: AccountKey) -> Self {
        Self::Integer(key.number())
    }
}

impl From<SessionId> for Value<'_> {
    fn from(id: SessionId) -> Self {
        Self::Integer(id.number())
    }
}

impl<'a> From<&'a GuessKey> for Value<'a> {
    fn from(key: &'a GuessKey) -> Self {
        Self::Bytes(key.bytes())
    }
}

impl<'a> From<&'a TokenDigest> for Value<'a> {
    fn from(digest: &'a TokenDigest) -> Self {
        Self::Bytes(digest.bytes())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
