//! SQLite behind the [`Sql`] seam: how connections are opened, and how statements run on them.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ToSql};

use super::sql::{Row, Sql, Value};
use super::{OpenError, Options, StoreError, Synchronous, backup};

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// More than there are statements in the program.
const STATEMENTS: usize = 128;
/// The write-ahead log is cut back to this after a checkpoint: 16,384 pages.
const LOG_BYTES: u32 = 16_384 * 4096;
/// No value we store comes near this, in bytes.
const LONGEST_VALUE: i32 = 4 * 1024 * 1024;

/// Makes the file if it is missing, readable by its owner only; SQLite gives its companions the same mode.
pub(super) fn create_file(path: &Path) -> Result<(), OpenError> {
    // A file that exists is not opened here: closing it would drop the locks SQLite holds on it in this process.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    // The name must be as durable as what will be committed under it.
    let settled = made.and_then(|_| File::open(backup::directory(path))?.sync_all());
    match settled {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(OpenError::from_io(&error, path)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The connection that writes.
pub(super) fn open_writer(options: &Options) -> Result<Connection, OpenError> {
    let path = &options.path;
    let failed = |error: rusqlite::Error| OpenError::from_sqlite(&error, path);
    let connection = Connection::open_with_flags(path, flags()).map_err(failed)?;
    prepare(&connection, options).map_err(failed)?;
    if write_ahead(&connection).map_err(failed)? != "wal" {
        return Err(OpenError::NoWriteAheadLog(path.clone()));
    }
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {LOG_BYTES};"
        ))
        .map_err(failed)?;
    Ok(connection)
}

/// Turns the write-ahead log on and answers with the mode the file is in. SQLite does not wait here by itself when
/// another program does the same to a new file, lest both wait for each other.
fn write_ahead(connection: &Connection) -> rusqlite::Result<String> {
    let end = Instant::now() + BUSY;
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
        match mode {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < end => {
                thread::sleep(Duration::from_millis(10));
            }
            settled => return settled,
        }
    }
}

/// What makes connections that only read.
pub(super) fn readers(options: &Options) -> SqliteConnectionManager {
    let kept = options.clone();
    SqliteConnectionManager::file(&options.path)
        .with_flags(flags())
        .with_init(move |connection| {
            prepare(connection, &kept)?;
            connection.execute_batch("PRAGMA query_only = ON;")
        })
}

/// Whether zeros are written over what is deleted.
pub(super) fn overwrite_deleted(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    connection.pragma_update(None, "secure_delete", on)
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn prepare(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.execute_batch(&format!(
        "PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = {};",
        options.mmap_bytes
    ))
}

/// Statements on one connection.
pub(super) struct Sqlite<'c>(pub(super) &'c Connection);

impl<'c> Sqlite<'c> {
    fn prepared(&self, sql: &'static str, values: &[Value<'_>]) -> rusqlite::Result<CachedStatement<'c>> {
        let mut statement = self.0.prepare_cached(sql)?;
        debug_assert_eq!(statement.parameter_count(), values.len(), "{sql}");
        for (index, value) in (1..).zip(values) {
            debug_assert_eq!(
                statement.parameter_name(index),
                Some(format!("${index}").as_str()),
                "{sql}"
            );
            statement.raw_bind_parameter(index, value)?;
        }
        Ok(statement)
    }
}

impl Sql for Sqlite<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.prepared(sql, values)
            .and_then(|mut statement| statement.raw_execute())
            .map(|changed| changed as u64)
            .map_err(|error| StoreError::from_sqlite(&error, sql))
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error: rusqlite::Error| StoreError::from_sqlite(&error, sql);
        let mut statement = self.prepared(sql, values).map_err(failed)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            each(row)?;
        }
        Ok(())
    }
}

impl Row for rusqlite::Row<'_> {
    fn value(&self, index: usize) -> Option<Value<'_>> {
        match self.get_ref(index).ok()? {
            ValueRef::Null => Some(Value::Null),
            ValueRef::Integer(number) => Some(Value::Integer(number)),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(Value::Text),
            ValueRef::Blob(bytes) => Some(Value::Bytes(bytes)),
            ValueRef::Real(_) => None,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
