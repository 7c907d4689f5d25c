//! Views of the administration: who is signed in where.
