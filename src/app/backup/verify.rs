//! Trying a backup out: everything is unpacked into a folder of its own, opened and migrated there, and somebody logs in.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::archive::Archive;
use super::workshop::Workshop;
use super::{BackupError, Manifest};
use crate::app::{App, Failure};
use crate::config::{Config, Inputs, prepare};
use crate::crypto::hasher::is_readable;
use crate::crypto::seal::fingerprint;
use crate::domain::account::AccountKey;
use crate::domain::secret::{Entropy, Secret};
use crate::domain::session::Origin;
use crate::domain::time::Clock;
use crate::store::archive::CONFIGURATION;
use crate::store::{accounts, second_factors, sessions};

/// Rows looked at together.
const PAGE: u32 = 500;

/// What a backup turned out to be.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The schema version after this program has opened it.
    pub schema: i64,
    /// How many people are in it.
    pub accounts: i64,
    /// How many of them are admins who can log in.
    pub admins: i64,
    /// How many passwords could be checked.
    pub passwords: u64,
    /// How many second factors the keys in it open.
    pub second_factors: u64,
    /// How many lines of the audit log are as they were written.
    pub audit: i64,
    /// Whether a session could be opened and used; `None` if there is nobody to open one.
    pub logged_in: Option<bool>,
    /// What is wrong with it; each a sentence.
    pub problems: Vec<String>,
}

/// Tries a backup out in a new folder below `parent`. The file is only read.
///
/// # Errors
/// [`BackupError::Unusable`] if nothing can be restored from it; what is wrong with a part of it is among the problems.
pub async fn verify(
    archive: Archive<'_>,
    passphrase: Option<&Secret>,
    parent: &Path,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Verified, BackupError> {
    let workshop = Workshop::new(parent, &*entropy)?;
    let shown = archive.shown().to_owned();
    let unusable = |reason: String| BackupError::Unusable { shown, reason };
    let manifest = archive.read_usable(passphrase, workshop.path())?;
    let mut problems = Vec::new();
    let config = configuration(workshop.path(), &*entropy, &mut problems).map_err(unusable.clone())?;
    if fingerprint(&config.secrets.creds_key) != manifest.key {
        problems
            .push("the keys in it are not those with which it was made: what they sealed cannot be read".to_owned());
    }
    let app = App::open(config, clock, entropy).map_err(|error| unusable(format!("{error:#}")))?;
    let mut verified = Verified {
        manifest,
        schema: crate::store::latest_version(),
        accounts: 0,
        admins: 0,
        passwords: 0,
        second_factors: 0,
        audit: 0,
        logged_in: None,
        problems,
    };
    let outcome = app.examine(&mut verified).await;
    app.close().await;
    if let Err(failure) = outcome {
        verified
            .problems
            .push(format!("the database cannot be used: {failure}"));
    }
    Ok(verified)
}

/// The configuration as it would be after a restore on a new machine.
fn configuration(dir: &Path, entropy: &dyn Entropy, problems: &mut Vec<String>) -> Result<Config, String> {
    let inputs = Inputs {
        flags: vec![("data_dir".to_owned(), dir.display().to_string())],
        working_dir: dir.to_owned(),
        ..Inputs::default()
    };
    let mut loaded = prepare(&inputs, entropy);
    if loaded.config.is_none() && dir.join(CONFIGURATION).exists() {
        let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
        problems.push(format!("the configuration in it cannot be used: {}", errors.join("; ")));
        fs::remove_file(dir.join(CONFIGURATION)).map_err(|error| error.to_string())?;
        loaded = prepare(&inputs, entropy);
    }
    let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    let mut config = loaded.config.ok_or_else(|| errors.join("; "))?;
    // Nobody waits for this one.
    config.password.threads = 1;
    config.server.workers = 1;
    Ok(config)
}

impl App {
    async fn examine(&self, verified: &mut Verified) -> Result<(), Failure> {
        verified.accounts = self.user_count().await?;
        verified.admins = self.admin_count().await?;
        let (readable, unreadable) = self.count_passwords().await?;
        verified.passwords = readable;
        if unreadable > 0 {
            verified.problems.push(format!(
                "{unreadable} password(s) are stored in a form that cannot be checked"
            ));
        }
        let (opened, sealed_otherwise) = self.count_second_factors().await?;
        verified.second_factors = opened;
        if sealed_otherwise > 0 {
            verified.problems.push(format!(
                "{sealed_otherwise} second factor(s) cannot be opened with the keys in it"
            ));
        }
        match self.verify_audit(Vec::new()).await? {
            Ok(whole) => verified.audit = whole.rows,
            Err(broken) => verified.problems.push(format!("the audit log is not whole: {broken}")),
        }
        verified.logged_in = self.rehearse_login().await?;
        if verified.logged_in == Some(false) {
            verified
                .problems
                .push("a session could be opened but not used: the keys do not work together".to_owned());
        }
        Ok(())
    }

    /// How many stored password hashes can be checked, and how many cannot.
    async fn count_passwords(&self) -> Result<(u64, u64), Failure> {
        let (mut readable, mut unreadable) = (0, 0);
        let mut after: Option<AccountKey> = None;
        loop {
            let page = self
                .store
                .scan(move |tx| accounts::password_hashes(tx, after, PAGE))
                .await?;
            let Some((last, _)) = page.last() else {
                return Ok((readable, unreadable));
            };
            after = Some(*last);
            for (_, hash) in &page {
                if is_readable(hash) {
                    readable += 1;
                } else {
                    unreadable += 1;
                }
            }
        }
    }

    /// How many second factors the keys open, and how many they do not.
    async fn count_second_factors(&self) -> Result<(u64, u64), Failure> {
        let (mut opened, mut closed) = (0, 0);
        let mut after: Option<AccountKey> = None;
        loop {
            let page = self.users_after(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok((opened, closed));
            };
            after = Some(last.key);
            for account in page.iter().filter(|account| account.two_factor_at.is_some()) {
                let key = account.key;
                let found = self.store.read(|tx| second_factors::find(tx, key)).await?;
                let sealed = found.and_then(|factor| factor.secret);
                if sealed.is_some_and(|sealed| self.opens_second_factor(account.id, &sealed)) {
                    opened += 1;
                } else {
                    closed += 1;
                }
            }
        }
    }

    /// Opens a session for the first account that may have one, and uses its access token.
    async fn rehearse_login(&self) -> Result<Option<bool>, Failure> {
        let mut after = None;
        let account = loop {
            let page = self.users_after(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.key);
            if let Some(account) = page
                .into_iter()
                .find(|account| !account.is_disabled() && account.waiting_since.is_none())
            {
                break account;
            }
        };
        let (session, keys) = self.new_session(&account, "rehearsal", Origin::default());
        self.store.write(move |tx| sessions::insert(tx, &session)).await?;
        match self.identify_bearer(keys.access.expose()).await {
            Ok(identity) => Ok(Some(identity.account.id == account.id)),
            Err(Failure::Refused(_)) => Ok(Some(false)),
            Err(fault) => Err(fault),
        }
    }
}
