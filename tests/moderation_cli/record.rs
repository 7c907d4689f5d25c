//! Violations in a data directory: reported in this process, looked at by the built program.

use std::sync::Arc;
use std::time::Duration;

use librechat_auth::app::App;
use librechat_auth::app::clock::{ManualClock, SystemClock, SystemEntropy};
use librechat_auth::app::moderation::Report;
use librechat_auth::config::{Config, Secrets};
use librechat_auth::domain::moderation::ban::Ban;
use librechat_auth::domain::moderation::violation::Violation;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Clock as _;
use tokio::runtime::{Builder, Runtime};

use crate::cli::kit::Home;

/// An application on the data directory of the program, with a clock of its own.
pub struct Record {
    pub app: Arc<App>,
    pub clock: Arc<ManualClock>,
    runtime: Runtime,
}

impl Record {
    /// Begins half an hour ago.
    pub fn of(home: &Home) -> Self {
        let secrets = Secrets {
            jwt: Secret::new("access secret of the record, 32 bytes"),
            jwt_refresh: Secret::new("refresh secret of the record, 32 bytes"),
            creds_key: Secret::new("0".repeat(64)),
        };
        let start = SystemClock.now().before(Duration::from_mins(30));
        let clock = Arc::new(ManualClock::new(start));
        let config = Config::defaults(home.data(), secrets);
        let its_clock: Arc<ManualClock> = Arc::clone(&clock);
        let app = App::open(config, its_clock, Arc::new(SystemEntropy)).expect("the application opens");
        Self {
            app: Arc::new(app),
            clock,
            runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
        }
    }

    /// A second later a violation; answers with the bans it led to.
    pub fn violation(&self, kind: Violation, user: Option<&str>, address: &str) -> Vec<Ban> {
        self.clock.advance(Duration::from_secs(1));
        let report = Report {
            kind,
            user: user.map(|id| id.parse().expect("an id")),
            address: Some(address.parse().expect("an address")),
            source: "api",
            detail: "a remark".to_owned(),
        };
        self.runtime.block_on(self.app.report(report)).expect("recorded").bans
    }

    /// So many of them, one after another.
    pub fn violations(&self, count: usize, kind: Violation, user: Option<&str>, address: &str) -> Vec<Ban> {
        (0..count).flat_map(|_| self.violation(kind, user, address)).collect()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.runtime.block_on(self.app.close());
    }
}
