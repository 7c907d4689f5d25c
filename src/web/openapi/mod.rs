//! The API, described: one `OpenAPI` document and one page, both made from the same tables as the tests of the routes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::web::admin::openapi::{Operation, operations as of_administration};
use crate::web::{Web, reply};

mod account;
mod document;
mod login;
mod service;
pub(in crate::web) mod shapes;

pub use document::{document, statuses};

/// The one route of the administration that whoever is not signed in yet comes to.
const LOGIN: &str = "/api/admin/login/local";

/// What opens an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing is needed.
    Open,
    /// An access token.
    Token,
    /// An access token, or an API key that reads.
    Read,
    /// An access token, or an API key that writes.
    Write,
    /// The cookie of the session.
    Cookie,
    /// The secret of `[moderation] api_secret`.
    Reporter,
    /// An admin's or auditor's access token, or an API key that administers.
    Administration,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Token,
        Self::Read,
        Self::Write,
        Self::Cookie,
        Self::Reporter,
        Self::Administration,
    ];
}

/// An operation, and what opens it.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// The operation.
    pub operation: &'static Operation,
    /// What opens it.
    pub access: Access,
    /// Where it belongs.
    pub part: &'static str,
}

/// Operations that share what opens them and where they belong.
struct Part {
    name: &'static str,
    access: Access,
    operations: &'static [Operation],
}

const PARTS: &[Part] = &[
    Part {
        name: "login",
        access: Access::Open,
        operations: login::OPEN,
    },
    Part {
        name: "login",
        access: Access::Cookie,
        operations: login::WITH_COOKIE,
    },
    Part {
        name: "account",
        access: Access::Open,
        operations: account::OPEN,
    },
    Part {
        name: "account",
        access: Access::Token,
        operations: account::WITH_TOKEN,
    },
    Part {
        name: "account",
        access: Access::Read,
        operations: account::READ,
    },
    Part {
        name: "account",
        access: Access::Write,
        operations: account::WRITE,
    },
    Part {
        name: "service",
        access: Access::Open,
        operations: service::OPEN,
    },
    Part {
        name: "service",
        access: Access::Reporter,
        operations: service::REPORTER,
    },
];

/// Everything that programs can ask.
pub fn operations() -> impl Iterator<Item = Described> {
    let general = PARTS.iter().flat_map(|part| {
        part.operations.iter().map(|operation| Described {
            operation,
            access: part.access,
            part: part.name,
        })
    });
    general.chain(of_administration().map(|operation| Described {
        operation,
        access: if operation.path == LOGIN {
            Access::Open
        } else {
            Access::Administration
        },
        part: area(operation.path),
    }))
}

/// The area of the administration that a path belongs to.
fn area(path: &'static str) -> &'static str {
    let rest = path.strip_prefix("/api/admin/").unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

/// `GET /api/openapi.json`
pub async fn show(web: Data<Web>) -> HttpResponse {
    reply::respond(StatusCode::OK)
        .content_type("application/json")
        .body(document(&web.place.url).to_string())
}
