//! Letters: what they say, in every language, as text and as HTML.
//!
//! Whatever somebody else wrote (names, addresses, what a browser calls itself) stays text in all of them: one line, no
//! markup, nothing that turns the direction of what follows.

pub mod letter;
mod plain;
mod render;
mod texts;

#[cfg(test)]
mod gallery;

pub use letter::Letter;
pub use render::{Look, Rendered};
