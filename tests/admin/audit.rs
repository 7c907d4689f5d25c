//! Tests of the administration: what happened.
