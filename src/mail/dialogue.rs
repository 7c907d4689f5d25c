//! What was said between us and a mail server, line by line: for whoever looks into why a letter does not arrive. Secrets
//! are masked before a line gets here or anywhere else.

use std::fmt;

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// This program.
    Us,
    /// The mail server.
    Server,
    /// Nobody: it happened.
    Event,
}

/// One line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said, on one line and harmless to a terminal.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.speaker {
            Speaker::Us => "→",
            Speaker::Server => "←",
            Speaker::Event => "·",
        };
        write!(f, "{mark} {}", self.text)
    }
}

/// Hands every line on as soon as it is said.
pub struct Dialogue<'a> {
    tell: Box<dyn FnMut(&Line) + Send + 'a>,
    secrets: Vec<String>,
}

impl<'a> Dialogue<'a> {
    /// Tells each line to `tell`.
    pub fn new(tell: impl FnMut(&Line) + Send + 'a) -> Self {
        Self {
            tell: Box::new(tell),
            secrets: Vec::new(),
        }
    }

    /// Leaves each line in the log, for those who set its filter to `debug`.
    #[must_use]
    pub fn logged(id: i64) -> Self {
        Self::new(move |line| tracing::debug!(letter = id, "{line}"))
    }

    /// This text is never told, whoever says it.
    pub(super) fn mask(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.secrets.push(secret.to_owned());
        }
    }

    pub(super) fn us(&mut self, text: &str) {
        self.say(Speaker::Us, text);
    }

    pub(super) fn server(&mut self, text: &str) {
        self.say(Speaker::Server, text);
    }

    pub(super) fn event(&mut self, text: &str) {
        self.say(Speaker::Event, text);
    }

    fn say(&mut self, speaker: Speaker, text: &str) {
        let text = self.masked(text);
        (self.tell)(&Line { speaker, text });
    }

    /// The text without secrets and control characters.
    pub(super) fn masked(&self, text: &str) -> String {
        let mut text = text.trim_end().to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "***");
        }
        text.chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_at_once_without_secrets_and_control_characters() {
        let mut heard = Vec::new();
        let mut dialogue = Dialogue::new(|line: &Line| heard.push(line.to_string()));
        dialogue.mask("hunter2");
        dialogue.mask("");
        dialogue.us("AUTH hunter2\r\n");
        dialogue.server("535 \u{1b}[2J hunter2 is wrong");
        dialogue.event("closed");
        drop(dialogue);
        assert_eq!(heard, ["→ AUTH ***", "← 535 \u{fffd}[2J *** is wrong", "· closed"]);
    }
}
