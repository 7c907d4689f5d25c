//! Routes of the administration: what happened.
