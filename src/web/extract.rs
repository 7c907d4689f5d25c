//! Bodies, read once and bounded, parsed only when the handler asks: rate limits come first.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, PathConfig, Query, QueryConfig};
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::app::Failure;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::{BodyError, Refusal};

mod multipart;

/// The largest body any route takes, in bytes. LibreChat takes 3 MB; no form here comes near this.
pub const MOST_BYTES: usize = 64 * 1024;

/// What is answered to a query that cannot be read: 400, as for a body.
#[must_use]
pub fn query() -> QueryConfig {
    QueryConfig::default().error_handler(|_, _| {
        let issue = Issue::new("query", Rule::InvalidInput);
        Failure::from(Refusal::Invalid(vec![issue])).into()
    })
}

/// What is answered to a path with something in it that cannot be there: 404.
#[must_use]
pub fn path() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Failure::from(Refusal::NotFound).into())
}

/// How the body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    /// A form with a file; what separates its parts.
    Parts(String),
    Unknown,
}

/// A request's body, not parsed yet.
#[derive(Debug)]
pub struct Body {
    kind: Kind,
    bytes: Result<Bytes, BodyError>,
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = kind(req);
        let bytes = Bytes::from_request(req, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| match error.as_error::<PayloadError>() {
                Some(PayloadError::Overflow) => BodyError::TooLarge,
                _ => BodyError::Incomplete,
            });
            Ok(Self { kind, bytes })
        })
    }
}

fn kind(req: &HttpRequest) -> Kind {
    let text = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        "multipart/form-data" => multipart::boundary(text).map_or(Kind::Unknown, Kind::Parts),
        _ => Kind::Unknown,
    }
}

impl Body {
    /// The fields of a form, in their order; names may come several times.
    ///
    /// # Errors
    /// [`Refusal::BadBody`], also for what is no form.
    pub fn fields(self) -> Result<Fields, Refusal> {
        let bytes = self.bytes.map_err(Refusal::BadBody)?;
        if let Kind::Parts(boundary) = &self.kind {
            let pairs = multipart::pairs(&bytes, boundary).ok_or(Refusal::BadBody(BodyError::Malformed))?;
            return Ok(Fields(pairs));
        }
        if !bytes.is_empty() && self.kind != Kind::Form {
            return Err(Refusal::BadBody(BodyError::UnsupportedType));
        }
        std::str::from_utf8(&bytes).map_err(|_| Refusal::BadBody(BodyError::Malformed))?;
        let pairs = url::form_urlencoded::parse(&bytes);
        Ok(Fields(pairs.into_owned().collect()))
    }

    /// The body as it came.
    ///
    /// # Errors
    /// [`Refusal::BadBody`] if it is too large or incomplete.
    pub fn raw(self) -> Result<Bytes, Refusal> {
        self.bytes.map_err(Refusal::BadBody)
    }

    /// Parses JSON or a form. No body at all is an empty object: LibreChat's client posts several routes that way.
    ///
    /// # Errors
    /// [`Refusal::BadBody`], which says what is wrong and where.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        let bytes = self.bytes.map_err(Refusal::BadBody)?;
        if bytes.is_empty() {
            return json(b"{}");
        }
        match self.kind {
            Kind::Json => json(&bytes),
            Kind::Form => form(&bytes),
            Kind::Parts(_) | Kind::Unknown => Err(Refusal::BadBody(BodyError::UnsupportedType)),
        }
    }
}

/// The fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From pairs of name and value.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Takes a field out; empty if it is not there.
    pub fn take(&mut self, name: &str) -> String {
        let at = self.0.iter().position(|(known, _)| known == name);
        at.map(|at| self.0.remove(at).1).unwrap_or_default()
    }

    /// Takes every field of that name out, in their order.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        let (taken, left) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(known, _)| known == name);
        self.0 = left;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// Name and value of each.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The fields as a struct.
    ///
    /// # Errors
    /// [`Refusal::BadBody`], which says what is wrong and where.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish();
        form(text.as_bytes())
    }
}

/// The fields of a query, in their order; names may come several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// From the query of a request.
    #[must_use]
    pub fn of(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Name and value of each.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first field of that name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The field of that name, if there is one and no other.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut found = self.all().filter(|(known, _)| *known == name);
        let first = found.next()?;
        found.next().is_none().then_some(first.1)
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        // Serde would read an array into a struct, field by field.
        let well_formed = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        let shape = BodyError::Shape("expected an object".to_owned());
        return Err(Refusal::BadBody(if well_formed { shape } else { BodyError::Malformed }));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Refusal::BadBody(match error.classify() {
            Category::Data => BodyError::Shape(error.to_string()),
            Category::Io | Category::Syntax | Category::Eof => BodyError::Malformed,
        })
    })
}

fn form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::BadBody(BodyError::Malformed))?;
    Query::<T>::from_query(text)
        .map(Query::into_inner)
        .map_err(|error| Refusal::BadBody(BodyError::Shape(error.to_string())))
}

/// The body of a route that takes none: an empty object, or nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Reads a field that may be left out, but is no `null`.
///
/// # Errors
/// As the field's own type says.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that should be text but may be anything, so that a wrong type is reported with the field's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// Not there.
    #[default]
    Absent,
    /// JSON's `null`.
    Null,
    /// Text.
    Text(String),
    /// Something else, by its name in LibreChat's messages.
    Other(&'static str),
}

impl Field {
    /// The text; empty if the field is absent or of another type.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Absent | Self::Null | Self::Other(_) => String::new(),
        }
    }

    /// The text, or what LibreChat says when a required field is missing or of another type.
    ///
    /// # Errors
    /// One [`Issue`] for the field.
    pub fn required(self, field: &'static str) -> Result<String, Issue> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Absent => Err(Issue::new(field, Rule::Required)),
            Self::Null => Err(Issue::new(field, Rule::NotText("null"))),
            Self::Other(kind) => Err(Issue::new(field, Rule::NotText(kind))),
        }
    }

    /// The text, or nothing if the field is absent or `null`.
    ///
    /// # Errors
    /// One [`Issue`] for the field.
    pub fn optional(self, field: &'static str) -> Result<Option<String>, Issue> {
        match self {
            Self::Text(text) => Ok(Some(text)),
            Self::Absent | Self::Null => Ok(None),
            Self::Other(_) => Err(Issue::new(field, Rule::InvalidInput)),
        }
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Field, E> {
        Ok(Field::Text(text))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other("boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
        Ok(Field::Other("number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
        Ok(Field::Other("number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::Other("number"))
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other("array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Field, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other("object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        #[serde(default)]
        email: Field,
    }

    fn body(kind: Kind, bytes: &'static [u8]) -> Body {
        Body {
            kind,
            bytes: Ok(Bytes::from_static(bytes)),
        }
    }

    #[test]
    fn json_and_forms_are_read_alike() {
        let from_json = body(Kind::Json, br#"{"email":"a@b.cd"}"#)
            .parse::<Login>()
            .expect("valid");
        let from_form = body(Kind::Form, b"email=a%40b.cd").parse::<Login>().expect("valid");
        assert_eq!(
            (from_json.email.text(), from_form.email.text()),
            ("a@b.cd".to_owned(), "a@b.cd".to_owned())
        );
    }

    #[test]
    fn a_wrong_type_is_reported_by_its_name() {
        for (json, kind) in [
            ("1", "number"),
            ("[[]]", "array"),
            ("{\"a\":{}}", "object"),
            ("true", "boolean"),
            ("null", "null"),
        ] {
            let bytes = format!("{{\"email\":{json}}}");
            let login: Login = super::json(bytes.as_bytes()).expect("valid");
            let issue = login.email.required("email").expect_err("no text");
            assert_eq!(issue.rule, Rule::NotText(kind));
        }
    }

    #[test]
    fn what_is_no_json_object_is_malformed_or_misshapen() {
        let deep = "[".repeat(10_000);
        for bad in [b"{".as_slice(), b"\xff", b"{\"email\":\"\xff\"}", deep.as_bytes()] {
            let refusal = super::json::<Login>(bad).expect_err("refused");
            assert!(matches!(refusal, Refusal::BadBody(_)), "{refusal:?}");
        }
        for bad in [
            b"null".as_slice(),
            b"[]",
            b"{\"email\":\"a\",\"email\":\"b\"}",
            b"{\"role\":\"ADMIN\"}",
        ] {
            let refusal = super::json::<Login>(bad).expect_err("refused");
            assert!(matches!(refusal, Refusal::BadBody(BodyError::Shape(_))), "{refusal:?}");
        }
    }

    #[test]
    fn no_body_is_an_empty_object_and_an_unknown_type_is_refused() {
        assert!(body(Kind::Unknown, b"").parse::<Nothing>().is_ok());
        let refusal = body(Kind::Unknown, b"{}").parse::<Nothing>().expect_err("refused");
        assert_eq!(refusal, Refusal::BadBody(BodyError::UnsupportedType));
    }
}
