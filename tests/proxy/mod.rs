//! Who the client is: from headers and from the PROXY protocol, against the real server, and behind real proxies that run
//! with the very files that are given away.

mod derivation;
mod notices;
mod protocol;
mod real;
mod visit;
