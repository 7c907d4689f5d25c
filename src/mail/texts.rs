//! Every word of the letters: one table per language, so that a missing translation does not compile.

use time::OffsetDateTime;

use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;

mod en;
mod fr;

/// One letter's words. Functions take the site's title, and what the letter is about.
#[derive(Debug)]
pub struct Wording {
    pub subject: fn(&str) -> String,
    pub text: fn(&str, &str) -> String,
    pub button: &'static str,
    /// In small print; may be empty.
    pub note: fn(&str) -> String,
}

/// All words in one language.
#[derive(Debug)]
pub struct Words {
    pub hello: &'static str,
    pub hello_to: fn(&str) -> String,
    pub footer: fn(&str) -> String,
    /// What stands between a name and its value.
    pub colon: &'static str,
    pub link_below: &'static str,
    pub works_once: fn(u64) -> String,
    pub works_until: fn(&str) -> String,
    pub moment: fn(Timestamp) -> String,

    pub when: &'static str,
    pub device: &'static str,
    pub provider: &'static str,
    pub address: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub until: &'static str,
    pub device_on: fn(&str, &str) -> String,
    pub unknown_device: &'static str,
    pub not_me: &'static str,
    pub not_me_note: fn(u64) -> String,
    pub forgotten: &'static str,

    pub verify: Wording,
    pub reset: Wording,
    pub reset_by_admin: Wording,
    pub was_reset: Wording,
    pub has_account: Wording,
    pub invitation: Wording,
    pub invitation_from: Wording,
    pub waiting: Wording,
    pub wanted: Wording,
    pub approved: Wording,
    pub rejected: Wording,
    pub leave: Wording,
    pub join: Wording,
    pub address_changed: Wording,
    pub new_device: Wording,
    pub changed: Wording,
    pub factor_on: Wording,
    pub factor_off: Wording,
    pub codes: Wording,
    pub connected: Wording,
    pub disconnected: Wording,
    pub recovered: Wording,
    pub recovered_by_console: Wording,
    pub audit_head: Wording,
    pub access_ends: Wording,
    pub deleted: Wording,
    pub deleted_for_good: Wording,
    pub test: Wording,
}

impl Words {
    /// The words of a language.
    pub const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::WORDS,
            Lang::Fr => &fr::WORDS,
        }
    }

    /// About a second factor that came or went.
    pub const fn factor(&self, enabled: bool) -> &Wording {
        if enabled { &self.factor_on } else { &self.factor_off }
    }

    /// About a provider that was connected or disconnected.
    pub const fn provider_was(&self, connected: bool) -> &Wording {
        if connected { &self.connected } else { &self.disconnected }
    }

    /// About an account that was given a way back in.
    pub const fn recovered_by(&self, console: bool) -> &Wording {
        if console {
            &self.recovered_by_console
        } else {
            &self.recovered
        }
    }
}

/// Nothing more to say.
fn nothing(_: &str) -> String {
    String::new()
}

/// Day, month from 1 on, year, hour and minute, in UTC.
fn parts(at: Timestamp) -> (u8, usize, i32, u8, u8) {
    let utc = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = usize::from(u8::from(utc.month()));
    (utc.day(), month, utc.year(), utc.hour(), utc.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_the_language_and_in_utc() {
        let at = Timestamp::from_seconds(1_717_788_018);
        assert_eq!((en::WORDS.moment)(at), "7 June 2024, 19:20 UTC");
        assert_eq!((fr::WORDS.moment)(at), "7 juin 2024 à 19:20 UTC");
        assert_eq!(
            (fr::WORDS.moment)(Timestamp::from_seconds(0)),
            "1er janvier 1970 à 00:00 UTC"
        );
        assert_eq!(
            (en::WORDS.moment)(Timestamp::from_millis(i64::MAX)),
            "1 January 1970, 00:00 UTC"
        );
    }
}
