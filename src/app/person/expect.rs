//! Expecting somebody from a provider who has an account here: the next one whom it vouches for with that address gets it.

use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::federated_login::manage::Expected;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::email::Email;
use crate::domain::federation::expectation::{Expectation, Prospect, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::Refusal;

impl App {
    /// The providers from which people can be expected.
    #[must_use]
    pub fn expectable(&self) -> Vec<ProviderId> {
        let mut all: Vec<ProviderId> = Vec::new();
        for button in self.login_buttons().chain(self.connect_buttons()) {
            if !all.contains(button.id) {
                all.push(button.id.clone());
            }
        }
        all
    }

    /// Expects the owner of an account from a provider, with that address there or else with the one they have here.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming `provider` or `email`, or a fault.
    pub async fn expect_owner(
        &self,
        account: &Account,
        (provider, address): (&str, &str),
        lifetime: Duration,
        by: &Actor,
    ) -> Result<Expectation, Failure> {
        let wrong = |field, rule| Refusal::Invalid(vec![Issue::new(field, rule)]);
        let button = self
            .button_of(provider)
            .ok_or_else(|| wrong("provider", Rule::InvalidInput))?;
        let address = match address.trim() {
            "" => account.email.clone(),
            text => Email::parse(text).map_err(|_| wrong("email", Rule::InvalidEmail))?,
        };
        let expected = Expected {
            provider: button.id.clone(),
            who: Ok(account.clone()),
            sign: Sign::Address(address),
            lifetime,
        };
        self.expect_identity(expected, by).await
    }

    /// From where the owner of an account is expected.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn expected_of(&self, account: &Account) -> Result<Vec<Expectation>, Failure> {
        let mut all = self.expectations().await?;
        all.retain(|one| one.terms.prospect == Prospect::Account(account.key));
        Ok(all)
    }

    pub(super) async fn withdraw_from(&self, account: &Account, id: i64, by: &Actor) -> Result<(), Failure> {
        let all = self.expected_of(account).await?;
        if all.iter().all(|one| one.id != id) {
            return Err(Refusal::NotFound.into());
        }
        self.withdraw_expectation(id, by).await.map(drop)
    }
}
