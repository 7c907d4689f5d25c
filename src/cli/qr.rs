//! A QR code on a terminal.

use std::io::IsTerminal;

use crate::domain::qr::QrCode;

/// White on black, whatever the terminal's colours are: some readers want the dark modules dark.
const COLOURS: &str = "\u{1b}[97;40m";
const RESET: &str = "\u{1b}[0m";

/// The lines of a code, in fixed colours if they go to a terminal.
#[must_use]
pub fn lines(code: &QrCode, out: &impl IsTerminal) -> Vec<String> {
    let plain = code.lines();
    if !out.is_terminal() {
        return plain;
    }
    plain
        .into_iter()
        .map(|line| format!("{COLOURS}{line}{RESET}"))
        .collect()
}
