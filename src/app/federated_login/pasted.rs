//! Claims as people write them down, to try the rules on them.

use serde_json::{Map, Value};

use crate::app::App;
use crate::domain::federation::claims::{Said, text};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::vouched::{ClaimNames, Proof, Vouched};

impl App {
    /// Whom a provider would vouch for with these claims: one JSON object, which counts as the ID token, or the objects `id`,
    /// `userinfo` and `access`.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn read_claims(&self, provider: &str, content: &str) -> Result<Vouched, String> {
        let said = said(content)?;
        let settings = self.config.federation.openid.iter();
        let settings = settings.into_iter().find(|openid| openid.id.as_str() == provider);
        let names = settings.map_or_else(ClaimNames::default, |openid| openid.claims.clone());
        let claim = |name: &str| text(&said.id, name).unwrap_or_default();
        let subject = Subject {
            issuer: claim("iss"),
            subject: claim("sub"),
        };
        let mut vouched = Vouched::from_claims(subject, said, &names, false);
        if settings.is_some_and(|openid| openid.trust_email) && vouched.proof == Proof::Unsaid {
            vouched.proof = Proof::Proved;
        }
        Ok(vouched)
    }
}

fn said(content: &str) -> Result<Said, String> {
    let whole: Map<String, Value> = serde_json::from_str(content).map_err(|error| error.to_string())?;
    let sets = ["id", "userinfo", "access"];
    let is_of_all = whole.keys().any(|name| sets.contains(&name.as_str())) && whole.values().all(Value::is_object);
    if !is_of_all {
        return Ok(Said {
            id: whole,
            ..Said::default()
        });
    }
    if let Some(name) = whole.keys().find(|name| !sets.contains(&name.as_str())) {
        return Err(format!("there is {name} beside id, userinfo and access"));
    }
    let set = |name: &str| whole.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(Said {
        id: set("id"),
        userinfo: set("userinfo"),
        access: set("access"),
        ..Said::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_the_id_token_unless_said_otherwise() {
        let plain = said(r#"{ "sub": "1", "id": "x", "groups": ["a"] }"#).expect("claims");
        assert_eq!(plain.id.len(), 3);
        let all = said(r#"{ "id": { "sub": "1" }, "access": { "roles": [] } }"#).expect("claims");
        assert_eq!((all.id.len(), all.userinfo.len(), all.access.len()), (1, 0, 1));
        assert!(said(r#"{ "id": {}, "other": {} }"#).is_err());
        assert!(said("[]").is_err());
    }
}
