//! Ten backup codes, shown once: to print, to copy, to download.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// The page that shows them.
#[derive(Clone, Template)]
#[template(path = "backup_codes.html")]
pub struct BackupCodes<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The codes.
    pub codes: Vec<String>,
    /// What has just happened.
    pub made: CodesMade<'a>,
    /// Whether a letter says so, too.
    pub is_told: bool,
}

/// Why there are new codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodesMade<'a> {
    /// Two-step sign-in was switched on.
    Enabled,
    /// The old ones were replaced.
    Replaced,
    /// A login waits until they are kept.
    AtLogin {
        /// Where to go afterwards: a checked path of this site, or empty.
        redirect_to: &'a str,
    },
}

impl BackupCodes<'_> {
    fn joined(&self) -> String {
        self.codes.join(" ")
    }

    /// The codes as a file for keeping.
    #[must_use]
    pub fn file(frame: &Frame<'_>, address: &str, codes: &[String]) -> String {
        let words = frame.texts.two_factor;
        let title: String = frame.title.chars().filter(|c| !c.is_control()).collect();
        let mut lines = vec![(words.file_title)(&title), address.to_owned(), String::new()];
        lines.extend(codes.iter().cloned());
        lines.extend([String::new(), words.file_note.to_owned(), String::new()]);
        lines.join("\r\n")
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, BackupCodes<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        let mut all = Vec::new();
        for &lang in Lang::ALL {
            let plain = BackupCodes {
                frame: Frame {
                    signed_in_as: Some("Ada Lovelace"),
                    ..Frame::sample(lang, "/account/two-factor")
                },
                codes: (0..10_u32)
                    .map(|at| format!("{:08x}", at.wrapping_mul(0x9e37_79b1)))
                    .collect(),
                made: CodesMade::Enabled,
                is_told: false,
            };
            let mut add = |name: &str, page| all.push((format!("backup-codes-{name}-{}", lang.code()), page));
            let told = |made| BackupCodes {
                made,
                is_told: true,
                ..plain.clone()
            };
            add("told", told(CodesMade::Enabled));
            add("replaced", told(CodesMade::Replaced));
            let at_login = |redirect_to, codes| BackupCodes {
                frame: Frame::sample(lang, "/login/2fa/setup"),
                made: CodesMade::AtLogin { redirect_to },
                codes,
                ..plain.clone()
            };
            add("at-login", at_login("/c/new?a=1&b=2", plain.codes.clone()));
            add("hostile", at_login(HOSTILE, vec![HOSTILE.to_owned()]));
            add("plain", plain);
        }
        all
    }
}
