//! The routes of the administration, described: bans, violations and policies.

use crate::web::admin::openapi::Operation;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[];
