//! What would come of claims: the rules, and the decision on a login, tried without writing anything.

use serde_json::{Value, json};

use crate::app::{App, Failure};
use crate::domain::account::{Account, Role};
use crate::domain::federation::decision::{Decision, Known, on_login};
use crate::domain::federation::denial::Denial;
use crate::domain::federation::flight::Flight;
use crate::domain::federation::mapping::{Rules, Verdict};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::redacted::read_back;
use crate::domain::federation::role::Held;
use crate::domain::federation::vouched::Vouched;
use crate::domain::group::GroupName;
use crate::store::{accounts, identities};

/// What would come of a login.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the rules say.
    pub verdict: Verdict,
    /// Who would get in, and how, or why not.
    pub decision: Result<Decision, Denial>,
    /// The account that the person has already.
    pub account: Option<Account>,
    /// The role that they would have.
    pub role: Role,
}

impl Trial {
    /// Why the person would get in, or why not.
    #[must_use]
    pub fn why(&self) -> String {
        match &self.decision {
            Ok(decision) => decision.verdict().to_owned(),
            Err(denial) => {
                let lacks = self.verdict.lacks.as_ref().map(ToString::to_string);
                lacks.unwrap_or_else(|| denial.verdict().to_owned())
            }
        }
    }

    /// The groups that they would be in; `None` if claims do not decide that.
    #[must_use]
    pub fn groups(&self) -> Option<Vec<&str>> {
        let groups = self.verdict.groups.as_ref()?;
        Some(groups.iter().map(GroupName::as_str).collect())
    }

    /// For programs: the same keys wherever it is told.
    #[must_use]
    pub fn object(&self, provider: &str) -> Value {
        let (way, reason) = match &self.decision {
            Ok(decision) => (Some(decision.verdict()), None),
            Err(_) => (None, Some(self.why())),
        };
        json!({
            "provider": provider,
            "admitted": self.decision.is_ok(),
            "way": way,
            "denial": self.decision.as_ref().err().map(|denial| denial.key()),
            "reason": reason,
            "account": self.account.as_ref().map(|account| account.email.as_str()),
            "role": self.role.as_str(),
            "groups": self.groups(),
            "notes": self.verdict.notes,
        })
    }
}

impl App {
    /// What would come of a recorded login now; `None` if the provider vouched for nobody.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn try_flight(&self, flight: &Flight) -> Result<Option<Trial>, Failure> {
        let (Some(subject), Some(text)) = (flight.subject.clone(), &flight.claims) else {
            return Ok(None);
        };
        match read_back(subject, text) {
            Some(vouched) => Ok(Some(self.try_claims(flight.provider.as_str(), vouched).await?)),
            None => Ok(None),
        }
    }

    /// Tries the rules for a provider, which need not be one that can be used, on what it said of somebody.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn try_claims(&self, provider: &str, vouched: Vouched) -> Result<Trial, Failure> {
        let found = self.providers.find(provider);
        let rules = match ProviderId::parse(provider) {
            Ok(id) => self.config.federation.rules.of(&id),
            Err(_) => Rules::default(),
        };
        let verdict = rules.judge(&vouched.said);
        let (subject, email) = (vouched.subject.clone(), vouched.email.clone());
        let (connected, holder, source) = self
            .store
            .read(move |tx| {
                let connected = identities::find(tx, &subject)?.map(|(_, account)| account);
                let holder = match &email {
                    Some(email) => accounts::by_email(tx, email)?,
                    None => None,
                };
                let source = match &connected {
                    Some(account) => accounts::role_with_source(tx, account.key)?.and_then(|(_, source)| source),
                    None => None,
                };
                Ok((connected, holder, source))
            })
            .await?;
        let known = Known {
            connected: connected.as_ref().map(Into::into),
            holder: holder.as_ref().map(Into::into),
            lacks_role: verdict.lacks.is_some(),
        };
        let allowed = &self.live().accounts.allowed_domains;
        let decision = match found {
            Some(provider) => on_login(&vouched, &known, &provider.doors, allowed),
            None => Err(Denial::NoProvider),
        };
        let held = Held {
            role: connected.as_ref().map_or(Role::User, |account| account.role.clone()),
            is_ours: source.as_deref() == Some(provider),
        };
        let role = verdict.says.instead_of(&held).unwrap_or(held.role);
        Ok(Trial {
            verdict,
            decision,
            account: connected,
            role,
        })
    }

    /// The names of all providers that can be used, in the order of their buttons.
    pub fn provider_ids(&self) -> impl Iterator<Item = &str> {
        self.providers.all().iter().map(|provider| provider.id.as_str())
    }
}
