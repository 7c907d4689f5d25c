//! Bans, and the rules that no score can break.

use std::net::IpAddr;

use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::subject::Subject;
use crate::domain::time::Timestamp;

/// The cause of a ban that somebody made by hand. It counts in every mode.
pub const MANUAL: &str = "manual";

/// A stored ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Row number.
    pub id: i64,
    /// What people quote when they ask about it.
    pub reference: String,
    /// Whom it is about.
    pub subject: Subject,
    /// The kind of violation that led to it, or `manual`.
    pub cause: String,
    /// The score that crossed the threshold; nothing for a ban by hand.
    pub points: Points,
    /// The interval that was crossed.
    pub interval: Points,
    /// Who banned: `moderation`, `console`, or an admin's id.
    pub by: String,
    /// A remark.
    pub note: String,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when; `None` until somebody lifts it.
    pub ends_at: Option<Timestamp>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
    /// Only recorded, because the policy was in shadow mode.
    pub shadow: bool,
}

/// How a ban stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanState {
    /// It keeps somebody out.
    InForce,
    /// Its time is over.
    Over,
    /// Somebody lifted it.
    Lifted,
    /// It was only recorded.
    Shadow,
}

impl BanState {
    /// The stable key, as in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Over => "over",
            Self::Lifted => "lifted",
            Self::Shadow => "shadow",
        }
    }
}

impl Ban {
    /// How it stands now.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> BanState {
        if self.shadow {
            BanState::Shadow
        } else if self.lifted_at.is_some() {
            BanState::Lifted
        } else if self.is_in_force(now) {
            BanState::InForce
        } else {
            BanState::Over
        }
    }

    /// Whether somebody made it, and no score.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.cause == MANUAL
    }

    /// Whether it was neither lifted, nor is over, nor was only recorded.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        !self.shadow && self.lifted_at.is_none() && self.ends_at.is_none_or(|end| now < end)
    }
}

/// What a banned person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The number to quote.
    pub reference: String,
    /// Until when; `None` until somebody lifts it.
    pub ends_at: Option<Timestamp>,
}

impl Sentence {
    /// Whether it counts now.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it ends later than another, or at the same time.
    #[must_use]
    pub fn outlasts(&self, other: &Self) -> bool {
        match (self.ends_at, other.ends_at) {
            (None, _) => true,
            (_, None) => false,
            (Some(mine), Some(theirs)) => mine >= theirs,
        }
    }
}

/// Why an address is not banned although its score says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    /// It is this machine.
    Loopback,
    /// It is a proxy of ours: behind it is everybody.
    TrustedProxy,
    /// The operator exempted it.
    Exempt,
    /// An admin put it on the list of spared networks.
    Listed,
    /// Somebody logged in well from there lately, and the score is low.
    GoodLogin,
}

impl Spared {
    /// The stable key, as logs and explanations have it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::TrustedProxy => "trusted_proxy",
            Self::Exempt => "exempt",
            Self::Listed => "listed",
            Self::GoodLogin => "good_login",
        }
    }
}

/// Networks that may never be banned, whatever happens behind them.
#[derive(Clone, Copy, Debug)]
pub struct Sanctuary<'a> {
    /// Proxies in front of us.
    pub trusted_proxies: &'a [Network],
    /// What the operator exempted.
    pub exempt: &'a [Network],
    /// What admins put on the list.
    pub listed: &'a [Network],
}

/// A network that an admin put on the list of those that are never banned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparedNetwork {
    /// Which.
    pub network: Network,
    /// A remark.
    pub note: String,
    /// Who did it: `console`, or an admin's id.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Why nobody is banned although somebody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbannable {
    /// No ban may touch it.
    Spared(Spared),
    /// It is the account of the admin who asks.
    OwnAccount,
    /// The admin who asks is there.
    OwnAddress,
}

impl Unbannable {
    /// The stable key, as in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Spared(spared) => spared.key(),
            Self::OwnAccount => "own_account",
            Self::OwnAddress => "own_address",
        }
    }
}

impl Sanctuary<'_> {
    /// Why the client at `address` may not be banned, if so.
    #[must_use]
    pub fn spares(&self, address: IpAddr) -> Option<Spared> {
        let in_any = |networks: &[Network]| networks.iter().any(|network| network.contains(address));
        if address.to_canonical().is_loopback() {
            Some(Spared::Loopback)
        } else if in_any(self.trusted_proxies) {
            Some(Spared::TrustedProxy)
        } else if in_any(self.exempt) {
            Some(Spared::Exempt)
        } else if in_any(self.listed) {
            Some(Spared::Listed)
        } else {
            None
        }
    }

    /// Why a whole network may not be banned, if so: it must not touch any sanctuary.
    #[must_use]
    pub fn spares_network(&self, network: Network) -> Option<Spared> {
        let touches = |networks: &[Network]| networks.iter().any(|other| other.overlaps(network));
        let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        if network.is_loopback() || loopback.into_iter().any(|address| network.contains(address)) {
            Some(Spared::Loopback)
        } else if touches(self.trusted_proxies) {
            Some(Spared::TrustedProxy)
        } else if touches(self.exempt) {
            Some(Spared::Exempt)
        } else if touches(self.listed) {
            Some(Spared::Listed)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_proxies_and_exempt_networks_are_spared() {
        let proxies = ["10.0.0.2".parse().expect("valid")];
        let exempt = ["192.168.0.0/16".parse().expect("valid")];
        let sanctuary = Sanctuary {
            trusted_proxies: &proxies,
            exempt: &exempt,
            listed: &["198.51.100.0/24".parse().expect("valid")],
        };
        let spares = |text: &str| sanctuary.spares(text.parse().expect("valid"));
        assert_eq!(spares("127.0.0.1"), Some(Spared::Loopback));
        assert_eq!(spares("::ffff:127.0.0.1"), Some(Spared::Loopback));
        assert_eq!(spares("::1"), Some(Spared::Loopback));
        assert_eq!(spares("10.0.0.2"), Some(Spared::TrustedProxy));
        assert_eq!(spares("192.168.7.7"), Some(Spared::Exempt));
        assert_eq!(spares("198.51.100.7"), Some(Spared::Listed));
        assert_eq!(spares("203.0.113.7"), None);
        assert_eq!(
            sanctuary.spares_network("0.0.0.0/0".parse().expect("valid")),
            Some(Spared::Loopback)
        );
        assert_eq!(
            sanctuary.spares_network("10.0.0.0/24".parse().expect("valid")),
            Some(Spared::TrustedProxy)
        );
    }
}
