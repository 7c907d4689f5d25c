//! A login from a device that the account did not know: its owner is told, in the transaction that opens the session.
//!
//! Nobody is told of the very first login: there is no device yet that could be known. A letter with a way to say "this was
//! not me" goes out where mail is configured; the audit log notes it in any case.

use crate::app::App;
use crate::app::alert::{Alert, Deed};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::session::Origin;
use crate::store::{StoreError, Tx, audit};

/// What is written about it.
pub(super) struct Arrival {
    event: Event,
    alert: Alert,
}

impl Arrival {
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.alert.put(tx)?;
        audit::append(tx, &self.event)
    }
}

impl App {
    /// What is written when somebody comes in with a device that is a stranger to the account.
    pub(super) fn arrival(&self, account: &Account, method: &str, from: &Origin) -> Option<Arrival> {
        (account.login_count > 0).then(|| Arrival {
            event: self.event(EventKind::NewDevice, Some(account.id), from, method),
            alert: self.alert(account, Deed::NewDevice, from),
        })
    }
}
