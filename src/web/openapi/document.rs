//! The document (`OpenAPI` 3.1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Access, Described, operations};
use crate::web::admin::openapi::{Operation, Parameter};

/// The whole document, for a server at this address.
#[must_use]
pub fn document(url: &str) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for described in operations() {
        let methods = paths.entry(described.operation.path).or_default();
        methods.insert(described.operation.method.to_ascii_lowercase(), operation(&described));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "librechat-auth",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Logging in for LibreChat and other programs, and the administration of it. Every answer has a \
                            number (X-Request-Id); every 401, 403 and 429 has a reference (X-Reference) that an admin can \
                            look up with `librechat-auth why`.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": url }],
        "paths": paths,
        "components": {
            "securitySchemes": schemes(),
            "schemas": { "Error": error() },
            "headers": headers(),
        },
        "x-reference": "X-Reference",
    })
}

fn operation(described: &Described) -> Value {
    let Described {
        operation,
        access,
        part,
    } = described;
    let mut entry = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [part],
        "responses": responses(operation, *access),
        "security": security(*access),
    });
    if !operation.about.is_empty() {
        entry["description"] = json!(operation.about);
    }
    if !operation.parameters.is_empty() {
        entry["parameters"] = operation.parameters.iter().map(parameter).collect();
    }
    if let Some(schema) = operation.body {
        let schema = schema();
        // A body that needs no field may be left out.
        let is_required = schema["contentMediaType"].is_string()
            || schema["oneOf"].is_array()
            || schema["required"]
                .as_array()
                .is_some_and(|required| !required.is_empty());
        entry["requestBody"] = json!({
            "required": is_required,
            "content": content(&schema),
        });
    }
    entry
}

/// A body is JSON; one that says that it is text of some type is that as well.
fn content(schema: &Value) -> Value {
    match schema["contentMediaType"].as_str().map(str::to_owned) {
        Some(media_type) => json!({ media_type: { "schema": schema }, "application/json": {} }),
        None => json!({ "application/json": { "schema": schema } }),
    }
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": if parameter.in_path { "path" } else { "query" },
        "required": parameter.in_path,
        "description": parameter.about,
        "schema": (parameter.schema)(),
    })
}

/// Success, what the operation says, and what can happen to every request.
fn responses(operation: &Operation, access: Access) -> Value {
    let refusals = statuses(operation, access).into_iter();
    let mut responses: BTreeMap<String, Value> = refusals
        .map(|status| {
            let is_success = status < 300;
            let said = if is_success {
                success(operation, access)
            } else {
                refusal(status, access)
            };
            (status.to_string(), said)
        })
        .collect();
    responses.insert(operation.answer.status.to_string(), success(operation, access));
    json!(responses)
}

/// What it can be refused with.
#[must_use]
pub fn statuses(operation: &Operation, access: Access) -> BTreeSet<u16> {
    // A banned address, too many requests, a fault, too much to do.
    let mut statuses = BTreeSet::from([403, 429, 500, 503]);
    statuses.extend(operation.refusals);
    if access != Access::Open {
        statuses.insert(401);
    }
    if operation.body.is_some() {
        statuses.extend([400, 413, 415]);
    }
    for parameter in operation.parameters {
        statuses.insert(if parameter.in_path { 404 } else { 400 });
    }
    statuses
}

fn success(operation: &Operation, access: Access) -> Value {
    let answer = operation.answer;
    let mut response = json!({
        "description": "Done",
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
    });
    for media_type in answer.media_type.split(", ").filter(|name| !name.is_empty()) {
        response["content"][media_type] = answer.schema.map_or(json!({}), |schema| json!({ "schema": schema() }));
    }
    if access == Access::Cookie {
        // LibreChat answers in plain text where there is no cookie.
        response["content"]["text/plain"] = json!({ "schema": { "type": "string" } });
    }
    response
}

fn refusal(status: u16, access: Access) -> Value {
    let mut content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    // LibreChat's routes say some things in plain text.
    if access == Access::Cookie || (access == Access::Open && matches!(status, 403 | 503)) {
        content["text/plain"] = json!({ "schema": { "type": "string" } });
    }
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    if matches!(status, 401 | 403 | 429) {
        headers["X-Reference"] = json!({ "$ref": "#/components/headers/Reference" });
    }
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" });
    }
    json!({ "description": meaning(status), "headers": headers, "content": content })
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "Something that was sent is wrong",
        401 => "Nobody is logged in, or the key is wrong",
        403 => "Not allowed, banned, or a confirmation is due",
        404 => "There is no such thing",
        409 => "It does not fit what there is now",
        413 => "Too large",
        415 => "Neither JSON nor a form",
        422 => "The address has to be proved first",
        429 => "Too often; Retry-After says when again",
        500 => "A fault; the reference stands in the log",
        503 => "Too much to do; try again soon",
        _ => "Refused",
    }
}

fn security(access: Access) -> Value {
    match access {
        Access::Open => json!([]),
        Access::Token => json!([{ "accessToken": [] }]),
        Access::Read | Access::Write | Access::Administration => {
            json!([{ "accessToken": [] }, { "apiKeyBearer": [] }, { "apiKey": [] }])
        }
        // Without the cookie the answer is 200 and a sentence, so it is not required.
        Access::Cookie => json!([{}, { "refreshToken": [] }]),
        Access::Reporter => json!([{ "apiSecret": [] }]),
    }
}

fn schemes() -> Value {
    json!({
        "accessToken": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "What a login and a renewal answer with; good for some minutes.",
        },
        "apiKeyBearer": {
            "type": "http", "scheme": "bearer",
            "description": "An API key (lca_…) with the scope that is needed.",
        },
        "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key, in a header." },
        "refreshToken": { "type": "apiKey", "in": "cookie", "name": "refreshToken", "description": "Set by a login." },
        "apiSecret": {
            "type": "http", "scheme": "bearer",
            "description": "The secret of [moderation] api_secret.",
        },
    })
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "message": { "type": "string", "description": "For people" },
            "code": { "type": "string", "description": "For programs, where there is one" },
            "error": { "type": "string", "description": "What LibreChat's administration calls the message" },
            "reference": { "type": "string", "description": "Of a fault: it stands in the log" },
        },
        "anyOf": [{ "required": ["message"] }, { "required": ["code"] }, { "required": ["error"] }],
    })
}

fn headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "RequestId": { "description": "The number of the request in the log.", "schema": text },
        "Reference": { "description": "By this an admin finds out why: librechat-auth why.", "schema": text },
        "RetryAfter": { "description": "Seconds.", "schema": { "type": "integer", "minimum": 1 } },
    })
}
