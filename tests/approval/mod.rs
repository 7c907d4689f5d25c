//! Accounts that wait for an admin: what they may do meanwhile, who is told, and what becomes of them.

mod letters;
mod waiting;
