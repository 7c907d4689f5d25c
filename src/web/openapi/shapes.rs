//! Shapes that more than one operation has.

use serde_json::{Value, json};

/// Any whole number.
pub(in crate::web) fn integer() -> Value {
    json!({ "type": "integer" })
}

/// Any text.
pub(in crate::web) fn text() -> Value {
    json!({ "type": "string" })
}

/// A text that is not empty, with what it is.
pub(super) fn filled(about: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": about })
}

/// A moment.
pub(super) fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// An object with these fields and no others.
pub(super) fn closed(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// An object with these fields, of which a later version may have more.
pub(super) fn open(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// A body without fields.
pub(super) fn nothing() -> Value {
    closed(&[], &json!({}))
}

/// One sentence.
pub(super) fn message() -> Value {
    open(&["message"], &json!({ "message": text() }))
}

/// An account as its owner's client sees it.
pub(super) fn user() -> Value {
    let id = json!({ "type": "string", "pattern": "^[0-9a-f]{24}$" });
    open(
        &[
            "_id",
            "id",
            "name",
            "username",
            "email",
            "emailVerified",
            "avatar",
            "provider",
            "role",
            "plugins",
            "twoFactorEnabled",
            "termsAccepted",
            "createdAt",
            "updatedAt",
        ],
        &json!({
            "_id": id, "id": id, "name": text(), "username": { "type": ["string", "null"] }, "email": text(),
            "emailVerified": { "type": "boolean" }, "avatar": { "type": ["string", "null"] }, "provider": text(),
            "role": text(), "plugins": { "type": "array" }, "twoFactorEnabled": { "type": "boolean" },
            "termsAccepted": { "type": "boolean" }, "createdAt": moment(), "updatedAt": moment(),
        }),
    )
}

/// Somebody is in.
pub(super) fn signed_in() -> Value {
    open(&["token", "user"], &json!({ "token": text(), "user": user() }))
}

/// Somebody is in, or a second factor comes next.
pub(super) fn entered() -> Value {
    let ticket = filled("Opens the next step and nothing else");
    let code_wanted = open(
        &["twoFAPending", "tempToken"],
        &json!({ "twoFAPending": { "const": true }, "tempToken": ticket, "code": text(),
                 "twoFASetupRequired": { "type": "boolean" } }),
    );
    json!({ "anyOf": [signed_in(), code_wanted] })
}

/// Backup codes, each good once.
pub(super) fn codes() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

/// The second factor: a code, or a backup code.
pub(super) fn answer() -> Value {
    closed(
        &[],
        &json!({
            "token": { "description": "A code of the authenticator; what is no text is a wrong one" },
            "backupCode": { "description": "A backup code in its place; what is no text is a wrong one" },
        }),
    )
}
