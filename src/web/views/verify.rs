//! `/verify`: a link proves an address, or says yes to another one. Opening it changes nothing: programs that look at mail
//! open links too. Only the button does.

use askama::Template;

use crate::domain::email_change::Side;
use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// What the page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyState {
    /// The link is good: a button.
    Confirm {
        /// The address, as in the link.
        email: String,
        /// The token, as in the link.
        token: String,
    },
    /// It does not work: how to get another one.
    Dead,
    /// The link of one side of a change is good: a button.
    Change {
        /// Whose mailbox the link was in.
        side: Side,
        /// The account's public id, as in the link.
        user: String,
        /// The address to be, as in the link.
        new: String,
        /// The token, as in the link.
        token: String,
    },
    /// One side has confirmed.
    ChangeWaits {
        /// The side that has not.
        side: Side,
    },
    /// The link of a change does not work.
    ChangeDead,
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "verify.html")]
pub struct Verify<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What the page offers.
    pub state: VerifyState,
    /// Why pressing the button came to nothing.
    pub problem: Option<&'a str>,
}

impl Verify<'_> {
    fn heading(&self) -> &'static str {
        let r = &self.frame.texts.recovery;
        match self.state {
            VerifyState::Confirm { .. } => r.verify_heading,
            VerifyState::Dead => r.verify_dead_heading,
            VerifyState::Change { .. } => r.change_heading,
            VerifyState::ChangeWaits { .. } => r.change_waits_heading,
            VerifyState::ChangeDead => r.change_dead_heading,
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Verify<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, Verify<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let with = |state| Verify {
        frame: Frame::sample(lang, "/verify?token=0123456789abcdef&email=ada%40example.org"),
        state,
        problem: None,
    };
    let confirm = |email: &str, token: &str| {
        with(VerifyState::Confirm {
            email: email.to_owned(),
            token: token.to_owned(),
        })
    };
    let change = |side, user: &str, new: &str, token: &str| {
        with(VerifyState::Change {
            side,
            user: user.to_owned(),
            new: new.to_owned(),
            token: token.to_owned(),
        })
    };
    let plain = confirm("ada@example.org", "0123456789abcdef");
    let late = Verify {
        problem: Some(lang.texts().form_expired),
        ..plain.clone()
    };
    let id = "6662f0ab01020304050607ff";
    [
        ("confirm", plain),
        ("late", late),
        ("dead", with(VerifyState::Dead)),
        (
            "change-new",
            change(Side::New, id, "ada@example.com", "0123456789abcdef"),
        ),
        (
            "change-old",
            change(Side::Old, id, "ada@example.com", "0123456789abcdef"),
        ),
        ("waits-new", with(VerifyState::ChangeWaits { side: Side::New })),
        ("waits-old", with(VerifyState::ChangeWaits { side: Side::Old })),
        ("change-dead", with(VerifyState::ChangeDead)),
        ("hostile", confirm(HOSTILE, HOSTILE)),
        ("hostile-change", change(Side::New, HOSTILE, HOSTILE, HOSTILE)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("verify-{name}-{}", lang.code()), page))
    .collect()
}
