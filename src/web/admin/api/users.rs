//! Routes of the administration: everybody with an account.
