//! What an admin does with other people's accounts, on a page, with the API or at the console.

use crate::app::audit::Actor;
use crate::app::protect::Guard;
use crate::app::register::Form;
use crate::app::{App, Failure, one_time};
use crate::domain::account::{Account, AccountKey, NewAccount, Role};
use crate::domain::audit::{Event, EventKind, NoticeKind};
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::UserId;
use crate::domain::name;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, api_keys, audit, notices, sessions, setup, trusted_devices};

pub use crate::store::accounts::TermsReset;

/// An account to be made by an admin.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The fields of the registration form, under the same rules.
    pub form: Form,
    /// Whether the address counts as proved.
    pub email_verified: bool,
    /// `local`, or the provider that will vouch for the person.
    pub provider: String,
    /// What the account may do.
    pub role: Role,
}

/// A line of `user-stats`.
#[derive(Clone, Debug)]
pub struct UserStats {
    /// Who.
    pub account: Account,
    /// Sessions that are not over.
    pub sessions: i64,
}

impl App {
    /// Makes an account. Unlike registration it says when address or user name are taken.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::DomainNotAllowed`], or a fault.
    pub async fn create_user(&self, new: NewUser, by: &Actor) -> Result<Account, Failure> {
        let applicant = self.check_form(new.form)?;
        if !applicant.email.is_allowed(&self.live().accounts.allowed_domains) {
            return Err(Refusal::DomainNotAllowed.into());
        }
        let hash = self.hasher.hash(applicant.password.clone(), "").await?;
        let mut account = self.new_account(applicant, new.role, hash);
        account.email_verified = new.email_verified;
        account.provider = new.provider;
        let role = account.role.as_str();
        let event = self.event_of(EventKind::AccountCreated, Some(account.id), by, role);
        self.store
            .write(move |tx| insert_unless_taken(tx, &account, &event))
            .await?
            .map_err(Failure::Refused)
    }

    /// Finds an account by address, or by id if the text is one.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_user(&self, text: &str) -> Result<Option<Account>, Failure> {
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(self.store.read(|tx| accounts::by_id(tx, id)).await?);
        }
        let Ok(email) = Email::parse(text.trim()) else {
            return Ok(None);
        };
        Ok(self.store.read(|tx| accounts::by_email(tx, &email)).await?)
    }

    /// Sets a new password, ends every session, and leaves a notice for the next login.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn reset_password(&self, account: &Account, new: Secret, by: &Actor) -> Result<(), Failure> {
        let live = self.live();
        let known = [account.email.as_str(), account.name.as_str(), live.site.title.as_str()];
        let issues = self.password_issues("password", &new, &known);
        if !issues.is_empty() {
            return Err(Refusal::Invalid(issues).into());
        }
        let hash = self.hasher.hash(new, "").await?;
        let now = self.now();
        self.manage(account, (EventKind::PasswordChanged, ""), by, move |tx, key| {
            let is_there = accounts::set_password(tx, key, &hash, now)?;
            if is_there {
                sessions::delete_others(tx, key, None)?;
                one_time::withdraw_links(tx, key)?;
                trusted_devices::revoke_all(tx, key)?;
                api_keys::revoke_all(tx, key)?;
                notices::add(tx, key, NoticeKind::PasswordReset, now, "")?;
            }
            Ok(there(is_there))
        })
        .await
    }

    /// Locks an account and ends its sessions, or unlocks it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], or a fault.
    pub async fn set_disabled(&self, account: &Account, disabled: bool, by: &Actor) -> Result<(), Failure> {
        let since = disabled.then(|| self.now());
        let kind = if disabled {
            EventKind::AccountDisabled
        } else {
            EventKind::AccountEnabled
        };
        let guard = Guard::of(by);
        self.manage(account, (kind, ""), by, move |tx, key| {
            if since.is_some() {
                if let Some(refusal) = guard.against_loss(tx, key)? {
                    return Ok(Err(refusal));
                }
                sessions::delete_others(tx, key, None)?;
            }
            Ok(there(accounts::set_disabled(tx, key, since)?))
        })
        .await
    }

    /// Gives an account another role. It counts from the next request on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], or a fault.
    pub async fn set_role(&self, account: &Account, role: Role, by: &Actor) -> Result<(), Failure> {
        let now = self.now();
        let detail = format!("{} -> {role}", account.role);
        let guard = Guard::of(by);
        self.manage(account, (EventKind::RoleChanged, &detail), by, move |tx, key| {
            if !role.is_admin()
                && let Some(refusal) = guard.against_loss(tx, key)?
            {
                return Ok(Err(refusal));
            }
            give_role(tx, key, &role, now).map(there)
        })
        .await
    }

    /// Gives an account another display name.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming what is wrong with it, [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn set_name(&self, account: &Account, new: &str, by: &Actor) -> Result<(), Failure> {
        let new = name::parse_display_name(new).map_err(Refusal::Invalid)?;
        let now = self.now();
        self.manage(account, (EventKind::NameChanged, ""), by, move |tx, key| {
            Ok(there(accounts::set_name(tx, key, &new, now)?))
        })
        .await
    }

    /// Gives an account another user name, or takes it away. It is nobody else's, although accounts that came from
    /// providers may share one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming what is wrong with it, [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn set_username(&self, account: &Account, new: Option<&str>, by: &Actor) -> Result<(), Failure> {
        let new = parse_username(new).map_err(Refusal::Invalid)?;
        let now = self.now();
        self.manage(account, (EventKind::NameChanged, "username"), by, move |tx, key| {
            if is_taken(tx, key, new.as_deref())? {
                return Ok(Err(Refusal::Invalid(vec![Issue::new("username", Rule::Taken)])));
            }
            Ok(there(accounts::set_username(tx, key, new.as_deref(), now)?))
        })
        .await
    }

    /// Whether nobody could administer the server without this account.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn is_last_admin(&self, account: &Account) -> Result<bool, Failure> {
        Ok(account.is_lasting_admin() && self.admin_count().await? <= 1)
    }

    /// How many admins can log in.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn admin_count(&self) -> Result<i64, Failure> {
        Ok(self.store.read(accounts::count_admins).await?)
    }

    /// How many accounts there are.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn user_count(&self) -> Result<i64, Failure> {
        Ok(self.store.scan(accounts::count).await?)
    }

    /// A page of accounts in the order in which they were made, after the given one.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn users_after(&self, after: Option<AccountKey>, limit: u32) -> Result<Vec<Account>, Failure> {
        Ok(self.store.scan(move |tx| accounts::page(tx, after, limit)).await?)
    }

    /// A page of accounts with the number of their live sessions.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn stats_after(&self, after: Option<AccountKey>, limit: u32) -> Result<Vec<UserStats>, Failure> {
        let (now, idle) = (self.now(), self.config.session.idle);
        let rows = self
            .store
            .scan(move |tx| accounts::stats(tx, after, limit, now, idle))
            .await?;
        Ok(rows
            .into_iter()
            .map(|(account, sessions)| UserStats { account, sessions })
            .collect())
    }

    /// Takes back the acceptance of the terms of service of the next `limit` accounts after the given one; the audit log says
    /// when that began.
    ///
    /// # Errors
    /// [`Refusal::Busy`], or a fault.
    pub async fn reset_terms_after(
        &self,
        after: Option<AccountKey>,
        limit: u32,
        by: &Actor,
    ) -> Result<TermsReset, Failure> {
        let event = after
            .is_none()
            .then(|| self.event_of(EventKind::TermsReset, None, by, ""));
        let reset = self.store.write(move |tx| {
            event.iter().try_for_each(|event| audit::append(tx, event))?;
            accounts::reset_terms(tx, after, limit)
        });
        Ok(reset.await?)
    }

    /// Does something to one account and says so in the audit log, in one transaction, unless `change` refuses.
    pub(super) async fn manage<F>(
        &self,
        account: &Account,
        (kind, detail): (EventKind, &str),
        by: &Actor,
        change: F,
    ) -> Result<(), Failure>
    where
        F: Fn(&mut Tx<'_>, AccountKey) -> Result<Result<(), Refusal>, StoreError> + Send + 'static,
    {
        let key = account.key;
        let event = self.event_of(kind, Some(account.id), by, detail);
        let changed = self
            .store
            .write(move |tx| {
                let changed = change(tx, key)?;
                if changed.is_ok() {
                    audit::append(tx, &event)?;
                }
                Ok(changed)
            })
            .await?;
        changed.map_err(Failure::Refused)
    }
}

/// A user name that an admin gives: nothing that could be an address.
pub(super) fn parse_username(text: Option<&str>) -> Result<Option<String>, Vec<Issue>> {
    let new = name::parse_username(text)?;
    if new.as_deref().is_some_and(|new| Email::parse(new.trim()).is_ok()) {
        return Err(vec![Issue::new("username", Rule::InvalidCharacters)]);
    }
    Ok(new)
}

/// Whether another account has that user name.
pub(super) fn is_taken(tx: &mut Tx<'_>, key: AccountKey, username: Option<&str>) -> Result<bool, StoreError> {
    let Some(username) = username else { return Ok(false) };
    let holder = accounts::by_username(tx, username)?;
    Ok(holder.is_some_and(|holder| holder.key != key))
}

/// Gives an account a role, and closes the set-up if there is an admin now; false if the account is gone.
pub(super) fn give_role(tx: &mut Tx<'_>, key: AccountKey, role: &Role, now: Timestamp) -> Result<bool, StoreError> {
    let is_there = accounts::set_role(tx, key, role, now)?;
    if is_there && role.is_admin() {
        setup::complete(tx, now)?;
    }
    Ok(is_there)
}

/// What came of a change to an account that was there, or was not.
pub(super) fn there(is_there: bool) -> Result<(), Refusal> {
    if is_there { Ok(()) } else { Err(Refusal::NotFound) }
}

fn insert_unless_taken(
    tx: &mut Tx<'_>,
    account: &NewAccount,
    event: &Event,
) -> Result<Result<Account, Refusal>, StoreError> {
    let same_name = match &account.username {
        Some(username) => accounts::by_username(tx, username)?,
        None => None,
    };
    if same_name.is_some() {
        return Ok(Err(Refusal::Invalid(vec![Issue::new("username", Rule::Taken)])));
    }
    if accounts::by_email(tx, &account.email)?.is_some() {
        return Ok(Err(Refusal::Invalid(vec![Issue::new("email", Rule::Taken)])));
    }
    accounts::insert(tx, account)?;
    if account.role.is_admin() {
        setup::complete(tx, account.created_at)?;
    }
    audit::append(tx, event)?;
    Ok(accounts::by_id(tx, account.id)?.ok_or(Refusal::NotFound))
}
