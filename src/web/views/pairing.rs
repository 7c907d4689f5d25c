//! `/account/two-factor/setup` and `/login/2fa/setup`: a secret for the authenticator app, and its first code.

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::qr::QrCode;
use crate::web::views::code_problem::CodeProblem;
use crate::web::views::frame::Frame;

/// The page that shows the secret.
#[derive(Clone, Template)]
#[template(path = "pairing.html")]
pub struct Pairing<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Whether it is a part of a login: the account has to have a second factor.
    pub is_required: bool,
    /// Where to go afterwards: a checked path of this site, or empty.
    pub redirect_to: &'a str,
    /// The secret as the app's own link.
    pub uri: &'a str,
    /// The secret in base32.
    pub secret: &'a str,
    /// Why the last code was not taken.
    pub problem: Option<CodeProblem>,
}

impl Pairing<'_> {
    fn qr(&self) -> Option<QrCode> {
        QrCode::of(self.uri).ok()
    }

    /// The secret in groups of four, as people read and type.
    fn groups(&self) -> Vec<String> {
        let letters: Vec<char> = self.secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect()).collect()
    }

    fn action(&self) -> &'static str {
        if self.is_required {
            "/login/2fa/setup"
        } else {
            "/account/two-factor/confirm"
        }
    }

    fn way_out(&self) -> &'static str {
        if self.is_required {
            "/login"
        } else {
            "/account/two-factor"
        }
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| problem.words(self.frame.texts))
    }

    fn is_wrong(&self) -> bool {
        self.problem.is_some_and(CodeProblem::is_about_the_code)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Pairing<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, Pairing<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let plain = Pairing {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/account/two-factor/setup")
        },
        is_required: false,
        redirect_to: "",
        uri: "otpauth://totp/Maple%20Street:ada%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Maple%20Street",
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        problem: None,
    };
    let required = Pairing {
        frame: Frame::sample(lang, "/login/2fa/setup"),
        is_required: true,
        redirect_to: "/c/new?a=1&b=2",
        ..plain.clone()
    };
    let wrong = |page: &Pairing<'static>, problem| Pairing {
        problem: Some(problem),
        ..page.clone()
    };
    let all = [
        ("wrong", wrong(&plain, CodeProblem::WrongFirstCode)),
        ("clock-ahead", wrong(&plain, CodeProblem::ClockOff(240))),
        ("clock-behind", wrong(&plain, CodeProblem::ClockOff(-60))),
        ("too-many", wrong(&plain, CodeProblem::TooMany { minutes: 1.0 })),
        ("required-wrong", wrong(&required, CodeProblem::WrongFirstCode)),
        ("required-changed", wrong(&required, CodeProblem::Changed)),
        ("required-step-lost", wrong(&required, CodeProblem::StepLost)),
        ("required", required),
        (
            "hostile",
            Pairing {
                redirect_to: HOSTILE,
                uri: HOSTILE,
                secret: HOSTILE,
                ..plain.clone()
            },
        ),
        ("plain", plain),
    ];
    let named = |(name, page)| (format!("pairing-{name}-{}", lang.code()), page);
    all.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_read_in_groups_of_four() {
        let page = samples_in(Lang::En).pop().expect("a sample").1;
        assert_eq!(page.groups().len(), 8);
        assert_eq!(page.groups()[1], "Y3DP");
        assert_eq!(page.groups().concat(), page.secret);
    }
}
