//! Networks that are never banned, besides those of the configuration: an admin puts them on a list, takes them off it, and
//! both count at once.

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::moderation::ban::{Ban, SparedNetwork};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::store::{audit, bans, spared};

/// More networks than this belong into the configuration; every ban looks through the list.
const MOST: usize = 1_000;

impl App {
    /// Puts a network on the list and lifts every ban that touches it; answers with those bans. One that is on the list stays
    /// as it is.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field `network` if nobody could be banned any more or the list is full, or a fault.
    pub async fn spare_network(&self, network: Network, note: &str, by: &Actor) -> Result<Vec<Ban>, Failure> {
        if network.is_half_the_world() {
            return Err(Refusal::Invalid(vec![Issue::new("network", Rule::InvalidInput)]).into());
        }
        let (now, pardon) = (self.now(), self.pardon(by));
        let event = pardon.line(EventKind::NetworkSpared, Subject::Network(network), note);
        let new = SparedNetwork {
            network,
            note: note.to_owned(),
            by: by.key(),
            created_at: now,
        };
        let lifted = self
            .store
            .write(move |tx| {
                if spared::networks(tx)?.len() >= MOST {
                    return Ok(None);
                }
                if spared::add(tx, &new)? {
                    audit::append(tx, &event)?;
                }
                let touches = |ban: &Ban| matches!(ban.subject, Subject::Network(other) if other.overlaps(network));
                let mut picked = bans::in_force(tx, now)?;
                picked.retain(touches);
                picked.iter().try_for_each(|ban| pardon.lift(tx, ban))?;
                Ok(Some(picked))
            })
            .await?;
        self.reload_bans().await?;
        lifted.ok_or_else(|| Refusal::Invalid(vec![Issue::new("network", Rule::TooLong(MOST))]).into())
    }

    /// Takes a network off the list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not there, or a fault.
    pub async fn unspare_network(&self, network: Network, by: &Actor) -> Result<(), Failure> {
        let event = self
            .pardon(by)
            .line(EventKind::NetworkUnspared, Subject::Network(network), "");
        let removed = self
            .store
            .write(move |tx| {
                let removed = spared::remove(tx, network)?;
                if removed {
                    audit::append(tx, &event)?;
                }
                Ok(removed)
            })
            .await?;
        if removed { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// The list, oldest first. What the configuration spares is not on it.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn spared_networks(&self) -> Result<Vec<SparedNetwork>, Failure> {
        Ok(self.store.read(spared::list).await?)
    }
}
