//! Changing what an account says: all of it in one transaction, by the rules of the use cases that change one field each.

use crate::app::audit::Actor;
use crate::app::change_email::{self, Change};
use crate::app::groups::BY_HAND;
use crate::app::protect::Guard;
use crate::app::{App, Failure, expiry, manage};
use crate::domain::account::{Account, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::email_change::Obstacle;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::name;
use crate::domain::outbox::Envelope;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, audit, groups};

/// What is to be; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// Display name.
    pub name: Option<String>,
    /// User name; empty takes it away.
    pub username: Option<String>,
    /// Address. It counts as proved; sessions end, and the old one is told.
    pub email: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// Until when somebody may come in; `Some(None)` takes the end away.
    pub valid_until: Option<Option<Timestamp>>,
    /// Groups by hand: exactly these.
    pub groups: Option<Vec<GroupName>>,
}

/// What a field says afterwards; nothing empties it.
struct To<T>(Option<T>);

/// What is another than before, and what is wrong with it as far as one can tell without looking at other accounts.
struct Plan {
    before: Account,
    name: Option<String>,
    username: Option<To<String>>,
    email: Option<(Email, Option<Envelope>)>,
    role: Option<Role>,
    valid_until: Option<To<Timestamp>>,
    groups: Option<Vec<GroupName>>,
    issues: Vec<Issue>,
    guard: Guard,
    now: Timestamp,
    /// Each change is a line like this.
    event: Event,
}

impl App {
    /// Changes an account, and says which fields are others now: all that is asked for, or nothing.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the fields, [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], [`Refusal::NotFound`] if the
    /// account is gone or has another address meanwhile, or a fault.
    pub async fn edit_user(&self, account: &Account, edit: Edit, by: &Actor) -> Result<Vec<&'static str>, Failure> {
        let plan = self.plan_edit(account, edit, by);
        let changed = self.store.write(move |tx| plan.carry_out(tx)).await?;
        changed.map_err(Failure::Refused)
    }

    fn plan_edit(&self, account: &Account, edit: Edit, by: &Actor) -> Plan {
        let mut issues = Vec::new();
        let name = edit.name.filter(|name| *name != account.name);
        let name = name.and_then(|name| told_apart(name::parse_display_name(&name), &mut issues));
        let old_username = account.username.as_deref().unwrap_or_default();
        let username = edit.username.filter(|username| username != old_username);
        let username = username.and_then(|text| told_apart(manage::parse_username(Some(&text)), &mut issues));
        // An address that stays need not be one that could be given today.
        let email = edit.email.map(|text| Email::parse(text.trim()));
        let email = email.filter(|email| email.as_ref() != Ok(&account.email));
        let email = email.and_then(|email| told_apart(self.allowed(email.ok()), &mut issues));
        Plan {
            before: account.clone(),
            name,
            username: username.map(To),
            email: email.map(|new| {
                let letter = Letter::AddressChanged { new: new.as_str() };
                let notice = self.envelope_for(account, &letter);
                (new, notice)
            }),
            role: edit.role.filter(|role| *role != account.role),
            valid_until: edit.valid_until.filter(|until| *until != account.valid_until).map(To),
            groups: edit.groups,
            issues,
            guard: Guard::of(by),
            now: self.now(),
            event: self.event_of(EventKind::NameChanged, Some(account.id), by, ""),
        }
    }

    fn allowed(&self, email: Option<Email>) -> Result<Email, Vec<Issue>> {
        let wrong = |rule| vec![Issue::new("email", rule)];
        let email = email.ok_or_else(|| wrong(Rule::InvalidEmail))?;
        if email.is_allowed(&self.live().accounts.allowed_domains) {
            Ok(email)
        } else {
            Err(wrong(Rule::DomainNotAllowed))
        }
    }
}

/// What is right with a field; what is wrong with it is noted.
fn told_apart<T>(read: Result<T, Vec<Issue>>, issues: &mut Vec<Issue>) -> Option<T> {
    read.map_err(|wrong| issues.extend(wrong)).ok()
}

impl Plan {
    /// Looks at everything first: a refusal is no error to the store, and undoes nothing.
    fn carry_out(&self, tx: &mut Tx<'_>) -> Result<Result<Vec<&'static str>, Refusal>, StoreError> {
        let Some((current, _)) = accounts::credentials_by_key(tx, self.before.key)? else {
            return Ok(Err(Refusal::NotFound));
        };
        if let Some(refusal) = self.refusal(tx)? {
            return Ok(Err(refusal));
        }
        let mut changed = self.rename(tx)?;
        changed.extend(self.empower(tx, &current)?);
        if let Some(name) = &self.name {
            accounts::set_name(tx, current.key, name, self.now)?;
            self.note(tx, EventKind::NameChanged, "")?;
            changed.push("name");
        }
        if let Some(groups) = &self.groups
            && self.regroup(tx, groups)?
        {
            changed.push("groups");
        }
        Ok(Ok(changed))
    }

    fn refusal(&self, tx: &mut Tx<'_>) -> Result<Option<Refusal>, StoreError> {
        let key = self.before.key;
        let mut issues = self.issues.clone();
        if let Some(To(username)) = &self.username
            && manage::is_taken(tx, key, username.as_deref())?
        {
            issues.push(Issue::new("username", Rule::Taken));
        }
        if let Some((email, _)) = &self.email {
            match change_email::obstacle(tx, &self.before, email)? {
                Some(Obstacle::InUse) => issues.push(Issue::new("email", Rule::Taken)),
                Some(_) => return Ok(Some(Refusal::NotFound)),
                None => {}
            }
        }
        if !issues.is_empty() {
            return Ok(Some(Refusal::Invalid(issues)));
        }
        let is_limited = matches!(self.valid_until, Some(To(Some(_))));
        let weakens = is_limited || self.role.as_ref().is_some_and(|role| !role.is_admin());
        if weakens {
            self.guard.against_loss(tx, key)
        } else {
            Ok(None)
        }
    }

    /// Changes what somebody signs in with.
    fn rename(&self, tx: &mut Tx<'_>) -> Result<Vec<&'static str>, StoreError> {
        let mut changed = Vec::new();
        if let Some((new, notice)) = &self.email {
            let change = Change {
                new,
                keep: None,
                notice: notice.as_ref(),
                event: &self.line(EventKind::EmailChanged, ""),
            };
            change_email::replace(tx, &self.before, &change, self.now)?;
            changed.push("email");
        }
        if let Some(To(username)) = &self.username {
            accounts::set_username(tx, self.before.key, username.as_deref(), self.now)?;
            self.note(tx, EventKind::NameChanged, "username")?;
            changed.push("username");
        }
        Ok(changed)
    }

    /// Changes what somebody may do, and until when.
    fn empower(&self, tx: &mut Tx<'_>, current: &Account) -> Result<Vec<&'static str>, StoreError> {
        let mut changed = Vec::new();
        if let Some(role) = &self.role {
            manage::give_role(tx, current.key, role, self.now)?;
            self.note(tx, EventKind::RoleChanged, &format!("{} -> {role}", current.role))?;
            changed.push("role");
        }
        if let Some(To(until)) = &self.valid_until {
            expiry::move_end(tx, current, *until, self.now)?;
            self.note(tx, EventKind::ExpirySet, &expiry::told(*until))?;
            changed.push("validUntil");
        }
        Ok(changed)
    }

    /// Makes these the groups by hand; false if they were.
    fn regroup(&self, tx: &mut Tx<'_>, wanted: &[GroupName]) -> Result<bool, StoreError> {
        let key = self.before.key;
        let by_hand = groups::of(tx, key)?.into_iter().filter(|(source, _)| source == BY_HAND);
        let by_hand: Vec<GroupName> = by_hand.map(|(_, group)| group).collect();
        let mut changed = false;
        for group in wanted.iter().filter(|group| !by_hand.contains(group)) {
            if groups::add(tx, key, BY_HAND, group)? {
                self.note(tx, EventKind::GroupsChanged, &format!("+{group}"))?;
                changed = true;
            }
        }
        for group in by_hand.iter().filter(|group| !wanted.contains(group)) {
            groups::remove(tx, key, BY_HAND, group)?;
            self.note(tx, EventKind::GroupsChanged, &format!("-{group}"))?;
            changed = true;
        }
        Ok(changed)
    }

    fn line(&self, kind: EventKind, detail: &str) -> Event {
        Event {
            kind,
            detail: detail.to_owned(),
            ..self.event.clone()
        }
    }

    fn note(&self, tx: &mut Tx<'_>, kind: EventKind, detail: &str) -> Result<(), StoreError> {
        audit::append(tx, &self.line(kind, detail))
    }
}
