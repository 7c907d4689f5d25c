//! Lines that other programs read, such as fail2ban and `CrowdSec`: `moderation event="…"` and then fields in a fixed order.
//! docs/moderation.md promises this form. Nothing that a stranger typed is in them, so that nobody can forge one.

use std::net::IpAddr;

use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::violation::Violation;

/// A password was wrong, or its account unknown or disabled, or the code after it was wrong.
pub(super) fn login_refused(address: IpAddr) {
    tracing::info!(event = "login_refused", address = %address.to_canonical(), "moderation");
}

/// A limit was exceeded; the reference is the one that the answer carried.
pub fn limit_exceeded(kind: Violation, address: IpAddr, reference: &str) {
    tracing::info!(
        event = "limit_exceeded",
        address = %address.to_canonical(),
        cause = %kind.key(),
        reference = %reference,
        "moderation"
    );
}

/// A score became a ban, or would have, were the policy enforced.
pub(super) fn banned(ban: &Ban) {
    let until = ban.ends_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
    tracing::warn!(
        event = if ban.shadow { "would_ban" } else { "ban" },
        subject = %ban.subject,
        cause = %ban.cause,
        points = %ban.points,
        until = %until,
        reference = %ban.reference,
        "moderation"
    );
}
