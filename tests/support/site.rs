//! The real server on a free port, with a data directory and a clock of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::rt::System;
use librechat_auth::app::App;
use librechat_auth::app::audit::Actor;
use librechat_auth::app::clock::{ManualClock, SystemEntropy};
use librechat_auth::app::manage::NewUser;
use librechat_auth::app::register::Form;
use librechat_auth::config::{Config, Limit, Limits, Secrets, Synchronous};
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::audit::Event;
use librechat_auth::domain::outbox::{Posted, Progress};
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Timestamp;
use librechat_auth::web::server::Server;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::client::Client;
use super::person::{PASSWORD, Person};

/// When every test begins: 14 November 2023, 22:13:20 UTC.
pub const START: Timestamp = Timestamp::from_seconds(1_700_000_000);

pub const JWT_SECRET: &str = "access secret of the tests, 32 bytes or more";
pub const REFRESH_SECRET: &str = "refresh secret of the tests, 32 bytes or more";

/// A running server. It stops when this goes.
pub struct Site {
    pub app: Arc<App>,
    pub clock: Arc<ManualClock>,
    pub address: SocketAddr,
    runtime: Runtime,
    running: Option<Running>,
    dir: Option<TempDir>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Site {
    /// A site where strangers may register and nobody is limited.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same with other settings.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let secrets = Secrets {
            jwt: Secret::new(JWT_SECRET),
            jwt_refresh: Secret::new(REFRESH_SECRET),
            creds_key: Secret::new("0".repeat(64)),
        };
        let mut config = Config::defaults(dir.path().to_owned(), secrets);
        config.server.host = "127.0.0.1".to_owned();
        config.server.port = 0;
        config.server.workers = 2;
        config.server.shutdown_timeout = Duration::from_secs(1);
        config.store.synchronous = Synchronous::Normal;
        config.accounts.registration = true;
        let unlimited = Limit {
            max: None,
            window_minutes: 5.0,
        };
        config.limits = Limits {
            login: unlimited,
            account: unlimited,
            register: unlimited,
            reset_password: unlimited,
            reset_password_submission: unlimited,
            verify_email: unlimited,
            verify_email_submission: unlimited,
            two_factor: unlimited,
            two_factor_settings: unlimited,
            email_change: unlimited,
        };
        change(&mut config);
        Self::boot(config, Arc::new(ManualClock::new(START)), dir)
    }

    fn boot(config: Config, clock: Arc<ManualClock>, dir: TempDir) -> Self {
        let now: Arc<ManualClock> = Arc::clone(&clock);
        let app = Arc::new(App::open(config, now, Arc::new(SystemEntropy)).expect("the application opens"));
        let runtime = Builder::new_current_thread().enable_all().build();
        let (stop, stopped) = oneshot::channel();
        let (listening, bound) = mpsc::channel();
        let its_app = Arc::clone(&app);
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = Server::bind(&its_app).expect("a free port");
                listening.send(server.address).expect("the test waits");
                let stop = async {
                    stopped.await.expect("told by the test");
                };
                server.run(stop).await.expect("served");
            });
        });
        Self {
            app,
            clock,
            runtime: runtime.expect("a runtime"),
            address: bound.recv().expect("the server listens"),
            running: Some(Running { stop, thread }),
            dir: Some(dir),
        }
    }

    /// The same site after a restart: the data stays, the port does not.
    pub fn restarted(self) -> Self {
        self.restarted_with(|_| {})
    }

    /// The same with other settings.
    pub fn restarted_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        self.stop();
        let dir = self.dir.take().expect("a site has its directory");
        let mut config = self.app.config.clone();
        change(&mut config);
        Self::boot(config, Arc::clone(&self.clock), dir)
    }

    fn stop(&mut self) {
        if let Some(Running { stop, thread }) = self.running.take() {
            // A server that broke down is not there to be told, and joining says why.
            let _told = stop.send(());
            let joined = thread.join();
            assert!(joined.is_ok() || thread::panicking(), "the server broke down");
        }
    }

    /// A browser without any cookie.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A browser that has this refresh token and nothing else.
    pub fn thief(&self, refresh: &str) -> Client {
        let client = self.client();
        client.set_cookie("refreshToken", refresh);
        client
    }

    /// Waits for a use case.
    pub fn run<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Somebody who has registered and logged in.
    pub fn user(&self, name: &str) -> Person {
        Person::register(self, name);
        Person::log_in(self, name)
    }

    /// An admin who has logged in.
    pub fn admin(&self) -> Person {
        self.create("root", Role::Admin);
        Person::log_in(self, "root")
    }

    /// An account made at the console.
    pub fn create(&self, name: &str, role: Role) -> Account {
        self.create_with(name, role, true)
    }

    /// An account whose address was never proved, from a time when LibreChat proved addresses already.
    pub fn create_unverified(&self, name: &str) -> Account {
        let account = self.create_with(name, Role::User, false);
        self.sql(&format!(
            "UPDATE users SET created_at = 1717788018000 WHERE seq = {}",
            account.key.number()
        ));
        account
    }

    fn create_with(&self, name: &str, role: Role, email_verified: bool) -> Account {
        let new = NewUser {
            form: Form {
                name: format!("{name} example"),
                username: None,
                email: format!("{name}@example.org"),
                password: Secret::new(PASSWORD),
                confirm_password: Secret::new(PASSWORD),
            },
            email_verified,
            provider: "local".to_owned(),
            role,
        };
        self.run(self.app.create_user(new, &Actor::Console))
            .expect("an account")
    }

    /// The account of that name, if there is one.
    pub fn account(&self, name: &str) -> Option<Account> {
        let email = format!("{name}@example.org");
        self.run(self.app.find_user(&email)).expect("a look-up")
    }

    /// The account with that address, if there is one.
    pub fn account_at(&self, email: &str) -> Option<Account> {
        self.run(self.app.find_user(email)).expect("a look-up")
    }

    /// The last events about somebody, newest first.
    pub fn events_about(&self, account: &Account) -> Vec<Event> {
        self.run(self.app.recent_events(account.id, 50)).expect("the audit log")
    }

    /// Changes the database behind the server's back: for states that no use case makes yet.
    pub fn sql(&self, statement: &str) {
        let path = self.app.config.data_dir.join("librechat-auth.db");
        let connection = rusqlite::Connection::open(path).expect("the database opens");
        connection.busy_timeout(Duration::from_secs(5)).expect("a timeout");
        let changed = connection.execute(statement, []).expect("a statement that works");
        assert!(changed > 0, "nothing to change: {statement}");
    }

    /// Works on the outbox until no letter is due and nobody is sending one.
    pub fn mail_rests(&self) {
        loop {
            while self.run(self.app.send_next_letter()).expect("the outbox") {}
            if self.outbox().iter().all(|letter| match letter.progress {
                Progress::Waiting(at) => at > self.app.now(),
                Progress::Sending => false,
                Progress::Sent(_) | Progress::Failed(_) => true,
            }) {
                return;
            }
            thread::yield_now();
        }
    }

    /// Every letter there is, the newest first.
    pub fn outbox(&self) -> Vec<Posted> {
        self.run(self.app.posted(true, i64::MAX, 1000)).expect("the outbox")
    }

    /// How many accounts there are.
    pub fn user_count(&self) -> i64 {
        self.run(self.app.user_count()).expect("a count")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}
