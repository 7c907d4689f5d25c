//! The routes of the administration, described: what is configured, and what may be changed here.

use serde_json::{Value, json};

use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::text;

const KEY: Parameter = Parameter::in_path(
    "key",
    "Path of the setting, such as accounts.registration, or its name in the environment",
    text,
);

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/settings",
        id: "listSettings",
        summary: "Every setting, and who says so",
        about: "Of secrets it is told whether they are set, never what they are.",
        parameters: &[],
        body: None,
        answer: Answer::json(list),
        refusals: &[],
        changes: false,
    },
    Operation {
        method: "PUT",
        path: "/api/admin/settings/{key}",
        id: "changeSetting",
        summary: "Change a setting, at once and for good",
        about: "Only those that are `changeable`. What a file, the environment or a flag says is stronger: 400.",
        parameters: &[KEY],
        body: Some(form),
        answer: Answer::json(changed),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "DELETE",
        path: "/api/admin/settings/{key}",
        id: "resetSetting",
        summary: "Forget a change",
        about: "What is written, or the default, counts again.",
        parameters: &[KEY],
        body: None,
        answer: Answer::json(changed),
        refusals: &[400, 404],
        changes: true,
    },
];

fn form() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["value"],
        "properties": { "value": { "type": "string", "description": "As one would type it" } },
    })
}

fn changed() -> Value {
    json!({
        "type": "object",
        "required": ["key", "old", "new"],
        "properties": { "key": text(), "old": text(), "new": text() },
    })
}

fn list() -> Value {
    json!({
        "type": "object",
        "required": ["settings"],
        "properties": {
            "settings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["key", "env", "doc", "value", "set", "secret", "source", "overrode", "changeable"],
                    "properties": {
                        "key": text(),
                        "env": text(),
                        "doc": text(),
                        "value": { "type": ["string", "null"] },
                        "set": { "type": "boolean" },
                        "secret": { "type": "boolean" },
                        "source": { "type": "object" },
                        "overrode": { "type": "array", "items": { "type": "object" } },
                        "changeable": { "type": "boolean" },
                    },
                },
            },
        },
    })
}
