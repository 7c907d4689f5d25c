//! `[auth]`: whether people have to log in at all.

use super::mistakes::warn;
use super::problem::Findings;
use super::setting::{Kind, Setting, entry};
use super::settled::Settled;
use crate::domain::guest;
use crate::domain::moderation::network::Network;

/// The settings, in the order of `librechat-auth.toml`.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    entry("auth.enabled", "AUTHENTICATION", Kind::Flag, "true",
        "Whether people have to log in; false makes everybody in guest_networks a guest."),
    entry("auth.guest_networks", "LIBRECHAT_AUTH_GUEST_NETWORKS", Kind::Networks,
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10",
        "Networks whose people are guests."),
    entry("auth.open_to_everyone", "LIBRECHAT_AUTH_OPEN_TO_EVERYONE", Kind::Flag, "false",
        "Whether the whole world are guests, also where public_url is public; only together with enabled = false."),
];

/// A network that has so few leading bits is no network of one's own.
const WIDE: u8 = 7;

/// Whether people have to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Yes.
    Required,
    /// It was switched off, but `public_url` is public: they have to.
    StillRequired,
    /// Who comes from one of these networks is a guest.
    GuestsFrom(Vec<Network>),
    /// The whole world is a guest.
    Open,
}

impl Settled {
    /// Whether people have to log in.
    #[must_use]
    pub fn login(&self) -> Login {
        if self.flag("auth.enabled") {
            Login::Required
        } else if self.flag("auth.open_to_everyone") {
            Login::Open
        } else if self.is_public() {
            Login::StillRequired
        } else {
            Login::GuestsFrom(self.networks("auth.guest_networks"))
        }
    }

    /// Whether people come by an address that belongs to the internet.
    fn is_public(&self) -> bool {
        let urls = [self.url("server.public_url"), self.url("server.client_url")];
        let hosts: Vec<_> = urls.iter().flatten().filter_map(|url| url.host_str()).collect();
        hosts.into_iter().any(|host| !guest::is_private_name(host))
    }
}

/// Looks at the settings and at what they mean together.
pub fn review(settled: &Settled, findings: &mut Findings) {
    let networks = settled.origin("auth.guest_networks");
    if settled
        .networks("auth.guest_networks")
        .iter()
        .any(|network| is_wide(*network))
    {
        let message = "contains half of the world or more; name networks of your own, or say \
                       LIBRECHAT_AUTH_OPEN_TO_EVERYONE (auth.open_to_everyone) if you mean everybody";
        findings.error(&networks.given.place, &networks.given.name, message);
    }
    let (enabled, open) = (settled.origin("auth.enabled"), settled.origin("auth.open_to_everyone"));
    match settled.login() {
        Login::Required if settled.flag("auth.open_to_everyone") => {
            let message = "has no effect: people have to log in unless AUTHENTICATION (auth.enabled) is false";
            warn(findings, open, message);
        }
        Login::Required => {}
        Login::StillRequired => {
            let message = "has no effect: DOMAIN_SERVER or DOMAIN_CLIENT is a public address, so people still have to log \
                           in; LIBRECHAT_AUTH_OPEN_TO_EVERYONE=true (auth.open_to_everyone) opens it to the whole world";
            warn(findings, enabled, message);
        }
        Login::GuestsFrom(_) => {
            let message = "makes whoever comes from LIBRECHAT_AUTH_GUEST_NETWORKS (auth.guest_networks) a guest, without a \
                           login; everybody else has to log in";
            warn(findings, enabled, message);
        }
        Login::Open => {
            let message = "opens everything that an ordinary account may do to the whole world, without a login";
            warn(findings, open, message);
        }
    }
}

fn is_wide(network: Network) -> bool {
    let text = network.to_string();
    text.split_once('/')
        .and_then(|(_, prefix)| prefix.parse::<u8>().ok())
        .is_some_and(|prefix| prefix < WIDE)
}
