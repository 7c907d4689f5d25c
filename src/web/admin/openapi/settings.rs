//! The routes of the administration, described: what is configured, and what may be changed here.

use crate::web::admin::openapi::Operation;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[];
