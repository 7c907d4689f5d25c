//! Letters on their way: queued, sent, tried again, given up; by SMTP and by Mailgun.

mod command;
pub mod kit;
mod mailgun;
mod outbox;
mod real;
mod requests;
mod ways;
mod words;
