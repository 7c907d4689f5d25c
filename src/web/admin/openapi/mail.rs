//! The routes of the administration, described: letters and the mail service.

use serde_json::{Value, json};

use crate::web::admin::openapi::{Answer, Operation, Parameter};

const ID: Parameter = Parameter::in_path("id", "The letter's number", number);

const LIST: &[Parameter] = &[
    Parameter::in_query("all", "Letters that were sent, too", flag),
    Parameter::in_query("before", "`next` of the page before", number),
    Parameter::in_query("limit", "Letters of a page, 50 unless said, 500 at most", number),
];

const NAME: Parameter = Parameter::in_path("name", "The letter's name, such as `reset_password`", text);
const LANG: Parameter = Parameter::in_query("lang", "The language of the letter, `en` unless said", lang);

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/mail",
        id: "listLetters",
        summary: "The outbox, newest first",
        about: "What letters say is never told.",
        parameters: LIST,
        body: None,
        answer: Answer::json(letters),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/mail/letters",
        id: "listSampleLetters",
        summary: "Every letter that the server can write",
        about: "With their subjects. Nothing is sent.",
        parameters: &[LANG],
        body: None,
        answer: Answer::json(sample_letters),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/mail/letters/{name}",
        id: "getSampleLetter",
        summary: "A letter with made-up content",
        about: "As it would be written now, with the title and the colour of the site. Nothing is sent.",
        parameters: &[NAME, LANG],
        body: None,
        answer: Answer::json(sample_letter),
        refusals: &[400, 404],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/mail/test",
        id: "testMail",
        summary: "Send a test letter now, and tell the dialogue",
        about: "It takes the way of all letters. A server that refuses it is no failure of this request: see `sent`.",
        parameters: &[],
        body: Some(test),
        answer: Answer::json(tested),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/mail/retry",
        id: "retryLetters",
        summary: "Try all letters again now that wait or have failed",
        about: "",
        parameters: &[],
        body: None,
        answer: Answer::json(counted),
        refusals: &[],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/mail/{id}/retry",
        id: "retryLetter",
        summary: "Try a letter again now",
        about: "",
        parameters: &[ID],
        body: None,
        answer: Answer::json(counted),
        refusals: &[404],
        changes: true,
    },
    Operation {
        method: "DELETE",
        path: "/api/admin/mail/{id}",
        id: "dropLetter",
        summary: "Forget a letter; it is not sent",
        about: "",
        parameters: &[ID],
        body: None,
        answer: Answer::json(counted),
        refusals: &[404],
        changes: true,
    },
];

fn number() -> Value {
    json!({ "type": "integer" })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn lang() -> Value {
    json!({ "enum": ["en", "fr"] })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn sample_letters() -> Value {
    json!({
        "type": "object",
        "required": ["lang", "letters"],
        "properties": {
            "lang": lang(),
            "letters": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "subject"],
                    "properties": { "name": text(), "subject": text() },
                },
            },
        },
    })
}

fn sample_letter() -> Value {
    json!({
        "type": "object",
        "required": ["name", "lang", "subject", "text", "html"],
        "properties": { "name": text(), "lang": lang(), "subject": text(), "text": text(), "html": text() },
    })
}

fn test() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["to"],
        "properties": { "to": { "type": "string", "format": "email" } },
    })
}

fn counted() -> Value {
    json!({ "type": "object", "properties": { "retried": number(), "dropped": number() } })
}

fn tested() -> Value {
    json!({
        "type": "object",
        "required": ["id", "address", "sent", "dialogue"],
        "properties": {
            "id": number(),
            "address": { "type": "string" },
            "sent": flag(),
            "dialogue": { "type": "array", "items": { "type": "string" } },
            "answer": { "type": ["string", "null"] },
            "error": { "type": ["string", "null"] },
            "message": { "type": ["string", "null"] },
            "advice": { "type": ["string", "null"] },
        },
    })
}

fn letters() -> Value {
    json!({
        "type": "object",
        "required": ["configured", "letters", "next"],
        "properties": {
            "configured": flag(),
            "next": { "type": ["integer", "null"] },
            "letters": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "kind", "address", "state", "attempts", "createdAt"],
                    "properties": {
                        "id": number(),
                        "kind": { "type": "string" },
                        "address": { "type": "string" },
                        "state": { "enum": ["waiting", "sending", "sent", "failed"] },
                        "attempts": number(),
                        "createdAt": { "type": "string", "format": "date-time" },
                        "nextAttemptAt": { "type": ["string", "null"], "format": "date-time" },
                        "sentAt": { "type": ["string", "null"], "format": "date-time" },
                        "lastError": { "type": ["string", "null"] },
                    },
                },
            },
        },
    })
}
