//! `[limits]`, the part about messages to a guarded program: LibreChat's names, with LibreChat's values.

use std::time::Duration;

use super::Limit;
use super::setting::{Kind, Setting, entry, number};
use super::settled::Settled;

/// The settings, in the order of `librechat-auth.toml`.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    entry("limits.concurrent_messages", "LIMIT_CONCURRENT_MESSAGES", Kind::Flag, "true",
        "Whether rules of [access] with the limit concurrent count answers that run at the same time."),
    entry("limits.concurrent_message_max", "CONCURRENT_MESSAGE_MAX", number(0, 1000), "2",
        "Answers that may run at the same time per account; 0 is 1."),
    entry("limits.concurrent_message_time", "LIBRECHAT_AUTH_LIMITS_CONCURRENT_MESSAGE_TIME",
        Kind::Span { max: Duration::from_hours(1) }, "1m",
        "How long an answer counts as running unless a request ends it: a door sees no end."),
    entry("limits.message_ip", "LIMIT_MESSAGE_IP", Kind::Flag, "true",
        "Whether rules of [access] with the limit messages count them per address."),
    entry("limits.message_ip_max", "MESSAGE_IP_MAX", Kind::Max, "40",
        "Messages per window and address, or unlimited."),
    entry("limits.message_ip_window", "MESSAGE_IP_WINDOW", Kind::Minutes, "1",
        "The window, in minutes."),
    entry("limits.message_user", "LIMIT_MESSAGE_USER", Kind::Flag, "false",
        "Whether rules of [access] with the limit messages count them per account."),
    entry("limits.message_user_max", "MESSAGE_USER_MAX", Kind::Max, "40",
        "Messages per window and account, or unlimited."),
    entry("limits.message_user_window", "MESSAGE_USER_WINDOW", Kind::Minutes, "1",
        "The window, in minutes."),
];

/// What holds for messages to guarded programs.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    /// Answers that run at the same time, and how long each counts; `None` counts none.
    pub concurrent: Option<(usize, Duration)>,
    /// Messages per address.
    pub by_address: Limit,
    /// Messages per account.
    pub by_user: Limit,
}

impl Settled {
    /// The limits on messages, typed: one that is switched off has no maximum.
    #[must_use]
    pub fn messages(&self) -> Messages {
        let limit = |switch: &str, max: &str, window: &str| {
            let limit = self.limit(max, window);
            Limit {
                max: limit.max.filter(|_| self.flag(switch)),
                ..limit
            }
        };
        let (most, life) = (
            self.number("limits.concurrent_message_max"),
            self.span("limits.concurrent_message_time"),
        );
        Messages {
            concurrent: self.flag("limits.concurrent_messages").then_some((most, life)),
            by_address: limit("limits.message_ip", "limits.message_ip_max", "limits.message_ip_window"),
            by_user: limit(
                "limits.message_user",
                "limits.message_user_max",
                "limits.message_user_window",
            ),
        }
    }
}
