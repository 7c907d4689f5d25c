//! `make bench`: measures the server against bare references and its goals.

fn main() {}
