//! LibreChat's routes for logging in and out, described.

use serde_json::{Value, json};

use super::shapes::{closed, codes, entered, filled, message, nothing, open, signed_in, text};
use crate::web::admin::openapi::{Answer, Operation, Parameter};

/// An operation that takes a body and is limited; the others say what differs.
const POST: Operation = Operation {
    method: "POST",
    path: "",
    id: "",
    summary: "",
    about: "",
    parameters: &[],
    body: None,
    answer: Answer::json(message),
    refusals: &[400],
    changes: true,
};

/// What anybody may ask.
pub(super) const OPEN: &[Operation] = &[
    Operation {
        path: "/api/auth/register",
        id: "register",
        summary: "Make an account",
        about: "The answer is the same whether or not the address was free.",
        body: Some(registration),
        ..POST
    },
    Operation {
        path: "/api/auth/login",
        id: "logIn",
        summary: "Log in with e-mail and password",
        about: "Answers with an access token, and the cookies of a session; or with a ticket for the next step, if a second \
                factor is asked for or has to be set up.",
        body: Some(credentials),
        answer: Answer::json(entered),
        refusals: &[400, 409, 422],
        ..POST
    },
    Operation {
        path: "/api/auth/2fa/verify-temp",
        id: "logInWithSecondFactor",
        summary: "Complete a login with the second factor",
        body: Some(second_step),
        answer: Answer::json(signed_in),
        refusals: &[400, 401],
        ..POST
    },
    Operation {
        path: "/api/auth/2fa/setup",
        id: "beginRequiredSetUp",
        summary: "Begin setting up a second factor that is required",
        body: Some(ticket),
        answer: Answer::json(pairing),
        refusals: &[400, 401],
        ..POST
    },
    Operation {
        path: "/api/auth/2fa/setup/confirm",
        id: "confirmRequiredSetUp",
        summary: "Confirm it with a first code",
        body: Some(first_code),
        answer: Answer::json(kept),
        refusals: &[400, 401],
        ..POST
    },
    Operation {
        path: "/api/auth/2fa/setup/acknowledge",
        id: "acknowledgeRequiredSetUp",
        summary: "Say that the backup codes are kept",
        body: Some(acknowledgement),
        answer: Answer::json(finalization),
        refusals: &[400, 401],
        ..POST
    },
    Operation {
        path: "/api/auth/2fa/setup/finalize",
        id: "finalizeRequiredSetUp",
        summary: "End the set-up and come in",
        body: Some(finalizing),
        answer: Answer::json(signed_in),
        refusals: &[400, 401],
        ..POST
    },
    Operation {
        path: "/api/auth/requestPasswordReset",
        id: "requestPasswordReset",
        summary: "Ask for a link that sets a new password",
        about: "The answer is the same whether or not there is such an account.",
        body: Some(address),
        ..POST
    },
    Operation {
        path: "/api/auth/resetPassword",
        id: "resetPassword",
        summary: "Set a new password with such a link",
        body: Some(reset),
        ..POST
    },
    Operation {
        path: "/api/auth/logout",
        id: "logOut",
        summary: "Log out",
        about: "Ends the session of whichever key comes along: cookie or access token. Without one there is nothing to end.",
        body: Some(nothing),
        answer: Answer::json(farewell),
        ..POST
    },
];

/// What the cookie of a session opens.
pub(super) const WITH_COOKIE: &[Operation] = &[Operation {
    path: "/api/auth/refresh",
    id: "refresh",
    summary: "Renew the session",
    about: "Answers with a new access token. Without a cookie the answer is 200 with a sentence, as LibreChat's is.",
    parameters: &[Parameter {
        name: "retry",
        in_path: false,
        about: "Any value: the answer to a session that is over is 403, not 401.",
        schema: text,
    }],
    body: Some(nothing),
    answer: Answer::json(entered),
    refusals: &[400, 401],
    ..POST
}];

fn credentials() -> Value {
    closed(
        &["email", "password"],
        &json!({
            "email": { "type": "string", "format": "email" },
            "password": { "type": "string", "minLength": 1, "maxLength": 128 },
        }),
    )
}

fn registration() -> Value {
    let password = json!({ "type": "string", "minLength": 8, "maxLength": 128 });
    closed(
        &["name", "email", "password", "confirm_password"],
        &json!({
            "name": { "type": "string", "minLength": 3, "maxLength": 80 },
            "username": { "type": ["string", "null"] },
            "email": { "type": "string", "format": "email" },
            "password": password,
            "confirm_password": password,
            "token": { "type": ["string", "null"], "description": "An invitation" },
        }),
    )
}

fn second_step() -> Value {
    closed(
        &["tempToken"],
        &json!({
            "tempToken": filled("The ticket of the login"),
            "token": { "type": "string", "description": "A code of the authenticator" },
            "backupCode": { "type": "string", "description": "A backup code in its place" },
        }),
    )
}

fn ticket() -> Value {
    closed(
        &["tempToken"],
        &json!({ "tempToken": filled("The ticket of the login") }),
    )
}

fn pairing() -> Value {
    open(&["otpauthUrl"], &json!({ "otpauthUrl": text() }))
}

fn first_code() -> Value {
    closed(
        &["tempToken", "token"],
        &json!({ "tempToken": filled("The ticket of the login"), "token": filled("A code of the authenticator") }),
    )
}

fn kept() -> Value {
    open(
        &["backupCodes", "acknowledgementToken"],
        &json!({ "backupCodes": codes(), "acknowledgementToken": text() }),
    )
}

fn acknowledgement() -> Value {
    let ticket = filled("The ticket of the step before");
    closed(&["acknowledgementToken"], &json!({ "acknowledgementToken": ticket }))
}

fn finalization() -> Value {
    open(&["finalizationToken"], &json!({ "finalizationToken": text() }))
}

fn finalizing() -> Value {
    let ticket = filled("The ticket of the step before");
    closed(&["finalizationToken"], &json!({ "finalizationToken": ticket }))
}

/// A body with nothing but an address.
pub(super) fn address() -> Value {
    closed(&["email"], &json!({ "email": { "type": "string", "format": "email" } }))
}

fn reset() -> Value {
    closed(
        &["userId", "token", "password"],
        &json!({
            "userId": filled("As the link has it"),
            "token": filled("As the link has it"),
            "password": { "type": "string", "minLength": 8, "maxLength": 128 },
            "confirm_password": { "type": ["string", "null"] },
        }),
    )
}

fn farewell() -> Value {
    open(
        &["message"],
        &json!({ "message": text(), "redirect": { "type": "string", "description": "Where the provider logs out" } }),
    )
}
