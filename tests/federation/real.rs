//! A real provider, a site that knows it, and a browser that walks through the provider's pages.

use std::net::SocketAddr;

use librechat_auth::app::clock::SystemClock;
use librechat_auth::config::OpenId;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Clock as _;
use url::Url;

use super::kit::{enable, leave, provider};
use crate::peers::node::NodePeer;
use crate::support::{Answer, Client, START, Site};

/// Where the site is for its visitors; nothing is ever asked there.
pub const OURS: &str = "http://localhost:8080";

/// A running provider.
pub struct Real {
    pub peer: NodePeer,
    pub issuer: String,
    pub address: SocketAddr,
}

/// Where the provider sends people back to.
pub fn callback(id: &str) -> String {
    format!("{OURS}/oauth/{id}/callback")
}

impl Real {
    /// Starts one that sends people back to providers of these names.
    pub fn start(ids: &[&str], more: &[&str]) -> Self {
        let callbacks: Vec<String> = ids.iter().map(|id| callback(id)).collect();
        let back = format!("{OURS}/login");
        let mut arguments = vec!["--post-logout-uri", back.as_str()];
        for callback in &callbacks {
            arguments.extend(["--redirect-uri", callback]);
        }
        arguments.extend(more);
        let peer = NodePeer::start("oidc_provider.mjs", &arguments);
        let issuer = peer.fields["issuer"].clone();
        let port = Url::parse(&issuer).ok().and_then(|url| url.port()).expect("a port");
        Self {
            peer,
            issuer,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        }
    }

    /// A site that knows it under the names of its clients, at the provider's own time.
    pub fn site(&self, ids: &[&str], change: impl Fn(&mut OpenId)) -> Site {
        site_of(&self.issuer, ids, change)
    }

    /// Follows the provider's pages from `location` to the callback: its path and query. Its user says yes to everything.
    pub fn walk(&self, location: &str) -> String {
        self.walk_with(&Client::new(self.address), location)
    }

    /// The same in a browser that stays signed in there.
    pub fn walk_with(&self, browser: &Client, location: &str) -> String {
        let mut here = location.to_owned();
        for _ in 0..20 {
            let url = Url::parse(&self.issuer)
                .expect("an address")
                .join(&here)
                .expect("an address");
            let local = format!("{}?{}", url.path(), url.query().unwrap_or_default());
            if here.starts_with(OURS) {
                return local;
            }
            let answer = browser.get(&local);
            assert!((300..400).contains(&answer.status), "{here}: {}", answer.text());
            here = answer.header("location").expect("somewhere").to_owned();
        }
        panic!("the way does not end: {here}");
    }

    /// Goes there from the site, and comes back.
    pub fn log_in(&self, client: &Client, id: &str) -> Answer {
        self.log_in_with(&Client::new(self.address), client, id)
    }

    /// The same in a browser that stays signed in there.
    pub fn log_in_with(&self, browser: &Client, client: &Client, id: &str) -> Answer {
        let location = leave(client, &format!("/oauth/{id}"));
        client.get(&self.walk_with(browser, &location))
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        let log = self.peer.ask("log");
        let entries = log.as_array().expect("a list").iter();
        entries.filter(|entry| entry["path"] == path).count()
    }
}

/// A site that knows the provider of this issuer under the names of its clients, at the provider's own time.
pub fn site_of(issuer: &str, ids: &[&str], change: impl Fn(&mut OpenId)) -> Site {
    let settings = ids.iter().map(|id| {
        let mut openid = provider(id, issuer);
        openid.client_id = (*id).to_owned();
        openid.client_secret = (*id != "app-pub").then(|| Secret::new("app-secret"));
        change(&mut openid);
        openid
    });
    let settings: Vec<OpenId> = settings.collect();
    let site = Site::with(|config| {
        config.server.public_url = Some(OURS.parse().expect("an address"));
        enable(config, settings);
    });
    site.clock.advance(SystemClock.now().since(START));
    site
}
