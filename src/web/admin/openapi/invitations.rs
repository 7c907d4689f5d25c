//! The routes of the administration, described: invitations and accounts that wait.

use serde_json::{Value, json};

use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::{integer, text};

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/invitations",
        id: "listInvitations",
        summary: "Invitations, newest first",
        about: "",
        parameters: &[STATE, Q, BEFORE, LIMIT],
        body: None,
        answer: Answer::json(page_of_invitations),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/invitations",
        id: "invite",
        summary: "Invite somebody",
        about: "The answer has the link, which is not kept. An admin is invited at the console only: 403.",
        parameters: &[],
        body: Some(new_invitation),
        answer: Answer {
            status: 201,
            ..Answer::json(made)
        },
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/invitations/many",
        id: "inviteMany",
        summary: "Invite up to 200 people, each with their own link",
        about: "What goes wrong with one address is told beside it and does not stop the others.",
        parameters: &[],
        body: Some(many),
        answer: Answer::json(outcomes),
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/invitations/{id}",
        id: "showInvitation",
        summary: "An invitation and who came through it",
        about: "",
        parameters: &[ID],
        body: None,
        answer: Answer::json(invitation),
        refusals: &[404],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/invitations/{id}/renew",
        id: "renewInvitation",
        summary: "Make a new link and mail it where that is possible",
        about: "The old link dies. Works for invitations that are open or expired.",
        parameters: &[ID],
        body: Some(renewal),
        answer: Answer::json(made),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/invitations/{id}/revoke",
        id: "revokeInvitation",
        summary: "Take an invitation back",
        about: "Whoever came through it stays.",
        parameters: &[ID],
        body: Some(nothing),
        answer: Answer::json(invitation),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/approvals",
        id: "listWaiting",
        summary: "Accounts that wait to be let in, longest first",
        about: "",
        parameters: &[AFTER, LIMIT],
        body: None,
        answer: Answer::json(waiting),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/approvals/approve",
        id: "approveAccounts",
        summary: "Let accounts in; their owners are told by mail",
        about: "",
        parameters: &[],
        body: Some(ids),
        answer: Answer::json(approved),
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/approvals/reject",
        id: "rejectAccounts",
        summary: "Delete accounts that wait; their owners are told by mail",
        about: "",
        parameters: &[],
        body: Some(ids),
        answer: Answer::json(rejected),
        refusals: &[400],
        changes: true,
    },
];

const STATE: Parameter = Parameter::in_query("state", "In this state only", state);
const Q: Parameter = Parameter::in_query("q", "With this text in the address, the domains or the remark", text);
const BEFORE: Parameter = Parameter::in_query("before", "The next of the page before", integer);
const AFTER: Parameter = Parameter::in_query("after", "The next of the page before", text);
const LIMIT: Parameter = Parameter::in_query("limit", "At most so many; 50 unless said", integer);
const ID: Parameter = Parameter::in_path("id", "The number of the invitation", integer);

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

fn maybe_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn state() -> Value {
    json!({ "type": "string", "enum": ["open", "used_up", "expired", "revoked"] })
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn invitation() -> Value {
    let guest = json!({ "type": "object", "properties": { "id": text(), "email": maybe_text(), "at": text() } });
    json!({
        "type": "object",
        "required": ["id", "state", "email", "role", "groups", "uses", "used", "createdAt", "expiresAt"],
        "properties": {
            "id": integer(),
            "state": state(),
            "email": maybe_text(),
            "mailed": { "type": "boolean" },
            "domains": texts(),
            "role": text(),
            "groups": texts(),
            "uses": { "type": ["integer", "null"], "description": "null for any number" },
            "used": integer(),
            "note": text(),
            "by": text(),
            "createdAt": { "type": "string", "format": "date-time" },
            "expiresAt": { "type": "string", "format": "date-time" },
            "revokedAt": { "type": ["string", "null"], "format": "date-time" },
            "guests": { "type": "array", "items": guest },
        },
    })
}

fn made() -> Value {
    let mut schema = invitation();
    schema["properties"]["link"] = json!({ "type": "string", "format": "uri", "description": "Told this once" });
    schema
}

fn page_of_invitations() -> Value {
    json!({
        "type": "object",
        "required": ["invitations", "next"],
        "properties": {
            "invitations": { "type": "array", "items": invitation() },
            "next": { "type": ["integer", "null"] },
        },
    })
}

fn terms() -> Value {
    json!({
        "role": { "type": ["string", "null"], "description": "USER unless said" },
        "groups": texts(),
        "expires": { "type": ["string", "null"], "description": "Such as 12h or 7d; 7d unless said" },
        "note": { "type": "string", "maxLength": 200 },
        "lang": { "type": ["string", "null"], "enum": ["en", "fr", null] },
        "mail": { "type": ["boolean", "null"], "description": "Whether links are mailed where that is possible; true unless said" },
    })
}

fn new_invitation() -> Value {
    let mut properties = terms();
    properties["email"] =
        json!({ "type": ["string", "null"], "description": "Without it the link is for whoever has it" });
    properties["domains"] = texts();
    properties["uses"] = json!({ "type": ["integer", "null"], "minimum": 1, "description": "null for any number" });
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn many() -> Value {
    let mut properties = terms();
    properties["emails"] = json!({ "type": "array", "items": text(), "minItems": 1, "maxItems": 200 });
    json!({ "type": "object", "additionalProperties": false, "required": ["emails"], "properties": properties })
}

fn outcomes() -> Value {
    let one = json!({
        "type": "object",
        "required": ["email", "invitation", "error"],
        "properties": { "email": text(), "invitation": { "anyOf": [made(), { "type": "null" }] }, "error": maybe_text() },
    });
    json!({
        "type": "object",
        "required": ["outcomes"],
        "properties": { "outcomes": { "type": "array", "items": one } },
    })
}

fn renewal() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "expires": maybe_text(), "lang": { "type": ["string", "null"], "enum": ["en", "fr", null] } },
    })
}

fn waiting() -> Value {
    let one = json!({
        "type": "object",
        "required": ["id", "email", "name", "waitingSince", "emailVerified"],
        "properties": {
            "id": text(),
            "email": text(),
            "name": text(),
            "waitingSince": { "type": "string", "format": "date-time" },
            "emailVerified": { "type": "boolean" },
        },
    });
    json!({
        "type": "object",
        "required": ["accounts", "next"],
        "properties": { "accounts": { "type": "array", "items": one }, "next": maybe_text() },
    })
}

fn ids() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["ids"],
        "properties": { "ids": { "type": "array", "items": text(), "minItems": 1, "maxItems": 500 } },
    })
}

fn approved() -> Value {
    json!({
        "type": "object",
        "required": ["approved", "notWaiting"],
        "properties": { "approved": texts(), "notWaiting": texts() },
    })
}

fn rejected() -> Value {
    json!({
        "type": "object",
        "required": ["rejected", "notWaiting"],
        "properties": { "rejected": texts(), "notWaiting": texts() },
    })
}
