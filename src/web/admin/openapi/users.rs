//! The routes of the administration, described: everybody with an account.

use serde_json::{Value, json};

use crate::domain::bulk::Change;
use crate::domain::directory::{LONGEST_SEARCH, Sort, State};
use crate::web::admin::openapi::{Answer, Operation, Parameter};
use crate::web::openapi::shapes::text;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "POST",
        path: "/api/admin/login/local",
        id: "adminLogin",
        summary: "Log in with a password, to administer",
        about: "As POST /api/auth/login, for admins and auditors. Everybody else is refused, once the password was right.",
        parameters: &[],
        body: Some(login_body),
        answer: Answer::json(signed_in),
        refusals: &[400, 409, 422],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/verify",
        id: "adminVerify",
        summary: "Whose key this is",
        about: "",
        parameters: &[],
        body: None,
        answer: Answer::json(verified),
        refusals: &[],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users",
        id: "listUsers",
        summary: "List accounts",
        about: "With limit and offset only this is LibreChat's list, newest first. With any other parameter the answer has \
                places instead of an offset: give `next` as `after` to go on. Then `total` may be a lower bound, and a page \
                may be cut short: looking went on long enough, and goes on with `next`.",
        parameters: LIST,
        body: None,
        answer: Answer::json(list),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users",
        id: "createUser",
        summary: "Make an account",
        about: "Without a password one is made, and shown in the answer this once.",
        parameters: &[],
        body: Some(new_body),
        answer: Answer {
            status: 201,
            media_type: "application/json",
            schema: Some(made),
        },
        refusals: &[400],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users/search",
        id: "searchUsers",
        summary: "Find people by the beginning of name, address or user name",
        about: "LibreChat's search, for choosing somebody while typing.",
        parameters: &[
            Parameter::in_query("q", "2 to 200 characters", text),
            Parameter::in_query("limit", "1 to 50, or what is nearest to that; 20 unless given", any),
        ],
        body: None,
        answer: Answer::json(hits),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users/export",
        id: "exportUsers",
        summary: "All accounts, or those that match, as a file",
        about: "CSV, or with format=json one JSON object per line. Passwords are not in it.",
        parameters: EXPORT,
        body: None,
        answer: Answer {
            status: 200,
            media_type: "text/csv, application/x-ndjson",
            schema: None,
        },
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/import",
        id: "importUsers",
        summary: "Make and change accounts from a file",
        about: "The body is the file: CSV or JSON as the export writes it, or LibreChat's users as mongoexport does, up to 4 MB. \
                Without a digest it is only said what would happen. With the digest of that answer it happens, or the answer \
                is 409 if it would be something else by now.",
        parameters: &[Parameter::in_query("digest", "As the answer without it said", text)],
        body: Some(people),
        answer: Answer::json(plan),
        refusals: &[400, 409, 413],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/users/bulk",
        id: "changeUsers",
        summary: "Change many accounts",
        about: "Small changes are over when the answer comes. For larger ones it is 202, and the job can be followed. Your \
                own account and the last admin are left as they are.",
        parameters: &[],
        body: Some(change_body),
        answer: Answer::json(progress),
        refusals: &[202, 400],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/users/bulk/{job}",
        id: "followUserChange",
        summary: "How far a change of many accounts has come",
        about: "",
        parameters: &[Parameter::in_path("job", "As the change answered", text)],
        body: None,
        answer: Answer::json(progress),
        refusals: &[202, 404],
        changes: false,
    },
];

const LIST: &[Parameter] = &[
    Parameter::in_query(
        "limit",
        "1 to 200; 50 unless given. LibreChat's list takes what is nearest to whatever is sent; the other refuses it",
        any,
    ),
    Parameter::in_query(
        "offset",
        "How many of the newest to leave out, in LibreChat's list; what is no number is 0",
        any,
    ),
    Parameter::in_query("q", "Parts of name, address or user name, separated by blanks", search),
    Parameter::in_query("role", "A role", text),
    Parameter::in_query("state", "Whether somebody may come in", state),
    Parameter::in_query("provider", "How the account came to be, such as local", text),
    Parameter::in_query("group", "A group", text),
    Parameter::in_query("two_factor", "Whether there is a second factor", yes_or_no),
    Parameter::in_query(
        "two_factor_demanded",
        "Whether an admin requires one of the account",
        yes_or_no,
    ),
    Parameter::in_query("login_after", "Whoever logged in on that day or later", day),
    Parameter::in_query("login_before", "Whoever did not log in since that day, or never", day),
    Parameter::in_query("sort", "A column; a minus before it means descending", sort),
    Parameter::in_query("after", "The place where the page begins", place),
    Parameter::in_query(
        "before",
        "The place where the page ends; `end` for the last page",
        place,
    ),
];

const EXPORT: &[Parameter] = &[
    Parameter::in_query("format", "csv unless given", file_format),
    Parameter::in_query("q", "Parts of name, address or user name, separated by blanks", search),
    Parameter::in_query("role", "A role", text),
    Parameter::in_query("state", "Whether somebody may come in", state),
    Parameter::in_query("provider", "How the account came to be, such as local", text),
    Parameter::in_query("group", "A group", text),
    Parameter::in_query("two_factor", "Whether there is a second factor", yes_or_no),
    Parameter::in_query(
        "two_factor_demanded",
        "Whether an admin requires one of the account",
        yes_or_no,
    ),
    Parameter::in_query("login_after", "Whoever logged in on that day or later", day),
    Parameter::in_query("login_before", "Whoever did not log in since that day, or never", day),
];

fn any() -> Value {
    json!({})
}

fn plan() -> Value {
    let row = json!({
        "type": "object",
        "properties": {
            "line": { "type": "integer" },
            "email": { "type": "string" },
            "fate": { "type": "string", "enum": ["new", "changed", "unchanged", "refused"] },
            "changes": { "type": "array", "items": { "type": "object" } },
            "reason": { "type": ["string", "null"] },
        },
    });
    json!({
        "type": "object",
        "required": ["digest", "new", "changed", "unchanged", "refused", "rows"],
        "properties": {
            "digest": { "type": "string" },
            "new": { "type": "integer" },
            "changed": { "type": "integer" },
            "unchanged": { "type": "integer" },
            "refused": { "type": "integer" },
            "rows": { "type": "array", "items": row },
        },
    })
}

/// The file, which may be JSON as well.
fn people() -> Value {
    json!({ "type": "string", "contentMediaType": "text/csv" })
}

fn file_format() -> Value {
    json!({ "type": "string", "enum": ["csv", "json"] })
}

pub(super) fn search() -> Value {
    json!({ "type": "string", "maxLength": LONGEST_SEARCH })
}

pub(super) fn place() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" })
}

pub(super) fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 200 })
}

pub(super) fn day() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn yes_or_no() -> Value {
    json!({ "type": "string", "enum": ["yes", "no"] })
}

fn state() -> Value {
    json!({ "type": "string", "enum": State::ALL.map(State::key) })
}

fn sort() -> Value {
    let keys = Sort::ALL.map(Sort::key);
    let both: Vec<String> = keys
        .iter()
        .flat_map(|key| [(*key).to_owned(), format!("-{key}")])
        .collect();
    json!({ "type": "string", "enum": both })
}

fn login_body() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["email", "password"],
        "properties": { "email": { "type": "string" }, "password": { "type": "string" } },
    })
}

fn signed_in() -> Value {
    json!({ "type": "object", "properties": { "token": { "type": "string" }, "user": { "type": "object" } } })
}

fn verified() -> Value {
    json!({ "type": "object", "required": ["user"], "properties": { "user": { "type": "object" } } })
}

fn user() -> Value {
    json!({
        "type": "object",
        "required": ["id", "name", "username", "email", "avatar", "role", "provider", "createdAt", "updatedAt"],
        "properties": {
            "id": { "type": "string" },
            "name": { "type": "string" },
            "username": { "type": "string" },
            "email": { "type": "string" },
            "avatar": { "type": "string" },
            "role": { "type": "string" },
            "provider": { "type": "string" },
            "createdAt": { "type": "string", "format": "date-time" },
            "updatedAt": { "type": "string", "format": "date-time" },
            "state": state(),
            "emailVerified": { "type": "boolean" },
            "twoFactorEnabled": { "type": "boolean" },
            "twoFactorDemanded": { "type": "boolean" },
            "lastLoginAt": { "type": ["string", "null"], "format": "date-time" },
            "groups": { "type": "array", "items": { "type": "string" } },
        },
    })
}

fn list() -> Value {
    json!({
        "type": "object",
        "required": ["users", "total", "limit"],
        "properties": {
            "users": { "type": "array", "items": user() },
            "total": { "type": "integer" },
            "limit": { "type": "integer" },
            "offset": { "type": "integer" },
            "totalIsExact": { "type": "boolean" },
            "previous": { "type": ["string", "null"] },
            "next": { "type": ["string", "null"] },
            "cutShort": { "type": "boolean" },
        },
    })
}

fn hits() -> Value {
    let hit = json!({
        "type": "object",
        "required": ["id", "name", "email"],
        "properties": {
            "id": { "type": "string" },
            "name": { "type": "string" },
            "email": { "type": "string" },
            "username": { "type": ["string", "null"] },
            "avatarUrl": { "type": ["string", "null"] },
        },
    });
    json!({
        "type": "object",
        "required": ["users", "total", "capped"],
        "properties": {
            "users": { "type": "array", "items": hit },
            "total": { "type": "integer" },
            "capped": { "type": "boolean" },
        },
    })
}

fn new_body() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["email"],
        "properties": {
            "email": { "type": "string" },
            "name": { "type": ["string", "null"], "description": "The part of the address before the @ unless given" },
            "username": { "type": ["string", "null"] },
            "password": { "type": ["string", "null"], "description": "One is made unless given" },
            "role": { "type": ["string", "null"], "description": "USER unless given" },
            "emailVerified": { "type": "boolean", "description": "true unless given" },
        },
    })
}

fn made() -> Value {
    json!({
        "type": "object",
        "required": ["user", "password"],
        "properties": { "user": user(), "password": { "type": ["string", "null"] } },
    })
}

fn change_body() -> Value {
    let ids = json!({
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": { "type": "string", "pattern": "^[0-9a-fA-F]{24}$" },
    });
    let matching = json!({
        "type": "object",
        "description": "Instead of ids: the filters of the list. {} means everybody.",
        "additionalProperties": false,
        "properties": {
            "q": search(),
            "role": text(),
            "state": text(),
            "provider": text(),
            "group": text(),
            "two_factor": text(),
            "two_factor_demanded": text(),
            "login_after": text(),
            "login_before": text(),
        },
    });
    let one = |field: &str, schema: Value| {
        let value = json!({ "type": ["string", "null"], "description": "A role or a group, where one is needed" });
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["action", field],
            "properties": { "action": { "type": "string", "enum": Change::KEYS }, "value": value, field: schema },
        })
    };
    json!({ "oneOf": [one("ids", ids), one("matching", matching)] })
}

fn progress() -> Value {
    let left = json!({
        "type": "object",
        "properties": {
            "reason": { "type": "string" },
            "count": { "type": "integer" },
            "some": { "type": "array", "items": { "type": "string" } },
        },
    });
    json!({
        "type": "object",
        "required": ["job", "action", "done", "skipped", "over"],
        "properties": {
            "job": { "type": "string" },
            "action": { "type": "string" },
            "value": { "type": "string" },
            "done": { "type": "integer" },
            "skipped": { "type": "array", "items": left },
            "over": { "type": "boolean" },
            "reference": { "type": ["string", "null"] },
        },
    })
}
