//! The routes of the administration, described: who is signed in where.

use serde_json::{Value, json};

use crate::web::admin::api::sessions::MOST_IDS;
use crate::web::admin::openapi::users::{day, limit, place, search};
use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::text;

const LIST: &[Parameter] = &[
    Parameter::in_query(
        "q",
        "Parts of name, address or user name of the owner, or the id of the account",
        search,
    ),
    Parameter::in_query("address", "The client's address at the login, or a network", text),
    Parameter::in_query("way", "`password`, or the provider that the person came from", text),
    Parameter::in_query("device", "Parts of browser and system, or of the User-Agent", search),
    Parameter::in_query("used_after", "Used on this day (UTC) or later", day),
    Parameter::in_query("used_before", "Not used since this day (UTC)", day),
    Parameter::in_query("here", "Used within five minutes", yes),
    Parameter::in_query("sort", "A minus means descending; `-used` unless said", sort),
    Parameter::in_query("after", "`next` of the page before", place),
    Parameter::in_query("before", "`previous` of the page after; `end` for the last page", place),
    Parameter::in_query("limit", "Sessions of a page; 50 unless said", limit),
];

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/sessions",
        id: "listSessions",
        summary: "Who is signed in where",
        about: "Sessions of everybody that still count. `total` may be a lower bound, and a page may be cut short: looking \
                went on long enough, and goes on with `next`. The last use is known to within a minute.",
        parameters: LIST,
        body: None,
        answer: Answer::json(list),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/sessions/end",
        id: "endSessions",
        summary: "End sessions: some, or all that match",
        about: "All that match are everybody else's: the session of whoever asks goes on, and where a program asks with an API \
                key, so do all sessions of its owner. In `ids` the session of whoever asks goes on unless it is the only one; \
                a program ends any. `matching` with nothing in it is everybody else. Many end in the background: then the \
                answer is 202, and the job can be followed. Sessions that begin meanwhile go on.",
        parameters: &[],
        body: Some(end),
        answer: Answer::json(ended),
        refusals: &[202, 400],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/sessions/end/{job}",
        id: "followSessionsEnd",
        summary: "How far the end of many sessions has come",
        about: "Known for a while, until the server stops: what ended until then has ended.",
        parameters: &[Parameter::in_path("job", "As the order to end them answered", text)],
        body: None,
        answer: Answer::json(ended),
        refusals: &[202, 404],
        changes: false,
    },
];

fn yes() -> Value {
    json!({ "type": "string", "enum": ["yes"] })
}

fn sort() -> Value {
    json!({ "type": "string", "enum": ["used", "-used", "started", "-started"] })
}

fn maybe_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn session() -> Value {
    json!({
        "type": "object",
        "required": ["id", "user", "email", "name", "device", "userAgent", "address", "method", "startedAt", "lastUsedAt",
            "expiresAt", "confirmedUntil", "here", "own"],
        "properties": {
            "id": text(),
            "user": { "type": "string", "description": "The id of the owner's account" },
            "email": text(),
            "name": text(),
            "device": { "type": ["string", "null"], "description": "Browser and system, as far as they are known" },
            "userAgent": text(),
            "address": text(),
            "method": { "type": "string", "description": "`password` or a provider, and after a + what was asked beside it" },
            "startedAt": moment(),
            "lastUsedAt": moment(),
            "expiresAt": moment(),
            "confirmedUntil": { "type": ["string", "null"], "format": "date-time" },
            "here": { "type": "boolean" },
            "own": { "type": "boolean", "description": "Whether it is that of whoever asks" },
        },
    })
}

fn list() -> Value {
    json!({
        "type": "object",
        "required": ["sessions", "total", "totalIsExact", "previous", "next", "cutShort"],
        "properties": {
            "sessions": { "type": "array", "items": session() },
            "total": { "type": "integer" },
            "totalIsExact": { "type": "boolean" },
            "previous": maybe_text(),
            "next": maybe_text(),
            "cutShort": { "type": "boolean" },
        },
    })
}

fn end() -> Value {
    let ids = json!({
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_IDS,
        "items": { "type": "string", "pattern": "^[0-9]{1,18}$" },
    });
    let matching = json!({
        "type": "object",
        "description": "The filters of the list",
        "additionalProperties": false,
        "properties": {
            "q": search(),
            "address": text(),
            "way": text(),
            "device": search(),
            "used_after": text(),
            "used_before": text(),
            "here": text(),
        },
    });
    let one = |field: &str, schema: Value| json!({ "type": "object", "additionalProperties": false, "required": [field], "properties": { field: schema } });
    json!({ "oneOf": [one("ids", ids), one("matching", matching)] })
}

fn ended() -> Value {
    json!({
        "type": "object",
        "required": ["job", "total", "totalIsExact", "ended", "over", "reference"],
        "properties": {
            "job": text(),
            "total": { "type": "integer", "description": "How many were meant when it began" },
            "totalIsExact": { "type": "boolean", "description": "Whether all of them were counted" },
            "ended": { "type": "integer", "description": "How many have ended so far" },
            "over": { "type": "boolean" },
            "reference": { "type": ["string", "null"], "description": "The number of what stopped it, if something did" },
        },
    })
}
