//! Accounts from a file: first what would happen, then that. Both are decided by the same function, so that nothing happens
//! that was not said; if accounts have changed meanwhile, it is said anew instead.
//!
//! A second run of the same file changes nothing. Passwords of accounts that are there stay, administrators lose nothing, and
//! nobody is deleted.

use sha2::{Digest as _, Sha256};

use crate::app::audit::Actor;
use crate::app::groups::BY_HAND;
use crate::app::{App, Failure};
use crate::crypto::hasher;
use crate::domain::account::{Account, NewAccount, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::group::GroupName;
use crate::domain::hex::hex;
use crate::domain::ids::UserId;
use crate::domain::name;
use crate::domain::people_file::{self, Row, Rows};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, groups, sessions, setup};

/// Rows that are written together; others write in between.
const TOGETHER: usize = 50;

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A new account.
    New,
    /// An account changes: which field, from what, to what.
    Changed(Vec<(&'static str, String, String)>),
    /// Everything is so already.
    Unchanged,
    /// It cannot be, and why.
    Refused(String),
}

impl Fate {
    /// One word, the same everywhere.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed(_) => "changed",
            Self::Unchanged => "unchanged",
            Self::Refused(_) => "refused",
        }
    }
}

/// A row and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its line in CSV, its place in JSON.
    pub line: u64,
    /// The address; empty if the row has none.
    pub email: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its rows.
    pub rows: Vec<Planned>,
    /// Names exactly this: whoever gives it back wants this and nothing else.
    pub digest: String,
}

impl Plan {
    /// How many rows have that key of [`Fate`].
    #[must_use]
    pub fn count(&self, key: &str) -> usize {
        self.rows.iter().filter(|row| row.fate.key() == key).count()
    }
}

/// Why a file is not taken.
#[derive(Debug)]
pub enum Obstacle {
    /// It cannot be read at all.
    Unreadable(String),
    /// It would not do any more what was said: this instead.
    Outdated(Plan),
    /// Something else.
    Failure(Failure),
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<StoreError> for Obstacle {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// What decides about rows besides the accounts that are there.
#[derive(Clone)]
struct Terms {
    domains: Vec<String>,
    now: Timestamp,
}

/// An account that is there, and what others than admins say of its groups.
struct Present {
    account: Account,
    elsewhere: Vec<GroupName>,
}

impl App {
    /// What would become of a file; nothing is changed.
    ///
    /// # Errors
    /// [`Obstacle::Unreadable`], or a fault.
    pub async fn plan_import(&self, bytes: &[u8]) -> Result<Plan, Obstacle> {
        let rows = people_file::read(bytes).map_err(Obstacle::Unreadable)?;
        self.plan(&rows).await
    }

    /// Makes of a file what was said with that digest.
    ///
    /// # Errors
    /// [`Obstacle`]. After a fault, what was done until then is done.
    pub async fn apply_import(&self, bytes: &[u8], digest: &str, by: &Actor) -> Result<Plan, Obstacle> {
        let rows = people_file::read(bytes).map_err(Obstacle::Unreadable)?;
        let mut plan = self.plan(&rows).await?;
        if plan.digest != digest {
            return Err(Obstacle::Outdated(plan));
        }
        let terms = self.terms();
        let due = rows.iter().zip(&mut plan.rows);
        let mut due: Vec<(&Row, &mut Planned)> = due
            .filter(|(_, planned)| matches!(planned.fate, Fate::New | Fate::Changed(_)))
            .filter_map(|((_, row), planned)| row.as_ref().ok().map(|row| (row, planned)))
            .collect();
        for some in due.chunks_mut(TOGETHER) {
            let batch: Vec<Entry> = some
                .iter()
                .map(|(row, planned)| self.import_entry(row, planned, by))
                .collect();
            let terms = terms.clone();
            let outcomes = self
                .store
                .write(move |tx| batch.iter().map(|entry| entry.write(tx, &terms)).collect())
                .await;
            let outcomes: Vec<bool> = outcomes?;
            for ((_, planned), is_done) in some.iter_mut().zip(outcomes) {
                if !is_done {
                    planned.fate = Fate::Refused("the account was changed meanwhile".to_owned());
                }
            }
        }
        Ok(plan)
    }

    fn terms(&self) -> Terms {
        Terms {
            domains: self.config.accounts.allowed_domains.clone(),
            now: self.now(),
        }
    }

    fn import_entry(&self, row: &Row, planned: &Planned, by: &Actor) -> Entry {
        let id = row.id.unwrap_or_else(|| UserId::new(self.now(), self.random()));
        let event = |kind, detail: &str| self.event_of(kind, Some(id), by, detail);
        let events = match &planned.fate {
            Fate::New => vec![event(EventKind::AccountCreated, "import")],
            Fate::Changed(differences) => differences
                .iter()
                .map(|(field, before, after)| event(kind(field, after), &format!("{before} -> {after}")))
                .collect(),
            Fate::Unchanged | Fate::Refused(_) => Vec::new(),
        };
        Entry {
            row: row.clone(),
            fate: planned.fate.clone(),
            id,
            events,
        }
    }

    async fn plan(&self, rows: &Rows) -> Result<Plan, Obstacle> {
        let mut seen = std::collections::HashMap::new();
        let mut planned = Vec::with_capacity(rows.len());
        let terms = self.terms();
        for some in rows.chunks(1_000) {
            let batch: Vec<Option<Row>> = some.iter().map(|(_, row)| row.as_ref().ok().cloned()).collect();
            let terms = terms.clone();
            let fates: Vec<Option<Fate>> = self
                .store
                .scan(move |tx| {
                    let fates = batch
                        .iter()
                        .map(|row| row.as_ref().map(|row| fate(tx, row, &terms)).transpose());
                    fates.collect()
                })
                .await?;
            for ((line, row), found) in some.iter().zip(fates) {
                let (email, fate) = match (row, found) {
                    (Ok(row), Some(fate)) => {
                        let first = *seen.entry(row.email.clone()).or_insert(*line);
                        let twice = format!("the address is in row {first} already");
                        let fate = if first == *line { fate } else { Fate::Refused(twice) };
                        (row.email.to_string(), fate)
                    }
                    (Err(problem), _) => (String::new(), Fate::Refused(problem.clone())),
                    (Ok(row), None) => (row.email.to_string(), Fate::Unchanged),
                };
                planned.push(Planned {
                    line: *line,
                    email,
                    fate,
                });
            }
        }
        let digest = digest(rows, &planned);
        Ok(Plan { rows: planned, digest })
    }
}

fn digest(rows: &Rows, planned: &[Planned]) -> String {
    let mut digest = Sha256::new();
    for ((_, row), planned) in rows.iter().zip(planned) {
        digest.update(format!("{row:?}{planned:?}\n"));
        // What is not printed is part of it, too.
        if let Ok(Row {
            password_hash: Some(hash),
            ..
        }) = row
        {
            digest.update(&hash.0);
        }
    }
    let bytes: [u8; 32] = digest.finalize().into();
    hex(&bytes[..16])
}

/// What the audit log calls a change of that field.
fn kind(field: &str, after: &str) -> EventKind {
    match (field, after) {
        ("name", _) => EventKind::NameChanged,
        ("role", _) => EventKind::RoleChanged,
        ("disabled", "true") => EventKind::AccountDisabled,
        ("disabled", _) => EventKind::AccountEnabled,
        ("email_verified", _) => EventKind::EmailVerified,
        _ => EventKind::GroupsChanged,
    }
}

/// One row on its way.
struct Entry {
    row: Row,
    fate: Fate,
    id: UserId,
    events: Vec<Event>,
}

impl Entry {
    /// Makes of the row what was said; false if that is not what it would be now.
    fn write(&self, tx: &mut Tx<'_>, terms: &Terms) -> Result<bool, StoreError> {
        if fate(tx, &self.row, terms)? != self.fate {
            return Ok(false);
        }
        let account = match present(tx, &self.row)? {
            Some(present) => present.account,
            None => self.insert(tx, terms)?,
        };
        self.change(tx, &account, terms.now)?;
        for event in &self.events {
            audit::append(tx, &event.clone().about(account.id))?;
        }
        Ok(true)
    }

    fn insert(&self, tx: &mut Tx<'_>, terms: &Terms) -> Result<Account, StoreError> {
        let row = &self.row;
        let new = NewAccount {
            id: self.id,
            email: row.email.clone(),
            // An admin vouches for the file.
            email_verified: row.email_verified.unwrap_or(true),
            name: row.name.clone().unwrap_or_else(|| row.email.local_part().to_owned()),
            username: row.username.clone(),
            provider: row.provider.clone().unwrap_or_else(|| "local".to_owned()),
            role: row.role.clone().unwrap_or(Role::User),
            password: row.password_hash.as_ref().map(|hash| hash.0.clone()),
            created_at: row.created_at.unwrap_or(terms.now),
        };
        accounts::insert(tx, &new)?;
        if new.role.is_admin() {
            setup::complete(tx, terms.now)?;
        }
        let made = accounts::by_id(tx, new.id)?;
        made.ok_or_else(|| StoreError::Other("an account is gone that was made just now".to_owned()))
    }

    fn change(&self, tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
        let (row, key) = (&self.row, account.key);
        if let Some(name) = row.name.as_ref()
            && name::tidy_display_name(&account.name).as_ref() != Some(name)
        {
            accounts::set_name(tx, key, name, now)?;
        }
        if let Some(role) = row.role.as_ref().filter(|role| **role != account.role) {
            accounts::set_role(tx, key, role, now)?;
            if role.is_admin() {
                setup::complete(tx, now)?;
            }
        }
        if row.email_verified == Some(true) && !account.email_verified {
            accounts::set_email_verified(tx, key, now)?;
        }
        match row.disabled {
            Some(true) if !account.is_disabled() => {
                sessions::delete_others(tx, key, None)?;
                accounts::set_disabled(tx, key, Some(now))?;
            }
            Some(false) if account.is_disabled() => {
                accounts::set_disabled(tx, key, None)?;
            }
            Some(_) | None => {}
        }
        if let Some(names) = &row.groups {
            groups::replace(tx, key, BY_HAND, names)?;
        }
        Ok(())
    }
}

fn present(tx: &mut Tx<'_>, row: &Row) -> Result<Option<Present>, StoreError> {
    let Some(account) = accounts::by_email(tx, &row.email)? else {
        return Ok(None);
    };
    let said = groups::of(tx, account.key)?.into_iter();
    let elsewhere = said.filter(|(source, _)| source != BY_HAND).map(|(_, name)| name);
    Ok(Some(Present {
        elsewhere: elsewhere.collect(),
        account,
    }))
}

/// What becomes of a row.
fn fate(tx: &mut Tx<'_>, row: &Row, terms: &Terms) -> Result<Fate, StoreError> {
    let refused = |why: &str| Ok(Fate::Refused(why.to_owned()));
    let present = present(tx, row)?;
    if let Some(id) = row.id
        && present.as_ref().is_none_or(|present| present.account.id != id)
        && (present.is_some() || accounts::by_id(tx, id)?.is_some())
    {
        return refused("the id is that of another account");
    }
    if let Some(hash) = &row.password_hash
        && !hasher::is_readable(&hash.0)
    {
        return refused("the password is no hash that can be verified here: bcrypt or argon2");
    }
    let Some(present) = present else {
        if !row.email.is_allowed(&terms.domains) {
            return refused("addresses of this domain may not have an account");
        }
        return Ok(Fate::New);
    };
    let account = &present.account;
    let weaker = row.disabled == Some(true) || row.role.as_ref().is_some_and(|role| !role.is_admin());
    let differences = differences(row, &present);
    let is_weakened = differences
        .iter()
        .any(|(field, ..)| ["role", "disabled"].contains(field));
    if account.role.is_admin() && weaker && is_weakened {
        return refused("an administrator is not disabled or given a lesser role by a file");
    }
    Ok(if differences.is_empty() {
        Fate::Unchanged
    } else {
        Fate::Changed(differences)
    })
}

fn differences(row: &Row, present: &Present) -> Vec<(&'static str, String, String)> {
    let account = &present.account;
    let mut found = Vec::new();
    let mut compare = |field, before: String, after: Option<String>| {
        if let Some(after) = after.filter(|after| *after != before) {
            found.push((field, before, after));
        }
    };
    // Blanks around a name do not come back from a file.
    let name = row
        .name
        .clone()
        .filter(|_| name::tidy_display_name(&account.name) != row.name);
    compare("name", account.name.clone(), name);
    compare("role", account.role.to_string(), row.role.as_ref().map(Role::to_string));
    let proved = row.email_verified.filter(|proved| *proved);
    compare(
        "email_verified",
        account.email_verified.to_string(),
        proved.as_ref().map(bool::to_string),
    );
    let disabled = row.disabled.as_ref().map(bool::to_string);
    compare("disabled", account.is_disabled().to_string(), disabled);
    let joined = |names: &[GroupName]| names.iter().map(GroupName::as_str).collect::<Vec<_>>().join(";");
    let wanted = row.groups.as_ref().map(|names| {
        let mut all = [names.as_slice(), &present.elsewhere].concat();
        all.sort_unstable();
        all.dedup();
        joined(&all)
    });
    compare("groups", joined(&account.groups), wanted);
    found
}
