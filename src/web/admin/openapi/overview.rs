//! The routes of the administration, described: how the server is doing.

use serde_json::{Value, json};

use crate::web::admin::openapi::{Answer, Operation, Parameter};

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[Operation {
    method: "GET",
    path: "/api/admin/overview",
    id: "overview",
    summary: "How the server is doing",
    about: "Numbers over time in steps that begin at `starts`, who is here, how many of everything there are, and what the \
            doctor finds. `health` is null while the server is being examined for the first time.",
    parameters: &[Parameter::in_query("span", "How far back; 24h unless said", span)],
    body: None,
    answer: Answer::json(answer),
    refusals: &[404],
    changes: false,
}];

fn span() -> Value {
    json!({ "enum": ["24h", "7d", "30d", "90d"] })
}

fn answer() -> Value {
    let numbers = json!({ "type": "array", "items": { "type": "integer" } });
    let time = json!({ "type": "string", "format": "date-time" });
    json!({
        "type": "object",
        "required": ["at", "users", "waiting", "sessions", "bans", "online", "newest", "span", "starts", "curves", "health"],
        "properties": {
            "at": time,
            "version": { "type": "string" },
            "uptimeSeconds": { "type": "integer" },
            "users": { "type": "integer" },
            "waiting": { "type": "integer" },
            "sessions": { "type": "integer" },
            "bans": { "type": "integer" },
            "online": { "type": "integer" },
            "newest": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "name", "email", "address", "userAgent", "lastUsedAt"],
                    "properties": {
                        "id": { "type": "string" },
                        "name": { "type": "string" },
                        "email": { "type": "string" },
                        "address": { "type": "string" },
                        "userAgent": { "type": "string" },
                        "lastUsedAt": time,
                    },
                },
            },
            "span": span(),
            "stepHours": { "type": "integer" },
            "starts": { "type": "array", "items": time },
            "curves": {
                "type": "object",
                "required": ["sign_ins", "failures", "registrations", "violations", "bans"],
                "additionalProperties": numbers,
            },
            "health": { "type": ["array", "null"], "items": { "type": "object" } },
        },
    })
}
