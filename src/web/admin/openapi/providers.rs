//! The routes of the administration, described: logins with other providers.

use crate::web::admin::openapi::Operation;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[];
