//! The routes of the administration, described: logins with other providers.

use serde_json::{Value, json};

use crate::web::admin::openapi::person::expectation;
use crate::web::admin::openapi::{Answer, Operation, Parameter};

const ID: Parameter = Parameter::in_path("id", "Its name in addresses, such as openid", text);

const LIST: &[Parameter] = &[
    Parameter::in_query("provider", "Only logins with this one", text),
    Parameter::in_query("failed", "Only those that failed", flag),
    Parameter::in_query("limit", "At most so many, 50 unless said, 500 at most", number),
];

const EXPECTED: &[Parameter] = &[
    Parameter::in_query("before", "Those below this number", positive),
    Parameter::in_query("limit", "At most so many, 50 unless said", page_length),
];

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/api/admin/providers",
        id: "listProviders",
        summary: "Providers that can be used, and whether they answer",
        about: "No provider is asked by this request.",
        parameters: &[],
        body: None,
        answer: Answer::json(providers),
        refusals: &[],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/providers/{id}/test",
        id: "testProvider",
        summary: "Ask a provider for its description and its keys now",
        about: "A provider that does not answer is no failure of this request: see `trouble`.",
        parameters: &[ID],
        body: None,
        answer: Answer::json(provider),
        refusals: &[404],
        changes: true,
    },
    Operation {
        method: "POST",
        path: "/api/admin/providers/{id}/claims",
        id: "tryClaims",
        summary: "What would come of claims under the rules of a provider",
        about: "Nothing is changed or kept. `claims` counts as the ID token, unless it has the objects `id`, `userinfo` and `access`.",
        parameters: &[ID],
        body: Some(pasted),
        answer: Answer::json(trial),
        refusals: &[400, 404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/expected",
        id: "listExpected",
        summary: "Who is expected from a provider, the newest first",
        about: "The next person whom the provider vouches for like that gets the account, once. Give `next` as `before` to go on.",
        parameters: EXPECTED,
        body: None,
        answer: Answer::json(expected),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "POST",
        path: "/api/admin/expected/{id}/withdraw",
        id: "withdrawExpected",
        summary: "Expect somebody no more",
        about: "404 if they came, or are not expected any more.",
        parameters: &[Parameter::in_path("id", "The number of the expectation", number)],
        body: None,
        answer: Answer::json(expectation),
        refusals: &[404],
        changes: true,
    },
    Operation {
        method: "GET",
        path: "/api/admin/flights",
        id: "listFlights",
        summary: "How the last logins with providers ended, newest first",
        about: "Kept are the newest failures and the last success of each identity. No token, code or secret is among it.",
        parameters: LIST,
        body: None,
        answer: Answer::json(flights),
        refusals: &[400],
        changes: false,
    },
    Operation {
        method: "GET",
        path: "/api/admin/flights/{reference}",
        id: "showFlight",
        summary: "One of them, and what would come of it now",
        about: "",
        parameters: &[Parameter::in_path(
            "reference",
            "The number that the person was shown",
            text,
        )],
        body: None,
        answer: Answer::json(flight),
        refusals: &[404],
        changes: false,
    },
];

fn text() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn number() -> Value {
    json!({ "type": "integer" })
}

fn positive() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

fn page_length() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 200 })
}

fn expected() -> Value {
    json!({
        "type": "object",
        "required": ["expected", "next"],
        "properties": {
            "expected": { "type": "array", "items": expectation() },
            "next": { "type": ["integer", "null"] },
        },
    })
}

fn perhaps() -> Value {
    json!({ "type": ["string", "null"] })
}

fn provider() -> Value {
    json!({
        "type": "object",
        "required": ["id", "redirectUri", "identities"],
        "properties": {
            "id": text(),
            "label": perhaps(),
            "redirectUri": text(),
            "askedAt": perhaps(),
            "wellAt": perhaps(),
            "trouble": perhaps(),
            "identities": number(),
        },
    })
}

fn providers() -> Value {
    json!({
        "type": "object",
        "required": ["providers"],
        "properties": { "providers": { "type": "array", "items": provider() } },
    })
}

fn flight() -> Value {
    json!({
        "type": "object",
        "required": ["reference", "at", "provider", "outcome", "stage", "cause", "verdict"],
        "properties": {
            "reference": text(),
            "at": { "type": "string", "format": "date-time" },
            "provider": text(),
            "outcome": { "enum": ["success", "refused", "failed"] },
            "stage": text(),
            "cause": text(),
            "verdict": text(),
            "issuer": perhaps(),
            "subject": perhaps(),
            "claims": { "type": ["object", "null"] },
            "trial": { "anyOf": [trial(), { "type": "null" }] },
        },
    })
}

fn pasted() -> Value {
    json!({
        "type": "object",
        "required": ["claims"],
        "properties": { "claims": { "type": "object" } },
        "additionalProperties": false,
    })
}

fn trial() -> Value {
    let texts = json!({ "type": "array", "items": text() });
    json!({
        "type": "object",
        "required": ["provider", "admitted", "role", "notes"],
        "properties": {
            "provider": text(),
            "admitted": flag(),
            "way": perhaps(),
            "denial": perhaps(),
            "reason": perhaps(),
            "account": perhaps(),
            "role": text(),
            "groups": { "anyOf": [texts, { "type": "null" }] },
            "notes": texts,
        },
    })
}

fn flights() -> Value {
    json!({
        "type": "object",
        "required": ["flights"],
        "properties": { "flights": { "type": "array", "items": flight() } },
    })
}
