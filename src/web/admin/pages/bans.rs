//! Pages of the administration: bans, violations and policies.
