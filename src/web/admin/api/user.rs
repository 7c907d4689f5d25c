//! Routes of the administration: one person's account.
