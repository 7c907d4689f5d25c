//! Asking whoever sits at the terminal. Questions go to standard error, so that standard output stays the answer.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use dialoguer::console::Term;

use crate::cli::Stop;
use crate::domain::secret::Secret;

/// Far beyond the longest password; more is surely the wrong file.
const MOST_BYTES: u64 = 4096;

/// Whether there is somebody to ask.
#[must_use]
pub fn is_possible() -> bool {
    io::stdin().is_terminal()
}

/// The value, or the answer to `question`.
///
/// # Errors
/// A usage error that says `instead`, if there is nobody to ask.
pub fn unless_given(given: Option<&str>, question: &str, instead: &str) -> Result<String, Stop> {
    match given {
        Some(value) => Ok(value.to_owned()),
        None if is_possible() => ask(question),
        None => Err(Stop::usage(format!("{instead} (there is no terminal to ask at)"))),
    }
}

/// Asks as LibreChat's scripts do: the question, and the answer on the next line.
///
/// # Errors
/// If the input ends instead.
pub fn ask(question: &str) -> Result<String, Stop> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question}\n> ")?;
    stderr.flush()?;
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        writeln!(stderr)?;
        return Err(Stop::failed("the input ended: nothing was changed"));
    }
    Ok(answer.trim().to_owned())
}

/// Asks for a password, which is not shown while it is typed.
///
/// # Errors
/// If the terminal cannot be used.
pub fn ask_hidden(question: &str) -> Result<Secret, Stop> {
    let terminal = Term::stderr();
    terminal.write_str(question)?;
    let answer = Secret::new(terminal.read_secure_line()?);
    terminal.write_line("")?;
    Ok(answer)
}

/// A password from standard input: everything but one line end.
///
/// # Errors
/// If it is longer than any password, or no UTF-8.
pub fn secret_from_stdin() -> Result<Secret, Stop> {
    let mut text = String::new();
    let read = io::stdin()
        .lock()
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| Stop::failed(format!("the password cannot be read from standard input: {error}")))?;
    if read as u64 > MOST_BYTES {
        return Err(Stop::failed(format!(
            "standard input has more than {MOST_BYTES} bytes: that is no password"
        )));
    }
    let length = text
        .strip_suffix('\n')
        .map_or(text.len(), |line| line.strip_suffix('\r').unwrap_or(line).len());
    text.truncate(length);
    Ok(Secret::new(text))
}

/// Fails early where [`confirm`] would have nobody to ask.
///
/// # Errors
/// A usage error that names `--yes`.
pub fn expect_consent(yes: bool) -> Result<(), Stop> {
    if yes || is_possible() {
        Ok(())
    } else {
        Err(Stop::usage(
            "this needs a confirmation and there is no terminal to ask at: add --yes",
        ))
    }
}

/// Goes on only with `--yes` or a typed `y`.
///
/// # Errors
/// If the answer is anything else, or there is nobody to ask.
pub fn confirm(question: &str, yes: bool) -> Result<(), Stop> {
    expect_consent(yes)?;
    if yes || is_yes(&ask(question)?) {
        Ok(())
    } else {
        Err(Stop::failed("cancelled: nothing was changed"))
    }
}

/// `y` or `yes`, in any case.
#[must_use]
pub fn is_yes(answer: &str) -> bool {
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}
