//! `/login/2fa`: the code, after the password.

use std::time::Duration;

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::code_problem::CodeProblem;
use crate::web::views::frame::Frame;
use crate::web::views::texts::Texts;

/// The page that asks for the code.
#[derive(Clone, Debug, Template)]
#[template(path = "second_step.html")]
pub struct SecondStep<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Where to go afterwards: a checked path of this site, or empty.
    pub redirect_to: &'a str,
    /// Whether a backup code is asked for.
    pub with_backup: bool,
    /// For how long a trusted device is not asked; `None` where no trust is offered.
    pub trust: Option<TrustSpan>,
    /// Whether trust was ticked.
    pub trust_ticked: bool,
    /// Why the last attempt failed.
    pub problem: Option<CodeProblem>,
}

/// How long trust lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustSpan(Duration);

impl TrustSpan {
    /// From the setting; `None` if that is zero.
    #[must_use]
    pub fn of(setting: Duration) -> Option<Self> {
        (!setting.is_zero()).then_some(Self(setting))
    }

    fn words(self, texts: &Texts) -> String {
        const HOUR: u64 = 60 * 60;
        let hours = self.0.as_secs().div_ceil(HOUR);
        if hours >= 24 {
            (texts.two_factor.trust)(hours / 24)
        } else {
            (texts.two_factor.trust_hours)(hours)
        }
    }
}

impl SecondStep<'_> {
    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| problem.words(self.frame.texts))
    }

    fn is_wrong(&self) -> bool {
        self.problem.is_some_and(CodeProblem::is_about_the_code)
    }

    fn trust_text(&self) -> Option<String> {
        self.trust.map(|span| span.words(self.frame.texts))
    }

    /// This page asking for the other kind of code.
    fn other_way(&self) -> String {
        let way = if self.with_backup { "code" } else { "backup" };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("with", way)
            .extend_pairs((!self.redirect_to.is_empty()).then_some(("redirect_to", self.redirect_to)))
            .finish();
        format!("{}/login/2fa?{query}", self.frame.base)
    }

    /// The login page, which remembers where to go.
    fn login(&self) -> String {
        let query = url::form_urlencoded::Serializer::for_suffix(String::from("?"), 1)
            .extend_pairs((!self.redirect_to.is_empty()).then_some(("redirect_to", self.redirect_to)))
            .finish();
        format!("{}/login{}", self.frame.base, query.trim_end_matches('?'))
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SecondStep<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, SecondStep<'static>)> {
    const HOSTILE: &str = "/\"><img src=x onerror=alert(1)>'&amp;";
    let plain = SecondStep {
        frame: Frame::sample(lang, "/login/2fa"),
        redirect_to: "",
        with_backup: false,
        trust: TrustSpan::of(Duration::from_hours(30 * 24)),
        trust_ticked: false,
        problem: None,
    };
    let with = |change: &dyn Fn(&mut SecondStep<'static>)| {
        let mut page = plain.clone();
        change(&mut page);
        page
    };
    let wrong = |problem, with_backup| SecondStep {
        problem: Some(problem),
        with_backup,
        trust_ticked: true,
        ..plain.clone()
    };
    let all = [
        ("wrong", wrong(CodeProblem::WrongCode, false)),
        ("missing", wrong(CodeProblem::Missing, false)),
        ("wrong-backup", wrong(CodeProblem::WrongBackup, true)),
        ("too-many", wrong(CodeProblem::TooMany { minutes: 42.0 }, false)),
        ("unreadable", wrong(CodeProblem::Unreadable, false)),
        ("busy", wrong(CodeProblem::Busy, false)),
        ("form-expired", wrong(CodeProblem::FormExpired, true)),
        ("backup", with(&|page| page.with_backup = true)),
        ("no-trust", with(&|page| page.trust = None)),
        ("on-the-way", with(&|page| page.redirect_to = "/c/new?a=1&b=2")),
        (
            "a-day",
            with(&|page| page.trust = TrustSpan::of(Duration::from_hours(24))),
        ),
        (
            "some-hours",
            with(&|page| page.trust = TrustSpan::of(Duration::from_hours(8))),
        ),
        ("hostile", with(&|page| page.redirect_to = HOSTILE)),
        ("plain", plain.clone()),
    ];
    let named = |(name, page)| (format!("second-step-{name}-{}", lang.code()), page);
    all.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_remember_where_to_go() {
        let page = SecondStep {
            redirect_to: "/c/new?a=1&b=2",
            ..samples_in(Lang::En).pop().expect("a sample").1
        };
        assert_eq!(
            page.other_way(),
            "/login/2fa?with=backup&redirect_to=%2Fc%2Fnew%3Fa%3D1%26b%3D2"
        );
        assert_eq!(page.login(), "/login?redirect_to=%2Fc%2Fnew%3Fa%3D1%26b%3D2");
        let nowhere = SecondStep {
            redirect_to: "",
            with_backup: true,
            ..page
        };
        assert_eq!(
            (nowhere.other_way(), nowhere.login()),
            ("/login/2fa?with=code".to_owned(), "/login".to_owned())
        );
    }
}
