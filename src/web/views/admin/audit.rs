//! Views of the administration: what happened.
