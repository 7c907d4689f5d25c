//! Which issuer a token must come from. Issuers are compared as texts (OpenID Connect Core §3.1.3.7); only a slash at the
//! end is forgiven in what the operator wrote, and a provider for many organisations may have `{tenantid}` in its issuer.

/// What stands for the organisation in the issuer of a provider for many of them.
const TENANT: &str = "{tenantid}";

/// Where the description of a provider lies below its issuer (OpenID Connect Discovery §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// An issuer as configured: without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// From the address of the issuer or of its description.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(plain(text).to_owned())
    }

    /// The issuer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its description is.
    #[must_use]
    pub fn discovery(&self) -> String {
        format!("{}{DISCOVERY}", self.0)
    }

    /// The rule for tokens of a provider that calls itself `said`; `None` if that is another provider.
    #[must_use]
    pub fn accepts(&self, said: &str) -> Option<IssuerRule> {
        if plain(said) == self.0 {
            return Some(if said.contains(TENANT) {
                IssuerRule::Tenant(said.to_owned())
            } else {
                IssuerRule::Exactly(said.to_owned())
            });
        }
        let is_pattern = said.matches(TENANT).count() == 1 && filling(plain(said), &self.0).is_some();
        is_pattern.then(|| IssuerRule::Tenant(said.to_owned()))
    }
}

/// What the issuer of a token must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerRule {
    /// This text.
    Exactly(String),
    /// This text, with the token's own claim `tid` in the place of `{tenantid}`.
    Tenant(String),
}

impl IssuerRule {
    /// Whether a token whose claims are these comes from here.
    #[must_use]
    pub fn admits(&self, issuer: &str, tenant: Option<&str>) -> bool {
        match self {
            Self::Exactly(expected) => issuer == expected,
            Self::Tenant(pattern) => {
                let found = filling(pattern, issuer);
                found.is_some() && found == tenant
            }
        }
    }

    /// Whether the provider may call itself so before any token has said who is meant.
    #[must_use]
    pub fn could_be(&self, said: &str) -> bool {
        match self {
            Self::Exactly(expected) => said == expected,
            Self::Tenant(pattern) => said == pattern || filling(pattern, said).is_some(),
        }
    }

    /// Whether organisations that the operator never heard of may be behind it.
    #[must_use]
    pub fn is_open_to_many(&self) -> bool {
        matches!(self, Self::Tenant(_))
    }

    /// The text, for messages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exactly(text) | Self::Tenant(text) => text,
        }
    }
}

/// The one segment of a path that stands in `text` where `pattern` has `{tenantid}`.
fn filling<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    let (before, after) = pattern.split_once(TENANT)?;
    // Of the path: whoever chooses a host is somebody else.
    let is_of_path = before.ends_with('/') && before.matches('/').count() >= 3 && !after.contains(TENANT);
    if !is_of_path || !(after.is_empty() || after.starts_with('/')) {
        return None;
    }
    let segment = text.strip_prefix(before)?.strip_suffix(after)?;
    let is_one = !segment.is_empty()
        && segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    is_one.then_some(segment)
}

fn plain(text: &str) -> &str {
    let text = text.trim().trim_end_matches('/');
    text.strip_suffix(DISCOVERY).unwrap_or(text).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: &str = "https://login.example.com/{tenantid}/v2.0";

    #[test]
    fn the_operator_may_write_a_slash_or_the_description_s_address() {
        for text in [
            "https://id.example.org",
            "https://id.example.org/",
            "https://id.example.org/.well-known/openid-configuration",
        ] {
            let issuer = Issuer::new(text);
            assert_eq!(issuer.as_str(), "https://id.example.org");
            assert_eq!(
                issuer.discovery(),
                "https://id.example.org/.well-known/openid-configuration"
            );
        }
    }

    #[test]
    fn tokens_carry_exactly_what_the_provider_calls_itself() {
        let rule = Issuer::new("https://id.example.org").accepts("https://id.example.org/");
        let rule = rule.expect("the same provider");
        assert!(rule.admits("https://id.example.org/", None));
        for other in [
            "https://id.example.org",
            "https://ID.example.org/",
            "https://id.example.org/x",
            "",
        ] {
            assert!(!rule.admits(other, None), "{other}");
        }
    }

    #[test]
    fn another_provider_s_description_is_refused() {
        let issuer = Issuer::new("https://id.example.org/a");
        for said in [
            "https://id.example.org",
            "https://id.example.org/b",
            "https://evil.example/a",
            "https://id.example.org/a?x",
            "https://{tenantid}/a",
            "{tenantid}",
            "https://id.example.org/a{tenantid}",
        ] {
            assert_eq!(issuer.accepts(said), None, "{said}");
        }
    }

    #[test]
    fn a_provider_for_many_names_the_token_s_own_tenant() {
        let rule = Issuer::new("https://login.example.com/common/v2.0").accepts(MANY);
        let rule = rule.expect("a pattern");
        assert!(rule.is_open_to_many());
        assert!(rule.admits("https://login.example.com/11-22/v2.0", Some("11-22")));
        for (issuer, tenant) in [
            ("https://login.example.com/11-22/v2.0", None),
            ("https://login.example.com/11-22/v2.0", Some("33")),
            ("https://login.example.com/11/22/v2.0", Some("11/22")),
            ("https://login.example.com//v2.0", Some("")),
            (MANY, Some("{tenantid}")),
        ] {
            assert!(!rule.admits(issuer, tenant), "{issuer} {tenant:?}");
        }
    }
}
