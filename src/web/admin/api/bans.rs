//! Routes of the administration: bans, violations and policies.
