//! Views of the administration: what is configured, and what may be changed here.
