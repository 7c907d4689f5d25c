//! Google, by OpenID Connect. Anybody can have an account there, so that an address of which it says nothing is worth nothing.

use super::OpenIdDialect;
use crate::providers::openid::{Manner, unchanged};

pub(super) const GOOGLE: OpenIdDialect = OpenIdDialect {
    scope: "openid profile email",
    // As LibreChat does.
    username: Some("given_name"),
    manner: Manner {
        more: &[],
        is_open_to_many: true,
        read: unchanged,
    },
};
