//! A site with a front door, and what the doctor says of it.

use std::net::SocketAddr;
use std::path::Path;

use librechat_auth::app::clock::SystemClock;
use librechat_auth::app::doctor::{Authority, Report};
use librechat_auth::config::Config;
use librechat_auth::domain::doctor::{Finding, Grade};
use librechat_auth::domain::lang::Lang;
use librechat_auth::domain::time::Clock as _;
use url::Url;

use crate::peers::{Program, Proxy, free_address};
use crate::support::Site;

/// What nginx needs to say for everything to be right.
pub const RIGHT: &str = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; \
                         proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";";

/// A site that is to be reached at `http://localhost:<port>`, and trusts a proxy on this machine.
pub struct House {
    pub site: Site,
    pub front: SocketAddr,
    pub url: Url,
}

impl House {
    pub fn new() -> Self {
        Self::with("http", |_| {})
    }

    pub fn with(scheme: &str, change: impl FnOnce(&mut Config)) -> Self {
        let front = free_address("127.0.0.1");
        let url: Url = format!("{scheme}://localhost:{}", front.port())
            .parse()
            .expect("an address");
        let site = Site::with(|config| {
            config.server.public_url = Some(url.clone());
            config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
            change(config);
        });
        // The Date of answers is the real one.
        site.clock.set(SystemClock.now());
        Self { site, front, url }
    }

    /// nginx in front, with this in its `location` and this in its `server`.
    pub fn nginx(&self, location: &str, server: &str) -> Proxy {
        self.nginx_encrypted(location, &format!("listen {}; {server}", self.front))
    }

    /// The same, where the `server` says itself how it listens.
    pub fn nginx_encrypted(&self, location: &str, server: &str) -> Proxy {
        let backend = self.site.address;
        Proxy::custom(self.front, |dir: &Path| {
            let http = format!(
                "http {{ access_log off; {} server {{ {server} location / {{ proxy_pass http://{backend}; {location} }} \
                 }} }}",
                Program::nginx_paths(dir),
            );
            Program::nginx(&http, dir)
        })
    }

    /// Caddy in front, with this in its `reverse_proxy`.
    pub fn caddy(&self, inner: &str) -> Proxy {
        let (port, backend) = (self.front.port(), self.site.address);
        Proxy::custom(self.front, |_| {
            Program::caddy(&format!(
                "http://localhost:{port} {{\n  bind 127.0.0.1\n  reverse_proxy {backend} {{\n{inner}\n  }}\n}}\n"
            ))
        })
    }

    pub fn examine(&self) -> Report {
        self.examine_trusting(None)
    }

    pub fn examine_trusting(&self, own: Option<&[u8]>) -> Report {
        let trust = Authority::new(own).expect("authorities");
        self.site
            .run(self.site.app.examine_door(&self.url, &trust))
            .expect("no fault")
    }
}

/// The findings that are not good, in words, each with what to change.
pub fn complaints(report: &Report) -> Vec<(String, String)> {
    let complaints = report.findings.iter().filter(|finding| finding.grade() != Grade::Good);
    complaints
        .map(|finding| {
            (
                finding.sentence(Lang::En),
                finding.remedy(Lang::En, report.proxy).unwrap_or_default(),
            )
        })
        .collect()
}

/// Asserts that this was found, with this to be changed, and nothing else was wrong but what is always so without https.
#[track_caller]
pub fn assert_only(report: &Report, sentence: &str, remedy: &str) {
    let mut complaints = complaints(report);
    complaints.retain(|(said, _)| !said.starts_with("the address begins with http"));
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].0.contains(sentence), "{complaints:?}");
    assert!(complaints[0].1.contains(remedy), "{complaints:?}");
}

/// The one finding of a check.
#[track_caller]
pub fn found<'r>(report: &'r Report, key: &str) -> &'r Finding {
    let mut all = report.findings.iter().filter(|finding| finding.key() == key);
    let found = all
        .next()
        .unwrap_or_else(|| panic!("{key} was not looked at: {report:?}"));
    assert!(all.next().is_none(), "{key}: {report:?}");
    found
}
