//! GitHub, and GitHub Enterprise with the same doors below its own address.

use serde_json::Value;

use super::questions::{Question, Questions};
use crate::domain::federation::claims::{Claims, text};
use crate::domain::federation::social::Social;

pub(super) const GITHUB: Questions = Questions {
    social: Social::GitHub,
    authorization: "https://github.com/login/oauth/authorize",
    token: "https://github.com/login/oauth/access_token",
    scope: "read:user user:email",
    more: &[],
    asks: &[
        Question {
            what: "GitHub's page about the person",
            url: "https://api.github.com/user",
            may_be_refused: false,
        },
        // Refused to whoever was not given the scope: then there is no address that could be proved.
        Question {
            what: "GitHub's list of the person's addresses",
            url: "https://api.github.com/user/emails",
            may_be_refused: true,
        },
    ],
    proves_token: false,
    profile,
};

/// The public address of the profile says nothing of whether it was proved; only the list does, and of it only the primary
/// address counts.
fn profile(answers: &[Value]) -> Option<Claims> {
    let user = answers.first()?.as_object()?;
    let mut claims = Claims::new();
    claims.insert("sub".to_owned(), Value::String(number(user.get("id")?)?));
    for (claim, field) in [("username", "login"), ("name", "name"), ("picture", "avatar_url")] {
        let value = text(user, field).map(Value::String);
        claims.extend(value.map(|value| (claim.to_owned(), value)));
    }
    let is_primary = |address: &&Value| address.get("primary") == Some(&Value::Bool(true));
    let listed = answers.get(1).and_then(Value::as_array);
    match listed.and_then(|list| list.iter().find(is_primary)) {
        Some(address) => {
            let is_proved = address.get("verified") == Some(&Value::Bool(true));
            claims.extend(address.get("email").map(|email| ("email".to_owned(), email.clone())));
            claims.insert("email_verified".to_owned(), Value::Bool(is_proved));
        }
        None => claims.extend(user.get("email").map(|email| ("email".to_owned(), email.clone()))),
    }
    Some(claims)
}

/// A number that names somebody: never nothing, zero or a fraction.
fn number(value: &Value) -> Option<String> {
    value.as_u64().filter(|id| *id > 0).map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(user: Value, emails: Value) -> Option<Value> {
        profile(&[user, emails]).map(Value::Object)
    }

    #[test]
    fn the_primary_address_counts_and_no_other() {
        let emails = json!([
            { "email": "old@example.org", "primary": false, "verified": true },
            { "email": "ada@example.org", "primary": true, "verified": false },
        ]);
        let user = json!({ "id": 7, "login": "ada", "name": null, "email": "public@example.org", "avatar_url": "https://a.example/7" });
        let expected = json!({
            "sub": "7", "username": "ada", "picture": "https://a.example/7",
            "email": "ada@example.org", "email_verified": false,
        });
        assert_eq!(read(user, emails), Some(expected));
    }

    #[test]
    fn without_the_list_nothing_is_said_of_the_public_address() {
        let user = json!({ "id": 7, "login": "ada", "email": "ada@example.org" });
        for emails in [
            json!(null),
            json!([]),
            json!({ "message": "Not Found" }),
            json!([{ "email": "x@y.z", "verified": true }]),
        ] {
            let claims = read(user.clone(), emails).expect("a person");
            assert_eq!(claims["email"], "ada@example.org");
            assert_eq!(claims.get("email_verified"), None);
        }
    }

    #[test]
    fn nobody_is_known_by_anything_but_a_number() {
        for id in [json!(null), json!(0), json!("7"), json!(1.5), json!(-1), json!([7])] {
            assert_eq!(read(json!({ "id": id, "login": "ada" }), json!([])), None);
        }
        assert_eq!(profile(&[json!([])]), None);
        assert_eq!(profile(&[]), None);
    }
}
