//! `/login`.

use askama::Template;

use crate::domain::federation::denial::Denial;
use crate::domain::lang::Lang;
use crate::web::views::Icon;
use crate::web::views::frame::Frame;
use crate::web::views::provider::{ProviderButton, TurnedAway};

/// The login page.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct Login<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The address as typed.
    pub email: &'a str,
    /// Where to go afterwards: a checked path of this site, or empty.
    pub redirect_to: &'a str,
    /// Why the last attempt failed.
    pub problem: Option<LoginProblem>,
    /// What just happened.
    pub notice: Option<LoginNotice>,
    /// Whether strangers may register.
    pub registration_open: bool,
    /// Whether the form is offered at all.
    pub email_login: bool,
    /// Other providers.
    pub providers: Vec<ProviderButton<'a>>,
    /// Why somebody who comes from one of them is here again.
    pub turned_away: Option<TurnedAway<'a>>,
}

/// Why a login failed.
#[derive(Clone, Debug, PartialEq)]
pub enum LoginProblem {
    /// Unknown address, wrong password or locked account: one text for all three.
    WrongCredentials,
    /// The address still has to be confirmed.
    EmailNotVerified,
    /// The account waits for an admin.
    AccountWaiting,
    /// The time of the account is over.
    AccountOver,
    /// Too many attempts; wait this long.
    TooMany {
        /// In minutes.
        minutes: f64,
    },
    /// The server has too much to do at the moment.
    Busy,
    /// The browser did not keep the session cookie: a Secure cookie on plain http.
    CookieDropped {
        /// Address at which the page was opened.
        here: String,
        /// Address that is configured; may be empty.
        public_url: String,
    },
    /// The form was open for too long.
    Expired,
    /// E-mail or password is empty.
    MissingFields,
    /// Logging in by e-mail is switched off.
    EmailLoginOff,
    /// Somebody else vouches for the account.
    AskProvider,
}

/// What just happened, said above the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginNotice {
    /// An account was made.
    Registered,
    /// An account was made, and an admin has to let it in.
    RegisteredWaiting,
    /// The person logged out.
    LoggedOut,
    /// The session has ended.
    SignInAgain,
    /// The next step of a login came too late.
    StepExpired,
    /// The account was deleted.
    AccountDeleted,
    /// The password was changed.
    PasswordChanged,
    /// A link that proves the address was sent.
    CheckMail,
    /// The address was proved.
    EmailVerified,
    /// The address was replaced.
    EmailChanged,
    /// A forgotten password was replaced.
    PasswordReset,
}

impl Login<'_> {
    /// Words for the notice, if there is one.
    fn notice_text(&self) -> Option<&'static str> {
        self.notice.map(|notice| self.frame.texts.login_notice(notice))
    }

    /// Words for the problem, if there is one.
    fn problem_text(&self) -> Option<String> {
        self.problem
            .as_ref()
            .map(|problem| self.frame.texts.login_problem(problem))
    }

    /// How the operator makes sign-in work on plain http.
    fn configure_text(&self) -> String {
        (self.frame.texts.cookie_fix_configure)("SESSION_COOKIE_SECURE=false")
    }

    fn is_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(LoginProblem::WrongCredentials | LoginProblem::MissingFields)
        )
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Login<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn plain_sample(lang: Lang) -> Login<'static> {
    Login {
        frame: Frame::sample(lang, "/login"),
        email: "",
        redirect_to: "",
        problem: None,
        notice: None,
        registration_open: true,
        email_login: true,
        providers: Vec::new(),
        turned_away: None,
    }
}

fn samples_in(lang: Lang) -> Vec<(String, Login<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let plain = plain_sample(lang);
    let mut all = Vec::new();
    let mut add = |name: &str, page: Login<'static>| all.push((format!("login-{name}-{}", lang.code()), page));
    let off = Some(LoginProblem::EmailLoginOff);
    add(
        "off",
        Login {
            email_login: false,
            problem: off,
            registration_open: false,
            ..plain.clone()
        },
    );
    add(
        "closed",
        Login {
            registration_open: false,
            redirect_to: "/c/new?a=1&b=2",
            ..plain.clone()
        },
    );
    add(
        "hostile",
        Login {
            email: HOSTILE,
            redirect_to: HOSTILE,
            ..plain.clone()
        },
    );
    for (name, problem) in sample_problems() {
        add(
            name,
            Login {
                email: "ada@example.org",
                problem: Some(problem),
                ..plain.clone()
            },
        );
    }
    for (name, notice) in sample_notices() {
        add(
            name,
            Login {
                notice: Some(notice),
                ..plain.clone()
            },
        );
    }
    all.extend(samples_with_providers(lang, &plain));
    all.push((format!("login-plain-{}", lang.code()), plain));
    all
}

fn samples_with_providers(lang: Lang, plain: &Login<'static>) -> Vec<(String, Login<'static>)> {
    let button = |id, label, icon| ProviderButton { id, label, icon };
    let providers = vec![
        button("openid", None, Icon::Key),
        button("office", Some("Office"), Icon::Building),
        button(
            "home",
            Some("Maple-Street-Neighbourhood-Association-Single-Sign-On"),
            Icon::House,
        ),
    ];
    let named = |name: &str, page: Login<'static>| (format!("login-{name}-{}", lang.code()), page);
    let with = |turned_away: Option<TurnedAway<'static>>| Login {
        providers: providers.clone(),
        turned_away,
        ..plain.clone()
    };
    let denied = Denial::ALL.iter().map(|denial| {
        let turned_away = TurnedAway {
            denial: *denial,
            provider: Some("Office").filter(|_| *denial != Denial::NoProvider),
        };
        named(&format!("denied-{}", denial.key()), with(Some(turned_away)))
    });
    let only = Login {
        email_login: false,
        registration_open: false,
        redirect_to: "/c/new?a=1&b=2",
        ..with(None)
    };
    denied
        .chain([named("providers", with(None)), named("providers-only", only)])
        .collect()
}

fn sample_problems() -> [(&'static str, LoginProblem); 12] {
    let dropped = |here: &str, public_url: &str| LoginProblem::CookieDropped {
        here: here.to_owned(),
        public_url: public_url.to_owned(),
    };
    [
        ("wrong", LoginProblem::WrongCredentials),
        ("unverified", LoginProblem::EmailNotVerified),
        ("waiting", LoginProblem::AccountWaiting),
        ("over", LoginProblem::AccountOver),
        ("ask-provider", LoginProblem::AskProvider),
        ("too-many", LoginProblem::TooMany { minutes: 4.2 }),
        ("too-many-seconds", LoginProblem::TooMany { minutes: 0.5 }),
        ("busy", LoginProblem::Busy),
        (
            "cookie-dropped",
            dropped("http://192.168.1.20:3081", "https://login.example.org"),
        ),
        ("cookie-dropped-nowhere", dropped("http://nas.local", "")),
        ("expired", LoginProblem::Expired),
        ("missing", LoginProblem::MissingFields),
    ]
}

fn sample_notices() -> [(&'static str, LoginNotice); 11] {
    [
        ("registered", LoginNotice::Registered),
        ("registered-waiting", LoginNotice::RegisteredWaiting),
        ("logged-out", LoginNotice::LoggedOut),
        ("sign-in-again", LoginNotice::SignInAgain),
        ("step-expired", LoginNotice::StepExpired),
        ("account-deleted", LoginNotice::AccountDeleted),
        ("password-changed", LoginNotice::PasswordChanged),
        ("check-mail", LoginNotice::CheckMail),
        ("email-verified", LoginNotice::EmailVerified),
        ("email-changed", LoginNotice::EmailChanged),
        ("password-reset", LoginNotice::PasswordReset),
    ]
}
