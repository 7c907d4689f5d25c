//! Facebook. It names an address only where the person allows it, and never says whether it was proved.

use serde_json::Value;

use super::questions::{Question, Questions};
use crate::domain::federation::claims::{Claims, at, text};
use crate::domain::federation::social::Social;

pub(super) const FACEBOOK: Questions = Questions {
    social: Social::Facebook,
    authorization: "https://www.facebook.com/v23.0/dialog/oauth",
    token: "https://graph.facebook.com/v23.0/oauth/access_token",
    // LibreChat asks for neither address nor picture, and then fails without them.
    scope: "public_profile email",
    more: &[],
    asks: &[Question {
        what: "Facebook's page about the person",
        url: "https://graph.facebook.com/v23.0/me?fields=id,name,first_name,last_name,email,picture.type(large)",
        may_be_refused: false,
    }],
    proves_token: true,
    profile,
};

fn profile(answers: &[Value]) -> Option<Claims> {
    let user = answers.first()?.as_object()?;
    let id = user.get("id")?.as_str()?;
    let is_number = !id.is_empty() && id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let mut claims = Claims::new();
    claims.insert("sub".to_owned(), Value::String(id.to_owned()));
    let fields = [
        ("name", "name"),
        ("given_name", "first_name"),
        ("family_name", "last_name"),
        ("email", "email"),
    ];
    for (claim, field) in fields {
        let value = text(user, field).map(Value::String);
        claims.extend(value.map(|value| (claim.to_owned(), value)));
    }
    // A silhouette is what it shows for people without a picture.
    let is_silhouette = at(user, "picture.data.is_silhouette") == Some(&Value::Bool(true));
    let picture = text(user, "picture.data.url").filter(|_| !is_silhouette);
    claims.extend(picture.map(|url| ("picture".to_owned(), Value::String(url))));
    Some(claims)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(user: Value) -> Option<Value> {
        profile(&[user]).map(Value::Object)
    }

    #[test]
    fn whatever_is_absent_is_left_out() {
        assert_eq!(read(json!({ "id": "12" })), Some(json!({ "sub": "12" })));
        let whole = json!({
            "id": "12", "name": "Ada Lovelace", "email": "ada@example.org", "verified": true, "email_verified": true,
            "picture": { "data": { "url": "https://x.example/p", "is_silhouette": false } },
        });
        let expected = json!({ "sub": "12", "name": "Ada Lovelace", "email": "ada@example.org", "picture": "https://x.example/p" });
        assert_eq!(read(whole), Some(expected));
        let silhouette =
            json!({ "id": "12", "picture": { "data": { "url": "https://x.example/p", "is_silhouette": true } } });
        assert_eq!(read(silhouette), Some(json!({ "sub": "12" })));
    }

    #[test]
    fn nobody_is_known_by_anything_but_a_number() {
        for id in [json!(null), json!(12), json!(""), json!("1 2"), json!("x")] {
            assert_eq!(read(json!({ "id": id })), None);
        }
    }
}
