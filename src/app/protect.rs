//! What keeps admins from locking everybody out: nobody takes the powers of the last admin away, and nobody their own by a
//! slip. The console may: whoever has it can make another admin.

use crate::app::audit::Actor;
use crate::domain::account::AccountKey;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::store::{StoreError, Tx, accounts};

/// Who is about to take something away from somebody.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guard {
    Console,
    Admin(UserId),
    Owner,
}

impl Guard {
    pub(super) fn of(by: &Actor) -> Self {
        match by {
            Actor::Console => Self::Console,
            Actor::Admin { id, .. } => Self::Admin(*id),
        }
    }

    /// Why the account must not be deleted, disabled, demoted, or given an end. Asked in the transaction that would do it,
    /// so that two admins cannot do it to each other.
    pub(super) fn against_loss(self, tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<Refusal>, StoreError> {
        if matches!(self, Self::Console) {
            return Ok(None);
        }
        let Some((account, _)) = accounts::credentials_by_key(tx, key)? else {
            return Ok(None);
        };
        if account.is_lasting_admin() && accounts::count_admins(tx)? <= 1 {
            return Ok(Some(Refusal::LastAdmin));
        }
        Ok(match self {
            Self::Admin(id) if id == account.id => Some(Refusal::OwnAccount),
            Self::Admin(_) | Self::Owner | Self::Console => None,
        })
    }
}
