//! A store in a directory of its own, and people to put into it.

use std::future::{Future, ready};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use librechat_auth::app::clock::SystemEntropy;
use librechat_auth::crypto::vault::AuditVault;
use librechat_auth::domain::account::{AccountKey, NewAccount, Role};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::ids::{SessionId, UserId};
use librechat_auth::domain::secret::{Secret, TokenDigest};
use librechat_auth::domain::session::{Origin, Session};
use librechat_auth::domain::time::Timestamp;
use librechat_auth::domain::vault::Vault;
use librechat_auth::store::faults::Faults;
use librechat_auth::store::migrate::MIGRATIONS;
use librechat_auth::store::{Options, Store, StoreError, Synchronous, Tx};
use tempfile::TempDir;

/// When every test begins.
pub const START: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// An open store; the directory goes when this goes.
pub struct House {
    pub store: Store,
    pub dir: TempDir,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {}, &Faults::default())
    }

    pub fn with(change: impl FnOnce(&mut Options), faults: &Faults) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut options = options(dir.path().join("librechat-auth.db"));
        change(&mut options);
        Self {
            store: Store::open_with(&options, START, MIGRATIONS, faults).expect("a new database"),
            dir,
        }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("librechat-auth.db")
    }

    pub fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        wait(self.store.read(work)).expect("a read that works")
    }

    pub fn write<T: Send + 'static>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static) -> T {
        wait(self.store.write(work)).expect("a write that works")
    }
}

pub fn options(path: PathBuf) -> Options {
    Options {
        path,
        synchronous: Synchronous::Normal,
        mmap_bytes: 1 << 30,
        session_bytes: 16 << 20,
        queue: 256,
        readers: 2,
        snapshots: 3,
        vault: Some(vault()),
    }
}

/// The keys of the server whose store it is.
pub fn vault() -> Arc<dyn Vault> {
    Arc::new(AuditVault::new(&Secret::new("c".repeat(64)), Arc::new(SystemEntropy)))
}

/// Runs a future on this thread without any runtime.
pub fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(START.seconds() + seconds)
}

pub fn digest(text: &str) -> TokenDigest {
    TokenDigest::of(text.as_bytes())
}

pub fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.org")).expect("an address")
}

pub fn user_id(name: &str) -> UserId {
    let digest = digest(name);
    UserId::new(START, *digest.bytes().first_chunk().expect("32 bytes"))
}

pub fn person(name: &str) -> NewAccount {
    NewAccount {
        id: user_id(name),
        email: email(name),
        email_verified: false,
        name: format!("{name} Example"),
        username: Some(name.to_owned()),
        provider: "local".to_owned(),
        role: Role::User,
        password: Some(format!("hash of {name}")),
        created_at: START,
    }
}

pub fn session(id: i64, account: AccountKey) -> Session {
    Session {
        id: SessionId::from_row(id),
        account,
        refresh: digest("refresh"),
        previous_refresh: None,
        rotated_at: START,
        page: digest("page"),
        method: "password".to_owned(),
        origin: Origin {
            address: "192.0.2.1".to_owned(),
            user_agent: "Browser".to_owned(),
        },
        created_at: START,
        last_used_at: START,
        expires_at: at(1000),
        proved_at: START,
        confirmed_at: None,
    }
}

/// A write under way.
pub struct Pending<T>(Pin<Box<dyn Future<Output = Result<T, StoreError>>>>);

impl<T> Pending<T> {
    /// Queues a write and goes on.
    pub fn start(house: &House, work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static) -> Self
    where
        T: Send + 'static,
    {
        let store = house.store.clone();
        let mut write: Pin<Box<dyn Future<Output = _>>> = Box::pin(async move { store.write(work).await });
        match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Self(write),
            Poll::Ready(outcome) => Self(Box::pin(ready(outcome))),
        }
    }

    pub fn outcome(self) -> Result<T, StoreError> {
        wait(self.0)
    }
}

/// Holds the writer, so that what is queued meanwhile becomes one batch.
pub struct Gate {
    open: Sender<()>,
    held: Pending<()>,
}

impl Gate {
    pub fn shut(house: &House) -> Self {
        let (open, gate) = channel();
        let (entered, arrival) = channel();
        let gate = Mutex::new(gate);
        let held = Pending::start(house, move |_| {
            // Both ends are gone when the job runs a second time.
            let _arrived = entered.send(());
            let _opened = gate.lock().expect("not poisoned").recv();
            Ok(())
        });
        arrival.recv().expect("the writer takes the job");
        Self { open, held }
    }

    pub fn open(self) {
        drop(self.open);
        self.held.outcome().expect("nothing was written");
    }
}
