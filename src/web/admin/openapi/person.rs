//! The routes of the administration, described: one account.

use serde_json::{Value, json};

use crate::app::person::{Deed, EXPIRED};
use crate::domain::directory::State;
use crate::web::admin::openapi::{Answer, Operation, Parameter, bans};
use crate::web::openapi::shapes::{integer, text};

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/users/{id}",
        id: "showUser",
        summary: "Everything about an account",
        about: "With the newest 20 violations and lines of the audit log. A deleted account that can be restored has the state \
                `deleted` and says until when.",
        parameters: &[ID],
        body: None,
        answer: Answer::json(whoever),
        refusals: &[404],
        changes: false,
    },
    Operation {
        method: "PATCH",
        path: "/api/admin/users/{id}",
        id: "changeUser",
        summary: "Change name, user name, address, role, end or groups",
        about: "What is not in the body stays. A new address counts as proved, ends all sessions, and the old one is told. The \
                last admin and the caller keep their role and get no end: 403.",
        parameters: &[ID],
        body: Some(edit),
        answer: Answer::json(changed),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users/{id}/export",
        id: "exportUser",
        summary: "Everything that is kept about one person, as one document",
        about: "Without passwords, keys and codes. At most 10,000 violations and lines of the audit log. That it was taken is \
                written into the audit log.",
        parameters: &[ID],
        body: None,
        answer: Answer::json(person),
        refusals: &[404],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/reset-link",
        id: "makeResetLink",
        summary: "Make a link with which the owner sets a new password",
        about: "It is told this once, or mailed to the owner and not told. Older links of the account are dead. 400 naming \
                `mail` where no mail can be sent; 404 for a letter to a locked account.",
        parameters: &[ID],
        body: Some(link_wanted),
        answer: Answer {
            status: 201,
            ..Answer::json(link)
        },
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/expect",
        id: "expectUser",
        summary: "Expect the owner of an account from a provider",
        about: "The next person whom the provider vouches for with that proved address gets the account, once.",
        parameters: &[ID],
        body: Some(expectation_wanted),
        answer: Answer {
            status: 201,
            ..Answer::json(expectation)
        },
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/ban",
        id: "banUser",
        summary: "Ban an account and end its sessions",
        about: "Without a duration until somebody lifts it.",
        parameters: &[ID],
        body: Some(ban_wanted),
        answer: Answer {
            status: 201,
            ..Answer::json(bans::ban)
        },
        refusals: &[400, 404, 409],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/restore",
        id: "restoreUser",
        summary: "Bring a deleted account back",
        about: "409 if somebody has its address or one of its identities now.",
        parameters: &[ID],
        body: Some(nothing),
        answer: Answer::json(done),
        refusals: &[400, 404, 409],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/erase",
        id: "eraseUser",
        summary: "Remove a deleted account for good",
        about: "This cannot be undone. 404 unless the account is deleted: delete it first. `user` is null.",
        parameters: &[ID],
        body: Some(nothing),
        answer: Answer::json(done),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users/deleted",
        id: "listDeletedUsers",
        summary: "Deleted accounts that can be restored, the last deleted first",
        about: "Give `next` as `after` to go on. With `q` all that match come at once.",
        parameters: &[Q, AFTER, LIMIT],
        body: None,
        answer: Answer::json(page_of_deleted),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/{id}/{deed}",
        id: "actOnUser",
        summary: "Do something with an account",
        about: "`end-session`, `unlink-identity`, `withdraw-expected` and `revoke-key` are told with `which`. The last admin and the caller are not \
                disabled or deleted: 403. `user` is null when nothing is left of the account.",
        parameters: &[ID, DEED],
        body: Some(which),
        answer: Answer::json(done),
        refusals: &[400, 404],
        changes: true,
    },
];

const ID: Parameter = Parameter::in_path("id", "The id of the account", text);
const Q: Parameter = Parameter::in_query("q", "Exactly this address, or this id", text);
const AFTER: Parameter = Parameter::in_query("after", "The next of the page before", text);
const LIMIT: Parameter = Parameter::in_query("limit", "At most so many, up to 200; 50 unless said", integer);
const DEED: Parameter = Parameter::in_path("deed", "What is done", deed);

fn deed() -> Value {
    json!({ "type": "string", "enum": Deed::KEYS })
}

fn maybe_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe_moment() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn list(properties: &Value) -> Value {
    json!({ "type": "array", "items": { "type": "object", "properties": properties } })
}

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn state() -> Value {
    let mut keys: Vec<&str> = State::ALL.into_iter().map(State::key).collect();
    keys.extend([EXPIRED, "deleted"]);
    json!({ "type": "string", "enum": keys })
}

fn account() -> Value {
    json!({
        "id": text(), "state": state(), "name": text(), "username": maybe_text(), "email": text(),
        "emailVerified": boolean(), "avatar": maybe_text(), "provider": text(), "role": text(), "lang": maybe_text(),
        "createdAt": moment(), "updatedAt": moment(), "lastLoginAt": maybe_moment(), "loginCount": integer(),
        "disabledAt": maybe_moment(), "waitingSince": maybe_moment(), "validUntil": maybe_moment(),
        "termsAcceptedAt": maybe_moment(), "hasPassword": boolean(),
    })
}

/// Where somebody came from, and when.
fn visit() -> Value {
    json!({
        "address": text(), "userAgent": text(), "createdAt": moment(), "lastUsedAt": moment(), "expiresAt": moment(),
    })
}

fn person() -> Value {
    let mut properties = account();
    let mut session = visit();
    (session["id"], session["method"]) = (text(), text());
    let mut device = visit();
    device["id"] = integer();
    properties["groups"] = list(&json!({
        "name": text(),
        "source": { "type": "string", "description": "Who says so: console for an admin, or a provider" },
    }));
    properties["twoFactor"] = json!({
        "type": "object",
        "properties": {
            "enabledAt": maybe_moment(), "required": boolean(), "backupCodesLeft": integer(),
            "demandedAt": { "type": ["string", "null"], "format": "date-time", "description": "Since when an admin requires one" },
        },
    });
    properties["sessions"] = list(&session);
    properties["identities"] = list(&json!({
        "id": integer(), "provider": text(), "issuer": text(), "subject": text(), "email": maybe_text(),
        "name": maybe_text(), "createdAt": moment(), "lastUsedAt": maybe_moment(),
    }));
    properties["expected"] = json!({ "type": "array", "items": expectation() });
    properties["trustedDevices"] = list(&device);
    properties["apiKeys"] = list(&json!({
        "id": integer(), "name": text(), "scopes": texts(), "hosts": texts(), "createdAt": moment(),
        "expiresAt": maybe_moment(), "lastUsedAt": maybe_moment(),
    }));
    let number = json!({ "type": "number" });
    properties["scores"] = list(&json!({ "kind": text(), "points": number, "stored": number, "updatedAt": moment() }));
    properties["bans"] = json!({ "type": "array", "items": bans::ban() });
    properties["violations"] = json!({ "type": "array", "items": bans::violation() });
    properties["olderViolations"] = boolean();
    properties["audit"] = json!({ "type": "array", "items": { "type": "object" } });
    properties["olderAudit"] = boolean();
    properties["exportedAt"] = moment();
    properties["about"] = text();
    json!({ "type": "object", "required": ["id", "state", "email", "role"], "properties": properties })
}

fn deleted() -> Value {
    json!({
        "type": "object",
        "required": ["id", "state", "email", "deletedAt", "restorableUntil"],
        "properties": {
            "id": text(), "state": { "const": "deleted" }, "name": text(), "username": maybe_text(), "email": text(),
            "provider": text(), "role": text(), "createdAt": moment(), "lastLoginAt": maybe_moment(),
            "deletedAt": moment(),
            "deletedBy": { "type": "string", "description": "The id of an admin, or console; empty for its owner" },
            "restorableUntil": moment(),
        },
    })
}

fn page_of_deleted() -> Value {
    json!({
        "type": "object",
        "required": ["users", "next"],
        "properties": { "users": { "type": "array", "items": deleted() }, "next": maybe_text() },
    })
}

fn whoever() -> Value {
    json!({ "anyOf": [person(), deleted()] })
}

fn edit() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "name": maybe_text(),
            "username": { "type": ["string", "null"], "description": "Empty takes it away" },
            "email": maybe_text(),
            "role": maybe_text(),
            "validUntil": {
                "type": ["string", "null"],
                "description": "2027-01-31 (that day still counts), 2027-01-31T18:00 in UTC, a span such as 30d, or never",
            },
            "groups": { "type": ["array", "null"], "items": text(), "description": "Exactly these by hand" },
        },
    })
}

fn changed() -> Value {
    json!({
        "type": "object",
        "required": ["changed", "user"],
        "properties": { "changed": texts(), "user": person() },
    })
}

fn which() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "which": { "type": ["string", "null"], "description": "The number of the session, identity, expectation or key" } },
    })
}

fn done() -> Value {
    json!({
        "type": "object",
        "required": ["done", "user"],
        "properties": { "done": text(), "user": { "anyOf": [person(), deleted(), { "type": "null" }] } },
    })
}

fn link_wanted() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "valid": { "type": ["string", "null"], "description": "How long: 30m, 2h, up to 7d; 15m unless said" },
            "mail": { "type": "boolean", "description": "To the owner, in the place of telling it; false unless said" },
        },
    })
}

fn link() -> Value {
    json!({
        "type": "object",
        "required": ["link", "mailed", "validSeconds"],
        "properties": {
            "link": { "type": ["string", "null"], "format": "uri", "description": "Null if it was mailed" },
            "mailed": { "type": "boolean" }, "validSeconds": integer(),
        },
    })
}

fn expectation_wanted() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["provider"],
        "properties": {
            "provider": text(),
            "email": { "type": ["string", "null"], "description": "The address there; the account's unless said" },
            "expires": { "type": ["string", "null"], "description": "Such as 7d, up to 366d; 30d unless said" },
        },
    })
}

pub(super) fn expectation() -> Value {
    json!({
        "type": "object",
        "required": ["id", "account", "user", "provider", "subject", "email", "happens", "expiresAt"],
        "properties": {
            "id": integer(),
            "account": { "type": "string", "description": "The address of the account that they get" },
            "user": { "type": ["string", "null"], "description": "Its id, if it is there" },
            "provider": text(),
            "subject": { "type": ["string", "null"], "description": "Who they are there, or null" },
            "email": { "type": ["string", "null"], "description": "The proved address that they come with, or null" },
            "happens": { "type": "string", "enum": ["connect", "make", "move"] },
            "by": { "type": "string", "description": "The id of an admin, or console" },
            "createdAt": moment(), "expiresAt": moment(),
        },
    })
}

fn ban_wanted() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "duration": { "type": ["string", "null"], "description": "Such as 2h or 7d" },
            "note": { "type": "string", "maxLength": 200 },
        },
    })
}
