//! Logging in with another provider: who vouches for whom, what that is worth, and what follows from it.
//!
//! A person is known by issuer and subject (OpenID Connect Core §5.7) and by nothing else: an e-mail address that two
//! sides share never lets anybody in and never connects anything by itself.
//!
//! ```text
//!   known identity ── switches, domains, account may come in ──► log in
//!   unknown, nobody has the address ── sign-up allowed ──► a new account
//!   unknown, somebody has the address ──► "sign in the old way once to connect"
//!      └── unless nobody ever proved that address and the provider does ──► the account changes hands, stripped of every key
//! ```

pub mod attempt;
pub mod claims;
pub mod connection;
pub mod decision;
pub mod denial;
pub mod expectation;
pub mod flight;
pub mod issuer;
pub mod mapping;
pub mod provider;
pub mod redacted;
pub mod role;
pub mod social;
pub mod trouble;
pub mod upstream;
pub mod vouched;
