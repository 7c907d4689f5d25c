//! The confirmation, described.

use serde_json::{Value, json};

use crate::web::admin::openapi::{Answer, Operation};

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[Operation {
    method: "POST",
    path: "/api/admin/confirm",
    id: "confirm",
    summary: "Confirm that it is you",
    about: "Changes made with an access token need this every 15 minutes, unless the login itself is younger. With an API \
            key there is nothing to confirm.",
    parameters: &[],
    body: Some(body),
    answer: Answer::json(answer),
    refusals: &[400],
    changes: false,
}];

fn body() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "password": { "type": "string", "description": "The password of the account, if it has one" },
            "token": { "type": "string", "description": "A code of the authenticator, if there is a second factor" },
            "backupCode": { "type": "string", "description": "A backup code in its place" },
        },
    })
}

fn answer() -> Value {
    json!({
        "type": "object",
        "required": ["confirmedUntil"],
        "properties": { "confirmedUntil": { "type": "string", "format": "date-time" } },
    })
}
