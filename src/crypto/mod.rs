//! Keys at work: passwords are hashed here, tokens signed and read. Secrets come in as parameters and do not go out.

pub mod age;
pub mod backup_codes;
mod fair_queue;
pub mod hasher;
pub mod passport;
mod password_hash;
pub mod seal;
pub mod signer;
pub mod totp;
pub mod vault;
