//! How every provider stands, for admins: whether it answers, who is connected, and what has to be registered there.

use crate::app::{App, Failure};
use crate::domain::time::Timestamp;
use crate::store::identities;

/// A provider that is configured.
#[derive(Clone, Debug)]
pub struct ProviderState {
    /// Its name in addresses.
    pub id: String,
    /// What its button says, if that was configured.
    pub label: Option<String>,
    /// Where it sends people back to: to be registered there.
    pub redirect_uri: String,
    /// When it was last asked for its description and its keys.
    pub asked_at: Option<Timestamp>,
    /// When it last answered as it should.
    pub well_at: Option<Timestamp>,
    /// What was wrong with the last answer.
    pub trouble: Option<String>,
    /// How many identities are connected to accounts.
    pub identities: i64,
}

impl App {
    /// How every provider stands. None of them is asked.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn provider_states(&self) -> Result<Vec<ProviderState>, Failure> {
        let counts = self.store.scan(identities::counts).await?;
        let seen = self.seen_providers();
        let state = |provider: &crate::providers::Provider| {
            let found = seen.iter().find(|seen| seen.provider == provider.id);
            let count = counts.iter().find(|(id, _)| *id == provider.id.as_str());
            ProviderState {
                id: provider.id.to_string(),
                label: provider.label.clone(),
                redirect_uri: self.callback(&provider.id),
                asked_at: found.map(|seen| seen.asked_at),
                well_at: found.and_then(|seen| seen.well_at),
                trouble: found.and_then(|seen| seen.trouble.clone()),
                identities: count.map_or(0, |(_, count)| *count),
            }
        };
        Ok(self.providers.all().iter().map(state).collect())
    }

    /// Asks a provider for its description and its keys now; answers with how it stands. `None` if there is none of that name.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn test_provider(&self, id: &str) -> Result<Option<ProviderState>, Failure> {
        let Some(provider) = self.providers.find(id) else {
            return Ok(None);
        };
        self.ask_provider(provider).await;
        let all = self.provider_states().await?;
        Ok(all.into_iter().find(|state| state.id == id))
    }
}
