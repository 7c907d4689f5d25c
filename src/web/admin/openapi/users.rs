//! The routes of the administration, described: everybody with an account.

use crate::web::admin::openapi::Operation;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[];
