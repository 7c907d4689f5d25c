//! Every letter there is, and what each of them says.

use crate::domain::device::Device;
use crate::domain::proof::Purpose;
use crate::domain::time::Timestamp;
use crate::mail::plain::{one_line, quoted};
use crate::mail::texts::{Wording, Words};

/// A letter. Links are whole addresses; a `device` is what the browser calls itself (its `User-Agent`), an `address` is
/// where its request came from; `disown` is the link "this was not me".
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields say the same in every letter")]
pub enum Letter<'a> {
    /// Proves that the address is its owner's.
    VerifyAddress { link: &'a str },
    /// A way to a new password.
    ResetPassword { link: &'a str },
    /// The same, which an admin made.
    ResetByAdmin { link: &'a str, until: Timestamp },
    /// The password was replaced with such a link.
    PasswordWasReset {
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// Somebody registered with the address of an account.
    AddressHasAccount {
        login_link: &'a str,
        reset_link: Option<&'a str>,
    },
    /// Come in.
    Invitation {
        link: &'a str,
        from: Option<&'a str>,
        until: Timestamp,
    },
    /// The account was made, and an admin has to let it in.
    WaitingForApproval,
    /// To admins: an account waits.
    ApprovalWanted { name: &'a str, email: &'a str },
    /// An admin has let the account in.
    Approved { link: &'a str },
    /// An admin has turned the account away.
    Rejected,
    /// To the present address: may it be replaced?
    LeaveAddress { new: &'a str, link: &'a str },
    /// To the new address: is it yours?
    JoinAddress { link: &'a str },
    /// To the old address: it was replaced.
    AddressChanged { new: &'a str },
    /// A login came from a device that the account did not know.
    NewDevice {
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// The password was changed by somebody signed in.
    PasswordChanged {
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// The second factor came or went.
    TwoFactorChanged {
        enabled: bool,
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// There are new backup codes.
    BackupCodesMade {
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// An identity at a provider was connected, or disconnected.
    ProviderChanged {
        connected: bool,
        provider: &'a str,
        device: &'a str,
        address: &'a str,
        disown: &'a str,
    },
    /// To the other admins: an account was given a way back in.
    Recovered { who: &'a str, by_console: bool },
    /// To admins: the signed head of the audit log, to be kept.
    AuditHead { line: &'a str },
    /// The time of the account will be over.
    AccessEnds { until: Timestamp },
    /// The account was deleted by somebody signed in to it; an admin can restore it for a while.
    AccountDeleted { until: Option<Timestamp> },
    /// Can mail be sent at all?
    Test,
}

/// A link and what stands on its button.
#[derive(Clone, Debug)]
pub(super) struct Button {
    pub(super) label: &'static str,
    pub(super) link: String,
}

/// A letter's words, before it is laid out.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
    /// What happened when, from where: a name and a value each.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) button: Option<Button>,
    /// What is good to know, in small print.
    pub(super) notes: Vec<String>,
    /// Another link, without a button.
    pub(super) aside: Option<Button>,
}

impl Draft {
    /// Puts a fact that somebody else may have written before the others.
    fn about(mut self, name: &'static str, value: &str) -> Self {
        self.facts.insert(0, (name, one_line(value)));
        self
    }
}

/// Writes letters in one language about one site.
pub(super) struct Writer<'a> {
    pub(super) words: &'static Words,
    /// The site's title, made fit for a sentence.
    pub(super) site: &'a str,
    pub(super) now: Timestamp,
}

impl Letter<'_> {
    /// The stable key in the outbox.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::VerifyAddress { .. } => "verify_address",
            Self::ResetPassword { .. } => "reset_password",
            Self::ResetByAdmin { .. } => "reset_by_admin",
            Self::PasswordWasReset { .. } => "password_was_reset",
            Self::AddressHasAccount { .. } => "address_has_account",
            Self::Invitation { .. } => "invitation",
            Self::WaitingForApproval => "waiting_for_approval",
            Self::ApprovalWanted { .. } => "approval_wanted",
            Self::Approved { .. } => "approved",
            Self::Rejected => "rejected",
            Self::LeaveAddress { .. } => "leave_address",
            Self::JoinAddress { .. } => "join_address",
            Self::AddressChanged { .. } => "address_changed",
            Self::NewDevice { .. } => "new_device",
            Self::PasswordChanged { .. } => "password_changed",
            Self::TwoFactorChanged { .. } => "two_factor_changed",
            Self::BackupCodesMade { .. } => "backup_codes_made",
            Self::ProviderChanged { .. } => "provider_changed",
            Self::Recovered { .. } => "recovered",
            Self::AuditHead { .. } => "audit_head",
            Self::AccessEnds { .. } => "access_ends",
            Self::AccountDeleted { .. } => "account_deleted",
            Self::Test => "test",
        }
    }
}

impl Writer<'_> {
    pub(super) fn draft(&self, letter: &Letter<'_>) -> Draft {
        let w = self.words;
        match *letter {
            Letter::VerifyAddress { link } => self.proof(&w.verify, "", link, Purpose::VerifyEmail),
            Letter::ResetPassword { link } => self.proof(&w.reset, "", link, Purpose::ResetPassword),
            Letter::ResetByAdmin { link, until } => self.timed(&w.reset_by_admin, "", link, until),
            Letter::LeaveAddress { new, link } => self.proof(&w.leave, new, link, Purpose::LeaveAddress),
            Letter::JoinAddress { link } => self.proof(&w.join, "", link, Purpose::JoinAddress),
            Letter::PasswordWasReset {
                device,
                address,
                disown,
            } => self.deed(&w.was_reset, device, address, disown),
            Letter::NewDevice {
                device,
                address,
                disown,
            } => self.deed(&w.new_device, device, address, disown),
            Letter::PasswordChanged {
                device,
                address,
                disown,
            } => self.deed(&w.changed, device, address, disown),
            Letter::BackupCodesMade {
                device,
                address,
                disown,
            } => self.deed(&w.codes, device, address, disown),
            Letter::TwoFactorChanged {
                enabled,
                device,
                address,
                disown,
            } => self.deed(w.factor(enabled), device, address, disown),
            Letter::ProviderChanged {
                connected,
                provider,
                device,
                address,
                disown,
            } => self
                .deed(w.provider_was(connected), device, address, disown)
                .about(w.provider, provider),
            Letter::AddressHasAccount { login_link, reset_link } => Draft {
                aside: reset_link.map(|link| button(w.forgotten, link)),
                ..self.linked(&w.has_account, "", login_link)
            },
            Letter::Invitation { link, from, until } => self.invitation(link, from, until),
            Letter::WaitingForApproval => self.plain(&w.waiting, ""),
            Letter::ApprovalWanted { name, email } => self.wanted(name, email),
            Letter::Approved { link } => self.linked(&w.approved, "", link),
            Letter::Rejected => self.plain(&w.rejected, ""),
            Letter::AddressChanged { new } => self.plain(&w.address_changed, new),
            Letter::Recovered { who, by_console } => self.plain(w.recovered_by(by_console), who),
            Letter::AuditHead { line } => self.head(line),
            Letter::AccessEnds { until } => self.ending(&w.access_ends, until),
            Letter::AccountDeleted { until: Some(until) } => self.ending(&w.deleted, until),
            Letter::AccountDeleted { until: None } => self.plain(&w.deleted_for_good, ""),
            Letter::Test => self.plain(&w.test, ""),
        }
    }

    /// Words about `value`, which somebody else may have written.
    fn plain(&self, wording: &Wording, value: &str) -> Draft {
        let value = quoted(value);
        let note = (wording.note)(self.site);
        Draft {
            subject: (wording.subject)(self.site),
            paragraphs: vec![(wording.text)(self.site, &value)],
            notes: if note.is_empty() { Vec::new() } else { vec![note] },
            ..Draft::default()
        }
    }

    /// Somebody waits, who wrote name and address themselves.
    fn wanted(&self, name: &str, email: &str) -> Draft {
        let w = self.words;
        self.plain(&w.wanted, "").about(w.email, email).about(w.name, name)
    }

    /// The line is our own, and longer than what others may write into a letter.
    fn head(&self, line: &str) -> Draft {
        let mut draft = self.plain(&self.words.audit_head, "");
        draft.paragraphs.push(line.to_owned());
        draft
    }

    fn ending(&self, wording: &Wording, until: Timestamp) -> Draft {
        Draft {
            facts: vec![(self.words.until, (self.words.moment)(until))],
            ..self.plain(wording, "")
        }
    }

    fn linked(&self, wording: &Wording, value: &str, link: &str) -> Draft {
        Draft {
            button: Some(button(wording.button, link)),
            ..self.plain(wording, value)
        }
    }

    /// A link that proves something, once and not for long.
    fn proof(&self, wording: &Wording, value: &str, link: &str, purpose: Purpose) -> Draft {
        let mut draft = self.linked(wording, value, link);
        let minutes = purpose.lifetime().as_secs() / 60;
        draft.notes.insert(0, (self.words.works_once)(minutes));
        draft
    }

    /// What was done to an account, from where, and a way to say that it was somebody else.
    fn deed(&self, wording: &Wording, device: &str, address: &str, disown: &str) -> Draft {
        let w = self.words;
        let device = match Device::of(device) {
            Device::Browser(browser, system) => (w.device_on)(browser, system),
            Device::Named(name) => name,
            Device::Unknown => w.unknown_device.to_owned(),
        };
        let mut draft = self.linked(wording, "", disown);
        draft.facts = vec![(w.when, (w.moment)(self.now)), (w.device, device)];
        if !address.is_empty() {
            draft.facts.push((w.address, one_line(address)));
        }
        draft.button = Some(button(w.not_me, disown));
        let days = Purpose::Disown.lifetime().as_secs() / (24 * 60 * 60);
        draft.notes.push((w.not_me_note)(days));
        draft
    }

    fn invitation(&self, link: &str, from: Option<&str>, until: Timestamp) -> Draft {
        let w = self.words;
        match from.map(one_line).filter(|from| !from.is_empty()) {
            Some(from) => self.timed(&w.invitation_from, &from, link, until),
            None => self.timed(&w.invitation, "", link, until),
        }
    }

    /// A link that works until then.
    fn timed(&self, wording: &Wording, value: &str, link: &str, until: Timestamp) -> Draft {
        let w = self.words;
        let mut draft = self.linked(wording, value, link);
        draft.notes.insert(0, (w.works_until)(&(w.moment)(until)));
        draft
    }
}

fn button(label: &'static str, link: &str) -> Button {
    Button {
        label,
        link: link.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect(),
    }
}
