//! `/admin/invitations`: links that are out, new ones, and accounts that wait.

use askama::Template;

use crate::app::invite_many::NotInvited;
use crate::domain::account::{Account, Role};
use crate::domain::group::GroupName;
use crate::domain::invitation::{Guests, Invitation, InvitationId, LIFETIME, State};
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::admin::bans::{ANY, Choice};
use crate::web::views::admin::{Bar, Section};
use crate::web::views::frame::Frame;
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/invitations.html")]
pub struct InvitationsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Whether links work at all.
    pub is_on: bool,
    /// Accounts that wait.
    pub waiting: Vec<WaitingRow>,
    /// The query of the next waiting ones.
    pub more_waiting: Option<String>,
    /// Whether accounts may wait here.
    pub shows_waiting: bool,
    /// Why nothing was decided about them.
    pub waiting_problem: Option<&'static str>,
    /// In this state only.
    pub state: Option<State>,
    /// With this text.
    pub q: String,
    /// The invitations.
    pub rows: Vec<InvitationRow>,
    /// The query of the next page.
    pub older: Option<String>,
    /// Whether this is the first page.
    pub is_newest: bool,
    /// A new one, as typed.
    pub form: InviteForm,
    /// Many new ones, as typed.
    pub many: InviteForm,
    /// The link that was just made, this once.
    pub made: Option<Made>,
    /// What became of many addresses.
    pub outcomes: Vec<OutcomeRow>,
}

/// A link, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The link.
    pub link: String,
    /// Whether it goes out by mail.
    pub is_mailed: bool,
}

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// As typed.
    pub typed: String,
    /// The link, or why there is none.
    pub result: Result<Made, &'static str>,
}

/// An account that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its id.
    pub id: String,
    /// Its address.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Whether the address is proved.
    pub is_proved: bool,
}

impl WaitingRow {
    /// From the account.
    #[must_use]
    pub fn of(account: &Account, texts: &Texts) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.to_string(),
            name: account.name.clone(),
            since: account.waiting_since.map(|at| texts.moment(at)),
            is_proved: account.email_verified,
        }
    }
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// Its number.
    pub id: i64,
    /// For whom, in words.
    pub whom: String,
    /// What the accounts may do.
    pub role: String,
    /// What they are put into.
    pub groups: String,
    /// How many came, of how many.
    pub used: String,
    /// How it stands, in words.
    pub state: &'static str,
    /// Whether it can be used.
    pub is_open: bool,
    /// Whether it can be sent again.
    pub is_renewable: bool,
    /// Whether the link went out by mail; `None` if there was no address.
    pub is_mailed: Option<bool>,
    /// When it was made.
    pub made: Moment,
    /// When it ends.
    pub expires: Moment,
    /// The remark.
    pub note: String,
}

impl InvitationRow {
    /// From the stored invitation.
    #[must_use]
    pub fn of(invitation: &Invitation, now: Timestamp, texts: &Texts) -> Self {
        let w = texts.admin.invitations;
        let (whom, is_mailed) = match &invitation.guests {
            Guests::One { email, mailed } => (email.to_string(), Some(*mailed)),
            Guests::Anybody { domains } if domains.is_empty() => (w.anybody.to_owned(), None),
            Guests::Anybody { domains } => ((w.anybody_at)(&domains.join(", ")), None),
        };
        let groups: Vec<&str> = invitation.groups.iter().map(GroupName::as_str).collect();
        let of = invitation
            .uses
            .map_or_else(|| w.unlimited.to_owned(), |uses| uses.to_string());
        let state = invitation.state(now);
        Self {
            id: invitation.id.number(),
            whom,
            role: invitation.role.to_string(),
            groups: groups.join(", "),
            used: (w.used_of)(invitation.used, &of),
            state: (w.states)(state),
            is_open: state == State::Open,
            is_renewable: invitation.can_be_renewed(now),
            is_mailed,
            made: texts.moment(invitation.created_at),
            expires: texts.moment(invitation.expires_at),
            note: invitation.note.clone(),
        }
    }
}

/// What somebody typed for a new invitation, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteForm {
    /// The address, or many of them.
    pub email: String,
    /// How many accounts.
    pub uses: String,
    /// Domains of an open link.
    pub domains: String,
    /// The role.
    pub role: String,
    /// Groups, separated by commas.
    pub groups: String,
    /// How many days.
    pub days: String,
    /// The remark.
    pub note: String,
    /// The language of the mail.
    pub lang: String,
    /// Whether it is to be mailed.
    pub mails: bool,
    /// Field and message of each that is wrong.
    pub problems: Vec<(&'static str, &'static str)>,
}

impl Default for InviteForm {
    fn default() -> Self {
        Self {
            email: String::new(),
            uses: "1".to_owned(),
            domains: String::new(),
            role: Role::User.to_string(),
            groups: String::new(),
            days: "7".to_owned(),
            note: String::new(),
            lang: Lang::default().code().to_owned(),
            mails: true,
            problems: Vec::new(),
        }
    }
}

impl InviteForm {
    /// What is wrong with a field.
    fn problem(&self, field: &str) -> Option<&'static str> {
        let found = self.problems.iter().find(|(known, _)| *known == field);
        found.map(|(_, message)| *message)
    }

    /// Whether anything is wrong.
    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// `/admin/invitations/{id}`: one of them, and who came through it.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/invitation.html")]
pub struct InvitationPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The invitation.
    pub row: InvitationRow,
    /// Who came, and when.
    pub guests: Vec<(String, Moment)>,
    /// The link that was just made, this once.
    pub made: Option<Made>,
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn at(hours: i64) -> Timestamp {
    Timestamp::from_seconds(1_780_300_000 + hours * 3600)
}

fn sample_row(lang: Lang, name: &str) -> InvitationRow {
    let texts = lang.texts();
    let invitation = Invitation {
        id: InvitationId::from_row(7),
        guests: Guests::Anybody {
            domains: vec!["example.org".to_owned()],
        },
        role: Role::User,
        groups: vec![GroupName::from_row(name.to_owned())],
        uses: std::num::NonZero::new(5),
        used: 2,
        note: name.to_owned(),
        by: "console".to_owned(),
        created_at: at(0),
        expires_at: at(0).after(LIFETIME),
        revoked_at: None,
    };
    InvitationRow::of(&invitation, at(1), texts)
}

fn link(name: &str) -> Made {
    Made {
        link: format!("https://login.example.org/register?token={name}"),
        is_mailed: false,
    }
}

impl InvitationPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, InvitationPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| one_in(lang)).collect()
    }
}

fn one_in(lang: Lang) -> Vec<(String, InvitationPage<'static>)> {
    let texts = lang.texts();
    let page = |name: &str| InvitationPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/invitations/7")
        },
        bar: Bar::sample(Section::Invitations),
        row: sample_row(lang, name),
        guests: vec![(name.to_owned(), texts.moment(at(3)))],
        made: None,
    };
    let over = {
        let mut page = page("choir");
        (page.row.is_open, page.row.is_renewable) = (false, false);
        page.row.state = (texts.admin.invitations.states)(State::Revoked);
        page.guests.clear();
        page
    };
    let renewed = InvitationPage {
        made: Some(link("0123456789abcdef")),
        ..page("choir")
    };
    [
        ("open", page("choir")),
        ("over", over),
        ("renewed", renewed),
        ("hostile", page(HOSTILE)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("invitation-{name}-{}", lang.code()), page))
    .collect()
}

impl InvitationsPage<'_> {
    fn states(&self) -> Vec<Choice> {
        let w = self.frame.texts.admin.invitations;
        let any = Choice {
            key: ANY.to_owned(),
            words: w.any,
            is_chosen: self.state.is_none(),
        };
        let states = State::ALL.map(|state| Choice {
            key: state.key().to_owned(),
            words: (w.states)(state),
            is_chosen: self.state == Some(state),
        });
        std::iter::once(any).chain(states).collect()
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, InvitationsPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample(lang: Lang, name: &str) -> InvitationsPage<'static> {
    let waiting = WaitingRow {
        id: "6662f0ab01020304050607ff".to_owned(),
        email: "bob@example.org".to_owned(),
        name: name.to_owned(),
        since: Some(lang.texts().moment(at(2))),
        is_proved: true,
    };
    InvitationsPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/invitations")
        },
        bar: Bar::sample(Section::Invitations),
        is_on: true,
        waiting: vec![waiting],
        more_waiting: None,
        shows_waiting: true,
        waiting_problem: None,
        state: None,
        q: String::new(),
        rows: vec![sample_row(lang, name)],
        older: Some("before=7".to_owned()),
        is_newest: true,
        form: InviteForm::default(),
        many: InviteForm::default(),
        made: None,
        outcomes: Vec::new(),
    }
}

fn samples_in(lang: Lang) -> Vec<(String, InvitationsPage<'static>)> {
    let w = lang.texts().admin.invitations;
    let with = |change: &dyn Fn(&mut InvitationsPage<'static>)| {
        let mut page = sample(lang, "choir");
        change(&mut page);
        page
    };
    let outcome = |typed: &str, result| OutcomeRow {
        typed: typed.to_owned(),
        result,
    };
    let hostile = || {
        let mut page = sample(lang, HOSTILE);
        HOSTILE.clone_into(&mut page.q);
        HOSTILE.clone_into(&mut page.form.email);
        HOSTILE.clone_into(&mut page.many.email);
        page.outcomes = vec![outcome(HOSTILE, Err((w.reasons)(NotInvited::NoAddress)))];
        page
    };
    [
        ("some", with(&|_| {})),
        (
            "none",
            with(&|page| {
                page.waiting.clear();
                page.rows.clear();
                (page.older, page.is_newest, page.is_on) = (None, false, false);
            }),
        ),
        ("auditor", with(&|page| page.bar.may_change = false)),
        ("made", with(&|page| page.made = Some(link("0123456789abcdef")))),
        (
            "many",
            with(&|page| {
                page.outcomes = vec![
                    outcome("ada@example.org", Ok(link("0123456789abcdef"))),
                    outcome("ada", Err((w.reasons)(NotInvited::NoAddress))),
                ];
            }),
        ),
        ("wrong", with(&|page| page.form.problems = vec![("email", w.bad_email)])),
        ("nobody", with(&|page| page.waiting_problem = Some(w.chose_nobody))),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("invitations-{name}-{}", lang.code()), page))
    .collect()
}
