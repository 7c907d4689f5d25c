//! Views of the administration: what happened.

use askama::Template;

use crate::domain::audit::{ERASED, Event, EventKind, UNREADABLE};
use crate::domain::audit_chain::{Break, Whole};
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};
use crate::web::views::{Frame, describe_device};

/// The log, or what was looked for in it.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What was typed.
    pub typed: Typed,
    /// The field that makes no sense.
    pub wrong: &'static str,
    /// Whose timeline it is.
    pub person: Option<String>,
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// The search as the query of a link.
    pub query: String,
    /// Where the next, older page starts.
    pub older: Option<i64>,
    /// Whether this is the first page.
    pub is_newest: bool,
}

/// What was typed into the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are called as in the form")]
pub struct Typed {
    pub user: String,
    pub actor: String,
    pub kind: String,
    pub address: String,
    pub reference: String,
    pub since: String,
    pub until: String,
}

/// Somebody in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// The id.
    pub id: String,
    /// The address, or the id of somebody who is gone.
    pub name: String,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Moment,
    /// What, in words.
    pub what: &'static str,
    /// The key of the kind.
    pub key: &'static str,
    /// The remark.
    pub detail: String,
    /// Whose account it is about.
    pub account: Option<Somebody>,
    /// Who did it, if that is an account.
    pub actor: Option<Somebody>,
    /// Who did it otherwise, in words.
    pub by: String,
    /// The address, or what is left of it.
    pub address: String,
    /// The device.
    pub device: String,
    /// The number of a refusal, ban or login.
    pub reference: String,
}

impl AuditRow {
    /// From the event; `name` says how accounts are called.
    #[must_use]
    pub fn of(id: i64, event: &Event, name: &dyn Fn(&str) -> Option<String>, texts: &Texts) -> Self {
        let w = texts.admin.audit;
        let somebody = |id: String| Somebody {
            name: name(&id).unwrap_or_else(|| id.clone()),
            id,
        };
        let is_account = event.actor.len() == 24;
        let by = match event.actor.as_str() {
            "" if event.subject.is_some() => w.themselves.to_owned(),
            "console" => w.console.to_owned(),
            other => other.to_owned(),
        };
        let told = |text: &str| match text {
            ERASED => w.erased.to_owned(),
            UNREADABLE => w.unreadable.to_owned(),
            text => text.to_owned(),
        };
        let device = if event.user_agent.is_empty() {
            String::new()
        } else {
            describe_device(&event.user_agent, texts)
        };
        Self {
            id,
            at: texts.moment(event.at),
            what: (texts.activity.event)(event.kind),
            key: event.kind.key(),
            detail: told(&event.detail),
            account: event.subject.map(|id| somebody(id.to_string())),
            actor: is_account.then(|| somebody(event.actor.clone())),
            by: if is_account { String::new() } else { by },
            address: told(&event.address),
            device,
            reference: event.reference.clone(),
        }
    }
}

impl AuditPage<'_> {
    /// Every kind with its words, and whether it is looked for.
    fn kinds(&self) -> Vec<(&'static str, &'static str, bool)> {
        let mut kinds: Vec<_> = EventKind::ALL
            .iter()
            .map(|kind| {
                let is_wanted = kind.key() == self.typed.kind;
                (kind.key(), (self.frame.texts.activity.event)(*kind), is_wanted)
            })
            .collect();
        kinds.sort_by_key(|(_, label, _)| *label);
        kinds
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&'static str> {
        let w = self.frame.texts.admin.audit;
        (self.wrong == field).then_some(match field {
            "kind" => w.wrong_kind,
            "address" => w.wrong_address,
            "reference" => w.wrong_reference,
            "since" | "until" => w.wrong_time,
            _ => w.wrong_person,
        })
    }

    /// The query of a link that goes on with this search.
    fn joined(&self) -> String {
        if self.query.is_empty() {
            String::new()
        } else {
            format!("{}&", self.query)
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, AuditPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

/// What a verification came to.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/audit_verify.html")]
pub struct AuditVerified<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Whether nobody has touched it.
    pub is_whole: bool,
    /// The result in one sentence.
    pub sentence: String,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// The head of now.
    pub head: Option<String>,
    /// The head that was entered.
    pub kept: String,
    /// What is wrong with that.
    pub wrong: Option<&'static str>,
}

impl AuditVerified<'_> {
    /// What is said of a log.
    #[must_use]
    pub fn said(found: &Result<Whole, Break>, texts: &Texts) -> (String, Vec<String>) {
        let w = texts.admin.audit;
        let whole = match found {
            Ok(whole) => whole,
            Err(broken) => return ((w.touched)(broken), Vec::new()),
        };
        let mut notes = Vec::new();
        if whole.first > 1 {
            notes.push((w.cut)(whole.first));
        }
        if whole.compared > 0 {
            notes.push((w.compared)(whole.compared));
        }
        if whole.too_old > 0 {
            notes.push((w.too_old)(whole.too_old));
        }
        if whole.compared + whole.too_old == 0 {
            notes.push(w.not_compared.to_owned());
        }
        ((w.whole)(whole), notes)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, AuditVerified<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| verified_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

const HEAD: &str = "librechat-auth-audit-head v1 seq=42 at=1717788018000 \
                    digest=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
                    mac=60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

fn frame(lang: Lang) -> Frame<'static> {
    Frame {
        signed_in_as: Some("Ada Lovelace"),
        ..Frame::sample(lang, "/admin/audit")
    }
}

fn events() -> Vec<Event> {
    let ada = "6662f0ab01020304050607ff";
    let event = |kind, actor: &str, address: &str| Event {
        at: Timestamp::from_seconds(1_780_300_000),
        kind,
        subject: ada.parse().ok(),
        actor: actor.to_owned(),
        address: address.to_owned(),
        user_agent: String::new(),
        reference: String::new(),
        detail: String::new(),
    };
    vec![
        Event {
            reference: "K7QW-3M9P".to_owned(),
            ..event(EventKind::Banned, "moderation", "")
        },
        Event {
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
            detail: "password".to_owned(),
            ..event(EventKind::LoginSucceeded, "", "2001:db8:85a3::8a2e:370:7334")
        },
        event(EventKind::RoleChanged, "6662f0ab01020304050607aa", "192.0.2.7"),
        event(EventKind::AccountCreated, "console", ""),
        event(EventKind::LoginRefused, "", ERASED),
        event(EventKind::LoginRefused, "", UNREADABLE),
    ]
}

/// Rows of samples.
pub(super) fn sample_rows(lang: Lang) -> Vec<AuditRow> {
    sample(lang, &events()).rows
}

fn sample(lang: Lang, events: &[Event]) -> AuditPage<'static> {
    let name = |id: &str| (id.ends_with("ff")).then(|| "ada@example.org".to_owned());
    let rows = events.iter().zip(1..);
    AuditPage {
        frame: frame(lang),
        bar: Bar::sample(Section::Audit),
        typed: Typed::default(),
        wrong: "",
        person: None,
        rows: rows
            .map(|(event, id)| AuditRow::of(id, event, &name, lang.texts()))
            .collect(),
        query: String::new(),
        older: None,
        is_newest: true,
    }
}

fn samples_in(lang: Lang) -> Vec<(String, AuditPage<'static>)> {
    let some = || sample(lang, &events());
    let wrong = |field| AuditPage {
        wrong: field,
        ..sample(lang, &[])
    };
    let timeline = AuditPage {
        person: Some("ada@example.org".to_owned()),
        query: "user=ada%40example.org".to_owned(),
        older: Some(7),
        is_newest: false,
        ..some()
    };
    let bad = || HOSTILE.to_owned();
    let mut hostile = some();
    for row in &mut hostile.rows {
        (row.detail, row.by, row.address, row.device, row.reference) = (bad(), bad(), bad(), bad(), bad());
        row.account = Some(Somebody { id: bad(), name: bad() });
    }
    hostile.typed = Typed {
        user: bad(),
        actor: bad(),
        kind: bad(),
        address: bad(),
        reference: bad(),
        since: bad(),
        until: bad(),
    };
    hostile.query = bad();
    hostile.person = Some(bad());
    hostile.older = Some(1);
    let named = |name: &str, page| (format!("adminaudit-{name}-{}", lang.code()), page);
    vec![
        named("empty", sample(lang, &[])),
        named("some", some()),
        named("timeline", timeline),
        named("wrong-person", wrong("user")),
        named("wrong-time", wrong("since")),
        named("hostile", hostile),
    ]
}

fn verified_in(lang: Lang) -> Vec<(String, AuditVerified<'static>)> {
    let texts = lang.texts();
    let page = |found: &Result<Whole, Break>| {
        let (sentence, notes) = AuditVerified::said(found, texts);
        AuditVerified {
            frame: frame(lang),
            bar: Bar::sample(Section::Audit),
            is_whole: found.is_ok(),
            sentence,
            notes,
            head: Some(HEAD.to_owned()),
            kept: String::new(),
            wrong: None,
        }
    };
    let whole = Whole {
        rows: 40,
        first: 3,
        last: 42,
        compared: 1,
        too_old: 1,
    };
    let new = Whole {
        first: 1,
        compared: 0,
        too_old: 0,
        ..whole.clone()
    };
    let named = |name: &str, page| (format!("adminauditverify-{name}-{}", lang.code()), page);
    vec![
        named("whole", page(&Ok(new))),
        named("compared", page(&Ok(whole))),
        named("broken", page(&Err(Break::Altered { seq: 17 }))),
        named("rolled-back", page(&Err(Break::RolledBack { kept: 42, last: 40 }))),
        named(
            "hostile",
            AuditVerified {
                kept: HOSTILE.to_owned(),
                wrong: Some(texts.admin.audit.no_head),
                ..page(&Err(Break::NoHead))
            },
        ),
    ]
}
