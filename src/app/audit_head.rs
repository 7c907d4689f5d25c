//! The signed head of the audit log goes elsewhere every day: to the system log of this machine, or to the admins by mail.
//! Whoever puts an older copy of the database in place cannot take it back from there.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixDatagram;
use tokio::time::timeout;

use crate::app::{App, Failure};
use crate::config::HeadTo;
use crate::domain::audit_chain::Mark;
use crate::domain::outbox::Envelope;
use crate::domain::syslog;
use crate::mail::Letter;
use crate::store::{Tx, accounts, audit, outbox, setup};

/// How often it is looked whether a head is due.
pub const LOOK_EVERY: Duration = Duration::from_mins(5);

/// How long the system log may take.
const PATIENCE: Duration = Duration::from_secs(2);

impl App {
    /// Sends the head of the log to where it is kept, once a day; answers with whether it did.
    ///
    /// # Errors
    /// Only a fault. A system log that is not there is told in our own log, and tried again.
    pub async fn publish_audit_head(&self) -> Result<bool, Failure> {
        let today = self.now().day();
        let Some(head) = self.head_due(&today).await? else {
            return Ok(false);
        };
        let letters = match self.config.audit.head_to {
            HeadTo::Mail => self.head_letters(&head).await?,
            HeadTo::Syslog if self.log_head(&head).await => Vec::new(),
            HeadTo::Syslog | HeadTo::Nowhere => return Ok(false),
        };
        if self.config.audit.head_to == HeadTo::Mail && letters.is_empty() {
            tracing::warn!("nobody gets the head of the audit log: there is no mail service, or no admin");
            return Ok(false);
        }
        self.store
            .write(move |tx| {
                letters.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                setup::note_head_published(tx, &today)
            })
            .await?;
        Ok(true)
    }

    async fn head_due(&self, today: &str) -> Result<Option<Mark>, Failure> {
        if self.config.audit.head_to == HeadTo::Nowhere {
            return Ok(None);
        }
        let look = |tx: &mut Tx<'_>| Ok((setup::head_published(tx)?, audit::head(tx)?));
        let (published, head) = self.store.read(look).await?;
        Ok(head.filter(|_| published.as_deref() != Some(today)))
    }

    async fn head_letters(&self, head: &Mark) -> Result<Vec<Envelope>, Failure> {
        let line = head.to_string();
        let letter = Letter::AuditHead { line: &line };
        let admins = self.store.read(accounts::admins).await?;
        Ok(admins
            .iter()
            .filter_map(|admin| self.envelope_for(admin, &letter))
            .collect())
    }

    /// Whether the system log took it.
    async fn log_head(&self, head: &Mark) -> bool {
        let line = syslog::line(self.now(), std::process::id(), &head.to_string());
        let socket = &self.config.audit.syslog;
        match say(socket, &line).await {
            Ok(()) => true,
            Err(error) => {
                let socket = socket.display();
                tracing::warn!(%error, %socket, "the head of the audit log did not get into the system log");
                false
            }
        }
    }
}

async fn say(log: &Path, line: &str) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(log)?;
    match timeout(PATIENCE, socket.send(line.as_bytes())).await {
        Ok(sent) => sent.map(drop),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
