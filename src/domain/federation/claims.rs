//! Claims as a provider sends them: untrusted JSON that is asked for by path.

use serde_json::{Map, Value};

/// One set of claims, from an ID token, from userinfo or from an access token.
pub type Claims = Map<String, Value>;

/// Everything a provider said in one login.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The ID token's claims; those of the profile for a provider without ID tokens.
    pub id: Claims,
    /// What the userinfo endpoint answered.
    pub userinfo: Claims,
    /// The access token's claims, if it is a JWT.
    pub access: Claims,
    /// Why userinfo could not be read, in words for whoever set the provider up.
    pub userinfo_failed: Option<String>,
    /// Why groups that the provider keeps back could not be fetched.
    pub groups_failed: Option<String>,
}

/// Claims that describe the token and not the person: userinfo cannot overrule them.
const OF_THE_TOKEN: &[&str] = &[
    "iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "tid", "sid", "jti",
];

impl Said {
    /// What is said of the person: the ID token, overlaid with userinfo. An address and whether it is proved always come
    /// from the same place.
    #[must_use]
    pub fn merged(&self) -> Claims {
        let mut merged = self.id.clone();
        if self.userinfo.contains_key("email") {
            merged.remove("email_verified");
        } else if self.id.contains_key("email") {
            // Half a statement about an address that userinfo does not name.
            let rest = self.userinfo.iter().filter(|(name, _)| *name != "email_verified");
            return overlaid(merged, rest);
        }
        overlaid(merged, self.userinfo.iter())
    }
}

fn overlaid<'c>(mut under: Claims, over: impl Iterator<Item = (&'c String, &'c Value)>) -> Claims {
    let over = over.filter(|(name, value)| !OF_THE_TOKEN.contains(&name.as_str()) && !value.is_null());
    under.extend(over.map(|(name, value)| (name.clone(), value.clone())));
    under
}

/// The claim at a path such as `realm_access.roles`. Names may contain dots themselves, as in
/// `https://example.org/roles`: the longest name that is there counts.
#[must_use]
pub fn at<'c>(claims: &'c Claims, path: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let dots: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    dots.iter().rev().find_map(|dot| {
        let (name, rest) = (&path[..*dot], &path[dot + 1..]);
        match claims.get(name) {
            Some(Value::Object(inner)) => at(inner, rest),
            _ => None,
        }
    })
}

/// The text of a claim: trimmed, not empty, not too long for anything.
#[must_use]
pub fn text(claims: &Claims, path: &str) -> Option<String> {
    const MOST: usize = 1024;
    let text = match at(claims, path)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(parts) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            parts.join("_")
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => return None,
    };
    (!text.is_empty() && text.len() <= MOST).then_some(text)
}

/// The names in a claim: a list of texts, or one text with blanks or commas between them.
#[must_use]
pub fn names(claims: &Claims, path: &str) -> Vec<String> {
    match at(claims, path) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => text
            .split([' ', ','])
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// A yes or no, also where it is written as a text, as Apple does; `None` if nothing or something else is said.
#[must_use]
pub fn flag(claims: &Claims, path: &str) -> Option<bool> {
    match at(claims, path)? {
        Value::Bool(is) => Some(*is),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        match value {
            Value::Object(map) => map,
            other => panic!("no object: {other}"),
        }
    }

    #[test]
    fn paths_go_down_and_names_may_have_dots() {
        let claims = claims(json!({
            "realm_access": { "roles": ["a"] },
            "https://example.org/roles": ["b"],
            "resource_access": { "chat.example": { "roles": "c d,e" } },
        }));
        assert_eq!(names(&claims, "realm_access.roles"), ["a"]);
        assert_eq!(names(&claims, "https://example.org/roles"), ["b"]);
        assert_eq!(names(&claims, "resource_access.chat.example.roles"), ["c", "d", "e"]);
        for nothing in [
            "",
            ".",
            "realm_access",
            "realm_access.roles.a",
            "roles",
            "realm_access..roles",
        ] {
            assert_eq!(names(&claims, nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn yes_and_no_may_be_texts_and_nothing_else_counts() {
        let claims = claims(json!({ "a": true, "b": "true", "c": "False", "d": 1, "e": null, "f": "yes" }));
        let flags = ["a", "b", "c", "d", "e", "f", "g"].map(|name| flag(&claims, name));
        assert_eq!(flags, [Some(true), Some(true), Some(false), None, None, None, None]);
    }

    #[test]
    fn userinfo_overlays_what_is_said_of_the_person_only() {
        let said = Said {
            id: claims(json!({ "sub": "1", "aud": "app", "name": "Old", "locale": "en" })),
            userinfo: claims(json!({ "sub": "2", "aud": "evil", "name": "New", "locale": null })),
            ..Said::default()
        };
        assert_eq!(
            Value::Object(said.merged()),
            json!({ "sub": "1", "aud": "app", "name": "New", "locale": "en" })
        );
    }

    #[test]
    fn a_proof_belongs_to_the_address_beside_it() {
        let merged = |id: Value, userinfo: Value| {
            let (id, userinfo) = (claims(id), claims(userinfo));
            let said = Said {
                id,
                userinfo,
                ..Said::default()
            };
            Value::Object(said.merged())
        };
        let proved = json!({ "email": "a@example.org", "email_verified": true });
        assert_eq!(
            merged(proved.clone(), json!({ "email": "victim@example.org" })),
            json!({ "email": "victim@example.org" })
        );
        assert_eq!(
            merged(
                json!({ "email": "victim@example.org" }),
                json!({ "email_verified": true })
            ),
            json!({ "email": "victim@example.org" })
        );
        assert_eq!(merged(json!({}), proved.clone()), proved);
    }
}
