//! What happens: one use case per file. Each loads facts, lets `domain` decide, stores the outcome and returns it.
//!
//! Whatever a page can do, the API and the command line can do too, because all of them only call [`App`].

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::cache::bans::BanTable;
use crate::cache::in_flight::InFlight;
use crate::cache::limits::Limiter;
use crate::cache::pending::Pending;
use crate::config::{Config, Password};
use crate::crypto::backup_codes::CodeDigester;
use crate::crypto::hasher::{Cost, Hasher};
use crate::crypto::passport::PassportOffice;
use crate::crypto::seal::Sealer;
use crate::crypto::signer::Signer;
use crate::crypto::vault::AuditVault;
use crate::domain::bulk::{Change, Tally};
use crate::domain::list::Total;
use crate::domain::moderation::network::Network;
use crate::domain::secret::{Entropy, Token};
use crate::domain::time::{Clock, Timestamp};
use crate::domain::vault::Vault;
use crate::observe::trace;
use crate::providers::Providers;
use crate::store::{Options, Store, StoreError};

pub mod account;
pub mod activity;
pub mod admit;
mod alert;
pub mod api_keys;
pub mod approvals;
mod arrival;
pub mod audit;
pub mod audit_head;
pub mod audit_log;
pub mod audit_notes;
pub mod authenticate;
pub mod backup;
pub mod ban_list;
pub mod bans;
pub mod bulk;
pub mod change_email;
pub mod clock;
pub mod confirm;
pub mod csrf;
mod device;
pub mod directory;
pub mod disown;
pub mod doctor;
pub mod door;
mod errands;
pub mod event_log;
pub mod expiry;
pub mod failure;
pub mod federated_login;
pub mod flights;
pub mod forward_auth;
pub mod groups;
pub mod guess;
pub mod guests;
pub mod housekeeping;
pub mod import;
pub mod invitations;
pub mod invite_many;
mod jobs;
mod links;
pub mod login;
pub mod logout;
pub mod manage;
pub mod metering;
pub mod meters;
pub mod moderation;
mod one_time;
pub mod online;
pub mod outbox;
pub mod overview;
pub mod owner;
pub mod paging;
pub mod password;
pub mod person;
pub mod pictures;
pub mod post;
mod protect;
pub mod quota;
pub mod recover;
pub mod refresh;
pub mod refusals;
pub mod register;
pub mod reset_password;
pub mod sample_letters;
pub mod second_factor;
pub mod session_list;
pub mod set_up;
pub mod settings;
pub mod simulate;
pub mod spare;
pub mod telemetry;
pub mod tokens;
mod touches;
pub mod trash;
pub mod unban;
pub mod verify_email;

pub use crate::store::{LockError, ServeLock};
pub use failure::{Failure, Fault};

/// What the key that signs passports is derived for.
const PASSPORTS: &str = "passports v1";

/// The whole program behind the doors: adapters and settings, and the use cases as methods.
pub struct App {
    /// The settings in force.
    pub config: Config,
    store: Store,
    hasher: Hasher,
    signer: Signer,
    passports: PassportOffice,
    sealer: Sealer,
    codes: CodeDigester,
    limiter: Limiter,
    guesses_in_flight: InFlight,
    pending: Pending,
    guests: guests::GuestSession,
    clock: Arc<dyn Clock>,
    started: Timestamp,
    uptime_at_start: Duration,
    entropy: Arc<dyn Entropy>,
    live: settings::Current,
    touches: touches::Touches,
    here: online::Here,
    overview: overview::Remembered,
    bans: BanTable,
    trusted: Vec<Network>,
    refusals: refusals::Waiting,
    flights: flights::Waiting,
    backup_attempts: backup::nightly::Attempts,
    links: links::Links,
    wanted: pictures::Wanted,
    providers: Providers,
    watch: federated_login::watch::Watch,
    meters: meters::Meters,
    traces: trace::Way,
    changes: jobs::Jobs<Change, Tally>,
    endings: jobs::Jobs<Total, u64>,
}

impl App {
    /// Opens the database (creating and migrating it) and starts the hashing threads.
    ///
    /// # Errors
    /// Why the database cannot be opened or threads cannot be started, in one sentence that says what to do.
    pub fn open(config: Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> anyhow::Result<Self> {
        let (started, uptime_at_start) = (clock.now(), clock.uptime());
        let vault = AuditVault::new(&config.secrets.creds_key, Arc::clone(&entropy));
        let store = Store::open(&store_options(&config, Arc::new(vault)), started)?;
        let providers = Providers::new(&config)?;
        let Password { threads, queue, .. } = config.password;
        let hasher = Hasher::start(cost(&config.password), threads, queue, Arc::clone(&entropy))
            .context("the threads that hash passwords cannot be started")?;
        let signer = Signer::new(&config.secrets.jwt, &config.secrets.jwt_refresh);
        Ok(Self {
            live: settings::Current::read(&config, &store)?,
            store,
            hasher,
            passports: PassportOffice::new(&signer.mac(PASSPORTS, &[])),
            signer,
            sealer: Sealer::new(&config.secrets.creds_key),
            codes: CodeDigester::new(&config.secrets.creds_key),
            limiter: Limiter::new(),
            guesses_in_flight: InFlight::default(),
            pending: Pending::default(),
            guests: guests::GuestSession::default(),
            touches: touches::Touches::default(),
            here: online::Here::default(),
            overview: overview::Remembered::default(),
            bans: BanTable::default(),
            trusted: config.server.trusted_proxies.clone(),
            refusals: refusals::Waiting::default(),
            flights: flights::Waiting::default(),
            backup_attempts: backup::nightly::Attempts::default(),
            links: links::Links::new(&config),
            wanted: pictures::Wanted::default(),
            providers,
            watch: federated_login::watch::Watch::default(),
            meters: meters::Meters::default(),
            traces: config.telemetry.as_ref().map(|_| Arc::default()),
            changes: jobs::Jobs::default(),
            endings: jobs::Jobs::default(),
            clock,
            started,
            uptime_at_start,
            entropy,
            config,
        })
    }

    /// Writes what is still in memory and closes the database cleanly.
    pub async fn close(&self) {
        for outcome in [
            self.flush_touches().await,
            self.flush_refusals().await,
            self.flush_flights().await,
        ] {
            outcome.unwrap_or_else(|fault| fault.log());
        }
        self.hasher.stop();
        self.store.close();
    }

    /// Whether strangers may register, as things are now.
    #[must_use]
    pub fn registration_open(&self) -> bool {
        self.live().accounts.registration
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.store.ready().await
    }

    /// Whether the database reads and writes. A queue that is full is no sign of death: there is much to do.
    pub async fn is_alive(&self) -> bool {
        let written = self.store.write(|_| Ok(())).await;
        matches!(written, Ok(()) | Err(StoreError::Busy)) && self.store.ready().await
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    fn new_token(&self) -> Token {
        Token::new(self.random())
    }
}

fn store_options(config: &Config, vault: Arc<dyn Vault>) -> Options {
    Options {
        path: backup::database(&config.data_dir),
        synchronous: config.store.synchronous,
        mmap_bytes: config.store.mmap_bytes,
        session_bytes: config.store.session_bytes,
        queue: config.store.queue,
        readers: config.server.workers,
        snapshots: config.store.snapshots,
        vault: Some(vault),
    }
}

fn cost(password: &Password) -> Cost {
    Cost {
        memory_kib: password.memory_kib,
        iterations: password.iterations,
        parallelism: password.parallelism,
    }
}
