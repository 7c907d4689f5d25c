//! The routes below `/api/admin`, described: the table from which the `OpenAPI` document and its page are made.

use serde_json::Value;

pub mod audit;
pub mod bans;
pub mod confirm;
pub mod invitations;
pub mod mail;
pub mod overview;
pub mod person;
pub mod providers;
pub mod sessions;
pub mod settings;
pub mod users;

/// A JSON Schema (2020-12), made when the document is.
pub type Schema = fn() -> Value;

/// One route and method.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Upper case.
    pub method: &'static str,
    /// Path below the base, with parameters in braces.
    pub path: &'static str,
    /// Unique and stable: `listUsers`.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What else there is to know; may be empty.
    pub about: &'static str,
    /// Parameters in path and query.
    pub parameters: &'static [Parameter],
    /// The body, if one is taken.
    pub body: Option<Schema>,
    /// Status of success, media type and body.
    pub answer: Answer,
    /// Other statuses that it can answer with, beside those of the gate (401, 403, 429, 503).
    pub refusals: &'static [u16],
    /// Whether it changes something: then it takes an admin and a confirmation.
    pub changes: bool,
}

/// A parameter in path or query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// What it is.
    pub about: &'static str,
    /// Its form.
    pub schema: Schema,
}

impl Parameter {
    /// In the query; none has to be there.
    #[must_use]
    pub const fn in_query(name: &'static str, about: &'static str, schema: Schema) -> Self {
        Self {
            name,
            in_path: false,
            about,
            schema,
        }
    }

    /// In the path.
    #[must_use]
    pub const fn in_path(name: &'static str, about: &'static str, schema: Schema) -> Self {
        Self {
            name,
            in_path: true,
            about,
            schema,
        }
    }
}

/// What a success looks like.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// 200, 201 or 204.
    pub status: u16,
    /// The media types, separated by commas; empty without a body.
    pub media_type: &'static str,
    /// The body; for JSON only.
    pub schema: Option<Schema>,
}

impl Answer {
    /// 200 with JSON.
    #[must_use]
    pub const fn json(schema: Schema) -> Self {
        Self {
            status: 200,
            media_type: "application/json",
            schema: Some(schema),
        }
    }
}

/// Every operation of the administration.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        confirm::OPERATIONS,
        overview::OPERATIONS,
        users::OPERATIONS,
        sessions::OPERATIONS,
        person::OPERATIONS,
        bans::OPERATIONS,
        invitations::OPERATIONS,
        providers::OPERATIONS,
        mail::OPERATIONS,
        settings::OPERATIONS,
        audit::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}
