//! LibreChat's routes about one's own account, described.

use serde_json::{Value, json};

use super::login::address;
use super::shapes::{answer, closed, codes, filled, message, moment, nothing, open, text, user};
use crate::web::admin::openapi::{Answer, Operation, Parameter};

/// 200 and nothing else.
const DONE: Answer = Answer {
    status: 200,
    media_type: "",
    schema: None,
};

/// An operation on the second factor; the others say what differs.
const SECOND_FACTOR: Operation = Operation {
    method: "POST",
    path: "",
    id: "",
    summary: "",
    about: "",
    parameters: &[],
    body: Some(answer),
    answer: DONE,
    refusals: &[400],
    changes: true,
};

/// What anybody may ask.
pub(super) const OPEN: &[Operation] = &[
    Operation {
        path: "/api/user/verify",
        id: "verifyEmail",
        summary: "Prove an address with the link that was sent there",
        body: Some(proof),
        answer: Answer::json(message),
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/user/verify/resend",
        id: "resendVerification",
        summary: "Ask for another link",
        about: "The answer is the same whether or not there is such an account.",
        body: Some(address),
        answer: Answer::json(message),
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/user/email/verify",
        id: "confirmEmailChange",
        summary: "Confirm a new address with the link of either side",
        body: Some(change_proof),
        answer: Answer::json(message),
        refusals: &[400, 409],
        ..SECOND_FACTOR
    },
];

/// What only an access token opens.
pub(super) const WITH_TOKEN: &[Operation] = &[
    Operation {
        path: "/api/auth/2fa/enable",
        id: "beginSecondFactor",
        summary: "Begin setting up a second factor",
        about: "Where there is one already, its code is asked for. GET does the same, for older clients.",
        answer: Answer::json(pairing),
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/auth/2fa/verify",
        id: "verifySecondFactor",
        summary: "Check a code",
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/auth/2fa/confirm",
        id: "confirmSecondFactor",
        summary: "Make the second factor count",
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/auth/2fa/disable",
        id: "disableSecondFactor",
        summary: "Do without it",
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/auth/2fa/backup/regenerate",
        id: "regenerateBackupCodes",
        summary: "Make new backup codes",
        answer: Answer::json(regenerated),
        ..SECOND_FACTOR
    },
    Operation {
        path: "/api/user/email/change",
        id: "changeEmail",
        summary: "Ask for another address",
        body: Some(change),
        answer: Answer::json(message),
        refusals: &[400, 409],
        ..SECOND_FACTOR
    },
    Operation {
        method: "DELETE",
        path: "/api/user/delete",
        id: "deleteAccount",
        summary: "Delete one's own account",
        answer: Answer::json(message),
        ..SECOND_FACTOR
    },
];

/// What a key that reads opens, too.
pub(super) const READ: &[Operation] = &[
    Operation {
        path: "/api/user",
        id: "showAccount",
        summary: "One's own account",
        answer: Answer::json(user),
        ..READING
    },
    Operation {
        path: "/api/user/terms",
        id: "showTerms",
        summary: "Whether the terms are accepted",
        answer: Answer::json(terms),
        ..READING
    },
    Operation {
        path: "/api/roles/{name}",
        id: "showRole",
        summary: "What a role permits in LibreChat",
        about: "One's own role, or any for an admin.",
        parameters: &[Parameter {
            name: "name",
            in_path: true,
            about: "A role, such as USER.",
            schema: role,
        }],
        answer: Answer::json(permissions),
        refusals: &[404],
        ..READING
    },
];

/// An operation that reads; the others say what differs.
const READING: Operation = Operation {
    method: "GET",
    body: None,
    refusals: &[],
    changes: false,
    ..SECOND_FACTOR
};

/// What a key that writes opens, too.
pub(super) const WRITE: &[Operation] = &[Operation {
    path: "/api/user/terms/accept",
    id: "acceptTerms",
    summary: "Accept the terms",
    body: Some(nothing),
    answer: Answer::json(accepted),
    ..SECOND_FACTOR
}];

fn proof() -> Value {
    closed(
        &["email", "token"],
        &json!({ "email": filled("As the link has it"), "token": filled("As the link has it") }),
    )
}

fn change_proof() -> Value {
    closed(
        &["userId", "email", "token"],
        &json!({
            "userId": filled("As the link has it"),
            "email": filled("As the link has it"),
            "token": filled("As the link has it"),
        }),
    )
}

fn pairing() -> Value {
    open(
        &["otpauthUrl", "backupCodes"],
        &json!({ "otpauthUrl": text(), "backupCodes": codes() }),
    )
}

fn regenerated() -> Value {
    let mark = open(
        &["codeHash", "used", "usedAt"],
        &json!({ "codeHash": text(), "used": { "type": "boolean" }, "usedAt": { "type": ["string", "null"] } }),
    );
    open(
        &["backupCodes", "backupCodesHash"],
        &json!({ "backupCodes": codes(), "backupCodesHash": { "type": "array", "items": mark } }),
    )
}

fn change() -> Value {
    closed(
        &["currentPassword", "newEmail"],
        &json!({ "currentPassword": filled("The password"), "newEmail": { "type": "string", "format": "email" } }),
    )
}

fn terms() -> Value {
    open(
        &["termsAccepted", "termsAcceptedAt"],
        &json!({ "termsAccepted": { "type": "boolean" }, "termsAcceptedAt": { "type": ["string", "null"] } }),
    )
}

fn accepted() -> Value {
    open(
        &["message", "termsAcceptedAt"],
        &json!({ "message": text(), "termsAcceptedAt": moment() }),
    )
}

fn role() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn permissions() -> Value {
    open(
        &["name", "permissions"],
        &json!({ "name": text(), "permissions": { "type": "object" } }),
    )
}
