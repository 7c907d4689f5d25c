//! Makes the databases to measure: N users with one session each, through the server's own store; kept between runs.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use librechat_auth::app::clock::{SystemClock, SystemEntropy};
use librechat_auth::config::Synchronous;
use librechat_auth::crypto::hasher::{Cost, Hasher};
use librechat_auth::domain::account::{AccountKey, NewAccount, Role};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::moderation::ban::Ban;
use librechat_auth::domain::moderation::network::Network;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::secret::{Secret, TokenDigest};
use librechat_auth::domain::session::{Origin, Session};
use librechat_auth::domain::time::{Clock as _, Timestamp};
use librechat_auth::store::{Options, Store, StoreError, Tx, accounts, bans, sessions, setup};
use serde::{Deserialize, Serialize};

use crate::people::{PASSWORD, People};

/// Raised when what is filled in changes, so that older databases are not used.
const LAYOUT: u32 = 2;

/// A filled database is used for this long; its sessions live a little longer.
const KEPT: Duration = Duration::from_hours(5 * 24);

/// One address is banned for so many users.
const USERS_PER_BAN: usize = 10;

/// Rows per transaction.
const BATCH: usize = 5_000;

/// A filled database, not to be served itself: servers work on copies.
pub struct Filled {
    /// The file.
    pub database: PathBuf,
    /// Who is in it.
    pub people: Rc<People>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    layout: u32,
    filled_at: Timestamp,
}

/// The database with `users` users under `directory`: the one made earlier if it still serves, else a new one.
///
/// # Errors
/// If it cannot be written.
pub fn filled(directory: &Path, users: usize) -> Result<Filled> {
    let home = directory.join(format!("fill-{users}"));
    let database = home.join("librechat-auth.db");
    let manifest = home.join("manifest.json");
    let now = SystemClock.now();
    let kept = fs::read(&manifest)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    let kept = kept.filter(|kept| kept.layout == LAYOUT && now.since(kept.filled_at) < KEPT && database.exists());
    let filled_at = if let Some(kept) = kept {
        // Later versions of the server have migrations to run: once here, and not at each start on a copy.
        Store::open(&options(&database), now)?.close();
        kept.filled_at
    } else {
        // There may be nothing to remove.
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(fill(&database, Arc::new(People::new(users, now))))?;
        fs::write(
            &manifest,
            serde_json::to_vec(&Manifest {
                layout: LAYOUT,
                filled_at: now,
            })?,
        )?;
        now
    };
    Ok(Filled {
        database,
        people: Rc::new(People::new(users, filled_at)),
    })
}

async fn fill(database: &Path, people: Arc<People>) -> Result<()> {
    let store = Store::open(&options(database), people.filled_at)?;
    let password = hashed().await?;
    let progress = ProgressBar::new(2 * people.count as u64);
    progress.set_style(ProgressStyle::with_template(
        "filling {wide_bar} {human_pos}/{human_len} rows, {eta} left",
    )?);
    let mut keys = Vec::with_capacity(people.count);
    for batch in batches(people.count) {
        let (people, password) = (Arc::clone(&people), password.clone());
        let rows = batch.len() as u64;
        let added = store
            .write(move |tx| {
                batch
                    .clone()
                    .map(|user| add_user(tx, &people, user, &password))
                    .collect::<Result<Vec<_>, _>>()
            })
            .await?;
        keys.extend(added);
        progress.inc(rows);
    }
    let keys = Arc::new(keys);
    for batch in batches(people.count) {
        let (people, keys) = (Arc::clone(&people), Arc::clone(&keys));
        let rows = batch.len() as u64;
        store
            .write(move |tx| {
                batch
                    .clone()
                    .try_for_each(|session| add_session(tx, &people, session, &keys))
            })
            .await?;
        progress.inc(rows);
    }
    let now = people.filled_at;
    let bans = people.count / USERS_PER_BAN;
    store
        .write(move |tx| (0..bans).try_for_each(|number| bans::insert(tx, &ban(number, now))))
        .await?;
    store.write(move |tx| setup::complete(tx, now)).await?;
    progress.finish_and_clear();
    store.close();
    Ok(())
}

fn options(database: &Path) -> Options {
    Options {
        path: database.to_owned(),
        synchronous: Synchronous::Normal,
        mmap_bytes: 1 << 30,
        session_bytes: 0,
        queue: 64,
        readers: 1,
        snapshots: 1,
        vault: None,
    }
}

fn batches(count: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..count)
        .step_by(BATCH)
        .map(move |start| start..count.min(start + BATCH))
}

async fn hashed() -> Result<String> {
    let cost = Cost {
        memory_kib: 19_456,
        iterations: 2,
        parallelism: 1,
    };
    let hasher = Hasher::start(cost, 1, 1, Arc::new(SystemEntropy))?;
    let hash = hasher.hash(Secret::new(PASSWORD), "").await?;
    hasher.stop();
    Ok(hash)
}

fn add_user(tx: &mut Tx<'_>, people: &People, user: usize, password: &str) -> Result<AccountKey, StoreError> {
    let account = NewAccount {
        id: people.user_id(user),
        email: Email::from_row(people.email(user)),
        email_verified: true,
        name: format!("User number {user}"),
        username: None,
        provider: "local".into(),
        role: if user == 0 { Role::Admin } else { Role::User },
        password: Some(password.to_owned()),
        created_at: people.filled_at,
    };
    accounts::insert(tx, &account)
}

fn add_session(tx: &mut Tx<'_>, people: &People, session: usize, keys: &[AccountKey]) -> Result<(), StoreError> {
    let row = Session {
        id: people.session_id(session),
        account: keys[people.owner(session)],
        refresh: TokenDigest::of(people.first_refresh(session).as_bytes()),
        previous_refresh: None,
        rotated_at: people.filled_at,
        page: people.page_token(session).digest(),
        method: "password".into(),
        origin: Origin {
            address: "192.0.2.1".into(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".into(),
        },
        created_at: people.filled_at,
        last_used_at: people.filled_at,
        expires_at: people.expires_at(),
        proved_at: people.filled_at,
        confirmed_at: None,
    };
    sessions::insert(tx, &row)
}

/// A ban of an address from which nobody comes here.
fn ban(number: usize, now: Timestamp) -> Ban {
    let address = Ipv4Addr::from_bits(0x0b00_0000 + u32::try_from(number).unwrap_or(0));
    Ban {
        id: 0,
        reference: format!("BENCH-{number}"),
        subject: Subject::Network(Network::of_client(address.into())),
        cause: "manual".into(),
        points: Points::ZERO,
        interval: Points::ZERO,
        by: "console".into(),
        note: String::new(),
        started_at: now,
        ends_at: None,
        lifted_at: None,
        shadow: false,
    }
}
