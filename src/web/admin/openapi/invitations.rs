//! The routes of the administration, described: invitations and accounts that wait.

use crate::web::admin::openapi::Operation;

/// What can be asked.
pub const OPERATIONS: &[Operation] = &[];
