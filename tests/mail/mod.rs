//! Letters on their way: queued, sent, tried again, given up; by SMTP and by Mailgun.

mod kit;
mod outbox;
mod real;
mod ways;
mod words;
