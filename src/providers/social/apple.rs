//! Apple, by OpenID Connect, with three manners of its own: it answers by a form that its own page sends, it tells the name
//! only in that form and only once, and our secret is a token that we sign.
//!
//! Only a code is asked for (`response_type=code`): the ID token then comes straight from Apple for that code, with the
//! nonce of the attempt, so that one that passes through the browser would add nothing but one more thing to check.

use serde_json::Value;

use super::OpenIdDialect;
use crate::domain::federation::claims::{Said, text};
use crate::providers::openid::Manner;

pub(super) const APPLE: OpenIdDialect = OpenIdDialect {
    scope: "openid name email",
    username: None,
    manner: Manner {
        // Without it Apple refuses the scopes `name` and `email`.
        more: &[("response_mode", "form_post")],
        is_open_to_many: true,
        read,
    },
};

/// Adds the name from the form. Whoever holds the browser can write there what they like, so that nothing but the name is
/// taken: no address.
fn read(said: &mut Said, form: Option<&str>) {
    if let Some(Value::Object(user)) = form.and_then(|form| serde_json::from_str(form).ok()) {
        for (claim, path) in [("given_name", "name.firstName"), ("family_name", "name.lastName")] {
            let name = text(&user, path).map(Value::String);
            said.userinfo.extend(name.map(|name| (claim.to_owned(), name)));
        }
    }
    // LibreChat's user name: what is before the `@`.
    let local = text(&said.id, "email").and_then(|email| Some(email.split_once('@')?.0.to_lowercase()));
    said.userinfo
        .extend(local.map(|local| ("username".to_owned(), Value::String(local))));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::federation::claims::Claims;

    fn read_form(form: Option<&str>) -> Claims {
        let mut said = Said::default();
        said.id.insert("email".to_owned(), json!("Ada@example.org"));
        read(&mut said, form);
        said.userinfo
    }

    #[test]
    fn the_form_gives_a_name_and_nothing_else() {
        let form = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"victim@example.org","email_verified":true,"sub":"x"}"#;
        let expected = json!({ "given_name": "Ada", "family_name": "Lovelace", "username": "ada" });
        assert_eq!(Value::Object(read_form(Some(form))), expected);
    }

    #[test]
    fn a_form_of_nonsense_gives_no_name() {
        let long = format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "x".repeat(2000));
        for form in [
            None,
            Some(""),
            Some("[]"),
            Some("null"),
            Some(r#"{"name":"Ada"}"#),
            Some(r#"{"name":{"firstName":{}}}"#),
            Some(&long),
        ] {
            assert_eq!(Value::Object(read_form(form)), json!({ "username": "ada" }), "{form:?}");
        }
    }
}
