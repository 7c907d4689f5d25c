//! The first admin. Whoever holds the one-time link becomes admin, once; registering never does.
//!
//! ```text
//!   no admin ── link printed (1 h, replaced by the next one) ── used ──► done, for good
//!       └────── an admin made on the command line ────────────────────► done, for good
//! ```

use std::time::Duration;

use crate::app::tokens::SignedIn;
use crate::app::{App, Failure, Fault, register};
use crate::config;
use crate::domain::account::Role;
use crate::domain::audit::EventKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Token;
use crate::domain::session::Origin;
use crate::store::{accounts, audit, sessions, setup};

/// How long a set-up link can be used.
pub const LINK_LIFETIME: Duration = Duration::from_hours(1);

/// Where the installation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is an admin, or was one: the route is gone.
    Done,
    /// The owner is expected, and this token opens the form.
    Open,
    /// The owner is expected; this is somebody else, or the link is too old.
    Waiting,
}

/// What the owner typed on the set-up page.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The one-time token from the link.
    pub token: Option<Token>,
    /// The admin's account.
    pub form: register::Form,
    /// Whether strangers may register from now on.
    pub registration: bool,
    /// The language of letters to the admin.
    pub lang: Lang,
}

impl App {
    /// A new one-time token if no admin exists yet; older ones stop working.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn new_set_up_token(&self) -> Result<Option<Token>, Failure> {
        let token = self.new_token();
        let (digest, now) = (token.digest(), self.now());
        let made = self
            .store
            .write(move |tx| {
                if setup::completed_at(tx)?.is_some() {
                    return Ok(false);
                }
                setup::put_token(tx, digest, now, now.after(LINK_LIFETIME))?;
                Ok(true)
            })
            .await?;
        Ok(made.then_some(token))
    }

    /// Where the installation stands for somebody who presents this token.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn set_up_stage(&self, token: Option<&Token>) -> Result<Stage, Failure> {
        let now = self.now();
        let digest = token.map(Token::digest);
        let stage = self
            .store
            .read(|tx| {
                Ok(match digest {
                    _ if setup::completed_at(tx)?.is_some() => Stage::Done,
                    Some(digest) if setup::is_live(tx, digest, now)? => Stage::Open,
                    _ => Stage::Waiting,
                })
            })
            .await?;
        Ok(stage)
    }

    /// Makes the first admin and logs them in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] after set-up, [`Refusal::BadSetUpToken`], [`Refusal::Invalid`], or a fault.
    pub async fn set_up(&self, request: SetUp, origin: Origin) -> Result<SignedIn, Failure> {
        let token = request.token.ok_or(Refusal::BadSetUpToken)?;
        match self.set_up_stage(Some(&token)).await? {
            Stage::Done => return Err(Refusal::NotFound.into()),
            Stage::Waiting => return Err(Refusal::BadSetUpToken.into()),
            Stage::Open => {}
        }
        let applicant = self.check_form(request.form)?;
        let hash = self.hasher.hash(applicant.password.clone(), &origin.address).await?;
        let mut admin = self.new_account(applicant, Role::Admin, hash);
        // Whoever holds the link reads what the server prints; a letter would prove no more.
        admin.email_verified = true;
        let event = self.event(EventKind::SetUp, Some(admin.id), &origin, "");
        let (digest, now) = (token.digest(), self.now());
        let made = self
            .store
            .write(move |tx| {
                if accounts::by_email(tx, &admin.email)?.is_some() {
                    return Ok(Err(Refusal::Invalid(vec![Issue::new("email", Rule::Taken)])));
                }
                if setup::completed_at(tx)?.is_some() || !setup::consume(tx, digest, now)? {
                    return Ok(Err(Refusal::BadSetUpToken));
                }
                let key = accounts::insert(tx, &admin)?;
                accounts::set_lang(tx, key, request.lang.code())?;
                setup::complete(tx, now)?;
                audit::append(tx, &event)?;
                Ok(accounts::by_id(tx, admin.id)?.ok_or(Refusal::BadSetUpToken))
            })
            .await?;
        let account = made?;
        self.choose_registration(request.registration)?;
        let (session, mut signed_in) = self.new_session(&account, "password", origin);
        signed_in.device = Some(self.device_after_login(&account, None).0);
        self.store
            .write(move |tx| {
                sessions::insert(tx, &session)?;
                accounts::record_login(tx, account.key, now)
            })
            .await?;
        Ok(signed_in)
    }

    /// Keeps the owner's choice in the data directory. A setting made elsewhere is stronger and stays in force.
    fn choose_registration(&self, open: bool) -> Result<(), Fault> {
        config::write_setting(&self.config.data_dir, "accounts.registration", open).map_err(Fault::new)?;
        self.set_up_with(open);
        Ok(())
    }
}
