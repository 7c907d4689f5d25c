//! Registration: by strangers while it is open, and by invited people. Never grants more than the role USER unless an
//! invitation says so, and answers the same, in the same time, whether or not the address was free.

use crate::app::groups::BY_HAND;
use crate::app::invitations::Standing;
use crate::app::verify_email::UNPROVED_FOR;
use crate::app::{App, Failure};
use crate::domain::account::{NewAccount, Role};
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::errand::{Errand, ErrandKind};
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::invitation::{Invitation, InvitationId, Objection};
use crate::domain::lang::Lang;
use crate::domain::name;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, errands, groups, invitations, setup};

/// What somebody typed into a form for a new account.
#[derive(Clone, Debug)]
pub struct Form {
    /// Display name.
    pub name: String,
    /// LibreChat's user name; empty for none.
    pub username: Option<String>,
    /// Address.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// The same again.
    pub confirm_password: Secret,
}

/// A form whose every field keeps its rules.
#[derive(Clone, Debug)]
pub(super) struct Applicant {
    pub(super) name: String,
    pub(super) username: Option<String>,
    pub(super) email: Email,
    pub(super) password: Secret,
}

/// That somebody may register, and thanks to whom.
#[derive(Clone, Debug)]
pub struct Admission {
    invitation: Option<Invitation>,
    lang: Lang,
}

impl Admission {
    /// The same for somebody who gets letters in this language.
    #[must_use]
    pub fn speaking(self, lang: Lang) -> Self {
        Self { lang, ..self }
    }
}

/// A registration that is about to be written.
struct Entry {
    account: NewAccount,
    invitation: Option<InvitationId>,
    groups: Vec<GroupName>,
    lang: Lang,
    /// Whether an admin has to let the account in.
    waits: bool,
    /// When the account vanishes unless its address is proved or somebody logs in.
    expires_at: Option<Timestamp>,
    made: Event,
    taken: Event,
    /// The letter to be written; `None` without a mail service.
    errand: Option<Errand>,
}

impl Entry {
    /// Makes the account, or leaves everything as it is because somebody has the address. Both ways append one line and
    /// leave one errand, so that both commit the same amount and take the same time.
    fn enter(&self, tx: &mut Tx<'_>) -> Result<Result<(), Refusal>, StoreError> {
        let account = &self.account;
        if let Some(existing) = accounts::by_email(tx, &account.email)? {
            audit::append(tx, &self.taken.clone().about(existing.id))?;
            self.leave_errand(tx, ErrandKind::AddressTaken)?;
            return Ok(Ok(()));
        }
        if let Some(id) = self.invitation
            && !invitations::take_seat(tx, id, account.id, account.created_at)?
        {
            return Ok(Err(Refusal::InviteInvalid));
        }
        let key = accounts::insert(tx, account)?;
        accounts::set_lang(tx, key, self.lang.code())?;
        if self.waits {
            accounts::set_waiting(tx, key, Some(account.created_at))?;
        }
        if account.role.is_admin() {
            setup::complete(tx, account.created_at)?;
        }
        if let Some(end) = self.expires_at {
            accounts::set_expiry(tx, key, end)?;
        }
        for name in &self.groups {
            groups::add(tx, key, BY_HAND, name)?;
        }
        audit::append(tx, &self.made)?;
        if !account.email_verified {
            self.leave_errand(tx, ErrandKind::VerifyAddress)?;
        }
        Ok(Ok(()))
    }

    fn leave_errand(&self, tx: &mut Tx<'_>, kind: ErrandKind) -> Result<(), StoreError> {
        match &self.errand {
            Some(errand) => errands::add(tx, &Errand { kind, ..errand.clone() }),
            None => Ok(()),
        }
    }
}

impl App {
    /// Whether somebody may register now: because strangers may, or with the token of an invitation (empty for none).
    ///
    /// # Errors
    /// [`Refusal::RegistrationClosed`] (LibreChat answers 403), [`Refusal::InviteInvalid`], or a fault.
    pub async fn admit_registration(&self, token: &str) -> Result<Admission, Failure> {
        match self.invitation_standing(token).await? {
            Standing::None if self.registration_open() => Ok(Admission {
                invitation: None,
                lang: Lang::default(),
            }),
            Standing::None => Err(Refusal::RegistrationClosed.into()),
            Standing::Open(invitation) => Ok(Admission {
                invitation: Some(*invitation),
                lang: Lang::default(),
            }),
            Standing::Over(_) | Standing::Unknown => Err(Refusal::InviteInvalid.into()),
        }
    }

    /// Whether an account made by this admission waits for an admin. Invited people do not wait.
    #[must_use]
    pub fn waits_for_approval(&self, admission: &Admission) -> bool {
        self.live().accounts.approval && admission.invitation.is_none()
    }

    /// Whether an account made by this admission is sent a link that proves its address. An invitation that went to the
    /// address has proved it.
    #[must_use]
    pub fn asks_for_proof(&self, admission: &Admission) -> bool {
        let is_proved = admission.invitation.as_ref().is_some_and(Invitation::proves_address);
        self.mail_is_configured() && !is_proved
    }

    /// Makes an account, unless the address already has one: the caller cannot tell the difference. An invitation loses a
    /// seat only to a new account.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::InviteInvalid`], [`Refusal::DomainNotAllowed`], [`Refusal::Busy`], or a fault.
    pub async fn register(&self, form: Form, admission: Admission, origin: &Origin) -> Result<(), Failure> {
        let outcome = self.judge_registration(form, admission, origin).await;
        self.meters.registration(&outcome);
        outcome
    }

    async fn judge_registration(&self, form: Form, admission: Admission, origin: &Origin) -> Result<(), Failure> {
        let applicant = self.check_form(form)?;
        self.check_address(&applicant.email, &admission)?;
        let hash = self.hasher.hash(applicant.password.clone(), &origin.address).await?;
        let entry = self.entry(applicant, hash, admission, origin);
        self.store.write(move |tx| entry.enter(tx)).await??;
        Ok(())
    }

    fn check_address(&self, email: &Email, admission: &Admission) -> Result<(), Refusal> {
        let objection = admission.invitation.as_ref().map(|it| it.admit(email, self.now()));
        match objection {
            Some(Err(Objection::Over | Objection::OtherAddress)) => return Err(Refusal::InviteInvalid),
            Some(Err(Objection::OtherDomain)) => return Err(Refusal::DomainNotAllowed),
            Some(Ok(())) | None => {}
        }
        if email.is_allowed(&self.live().accounts.allowed_domains) {
            Ok(())
        } else {
            Err(Refusal::DomainNotAllowed)
        }
    }

    /// What is about to be written, whatever the database will say. Only invitations that were made at the console for an
    /// admin give more than the role USER.
    fn entry(&self, applicant: Applicant, hash: String, admission: Admission, origin: &Origin) -> Entry {
        let waits = self.waits_for_approval(&admission);
        let Admission { invitation, lang } = admission;
        let role = invitation
            .as_ref()
            .map_or(Role::User, |invitation| invitation.role.clone());
        let mut account = self.new_account(applicant, role, hash);
        account.email_verified |= invitation.as_ref().is_some_and(Invitation::proves_address);
        let (kind, detail) = match &invitation {
            Some(invitation) => (EventKind::InvitationUsed, format!("invitation:{}", invitation.id)),
            None => (EventKind::AccountCreated, "registration".to_owned()),
        };
        let errand = self.errand(ErrandKind::VerifyAddress, account.email.clone(), origin);
        Entry {
            errand: self.mail_is_configured().then_some(errand),
            lang,
            expires_at: self.expiry_of_new(&account),
            made: self.event(kind, Some(account.id), &origin.address, &detail),
            taken: self.event(EventKind::RegistrationRefused, None, &origin.address, "address_taken"),
            waits,
            invitation: invitation.as_ref().map(|invitation| invitation.id),
            groups: invitation.map(|invitation| invitation.groups).unwrap_or_default(),
            account,
        }
    }

    /// When a new account vanishes unless its address is proved or somebody logs in: never, where nobody has to prove it.
    fn expiry_of_new(&self, account: &NewAccount) -> Option<Timestamp> {
        let has_to_prove = !account.email_verified && !self.config.accounts.unverified_login;
        has_to_prove.then(|| account.created_at.after(UNPROVED_FOR))
    }

    /// Checks every field and reports all that is wrong at once.
    pub(super) fn check_form(&self, form: Form) -> Result<Applicant, Refusal> {
        let name = name::parse_display_name(&form.name);
        let username = name::parse_username(form.username.as_deref());
        let mut issues = Vec::new();
        issues.extend(name.as_ref().err().into_iter().flatten());
        issues.extend(username.as_ref().err().into_iter().flatten());
        let email = Email::parse(&form.email);
        if email.is_err() {
            issues.push(Issue::new("email", Rule::InvalidEmail));
        }
        // Whoever is called like somebody else's address could be taken for them.
        let posed = username
            .iter()
            .flatten()
            .find_map(|username| Email::parse(username.trim()).ok());
        if posed.is_some_and(|posed| email.as_ref() != Ok(&posed)) {
            issues.push(Issue::new("username", Rule::InvalidCharacters));
        }
        let live = self.live();
        let known = [form.name.as_str(), form.email.as_str(), live.site.title.as_str()];
        issues.extend(self.password_issues("password", &form.password, &known));
        if form.password != form.confirm_password {
            issues.push(Issue::new("confirm_password", Rule::Mismatch));
        }
        match (name, username, email) {
            (Ok(name), Ok(username), Ok(email)) if issues.is_empty() => Ok(Applicant {
                name,
                username,
                email,
                password: form.password,
            }),
            _ => Err(Refusal::Invalid(issues)),
        }
    }

    pub(super) fn new_account(&self, applicant: Applicant, role: Role, hash: String) -> NewAccount {
        let now = self.now();
        NewAccount {
            id: UserId::new(now, self.random()),
            email: applicant.email,
            // Without a mail service nobody can prove an address, and LibreChat then counts it as proved.
            email_verified: !self.config.mail.is_configured(),
            name: applicant.name,
            username: applicant.username,
            provider: "local".to_owned(),
            role,
            password: Some(hash),
            created_at: now,
        }
    }
}
