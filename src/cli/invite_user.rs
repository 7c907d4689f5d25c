//! `invite-user`: LibreChat's script. It prints the link, always, and mails it where that is possible.

use std::fs;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::invitations::{Invited, Wanted};
use crate::app::invite_many::{self, NotInvited, Outcome as One};
use crate::app::{App, Failure};
use crate::cli::create_user::role;
use crate::cli::output::{Format, harmless};
use crate::cli::reached::Reached;
use crate::cli::rows::Rows;
use crate::cli::{Outcome, Stop, context, invitations, prompt, qr};
use crate::config::Inputs;
use crate::domain::account::Role;
use crate::domain::duration;
use crate::domain::email::Email;
use crate::domain::field::Rule;
use crate::domain::group::GroupName;
use crate::domain::invitation::{Guests, LONGEST, Uses};
use crate::domain::lang::Lang;
use crate::domain::qr::QrCode;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// A shorter link is a slip of the unit.
const SHORTEST: Duration = Duration::from_mins(1);

/// Longer remarks are surely something else.
const LONGEST_NOTE: usize = 200;

/// Who is invited, to what, and how the link gets there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address of the guest: nobody else can use the link
    #[arg(conflicts_with = "open")]
    email: Option<String>,
    /// Invite everybody in this file, one address a line; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["email", "open", "admin", "qr"])]
    from_file: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    delivery: Delivery,
    #[command(flatten)]
    format: Format,
}

/// What the link is good for.
#[derive(Debug, Args)]
struct Terms {
    /// A link for whoever has it
    #[arg(long)]
    open: bool,
    /// How many accounts an open link is good for, or unlimited [default: 1]
    #[arg(long, value_name = "N", value_parser = uses, requires = "open", conflicts_with = "email")]
    uses: Option<Seats>,
    /// Domain of the addresses that may use an open link; may be repeated
    #[arg(long, value_name = "DOMAIN", value_parser = domain, requires = "open", conflicts_with = "email")]
    domain: Vec<String>,
    /// How long the link works: 12h, 7d, or milliseconds
    #[arg(long, value_name = "DURATION", value_parser = lifetime, default_value = "7d")]
    expires: Duration,
    /// USER, or a role that LibreChat knows
    #[arg(long, default_value = "USER", value_parser = role)]
    role: Role,
    /// A group that the accounts are put into; may be repeated
    #[arg(long, value_name = "GROUP", value_parser = group)]
    group: Vec<GroupName>,
    /// The guest becomes an admin
    #[arg(long, conflicts_with_all = ["role", "uses"])]
    admin: bool,
    /// A remark for admins; the guest does not see it
    #[arg(long, default_value = "", hide_default_value = true, value_parser = remark)]
    note: String,
}

/// How the link gets to the guest.
#[derive(Debug, Args)]
struct Delivery {
    /// Print the link only
    #[arg(long, conflicts_with = "open")]
    no_mail: bool,
    /// Language of the mail: en or fr
    #[arg(long, value_parser = lang)]
    lang: Option<Lang>,
    /// Print the link as a QR code as well
    #[arg(long, conflicts_with = "json")]
    qr: bool,
    #[command(flatten)]
    reached: Reached,
}

/// A number of seats.
#[derive(Clone, Copy, Debug)]
struct Seats(Uses);

fn uses(text: &str) -> Result<Seats, &'static str> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Seats(None));
    }
    match text.parse() {
        Ok(seats) => Ok(Seats(Some(seats))),
        Err(_) => Err("write a number from 1 on, or unlimited"),
    }
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let span = duration::parse(text).map_err(|error| format!("{text:?} {error}"))?;
    if (SHORTEST..=LONGEST).contains(&span) {
        return Ok(span);
    }
    let written = duration::format(span);
    Err(format!("{text:?} is {written}; say between 1m and 366d, with the unit"))
}

fn domain(text: &str) -> Result<String, &'static str> {
    match Email::parse(&format!("a@{text}")) {
        Ok(email) => Ok(email.domain().to_owned()),
        Err(_) => Err("write a domain such as example.org"),
    }
}

fn group(text: &str) -> Result<GroupName, String> {
    GroupName::parse(text).map_err(|error| error.to_string())
}

fn remark(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_NOTE {
        return Err(format!("write at most {LONGEST_NOTE} characters"));
    }
    Ok(text.to_owned())
}

pub(super) fn lang(text: &str) -> Result<Lang, &'static str> {
    Lang::parse(text).ok_or("write en or fr")
}

impl Arguments {
    /// Settings given as flags of this command.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        self.delivery.reached.flags()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// If the address is none or has an account; a usage error if nobody says whom to invite.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        if let Some(file) = &self.from_file {
            return self.invite_all(inputs, &read(file)?);
        }
        let wanted = self.wanted()?;
        context::with_accounts(inputs, async |app| {
            let made = app.invite(wanted, &Actor::Console).await.map_err(refused)?;
            self.tell(app, &made)?;
            if !self.format.json {
                Reached::advise(app);
            }
            Ok(())
        })
    }

    fn wanted(&self) -> Result<Wanted, Stop> {
        let guests = if self.terms.open {
            Guests::Anybody {
                domains: self.terms.domain.clone(),
            }
        } else {
            let instead = "say whom to invite: EMAIL, or --open for a link that whoever has it can use";
            let typed = prompt::unless_given(self.email.as_deref(), "Email:", instead)?;
            Guests::One {
                email: Email::parse(typed.trim()).map_err(|_| Stop::failed("Invalid email address!"))?,
                mailed: !self.delivery.no_mail,
            }
        };
        self.on_terms(guests)
    }

    fn on_terms(&self, guests: Guests) -> Result<Wanted, Stop> {
        if self.terms.role.is_admin() {
            return Err(Stop::usage("to invite an admin say --admin instead of --role ADMIN"));
        }
        Ok(Wanted {
            guests,
            role: if self.terms.admin {
                Role::Admin
            } else {
                self.terms.role.clone()
            },
            groups: self.terms.group.clone(),
            uses: self.terms.uses.map_or(NonZero::new(1), |seats| seats.0),
            lifetime: self.terms.expires,
            note: self.terms.note.clone(),
            lang: self.delivery.lang,
            admin_is_meant: self.terms.admin,
        })
    }

    /// Every address has its own outcome; one that is not invited does not stop the others.
    fn invite_all(&self, inputs: &Inputs, text: &str) -> Outcome {
        let typed = invite_many::lines(text);
        if typed.is_empty() || typed.len() > invite_many::MOST {
            let most = invite_many::MOST;
            return Err(Stop::failed(format!(
                "name between 1 and {most} addresses, one a line, not {}",
                typed.len()
            )));
        }
        let mailed = !self.delivery.no_mail;
        context::with_accounts(inputs, async |app| {
            let nobody = Guests::One {
                email: Email::from_row(String::new()),
                mailed,
            };
            let wanted = self.on_terms(nobody)?;
            let outcomes = app.invite_many(&typed, &wanted, &Actor::Console).await;
            let row = |outcome: &One| (cells(outcome), json_of(outcome, app.now()));
            let rows = Rows {
                titles: &["Address", "Outcome", "Link"],
                rows: outcomes.iter().map(row).collect(),
            };
            rows.print(self.format, "Nobody was named.")?;
            if !self.format.json {
                Reached::advise(app);
            }
            let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
            match failed {
                0 => Ok(()),
                _ => Err(Stop::failed(format!("not invited: {failed} of {}", outcomes.len()))),
            }
        })
    }

    fn tell(&self, app: &App, made: &Invited) -> Outcome {
        let Invited { invitation, link } = made;
        let sentence = if invitation.proves_address() {
            "Invitation sent successfully!"
        } else {
            "The invitation is made: hand over this link."
        };
        let mut details = vec![
            link.expose().to_owned(),
            invitations::terms(invitation),
            format!("To take it back: librechat-auth invitations revoke {}", invitation.id),
        ];
        if let Guests::One { email, mailed } = &invitation.guests {
            details.insert(1, mail_line(app, email, *mailed, self.delivery.no_mail));
        }
        if !app.live().accounts.invitations {
            details.push("Invitations are switched off: the link works once accounts.invitations is true.".to_owned());
        }
        if self.delivery.qr {
            let code = QrCode::of(link.expose()).map_err(|error| Stop::failed(error.to_string()))?;
            details.extend(qr::lines(&code, &io::stdout()));
        }
        let mut object = invitations::object(invitation, app.now());
        object["link"] = json!(link.expose());
        self.format.done(sentence, &details, &object)
    }
}

fn read(file: &Path) -> Result<String, Stop> {
    let text = if file == Path::new("-") {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(file)
    };
    text.map_err(|error| Stop::failed(format!("cannot read {}: {error}", file.display())))
}

fn cells(outcome: &One) -> Vec<String> {
    let (said, link) = match &outcome.result {
        Ok(invited) if invited.invitation.proves_address() => ("mailed", invited.link.expose()),
        Ok(invited) => ("hand over the link", invited.link.expose()),
        Err(reason) => (not_invited(*reason), ""),
    };
    vec![outcome.typed.clone(), said.to_owned(), link.to_owned()]
}

fn json_of(outcome: &One, now: Timestamp) -> Json {
    match &outcome.result {
        Ok(Invited { invitation, link }) => json!({
            "typed": outcome.typed,
            "invitation": invitations::object(invitation, now),
            "link": link.expose(),
            "error": null,
        }),
        Err(reason) => json!({ "typed": outcome.typed, "invitation": null, "link": null, "error": reason.key() }),
    }
}

const fn not_invited(reason: NotInvited) -> &'static str {
    match reason {
        NotInvited::NoAddress => "no e-mail address",
        NotInvited::Twice => "was on the list before",
        NotInvited::Taken => "has an account",
        NotInvited::DomainNotAllowed => "accounts.allowed_domains has other domains",
        NotInvited::Forbidden => "this role is not given away like that",
        NotInvited::Failed => "failed; the log says why",
    }
}

pub(super) fn mail_line(app: &App, email: &Email, mailed: bool, unwanted: bool) -> String {
    let email = harmless(email.as_str());
    if mailed {
        format!("The running server mails it to {email}.")
    } else if unwanted || app.mail_is_configured() {
        format!("Nothing is mailed to {email}.")
    } else {
        format!("Nothing is mailed to {email}: mail is not configured.")
    }
}

/// In the words of LibreChat's script where it has some.
fn refused(failure: Failure) -> Stop {
    match failure {
        Failure::Refused(Refusal::Invalid(issues)) if issues.iter().any(|issue| issue.rule == Rule::Taken) => {
            Stop::failed("A user with that email already exists!")
        }
        Failure::Refused(Refusal::DomainNotAllowed) => Stop::failed(
            "Nobody could use this invitation: the setting accounts.allowed_domains names the domains that new accounts can have.",
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_spans_and_domains_are_read_or_explained() {
        assert!(uses("3").is_ok_and(|seats| seats.0 == NonZero::new(3)));
        assert!(uses("Unlimited").is_ok_and(|seats| seats.0.is_none()));
        for bad in ["0", "-1", "", "many", "4294967296"] {
            assert!(uses(bad).is_err(), "{bad}");
        }
        assert_eq!(lifetime("7d"), Ok(crate::domain::invitation::LIFETIME));
        for bad in ["7", "30s", "367d", "soon", ""] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
        assert_eq!(domain("Example.ORG"), Ok("example.org".to_owned()));
        for bad in [
            "",
            "example",
            "@example.org",
            "a@example.org",
            "exa mple.org",
            "*.example.org",
        ] {
            assert!(domain(bad).is_err(), "{bad}");
        }
    }
}
