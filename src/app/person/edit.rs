//! Changing what an account says: each field is changed by the use case for it.

use crate::app::audit::Actor;
use crate::app::groups::BY_HAND;
use crate::app::{App, Failure};
use crate::domain::account::{Account, Role};
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::name;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::accounts;

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

impl App {
    /// Changes an account, and says which fields are others now. What may be refused is looked at before anything is done;
    /// what somebody else does in between can still refuse a field, and those before it stay changed.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the fields, [`Refusal::DomainNotAllowed`], [`Refusal::LastAdmin`],
    /// [`Refusal::OwnAccount`], [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn edit_user(&self, account: &Account, edit: Edit, by: &Actor) -> Result<Vec<&'static str>, Failure> {
        let edit = self.checked(account, edit, by).await?;
        let mut changed = Vec::new();
        if let Some(email) = &edit.email {
            self.set_email(account, email, by).await?;
            changed.push("email");
        }
        if let Some(username) = &edit.username {
            let username = Some(username.as_str()).filter(|text| !text.is_empty());
            self.set_username(account, username, by).await?;
            changed.push("username");
        }
        if let Some(role) = edit.role {
            self.set_role(account, role, by).await?;
            changed.push("role");
        }
        if let Some(until) = edit.valid_until {
            self.set_valid_until(account, until, by).await?;
            changed.push("validUntil");
        }
        if let Some(name) = &edit.name {
            self.set_name(account, name, by).await?;
            changed.push("name");
        }
        if let Some(groups) = &edit.groups
            && self.set_groups(account, groups, by).await?
        {
            changed.push("groups");
        }
        Ok(changed)
    }

    /// Only what is another than before, if all of it may be.
    async fn checked(&self, account: &Account, edit: Edit, by: &Actor) -> Result<Edit, Failure> {
        let edit = Edit {
            name: edit.name.filter(|name| *name != account.name),
            username: edit
                .username
                .filter(|name| *name != account.username.as_deref().unwrap_or_default()),
            email: edit
                .email
                .map(|email| email.trim().to_owned())
                .filter(|email| email != account.email.as_str()),
            role: edit.role.filter(|role| *role != account.role),
            valid_until: edit.valid_until.filter(|until| *until != account.valid_until),
            groups: edit.groups,
        };
        let mut issues = Vec::new();
        if let Some(name) = &edit.name {
            issues.extend(name::parse_display_name(name).err().unwrap_or_default());
        }
        if let Some(username) = &edit.username {
            issues.extend(self.username_issues(account, username).await?);
        }
        if let Some(email) = &edit.email {
            issues.extend(self.email_issue(account, email).await?);
        }
        if !issues.is_empty() {
            return Err(Refusal::Invalid(issues).into());
        }
        let weakens = edit.role.as_ref().is_some_and(|role| !role.is_admin()) || edit.valid_until.flatten().is_some();
        if weakens && let Actor::Admin { id, .. } = by {
            if self.is_last_admin(account).await? {
                return Err(Refusal::LastAdmin.into());
            }
            if *id == account.id {
                return Err(Refusal::OwnAccount.into());
            }
        }
        Ok(edit)
    }

    async fn username_issues(&self, account: &Account, username: &str) -> Result<Vec<Issue>, Failure> {
        let parsed = match name::parse_username(Some(username)) {
            Ok(parsed) => parsed,
            Err(issues) => return Ok(issues),
        };
        let Some(wanted) = parsed else { return Ok(Vec::new()) };
        let holder = self.store.read(|tx| accounts::by_username(tx, &wanted)).await?;
        let is_taken = holder.is_some_and(|holder| holder.key != account.key);
        Ok(is_taken
            .then(|| Issue::new("username", Rule::Taken))
            .into_iter()
            .collect())
    }

    async fn email_issue(&self, account: &Account, email: &str) -> Result<Option<Issue>, Failure> {
        let Ok(email) = Email::parse(email) else {
            return Ok(Some(Issue::new("email", Rule::InvalidEmail)));
        };
        if !email.is_allowed(&self.live().accounts.allowed_domains) {
            return Ok(Some(Issue::new("email", Rule::DomainNotAllowed)));
        }
        let holder = self.store.read(|tx| accounts::by_email(tx, &email)).await?;
        let is_taken = holder.is_some_and(|holder| holder.key != account.key);
        Ok(is_taken.then(|| Issue::new("email", Rule::Taken)))
    }

    /// Makes these the groups by hand; false if they were.
    async fn set_groups(&self, account: &Account, wanted: &[GroupName], by: &Actor) -> Result<bool, Failure> {
        let all = self.memberships(account).await?;
        let by_hand: Vec<GroupName> = all
            .into_iter()
            .filter(|(source, _)| source == BY_HAND)
            .map(|(_, group)| group)
            .collect();
        let mut changed = false;
        for group in wanted.iter().filter(|group| !by_hand.contains(group)) {
            changed |= self.set_membership(account, group, true, by).await?;
        }
        for group in by_hand.iter().filter(|group| !wanted.contains(group)) {
            changed |= self.set_membership(account, group, false, by).await?;
        }
        Ok(changed)
    }
}
