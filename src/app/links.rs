//! Links to our own pages, for letters and for the command line. They are built from the configured address only, never
//! from anything that a request says.

use std::sync::atomic::{AtomicU16, Ordering};

use crate::app::App;
use crate::config::Config;

/// Where the server is for its visitors.
pub(super) struct Links {
    configured: Option<String>,
    scheme: String,
    port: AtomicU16,
}

impl Links {
    pub(super) fn new(config: &Config) -> Self {
        let url = config.server.public_url.as_ref();
        Self {
            configured: url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
            scheme: config.server.scheme().to_owned(),
            port: AtomicU16::new(config.server.port),
        }
    }
}

impl App {
    /// A link to one of our pages; `path` starts with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        match &self.links.configured {
            Some(url) => format!("{url}{path}"),
            None => format!(
                "{}://localhost:{}{path}",
                self.links.scheme,
                self.links.port.load(Ordering::Relaxed)
            ),
        }
    }

    /// Notes the port that is really listened on: without a configured address links name it.
    pub fn listens_on(&self, port: u16) {
        self.links.port.store(port, Ordering::Relaxed);
    }
}
