//! Views of the administration: bans, violations and policies.
