//! What a provider said, as it may be kept: without tokens, codes and secrets, without what is personal and decides nothing, and
//! not too long. What was left out is still named, so that nobody wonders where it went.

use serde_json::{Map, Value, json};

use crate::domain::email::Email;
use crate::domain::federation::claims::{Claims, Said};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::trouble::quoted;
use crate::domain::federation::vouched::{Proof, Vouched};

/// Parts of names of claims whose values open something.
const SECRET: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "nonce",
    "hash",
    "assertion",
    "session",
    "cookie",
];

/// Names of claims whose values open something, whole.
const SECRET_NAMES: &[&str] = &["code", "sid", "jti", "cnf", "uti", "rh"];

/// Claims about the person that decide nothing here.
const PERSONAL: &[&str] = &[
    "address",
    "avatar",
    "avatar_url",
    "bio",
    "birthdate",
    "birthday",
    "family_name",
    "first_name",
    "gender",
    "given_name",
    "ipaddr",
    "last_name",
    "locale",
    "location",
    "middle_name",
    "nickname",
    "phone",
    "phone_number",
    "phone_number_verified",
    "picture",
    "profile",
    "website",
    "zoneinfo",
];

/// What stands for a value that is not kept.
const LEFT_OUT: &str = "(not kept)";
/// What stands for more than is kept.
const CUT: &str = "(cut)";

/// Most values of all claims together.
const MOST_VALUES: usize = 1500;
/// Most bytes of all texts together.
const MOST_BYTES: usize = 32 * 1024;
/// Deepest that is kept.
const DEEPEST: usize = 6;

struct Redactor {
    values: usize,
    bytes: usize,
}

/// What the provider said of somebody, for keeping.
#[must_use]
pub fn redacted(vouched: &Vouched) -> String {
    let mut redactor = Redactor { values: 0, bytes: 0 };
    let said = &vouched.said;
    let mut claims = json!({
        "id": redactor.claims(&said.id),
        "userinfo": redactor.claims(&said.userinfo),
        "access": redactor.claims(&said.access),
        "vouched": {
            "email": vouched.email.as_ref().map(Email::as_str),
            "proof": proof_key(vouched.proof),
            "open_to_many": vouched.is_open_to_many,
        },
    });
    for (name, why) in [
        ("userinfo_failed", &said.userinfo_failed),
        ("groups_failed", &said.groups_failed),
    ] {
        if let Some(why) = why {
            claims[name] = json!(quoted(why));
        }
    }
    claims.to_string()
}

/// The person that was described so; names and pictures are gone. `None` if the text is nothing of ours.
#[must_use]
pub fn read_back(subject: Subject, text: &str) -> Option<Vouched> {
    let whole: Map<String, Value> = serde_json::from_str(text).ok()?;
    let set = |name: &str| match whole.get(name) {
        Some(Value::Object(claims)) => claims.clone(),
        _ => Claims::new(),
    };
    let why = |name: &str| whole.get(name).and_then(Value::as_str).map(str::to_owned);
    let vouched = set("vouched");
    let email = vouched.get("email").and_then(Value::as_str);
    Some(Vouched {
        subject,
        email: email.and_then(|email| Email::parse(email).ok()),
        proof: match vouched.get("proof").and_then(Value::as_str) {
            Some("proved") => Proof::Proved,
            Some("denied") => Proof::Denied,
            _ => Proof::Unsaid,
        },
        name: None,
        username: None,
        picture: None,
        is_open_to_many: vouched.get("open_to_many") == Some(&Value::Bool(true)),
        said: Said {
            id: set("id"),
            userinfo: set("userinfo"),
            access: set("access"),
            userinfo_failed: why("userinfo_failed"),
            groups_failed: why("groups_failed"),
        },
    })
}

/// Whether something was too long to be kept whole.
#[must_use]
pub fn is_cut(text: &str) -> bool {
    text.contains(&format!("\"{CUT}\""))
}

const fn proof_key(proof: Proof) -> &'static str {
    match proof {
        Proof::Proved => "proved",
        Proof::Denied => "denied",
        Proof::Unsaid => "unsaid",
    }
}

impl Redactor {
    fn claims(&mut self, claims: &Claims) -> Value {
        Value::Object(self.map(claims, 0))
    }

    fn map(&mut self, claims: &Claims, depth: usize) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in claims {
            if self.is_full() {
                kept.insert(CUT.to_owned(), json!(CUT));
                break;
            }
            self.bytes += name.len();
            let value = if is_left_out(name) {
                json!(LEFT_OUT)
            } else {
                self.value(value, depth + 1)
            };
            kept.insert(quoted(name), value);
        }
        kept
    }

    fn value(&mut self, value: &Value, depth: usize) -> Value {
        self.values += 1;
        if depth > DEEPEST {
            return json!(CUT);
        }
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let mut kept = Vec::new();
                for item in items {
                    if self.is_full() {
                        kept.push(json!(CUT));
                        break;
                    }
                    kept.push(self.value(item, depth + 1));
                }
                Value::Array(kept)
            }
            Value::Object(claims) => Value::Object(self.map(claims, depth)),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn text(&mut self, text: &str) -> Value {
        if looks_secret(text) {
            return json!(LEFT_OUT);
        }
        let kept = quoted(text);
        self.bytes += kept.len();
        json!(kept)
    }

    fn is_full(&self) -> bool {
        self.values >= MOST_VALUES || self.bytes >= MOST_BYTES
    }
}

fn is_left_out(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part))
        || SECRET_NAMES.contains(&name.as_str())
        || PERSONAL.contains(&name.as_str())
}

/// Whether a text is a signed or encrypted token, wherever it stands.
fn looks_secret(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_encoded = |part: &&str| {
        part.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    text.starts_with("eyJ") && matches!(parts.len(), 3 | 5) && parts.iter().all(is_encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vouched(id: Value) -> Vouched {
        let Value::Object(id) = id else { panic!("an object") };
        let said = Said { id, ..Said::default() };
        Vouched::from_claims(
            subject(),
            said,
            &crate::domain::federation::vouched::ClaimNames::default(),
            false,
        )
    }

    fn subject() -> Subject {
        Subject {
            issuer: "https://id.example.org".into(),
            subject: "1".into(),
        }
    }

    #[test]
    fn nothing_secret_is_kept_and_what_decides_is() {
        let text = redacted(&vouched(json!({
            "sub": "1", "email": "ada@example.org", "email_verified": true, "name": "Ada",
            "groups": ["a", "b"], "realm_access": { "roles": ["chat"] },
            "nonce": "hunter2", "at_hash": "hunter2", "access_token": "hunter2", "x_session_state": "hunter2",
            "deep": [{ "client_secret": "hunter2" }], "code": "hunter2", "jti": "hunter2",
            "forwarded": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln",
            "phone_number": "+1 555", "birthdate": "1815-12-10", "picture": "https://x/y.png",
        })));
        for gone in ["hunter2", "555", "1815", "y.png", "eyJ"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        let back = read_back(subject(), &text).expect("ours");
        assert_eq!(
            (back.email.as_ref().map(Email::as_str), back.proof),
            (Some("ada@example.org"), Proof::Proved)
        );
        assert_eq!(back.said.id["groups"], json!(["a", "b"]));
        assert_eq!(back.said.id["realm_access"], json!({ "roles": ["chat"] }));
        assert_eq!(back.said.id["birthdate"], json!(LEFT_OUT));
        assert!(!is_cut(&text));
        assert!(read_back(subject(), "[]").is_none());
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let many: Vec<String> = (0..5000).map(|at| format!("group {at}")).collect();
        let text = redacted(&vouched(json!({ "groups": many, "zz": "x" })));
        assert!(is_cut(&text) && text.len() < 64 * 1024, "{}", text.len());
        let mut deep = json!("x");
        for _ in 0..50 {
            deep = json!([deep]);
        }
        assert!(is_cut(&redacted(&vouched(json!({ "deep": deep })))));
    }

    proptest! {
        #[test]
        fn whatever_comes_what_is_kept_is_short(names in proptest::collection::vec("(?s).{0,300}", 0..40), text in "(?s).{0,3000}") {
            let claims: Map<String, Value> = names.into_iter().map(|name| (name, json!(text))).collect();
            let kept = redacted(&vouched(Value::Object(claims)));
            prop_assert!(kept.len() < 256 * 1024);
            prop_assert!(read_back(subject(), &kept).is_some());
        }
    }
}
