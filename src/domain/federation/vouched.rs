//! What a provider vouches for, made presentable: names are tidied, an address is one or is left out, and whether it is
//! proved is what the provider really said.

use crate::domain::email::Email;
use crate::domain::federation::claims::{self, Claims, Said};
use crate::domain::federation::connection::Subject;
use crate::domain::name::{parse_username, tidy_display_name};
use crate::domain::secret::Secret;

/// What a provider says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// That it was proved to belong to the person.
    Proved,
    /// That it was not.
    Denied,
    /// Nothing.
    Unsaid,
}

/// A picture that a provider names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its address, unchecked.
    pub url: String,
    /// The access token, where the address is the provider's own and may want it.
    pub bearer: Option<Secret>,
}

impl Picture {
    /// One that anybody may see.
    #[must_use]
    pub fn at(url: String) -> Self {
        Self { url, bearer: None }
    }
}

/// A person as a provider describes them, after every check of the message itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Vouched {
    /// Who that is there.
    pub subject: Subject,
    /// The address, if there is one.
    pub email: Option<Email>,
    /// What is said of it.
    pub proof: Proof,
    /// A name for showing, tidied.
    pub name: Option<String>,
    /// A user name by LibreChat's rules.
    pub username: Option<String>,
    /// Where a picture is, unchecked.
    pub picture: Option<Picture>,
    /// Whether organisations that the operator never heard of may be behind the provider.
    pub is_open_to_many: bool,
    /// Everything that was said.
    pub said: Said,
}

/// From which claims address and names are read, where the operator chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimNames {
    /// `OPENID_EMAIL_CLAIM`.
    pub email: Option<String>,
    /// `OPENID_USERNAME_CLAIM`.
    pub username: Option<String>,
    /// `OPENID_NAME_CLAIM`.
    pub name: Option<String>,
}

impl Vouched {
    /// Reads the claims of an `OpenID` provider as LibreChat does (contract §1.10): the chosen claim, else the usual ones.
    #[must_use]
    pub fn from_claims(subject: Subject, said: Said, names: &ClaimNames, is_open_to_many: bool) -> Self {
        let merged = said.merged();
        let (email, proof) = address(&merged, names.email.as_deref());
        let username = user_name(&merged, names.username.as_deref());
        let display = display_name(&merged, names.name.as_deref());
        let local = email.as_ref().map(Email::local_part);
        let candidates = [display.as_deref(), username.as_deref(), local];
        let name = candidates.into_iter().flatten().find_map(tidy_display_name);
        Self {
            name,
            username: username.and_then(|name| parse_username(Some(&name)).ok().flatten()),
            picture: claims::text(&merged, "picture").map(Picture::at),
            email,
            proof,
            subject,
            is_open_to_many,
            said,
        }
    }

    /// Takes the address for proved if the provider says nothing of it and is believed all the same.
    pub fn believe(&mut self, is_believed: bool) {
        if is_believed && self.proof == Proof::Unsaid {
            self.proof = Proof::Proved;
        }
    }
}

/// The address and what is said of it. `email_verified` speaks of the claim `email` and of no other.
fn address(claims: &Claims, chosen: Option<&str>) -> (Option<Email>, Proof) {
    let read = |claim: &str| claims::text(claims, claim).and_then(|text| Email::parse(&text).ok());
    let usual = ["email", "preferred_username", "upn"];
    let Some((claim, email)) = chosen
        .into_iter()
        .chain(usual)
        .find_map(|claim| read(claim).map(|email| (claim, email)))
    else {
        return (None, Proof::Unsaid);
    };
    let proof = match claims::flag(claims, "email_verified") {
        Some(true) if claim == "email" => Proof::Proved,
        Some(false) => Proof::Denied,
        Some(true) | None => Proof::Unsaid,
    };
    (Some(email), proof)
}

fn user_name(claims: &Claims, chosen: Option<&str>) -> Option<String> {
    let usual = ["preferred_username", "username", "email"];
    chosen
        .into_iter()
        .chain(usual)
        .find_map(|claim| claims::text(claims, claim))
}

fn display_name(claims: &Claims, chosen: Option<&str>) -> Option<String> {
    let part = |claim| claims::text(claims, claim);
    let whole = match (part("given_name"), part("family_name")) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (given, family) => given.or(family),
    };
    chosen.and_then(part).or(whole).or_else(|| part("name"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn vouched(claims: Value, names: &ClaimNames) -> Vouched {
        let Value::Object(id) = claims else {
            panic!("claims are an object");
        };
        let subject = Subject {
            issuer: "https://id.example.org".into(),
            subject: "1".into(),
        };
        let said = Said { id, ..Said::default() };
        Vouched::from_claims(subject, said, names, false)
    }

    fn read(claims: Value) -> Vouched {
        vouched(claims, &ClaimNames::default())
    }

    fn email(vouched: &Vouched) -> Option<&str> {
        vouched.email.as_ref().map(Email::as_str)
    }

    #[test]
    fn only_true_proves_an_address() {
        for (said, proof) in [
            (json!(true), Proof::Proved),
            (json!("true"), Proof::Proved),
            (json!(false), Proof::Denied),
            (json!("false"), Proof::Denied),
            (json!(1), Proof::Unsaid),
            (json!("yes"), Proof::Unsaid),
            (json!(null), Proof::Unsaid),
            (json!(["true"]), Proof::Unsaid),
        ] {
            let vouched = read(json!({ "email": "Ada@Example.org", "email_verified": said }));
            assert_eq!(
                (email(&vouched), vouched.proof),
                (Some("ada@example.org"), proof),
                "{said}"
            );
        }
        assert_eq!(read(json!({ "email": "ada@example.org" })).proof, Proof::Unsaid);
    }

    #[test]
    fn another_claim_is_an_address_if_it_looks_like_one_and_never_proved() {
        let claims = json!({ "preferred_username": "ada", "upn": "ada@example.org", "email_verified": true });
        let vouched = read(claims);
        assert_eq!(
            (email(&vouched), vouched.proof),
            (Some("ada@example.org"), Proof::Unsaid)
        );
        assert_eq!(email(&read(json!({ "preferred_username": "ada" }))), None);
        let names = ClaimNames {
            email: Some("mail.work".into()),
            ..ClaimNames::default()
        };
        let claims = json!({ "mail": { "work": "w@example.org" }, "email": "h@example.org", "email_verified": true });
        let vouched = super::tests::vouched(claims, &names);
        assert_eq!((email(&vouched), vouched.proof), (Some("w@example.org"), Proof::Unsaid));
    }

    #[test]
    fn names_come_from_what_is_there() {
        for (claims, name, username) in [
            (
                json!({ "given_name": "Ada", "family_name": "Lovelace", "name": "x" }),
                Some("Ada Lovelace"),
                None,
            ),
            (json!({ "family_name": "Lovelace" }), Some("Lovelace"), None),
            (json!({ "name": " Ada\u{202e}\n " }), Some("Ada"), None),
            (json!({ "preferred_username": "ada" }), Some("ada"), Some("ada")),
            (json!({ "username": "<script>" }), Some("<script>"), None),
            (json!({ "name": ["Ada", "B"] }), Some("Ada_B"), None),
            (
                json!({ "email": "ada@example.org" }),
                Some("ada@example.org"),
                Some("ada@example.org"),
            ),
            (json!({ "name": "\u{202e}" }), None, None),
            (json!({}), None, None),
        ] {
            let vouched = read(claims.clone());
            assert_eq!(
                (vouched.name.as_deref(), vouched.username.as_deref()),
                (name, username),
                "{claims}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_name_that_deceives(text in any::<String>()) {
            let name = read(json!({ "name": text })).name.unwrap_or_default();
            prop_assert!(!name.chars().any(crate::domain::name::is_deceptive));
            prop_assert!(name.encode_utf16().count() <= 80);
        }
    }
}
