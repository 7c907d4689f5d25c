//! Letters that tell the owner of an account what was done with it, each with a link to say "this was not me". Letter and
//! link are stored in the transaction that does it; without mail, or a proved address, there is neither.

use crate::app::App;
use crate::app::audit::Actor;
use crate::domain::account::Account;
use crate::domain::outbox::Envelope;
use crate::domain::proof::Proof;
use crate::domain::session::Origin;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, outbox, proofs};

/// From where something comes that an admin does, as letters say it: not from which address, which is the admin's.
pub(super) fn from_admin(by: &Actor) -> Origin {
    let user_agent = match by {
        Actor::Console => "librechat-auth/console",
        Actor::Admin { .. } => "librechat-auth/administration",
    };
    Origin {
        address: String::new(),
        user_agent: user_agent.to_owned(),
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed<'d> {
    /// A login came from a device that the account did not know.
    NewDevice,
    /// The password was changed by somebody signed in.
    PasswordChanged,
    /// A forgotten password was replaced with a link.
    PasswordReset,
    /// A second factor was set up.
    TwoFactorEnabled,
    /// It was taken away.
    TwoFactorDisabled,
    /// There are new backup codes.
    BackupCodesMade,
    /// An identity at a provider, called so, was connected.
    ProviderConnected(&'d str),
    /// It was disconnected.
    ProviderDisconnected(&'d str),
}

/// A letter that is not stored yet.
#[derive(Clone, Debug)]
pub(super) struct Alert(Option<(Proof, Envelope)>);

impl Alert {
    /// Queues the letter, and makes its link work.
    pub(super) fn put(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if let Some((proof, envelope)) = &self.0 {
            proofs::put(tx, proof)?;
            outbox::add(tx, envelope)?;
        }
        Ok(())
    }

    /// Whether there is a letter at all.
    pub(super) fn is_sent(&self) -> bool {
        self.0.is_some()
    }
}

impl App {
    /// The letter about a deed, done from somewhere, to the owner of the account.
    pub(super) fn alert(&self, account: &Account, deed: Deed<'_>, from: &Origin) -> Alert {
        // Whoever has an address that was never proved may be a stranger, and must not be able to lock the account.
        if !self.mail_is_configured() || !account.email_verified {
            return Alert(None);
        }
        let (proof, link) = self.new_disown(account);
        let (device, address, disown) = (from.user_agent.as_str(), from.address.as_str(), link.as_str());
        let letter = match deed {
            Deed::NewDevice => Letter::NewDevice {
                device,
                address,
                disown,
            },
            Deed::PasswordChanged => Letter::PasswordChanged {
                device,
                address,
                disown,
            },
            Deed::PasswordReset => Letter::PasswordWasReset {
                device,
                address,
                disown,
            },
            Deed::TwoFactorEnabled | Deed::TwoFactorDisabled => Letter::TwoFactorChanged {
                enabled: deed == Deed::TwoFactorEnabled,
                device,
                address,
                disown,
            },
            Deed::ProviderConnected(provider) | Deed::ProviderDisconnected(provider) => Letter::ProviderChanged {
                connected: matches!(deed, Deed::ProviderConnected(_)),
                provider,
                device,
                address,
                disown,
            },
            Deed::BackupCodesMade => Letter::BackupCodesMade {
                device,
                address,
                disown,
            },
        };
        Alert(self.envelope_for(account, &letter).map(|envelope| (proof, envelope)))
    }
}
