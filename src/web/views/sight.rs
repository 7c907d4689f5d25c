//! How the server sees a visitor.

use crate::web::client::{CONNECTION, Derived, Ignored};

/// How the server sees a visitor, and which proxy it does not believe: for admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// As which address.
    pub address: String,
    /// Through which proxy; `None` if the visitor is connected directly.
    pub through: Option<(String, &'static str)>,
    /// A header that was ignored.
    pub ignored: Option<Ignored>,
}

impl Sight {
    /// From what is known of the request.
    #[must_use]
    pub fn of(derived: &Derived, ignored: Option<Ignored>) -> Self {
        Self {
            address: derived.address.to_string(),
            through: (derived.by != CONNECTION).then(|| (derived.peer.to_string(), derived.by)),
            ignored,
        }
    }

    /// Every state.
    pub(super) fn samples() -> [(&'static str, Self); 3] {
        let direct = Sight {
            address: "192.168.1.20".to_owned(),
            through: None,
            ignored: None,
        };
        let through = Sight {
            address: "2001:db8:85a3::8a2e:370:7334".to_owned(),
            through: Some(("127.0.0.1".to_owned(), "X-Forwarded-For")),
            ignored: None,
        };
        let ignored = Sight {
            ignored: Some(Ignored {
                header: "X-Real-IP",
                peer: std::net::IpAddr::V4(std::net::Ipv4Addr::new(172, 18, 0, 2)),
                lines: vec![
                    "trusted_proxies = [\"172.18.0.2\"]".to_owned(),
                    "forwarded_header = \"x-real-ip\"".to_owned(),
                ],
            }),
            ..direct.clone()
        };
        [
            ("seen-directly", direct),
            ("seen-through", through),
            ("proxy-ignored", ignored),
        ]
    }
}
