//! The routes of the administration, described: what happened.

use serde_json::{Value, json};

use crate::domain::audit::EventKind;
use crate::domain::audit_export::COLUMNS;
use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::text;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/audit",
        id: "listAudit",
        summary: "What happened, newest first",
        about: "With `user` this is somebody's timeline: what happened to the account, and what its owner did to others.",
        parameters: &[USER, ACTOR, KIND, ADDRESS, REFERENCE, SINCE, UNTIL, BEFORE, LIMIT],
        body: None,
        answer: Answer::json(page),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/audit/export",
        id: "exportAudit",
        summary: "The same as a file, oldest first",
        about: "`csv` for spreadsheets, or `jsonl`: one JSON object per line. The export is in the log itself.",
        parameters: &[USER, ACTOR, KIND, ADDRESS, REFERENCE, SINCE, UNTIL, FORMAT],
        body: None,
        answer: Answer {
            status: 200,
            media_type: "application/jsonl, text/csv",
            schema: None,
        },
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/audit/verify",
        id: "verifyAudit",
        summary: "Whether anybody touched the log",
        about: "An older copy of the database is found only by a head that was kept elsewhere.",
        parameters: &[HEAD],
        body: None,
        answer: Answer::json(verified),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/audit/head",
        id: "auditHead",
        summary: "The signed head of the log, to be kept elsewhere",
        about: "",
        parameters: &[],
        body: None,
        answer: Answer::json(head),
        refusals: &[404],
        changes: false,
    },
];

const USER: Parameter = Parameter::in_query(
    "user",
    "About this account, or by its owner: e-mail address or id",
    text,
);
const ACTOR: Parameter = Parameter::in_query("actor", "Done by: e-mail address, id, or `console`", text);
const KIND: Parameter = Parameter::in_query("kind", "A kind of event", kind);
const ADDRESS: Parameter = Parameter::in_query("address", "From this address or network", text);
const REFERENCE: Parameter = Parameter::in_query("reference", "A reference number", text);
const SINCE: Parameter = Parameter::in_query("since", "Not before: a time, or so long ago, such as 7d", text);
const UNTIL: Parameter = Parameter::in_query("until", "Before: a time, or so long ago", text);
const BEFORE: Parameter = Parameter::in_query("before", "The next of the page before", integer);
const LIMIT: Parameter = Parameter::in_query("limit", "At most so many; 50 unless said", limit);
const FORMAT: Parameter = Parameter::in_query("format", "`csv` or `jsonl`", format);
const HEAD: Parameter = Parameter::in_query("head", "Heads that were kept elsewhere, among whatever else", text);

fn integer() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 500 })
}

fn format() -> Value {
    json!({ "type": "string", "enum": ["csv", "jsonl"] })
}

fn kind() -> Value {
    let keys: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.key()).collect();
    json!({ "type": "string", "enum": keys })
}

fn event() -> Value {
    json!({
        "type": "object",
        "required": COLUMNS,
        "properties": {
            "id": { "type": "integer", "description": "Its row" },
            "at": { "type": "string", "format": "date-time" },
            "kind": kind(),
            "subject": { "type": ["string", "null"], "description": "Whose account it is about" },
            "actor": {
                "type": ["string", "null"],
                "description": "Who did it: an id, `console`, or null for the subject itself",
            },
            "address": { "type": ["string", "null"], "description": "`(erased)` once the person was deleted" },
            "user_agent": { "type": ["string", "null"] },
            "reference": { "type": ["string", "null"] },
            "detail": { "type": ["string", "null"] },
        },
    })
}

fn page() -> Value {
    json!({
        "type": "object",
        "required": ["events", "next"],
        "properties": {
            "events": { "type": "array", "items": event() },
            "next": { "type": ["integer", "null"], "description": "`before` of the next page" },
        },
    })
}

fn verified() -> Value {
    json!({
        "type": "object",
        "required": ["whole"],
        "properties": {
            "whole": { "type": "boolean" },
            "rows": { "type": "integer" },
            "first": { "type": "integer" },
            "last": { "type": "integer" },
            "headsCompared": { "type": "integer" },
            "headsTooOld": { "type": "integer" },
            "problem": { "type": "string" },
            "row": { "type": ["integer", "null"], "description": "The first row that is wrong" },
            "message": { "type": "string" },
        },
    })
}

fn head() -> Value {
    json!({
        "type": "object",
        "required": ["row", "at", "digest", "line"],
        "properties": {
            "row": { "type": "integer" },
            "at": { "type": "string", "format": "date-time" },
            "digest": { "type": "string" },
            "line": { "type": "string", "description": "The head as `audit verify --head` reads it" },
        },
    })
}
