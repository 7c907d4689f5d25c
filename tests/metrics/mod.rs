//! What the server tells of its work: metrics, numbered requests, lines in the log, traces.

mod counting;
mod doors;
mod kit;
mod lines;
mod names;
mod numbers;
mod traces;
