//! Why a code was not taken, in words that help.

use crate::web::views::texts::Texts;

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CodeProblem {
    /// A code from the app is wrong, or was used already.
    WrongCode,
    /// The very first code is wrong.
    WrongFirstCode,
    /// A backup code is wrong, or was used already.
    WrongBackup,
    /// One of the two is wrong.
    WrongEither,
    /// It is the code of another moment: the phone's clock is so many seconds ahead of the server's, or behind.
    ClockOff(i64),
    /// Nothing was typed.
    Missing,
    /// Too many wrong ones; wait this long.
    TooMany {
        /// In minutes.
        minutes: f64,
    },
    /// The server has too much to do at the moment.
    Busy,
    /// The server cannot decrypt what it knows of the account's second factor.
    Unreadable,
    /// The step was overtaken by another one.
    StepLost,
    /// Password or second factor changed meanwhile.
    Changed,
    /// The form was open for too long.
    FormExpired,
}

impl CodeProblem {
    /// In words.
    #[must_use]
    pub fn words(self, texts: &Texts) -> String {
        let w = texts.two_factor;
        let fixed = match self {
            Self::WrongCode => w.wrong_code,
            Self::WrongFirstCode => w.wrong_first_code,
            Self::WrongBackup => w.wrong_backup,
            Self::WrongEither => w.wrong_either,
            Self::Missing => w.missing_code,
            Self::Busy => texts.busy_text,
            Self::Unreadable => w.unreadable,
            Self::StepLost => w.step_lost,
            Self::Changed => w.changed,
            Self::FormExpired => texts.form_expired,
            Self::TooMany { minutes } => return (w.too_many)(&texts.wait(minutes)),
            Self::ClockOff(seconds) => return clock_off(seconds, texts),
        };
        fixed.to_owned()
    }

    /// Whether what was typed is to blame.
    #[must_use]
    pub fn is_about_the_code(self) -> bool {
        match self {
            Self::WrongCode
            | Self::WrongFirstCode
            | Self::WrongBackup
            | Self::WrongEither
            | Self::ClockOff(_)
            | Self::Missing => true,
            Self::TooMany { .. }
            | Self::Busy
            | Self::Unreadable
            | Self::StepLost
            | Self::Changed
            | Self::FormExpired => false,
        }
    }
}

fn clock_off(seconds: i64, texts: &Texts) -> String {
    let amount = seconds.unsigned_abs();
    let span = if amount < 90 {
        (texts.seconds)(amount)
    } else {
        (texts.minutes)((amount + 30) / 60)
    };
    if seconds > 0 {
        (texts.two_factor.phone_ahead)(&span)
    } else {
        (texts.two_factor.phone_behind)(&span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

    #[test]
    fn a_clock_that_is_off_is_told_which_way_and_how_far() {
        let said = |seconds| CodeProblem::ClockOff(seconds).words(Lang::En.texts());
        assert!(said(240).contains("about 4 minutes ahead"));
        assert!(said(-60).contains("about 60 seconds behind"));
        assert!(said(-600).contains("about 10 minutes behind"));
    }
}
