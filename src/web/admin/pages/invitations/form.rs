//! What somebody types for a new invitation, read field by field.

use std::num::NonZero;
use std::time::Duration;

use serde::Deserialize;

use crate::app::Failure;
use crate::app::invitations::Wanted;
use crate::domain::account::Role;
use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::invitation::Guests;
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::web::extract::{Fields, Nothing};
use crate::web::views::admin::invitations::InviteForm;
use crate::web::views::texts::Texts;

/// The longest life of a link, in days.
const MOST_DAYS: u64 = 366;

/// More of a remark is surely something else.
const LONGEST_NOTE: usize = 200;

/// A field and what is wrong with it.
pub(super) type Problem = (&'static str, &'static str);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    #[serde(default)]
    email: String,
    #[serde(default)]
    pub(super) emails: String,
    #[serde(default)]
    uses: String,
    #[serde(default)]
    domains: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    mail: String,
}

/// A form without fields of its own.
pub(super) fn nothing(fields: &Fields) -> Result<(), Failure> {
    let Nothing {} = fields.parse()?;
    Ok(())
}

/// So many days; `None` for what is no number, or too many.
pub(super) fn days(text: &str) -> Option<Duration> {
    let days: u64 = text.trim().parse().ok()?;
    (1..=MOST_DAYS).contains(&days).then(|| Duration::from_hours(24 * days))
}

impl Typed {
    pub(super) fn wanted(&self, texts: &Texts) -> Result<Wanted, Vec<Problem>> {
        let w = texts.admin.invitations;
        let mut problems = Vec::new();
        let guests = match self.email.trim() {
            "" => {
                let domains: Result<Vec<_>, _> = self.domains.split_whitespace().map(domain).collect();
                Guests::Anybody {
                    domains: domains.unwrap_or_else(|()| {
                        problems.push(("domains", w.bad_domains));
                        Vec::new()
                    }),
                }
            }
            text => {
                if let Ok(email) = Email::parse(text) {
                    self.guest(email)
                } else {
                    problems.push(("email", w.bad_email));
                    Guests::Anybody { domains: Vec::new() }
                }
            }
        };
        let uses = match self.uses.trim() {
            "" => Some(1),
            text => text.parse::<u32>().ok(),
        };
        if uses.is_none() {
            problems.push(("uses", w.bad_uses));
        }
        match self.terms(guests, texts) {
            Ok(wanted) if problems.is_empty() => Ok(Wanted {
                uses: uses.and_then(NonZero::new),
                ..wanted
            }),
            Ok(_) => Err(problems),
            Err(more) => Err([problems, more].concat()),
        }
    }

    /// The same for everybody on a list.
    pub(super) fn wanted_of_many(&self, texts: &Texts) -> Result<Wanted, Vec<Problem>> {
        self.terms(self.guest(Email::from_row(String::new())), texts)
    }

    fn guest(&self, email: Email) -> Guests {
        Guests::One {
            email,
            mailed: self.mail == "on",
        }
    }

    fn terms(&self, guests: Guests, texts: &Texts) -> Result<Wanted, Vec<Problem>> {
        let w = texts.admin.invitations;
        let mut problems = Vec::new();
        let role = match self.role.trim() {
            "" => Ok(Role::User),
            text => Role::parse(text),
        };
        if role.is_err() {
            problems.push(("role", w.bad_role));
        }
        let names = self.groups.split(',').map(str::trim).filter(|name| !name.is_empty());
        let groups: Result<Vec<GroupName>, _> = names.map(GroupName::parse).collect();
        if groups.is_err() {
            problems.push(("groups", w.bad_groups));
        }
        let lifetime = days(&self.days);
        if lifetime.is_none() {
            problems.push(("days", w.bad_days));
        }
        if self.note.chars().count() > LONGEST_NOTE || self.note.chars().any(char::is_control) {
            problems.push(("note", w.bad_note));
        }
        match (role, groups, lifetime) {
            (Ok(role), Ok(groups), Some(lifetime)) if problems.is_empty() => Ok(Wanted {
                guests,
                role,
                groups,
                uses: NonZero::new(1),
                lifetime,
                note: self.note.trim().to_owned(),
                lang: Lang::parse(&self.lang),
                admin_is_meant: false,
            }),
            _ => Err(problems),
        }
    }

    /// The form once more, with what is wrong.
    pub(super) fn again(self, problems: Vec<Problem>) -> InviteForm {
        InviteForm {
            email: if self.emails.is_empty() {
                self.email
            } else {
                self.emails
            },
            uses: self.uses,
            domains: self.domains,
            role: self.role,
            groups: self.groups,
            days: self.days,
            note: self.note,
            lang: self.lang,
            mails: self.mail == "on",
            problems,
        }
    }
}

fn domain(text: &str) -> Result<String, ()> {
    let email = Email::parse(&format!("a@{text}")).map_err(|_| ())?;
    Ok(email.domain().to_owned())
}

/// Where a refusal belongs; those that are about nothing typed are passed on.
pub(super) fn problem(refusal: Refusal, texts: &Texts) -> Result<Problem, Failure> {
    let w = texts.admin.invitations;
    match refusal {
        Refusal::Invalid(_) => Ok(("email", w.taken)),
        Refusal::DomainNotAllowed => Ok(("email", w.domain_not_allowed)),
        Refusal::Forbidden => Ok(("role", w.forbidden)),
        other => Err(other.into()),
    }
}
