//! The second factor: six digits that change every thirty seconds (RFC 6238), or one of ten backup codes.
//!
//! ```text
//!   none ── a secret is pending ── confirmed with a code of it ──► on ── taken away with a code ──► none
//!                 ▲                                                 │
//!                 └── a new secret is pending, the old one counts ──┘
//! ```

use std::time::Duration;

use subtle::ConstantTimeEq as _;

use crate::domain::account::Account;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// How long a code is the current one, in seconds (RFC 6238 §5.2).
const STEP: i64 = 30;

/// Within how many steps a code is looked for to tell how far off a clock is: ten minutes.
const NEARBY: i64 = 20;

/// Backup codes that are made together.
pub const BACKUP_CODES: usize = 10;

/// A span of thirty seconds, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(i64);

impl Step {
    /// The one that contains `now`.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.seconds().div_euclid(STEP))
    }

    /// From the number in the database.
    #[must_use]
    pub const fn from_row(number: i64) -> Self {
        Self(number)
    }

    /// The number that is hashed, and stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Those whose code is good at this one: the own one, and for clocks that differ a little its neighbours.
    #[must_use]
    pub const fn accepted(self) -> [Self; 3] {
        [self, Self(self.0 - 1), Self(self.0 + 1)]
    }

    /// Those whose code is not good but tells that a clock is off; the nearest first.
    pub fn nearby(self) -> impl Iterator<Item = Self> {
        (2..=NEARBY).flat_map(move |distance| [Self(self.0 - distance), Self(self.0 + distance)])
    }

    /// The last one that can have been accepted by now, unless the clock was set back since: then what was accepted
    /// before would lock its owner out, and is forgotten.
    #[must_use]
    pub const fn latest_sane(self) -> Self {
        Self(self.0 + NEARBY)
    }

    /// By how many seconds a clock at `self` is ahead of one at `other`.
    #[must_use]
    pub const fn seconds_ahead_of(self, other: Self) -> i64 {
        (self.0 - other.0) * STEP
    }
}

/// Six digits. Equality takes constant time.
#[derive(Clone, Copy, Eq)]
pub struct Code(u32);

impl Code {
    /// From what somebody typed: six digits, blanks between them are no matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_code.then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A backup code: eight hexadecimal digits, because LibreChat's client lets nobody type more.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupCode(Secret);

impl BackupCode {
    /// From 32 random bits.
    #[must_use]
    pub fn new(random: [u8; 4]) -> Self {
        Self(Secret::new(format!("{:08x}", u32::from_be_bytes(random))))
    }

    /// From what somebody typed: case, blanks and dashes are no matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let is_code = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_code.then(|| Self(Secret::new(digits)))
    }

    /// The code itself, for its owner and for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What somebody answers when asked for the second factor.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Six digits from the authenticator.
    Code(Code),
    /// One of the backup codes.
    Backup(BackupCode),
    /// Something that is neither, and so is wrong.
    Unreadable,
}

impl Answer {
    /// From LibreChat's two fields: a code decides if both are there.
    #[must_use]
    pub fn parse(code: Option<&str>, backup: Option<&str>) -> Option<Self> {
        let given = |text: &&str| !text.trim().is_empty();
        match (code.filter(given), backup.filter(given)) {
            (Some(code), _) => Some(Code::parse(code).map_or(Self::Unreadable, Self::Code)),
            (None, Some(backup)) => Some(BackupCode::parse(backup).map_or(Self::Unreadable, Self::Backup)),
            (None, None) => None,
        }
    }

    /// From one field that takes either.
    #[must_use]
    pub fn parse_either(text: &str) -> Option<Self> {
        match (text.trim().is_empty(), Code::parse(text), BackupCode::parse(text)) {
            (true, _, _) => None,
            (false, Some(code), _) => Some(Self::Code(code)),
            (false, None, Some(backup)) => Some(Self::Backup(backup)),
            (false, None, None) => Some(Self::Unreadable),
        }
    }
}

/// What a second factor is asked for; decides the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Logging in.
    Login,
    /// Setting it up anew although there is one.
    Enable,
    /// Trying a code of a secret that is pending.
    Verify,
    /// Confirming a secret that is pending.
    Confirm,
    /// Taking it away.
    Disable,
    /// Making new backup codes.
    Regenerate,
    /// Deleting the account.
    Delete,
    /// Proving who it is once more, before something that matters.
    Prove,
    /// Setting it up because it is required.
    SetUp,
}

/// Why something about the second factor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The account has none, at login.
    NotEnabled,
    /// The account has none that could be taken away.
    NotSetUp,
    /// No secret is pending.
    NotInitiated(Act),
    /// The stored secret cannot be decrypted: `CREDS_KEY` is another one.
    Unreadable,
    /// Neither a code nor a backup code was sent.
    AnswerMissing(Act),
    /// Wrong code, or one that was used before. `seconds_off` says how far off a clock is, for the eyes of a signed-in
    /// admin only: positive if the authenticator is ahead of this server.
    Wrong {
        /// What it was asked for.
        act: Act,
        /// How far off.
        seconds_off: Option<i64>,
    },
    /// It must not be taken away: the account has to have one.
    Mandatory,
    /// The account has one, or needs none.
    SetUpNotRequired,
    /// A step of the set-up was repeated, or overtaken by a newer one.
    SetUpStepExpired,
    /// Password or second factor changed meanwhile.
    Changed,
}

impl Trouble {
    /// The stable key, the same in logs and in answers.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotEnabled | Self::NotSetUp => "two_factor_off",
            Self::NotInitiated(_) => "two_factor_not_initiated",
            Self::Unreadable => "two_factor_unreadable",
            Self::AnswerMissing(_) => "second_factor_missing",
            Self::Wrong { .. } => "second_factor_wrong",
            Self::Mandatory => "two_factor_mandatory",
            Self::SetUpNotRequired => "two_factor_not_required",
            Self::SetUpStepExpired => "two_factor_step_expired",
            Self::Changed => "two_factor_changed",
        }
    }
}

/// Whether somebody has to set up a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Not: there is one already, or none is required.
    None,
    /// By then.
    Until(Timestamp),
    /// Now, before anything else.
    Due,
}

impl Duty {
    /// What an account that has no second factor owes if one `is_required` of it. The grace period counts from the first
    /// login at which it was.
    #[must_use]
    pub fn of(account: &Account, is_required: bool, grace: Duration, now: Timestamp) -> Self {
        if !is_required || account.two_factor_at.is_some() {
            return Self::None;
        }
        let end = account.two_factor_required_at.unwrap_or(now).after(grace);
        if now < end { Self::Until(end) } else { Self::Due }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_a_code_however_they_are_typed() {
        assert!(Code::parse("012345") == Code::parse(" 012 345\n"));
        assert!(Code::parse("012345").is_some());
        for bad in [
            "",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "-12345",
            "\u{661}23456",
            "12.345",
        ] {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn eight_hexadecimal_digits_are_a_backup_code_however_they_are_typed() {
        let code = BackupCode::new([0, 0xab, 0xcd, 0xef]);
        assert_eq!(code.expose(), "00abcdef");
        assert!(BackupCode::parse(" 00AB-CDEF ").is_some_and(|typed| typed == code));
        for bad in ["", "00abcde", "00abcdef0", "00abcdeg", "0x00abcd", "\u{e9}0abcde"] {
            assert!(BackupCode::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_code_decides_when_both_are_given_and_nothing_is_no_answer() {
        assert!(matches!(
            Answer::parse(Some("123456"), Some("00abcdef")),
            Some(Answer::Code(_))
        ));
        assert!(matches!(
            Answer::parse(Some(" "), Some("00abcdef")),
            Some(Answer::Backup(_))
        ));
        assert!(matches!(
            Answer::parse(Some("00abcdef"), None),
            Some(Answer::Unreadable)
        ));
        assert!(Answer::parse(Some(""), None).is_none() && Answer::parse_either(" ").is_none());
        assert!(matches!(Answer::parse_either("12345678"), Some(Answer::Backup(_))));
        assert!(matches!(Answer::parse_either("123 456"), Some(Answer::Code(_))));
        assert!(matches!(Answer::parse_either("what"), Some(Answer::Unreadable)));
    }

    #[test]
    fn a_step_accepts_its_neighbours_and_knows_ten_minutes_around() {
        let step = Step::at(Timestamp::from_seconds(59));
        assert_eq!(step.number(), 1);
        assert_eq!(step.accepted().map(Step::number), [1, 0, 2]);
        let nearby: Vec<i64> = step.nearby().map(Step::number).collect();
        assert_eq!((nearby.len(), nearby[0], nearby[1]), (38, -1, 3));
        assert_eq!(Step(-19).seconds_ahead_of(step), -600);
        assert_eq!(Step::at(Timestamp::from_seconds(-1)).number(), -1);
    }
}
