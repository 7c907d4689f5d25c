//! Pages of the administration: what happened.
