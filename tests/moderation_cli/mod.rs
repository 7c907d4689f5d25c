//! The command line of moderation: bans, explanations, ways back in, and policies that are tried before they are used.

mod bans;
mod beside;
mod record;
mod recover;
mod replay;
mod simulate;
mod spare;
mod why;
