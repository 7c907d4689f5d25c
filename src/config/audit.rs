//! The audit log: `[audit]`.

use std::path::PathBuf;
use std::time::Duration;

use super::settled::Settled;

/// Where the signed head of the audit log goes every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadTo {
    /// It stays here.
    Nowhere,
    /// To the system log of this machine.
    Syslog,
    /// To the admins.
    Mail,
}

/// The audit log.
#[derive(Clone, Debug)]
pub struct Audit {
    /// How long it is kept.
    pub keep: Duration,
    /// Where its head goes.
    pub head_to: HeadTo,
    /// The socket of syslog.
    pub syslog: PathBuf,
}

impl Settled {
    pub(super) fn audit(&self) -> Audit {
        Audit {
            keep: self.span("audit.keep"),
            head_to: match self.text("audit.head_to").as_str() {
                "syslog" => HeadTo::Syslog,
                "mail" => HeadTo::Mail,
                _ => HeadTo::Nowhere,
            },
            syslog: PathBuf::from(self.text("audit.syslog")),
        }
    }
}
