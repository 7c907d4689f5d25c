//! Whether a request is a guest's: decided on the network it comes from, on how it came, and on the host it asked for.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName};

use crate::config::{Config, Login};
use crate::domain::access::{Host, HostPattern};
use crate::domain::guest::{Unwelcome, is_beyond_rebinding, is_private_address};
use crate::web::client::CONNECTION;
use crate::web::{Web, visitor};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What proxies and tunnels add. From one that is not believed they say that the address is not the client's.
const RELAYS: [HeaderName; 14] = [
    HeaderName::from_static("via"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("cf-ray"),
    HeaderName::from_static("tailscale-user-login"),
];

/// Whether whoever sent the request is a guest unless they are signed in. `asked` is the host of another program that a
/// proxy asks about.
#[must_use]
pub fn is_welcome(req: &HttpRequest, web: &Web, asked: Option<&Host>) -> bool {
    match &web.app.config.login {
        Login::Required | Login::StillRequired => false,
        Login::Open => true,
        Login::GuestsFrom(_) => judge(req, web, asked)
            .inspect_err(|why| tracing::debug!(?why, "no guest"))
            .is_ok(),
    }
}

fn judge(req: &HttpRequest, web: &Web, asked: Option<&Host>) -> Result<(), Unwelcome> {
    let Login::GuestsFrom(networks) = &web.app.config.login else {
        return Err(Unwelcome::Network);
    };
    let seen = visitor::derived(req, web);
    let is_relayed = RELAYS.iter().any(|name| req.headers().contains_key(name));
    if visitor::is_proxy(req, web) {
        // A proxy that does not say whose request it is would lend its own address to the whole world, and one that
        // anybody could be is no proxy.
        let says_nothing = seen.by == CONNECTION && (is_relayed || web.proxies.lists(seen.peer));
        if says_nothing || !(web.proxies.lists(seen.peer) || is_private_address(seen.peer)) {
            return Err(Unwelcome::Relayed);
        }
    } else if is_relayed {
        return Err(Unwelcome::Relayed);
    }
    if !networks.iter().any(|network| network.contains(seen.address)) {
        return Err(Unwelcome::Network);
    }
    let said = [HOST, FORWARDED_HOST].map(|name| req.headers().get_all(name).collect::<Vec<_>>());
    let mut hosts = said
        .iter()
        .flatten()
        .map(|value| value.to_str().ok().and_then(Host::parse));
    let all_known = hosts.all(|host| host.is_some_and(|host| is_known(&web.app.config, &host)));
    if said[0].len() == 1 && all_known && asked.is_none_or(|host| is_known(&web.app.config, host)) {
        Ok(())
    } else {
        Err(Unwelcome::Host)
    }
}

/// Whether a host is ours, by the configuration or by what it is.
fn is_known(config: &Config, host: &Host) -> bool {
    let urls = config.server.public_url.iter().chain(&config.server.client_url);
    let is_named = urls.filter_map(|url| url.host_str()).any(|name| name == host.name());
    let mut patterns = config.access.rules.iter().flat_map(|rule| &rule.hosts);
    is_beyond_rebinding(host.name()) || is_named || patterns.any(|pattern: &HostPattern| pattern.fits(host))
}
