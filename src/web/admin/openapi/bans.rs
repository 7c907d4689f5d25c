//! The routes of the administration, described: bans, violations and policies.

use serde_json::{Value, json};

use crate::domain::moderation::violation::Violation;
use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::{integer, text};

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/bans",
        id: "listBans",
        summary: "Bans, newest first",
        about: "",
        parameters: &[Q, CAUSE, STANDING, BEFORE, LIMIT],
        body: None,
        answer: Answer::json(page_of_bans),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/bans",
        id: "addBan",
        summary: "Ban an account, an address or a network",
        about: "This machine, trusted proxies, spared networks and yourself are not banned: 409 with the reason.",
        parameters: &[],
        body: Some(new_ban),
        answer: Answer {
            status: 201,
            ..Answer::json(ban)
        },
        refusals: &[400, 409],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/bans/{reference}",
        id: "explainReference",
        summary: "What is known of a reference number",
        about: "A refused request, a ban with the violations that added up to it, or both.",
        parameters: &[REFERENCE],
        body: None,
        answer: Answer::json(explained),
        refusals: &[404],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/bans/{reference}/lift",
        id: "liftBan",
        summary: "Lift a ban and forget the scores behind it",
        about: "",
        parameters: &[REFERENCE],
        body: Some(lift),
        answer: Answer::json(lifted),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/unban",
        id: "unban",
        summary: "Lift every ban of an account, or around an address, and forget the scores",
        about: "",
        parameters: &[],
        body: Some(subject),
        answer: Answer::json(lifted),
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/spared-networks",
        id: "listSparedNetworks",
        summary: "Networks that are never banned",
        about: "",
        parameters: &[],
        body: None,
        answer: Answer::json(spared),
        refusals: &[],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/spared-networks",
        id: "spareNetwork",
        summary: "Never ban a network, and lift the bans that touch it",
        about: "",
        parameters: &[],
        body: Some(new_spared),
        answer: Answer::json(lifted),
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/spared-networks/remove",
        id: "unspareNetwork",
        summary: "Take a network off the list",
        about: "What the configuration spares is changed there.",
        parameters: &[],
        body: Some(network),
        answer: Answer::json(network),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/violations",
        id: "listViolations",
        summary: "Violations, newest first, and how many there were of each kind",
        about: "",
        parameters: &[SUBJECT, KIND, HOURS, BEFORE, LIMIT],
        body: None,
        answer: Answer::json(violations),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/simulate",
        id: "simulatePolicy",
        summary: "Try a policy on the recorded violations",
        about: "Nobody is banned. Scores are named score_ and the kind, such as score_logins. The newest 500,000 violations are counted; cutAt says since when, if there are more.",
        parameters: &[INTERVAL, DURATION, TTL, DAYS],
        body: None,
        answer: Answer::json(simulation),
        refusals: &[400],
        changes: false,
    },
];

const Q: Parameter = Parameter::in_query(
    "q",
    "A reference number, an account by address or id, an address, or a network",
    text,
);
const CAUSE: Parameter = Parameter::in_query("cause", "A kind of violation, or manual", text);
const STANDING: Parameter = Parameter::in_query("standing", "How the bans stand; any unless said", standing);
const BEFORE: Parameter = Parameter::in_query("before", "The next of the page before", integer);
const LIMIT: Parameter = Parameter::in_query("limit", "At most so many; 50 unless said", integer);
const SUBJECT: Parameter =
    Parameter::in_query("subject", "An account by address or id, an address, or a network", text);
const KIND: Parameter = Parameter::in_query("kind", "A kind of violation", kind);
const HOURS: Parameter = Parameter::in_query("hours", "The last so many hours", integer);
const INTERVAL: Parameter = Parameter::in_query("interval", "A ban comes at each multiple of this score", number);
const DURATION: Parameter = Parameter::in_query("duration_minutes", "How long bans last", number);
const TTL: Parameter = Parameter::in_query("score_ttl_minutes", "When a score is forgotten; 0 for never", number);
const DAYS: Parameter = Parameter::in_query("days", "How many days back, at most 90; 30 unless said", integer);
const REFERENCE: Parameter = Parameter::in_path("reference", "A reference number, such as K7QW-3M9P", text);

fn number() -> Value {
    json!({ "type": "number", "minimum": 0 })
}

fn moment() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn kind() -> Value {
    let all: Vec<&str> = Violation::ALL.iter().map(|kind| kind.key()).collect();
    json!({ "type": "string", "enum": all })
}

fn standing() -> Value {
    json!({ "type": "string", "enum": ["in_force", "over", "any"] })
}

fn next() -> Value {
    json!({ "type": ["integer", "null"], "description": "The value of before for the next page" })
}

/// A ban.
pub(super) fn ban() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    json!({
        "type": "object",
        "required": ["reference", "state", "user", "network", "cause", "startedAt", "endsAt"],
        "properties": {
            "reference": text(),
            "state": { "type": "string", "enum": ["in_force", "over", "lifted", "shadow"] },
            "user": maybe,
            "email": maybe,
            "network": maybe,
            "cause": { "type": "string", "description": "A kind of violation, or manual" },
            "points": number(),
            "interval": number(),
            "by": { "type": "string", "description": "moderation, console, or the id of an admin" },
            "note": text(),
            "startedAt": { "type": "string", "format": "date-time" },
            "endsAt": moment(),
            "liftedAt": moment(),
        },
    })
}

fn page_of_bans() -> Value {
    json!({
        "type": "object",
        "required": ["bans", "next"],
        "properties": { "bans": { "type": "array", "items": ban() }, "next": next() },
    })
}

fn new_ban() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["subject"],
        "properties": {
            "subject": { "type": "string", "description": "An account by address or id, an address, or a network" },
            "duration": { "type": ["string", "null"], "description": "Such as 2h; without it, until somebody lifts it" },
            "note": { "type": "string", "maxLength": 200 },
        },
    })
}

fn explained() -> Value {
    let maybe = json!({ "type": ["object", "null"] });
    json!({
        "type": "object",
        "required": ["refusal", "standing", "ban"],
        "properties": { "refusal": maybe, "standing": maybe, "ban": maybe },
    })
}

fn lift() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "together": {
                "type": "boolean",
                "description": "Also what was banned for the same violation, such as the address of a user",
            },
        },
    })
}

fn lifted() -> Value {
    json!({
        "type": "object",
        "required": ["lifted"],
        "properties": { "lifted": { "type": "array", "items": text() } },
    })
}

fn subject() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["subject"],
        "properties": { "subject": text() },
    })
}

fn network() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["network"],
        "properties": { "network": text() },
    })
}

fn new_spared() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["network"],
        "properties": { "network": text(), "note": { "type": "string", "maxLength": 200 } },
    })
}

fn spared() -> Value {
    let listed = json!({
        "type": "object",
        "required": ["network", "note", "by", "createdAt"],
        "properties": {
            "network": text(),
            "note": text(),
            "by": text(),
            "createdAt": { "type": "string", "format": "date-time" },
        },
    });
    json!({
        "type": "object",
        "required": ["networks", "configured"],
        "properties": {
            "networks": { "type": "array", "items": listed },
            "configured": { "type": "array", "items": text(), "description": "What moderation.exempt says" },
        },
    })
}

/// A violation.
pub(super) fn violation() -> Value {
    json!({
        "type": "object",
        "required": ["id", "at", "kind", "points", "user", "address", "source", "detail"],
        "properties": {
            "id": integer(),
            "at": { "type": "string", "format": "date-time" },
            "kind": kind(),
            "points": number(),
            "user": { "type": ["string", "null"] },
            "address": text(),
            "source": { "type": "string", "enum": ["server", "api"] },
            "detail": text(),
        },
    })
}

fn violations() -> Value {
    let count = json!({
        "type": "object",
        "required": ["kind", "times", "points"],
        "properties": { "kind": kind(), "times": integer(), "points": number() },
    });
    json!({
        "type": "object",
        "required": ["violations", "next", "counts"],
        "properties": {
            "violations": { "type": "array", "items": violation() },
            "next": next(),
            "counts": { "type": "array", "items": count },
        },
    })
}

fn simulation() -> Value {
    let side =
        json!({ "type": "object", "properties": { "policy": { "type": "object" }, "result": { "type": "object" } } });
    let hit = json!({
        "type": "object",
        "required": ["change", "user", "network", "tried", "present", "cause", "firstAt"],
        "properties": {
            "change": { "type": "string", "enum": ["newly", "noLonger", "both"] },
            "user": { "type": ["string", "null"] },
            "email": { "type": ["string", "null"] },
            "network": { "type": ["string", "null"] },
            "tried": integer(),
            "present": integer(),
            "cause": kind(),
            "firstAt": { "type": "string", "format": "date-time" },
            "cameBackAt": moment(),
        },
    });
    json!({
        "type": "object",
        "required": ["since", "cutAt", "violations", "present", "tried", "changes", "hits", "configuration"],
        "properties": {
            "since": { "type": "string", "format": "date-time" },
            "cutAt": moment(),
            "violations": integer(),
            "present": side,
            "tried": side,
            "changes": { "type": "object" },
            "hits": { "type": "array", "items": hit },
            "configuration": { "type": "string", "description": "Lines for librechat-auth.toml" },
        },
    })
}
