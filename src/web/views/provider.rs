//! A provider on a page: its button, and what is said when somebody who comes from it is turned away.

use url::form_urlencoded;

use crate::domain::federation::denial::Denial;
use crate::domain::federation::provider::Icon;
use crate::domain::federation::social::Social;
use crate::web::views::texts::Texts;

/// A provider, by the name in addresses and the words of its button.
#[derive(Clone, Debug)]
pub struct ProviderButton<'a> {
    /// The name in addresses.
    pub id: &'a str,
    /// What the operator wants the button to say.
    pub label: Option<&'a str>,
    /// The picture.
    pub icon: Icon,
}

impl<'a> ProviderButton<'a> {
    /// What the provider is called in sentences.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match (self.label, self.id) {
            (Some(label), _) => label,
            (None, "openid") => "OpenID",
            (None, id) => Social::from_key(id).map_or(id, |social| social.name()),
        }
    }

    /// The words of the button.
    #[must_use]
    pub fn text(&self, texts: &Texts) -> String {
        match self.label {
            Some(label) => label.to_owned(),
            None => (texts.federation.continue_with)(self.name()),
        }
    }

    /// Where the button leads.
    #[must_use]
    pub fn href(&self, base: &str, redirect_to: &str) -> String {
        let path = format!("{base}/oauth/{}", self.id);
        if redirect_to.is_empty() {
            return path;
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_to", redirect_to)
            .finish();
        format!("{path}?{query}")
    }
}

/// Somebody who comes from a provider was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedAway<'a> {
    /// Why.
    pub denial: Denial,
    /// What the provider is called; `None` if it is unknown.
    pub provider: Option<&'a str>,
}

impl TurnedAway<'_> {
    /// In words.
    #[must_use]
    pub fn text(&self, texts: &Texts) -> String {
        let provider = self.provider.unwrap_or(texts.federation.other_provider);
        texts.federation.denied(self.denial, provider)
    }
}
