//! Probes, what clients need to know before a login, and what other programs report, described.

use serde_json::{Value, json};

use super::shapes::{closed, filled, moment, open, text};
use crate::domain::moderation::violation::Violation;
use crate::web::admin::openapi::{Answer, Operation};

/// A word in plain text.
const WORD: Answer = Answer {
    status: 200,
    media_type: "text/plain",
    schema: Some(text),
};

/// An operation that reads; the others say what differs.
const READING: Operation = Operation {
    method: "GET",
    path: "",
    id: "",
    summary: "",
    about: "",
    parameters: &[],
    body: None,
    answer: WORD,
    refusals: &[],
    changes: false,
};

/// What anybody may ask.
pub(super) const OPEN: &[Operation] = &[
    Operation {
        path: "/health",
        id: "health",
        summary: "Whether the process answers",
        ..READING
    },
    Operation {
        path: "/livez",
        id: "livez",
        summary: "The same, as other programs call it",
        ..READING
    },
    Operation {
        path: "/readyz",
        id: "readyz",
        summary: "Whether the database answers too",
        ..READING
    },
    Operation {
        path: "/api/config",
        id: "showConfig",
        summary: "What LibreChat's client needs to know",
        about: "With an access token there is more of it.",
        answer: Answer::json(config),
        ..READING
    },
    Operation {
        path: "/api/openapi.json",
        id: "showApi",
        summary: "This document",
        answer: Answer::json(document),
        ..READING
    },
    Operation {
        path: "/forward-auth/jwks.json",
        id: "showKeys",
        summary: "The key with which other programs check their tokens",
        answer: Answer::json(keys),
        ..READING
    },
];

/// What the secret of `[moderation] api_secret` opens.
pub(super) const REPORTER: &[Operation] = &[Operation {
    method: "POST",
    path: "/api/violations",
    id: "reportViolation",
    summary: "Report a violation that another program has seen",
    about: "One of user and address is required. 404 while no secret is configured.",
    body: Some(report),
    answer: Answer::json(reported),
    refusals: &[400, 404],
    changes: true,
    ..READING
}];

fn config() -> Value {
    open(
        &["appTitle", "serverDomain", "emailLoginEnabled", "registrationEnabled"],
        &json!({
            "appTitle": text(),
            "serverDomain": text(),
            "emailLoginEnabled": { "type": "boolean" },
            "registrationEnabled": { "type": "boolean" },
        }),
    )
}

fn document() -> Value {
    open(&["openapi", "info", "paths"], &json!({ "openapi": text() }))
}

fn keys() -> Value {
    open(
        &["keys"],
        &json!({ "keys": { "type": "array", "items": { "type": "object", "required": ["kty"] } } }),
    )
}

fn report() -> Value {
    let kinds: Vec<&str> = Violation::ALL.iter().map(|kind| kind.key()).collect();
    closed(
        &["type"],
        &json!({
            "type": { "type": "string", "enum": kinds },
            "user": filled("Id or e-mail address of the account"),
            "address": { "type": "string", "description": "The visitor's address", "examples": ["203.0.113.7"] },
            "detail": { "type": "string", "description": "A remark, never a secret" },
        }),
    )
}

fn reported() -> Value {
    let ban = open(
        &["subject", "reference", "endsAt", "shadow"],
        &json!({
            "subject": text(),
            "reference": text(),
            "endsAt": { "anyOf": [moment(), { "type": "null" }] },
            "shadow": { "type": "boolean" },
        }),
    );
    open(
        &["points", "bans", "addressSpared"],
        &json!({
            "points": text(),
            "bans": { "type": "array", "items": ban },
            "addressSpared": { "type": ["string", "null"] },
        }),
    )
}
