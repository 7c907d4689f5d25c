//! Commands and replies on one connection: bounded in time and length, each line told as it comes.

use std::fmt::Display;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

use crate::mail::dialogue::Dialogue;
use crate::mail::trouble::{Answer, Step, Trouble};

/// RFC 5321 §4.5.3.1.5 allows 512 bytes in a line; some servers are more talkative.
const LONGEST_LINE: usize = 4096;
/// Lines of one reply.
const MOST_LINES: usize = 100;
/// An answer is remembered up to so many characters.
const LONGEST_ANSWER: usize = 400;

/// A connection to a mail server.
pub(super) struct Wire<'d, 't, S> {
    stream: BufReader<S>,
    limit: Duration,
    pub(super) talk: &'d mut Dialogue<'t>,
}

/// What the server said to one command.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Without codes.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Whether a line of the answer to EHLO begins with this keyword.
    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.words_after(keyword).is_some()
    }

    /// What follows a keyword in the answer to EHLO; `AUTH=PLAIN` is an old way to write `AUTH PLAIN`.
    pub(super) fn words_after(&self, keyword: &str) -> Option<Vec<String>> {
        self.lines.iter().skip(1).find_map(|line| {
            let mut words = line.split([' ', '=']).map(str::to_ascii_uppercase);
            (words.next().as_deref() == Some(keyword)).then(|| words.collect())
        })
    }

    pub(super) fn answer(&self) -> Answer {
        let text = format!("{} {}", self.code, self.lines.join(" "));
        Answer {
            code: self.code,
            text: text
                .chars()
                .take(LONGEST_ANSWER)
                .collect::<String>()
                .trim_end()
                .to_owned(),
        }
    }
}

impl<'d, 't, S: AsyncRead + AsyncWrite + Unpin> Wire<'d, 't, S> {
    pub(super) fn new(stream: S, limit: Duration, talk: &'d mut Dialogue<'t>) -> Self {
        Self {
            stream: BufReader::new(stream),
            limit,
            talk,
        }
    }

    /// The connection itself, unless the server has said something that was not read.
    pub(super) fn into_bare(self) -> Option<(S, &'d mut Dialogue<'t>)> {
        let is_read = self.stream.buffer().is_empty();
        is_read.then(|| (self.stream.into_inner(), self.talk))
    }

    /// Sends a command, which ends its own line, and reads the reply.
    pub(super) async fn command(&mut self, command: &impl Display, step: Step) -> Result<Reply, Trouble> {
        let line = command.to_string();
        self.talk.us(&line);
        self.send(line.as_bytes(), step).await?;
        self.reply(step).await
    }

    /// Sends a line that must not be seen; `shown` is told instead.
    pub(super) async fn secretly(&mut self, line: &[u8], shown: &str) -> Result<Reply, Trouble> {
        self.talk.us(shown);
        self.send(line, Step::Login).await?;
        self.reply(Step::Login).await
    }

    /// Sends the letter and its end, and waits for the verdict.
    pub(super) async fn content(&mut self, message: &[u8], limit: Duration) -> Result<Reply, Trouble> {
        self.talk.us(&format!("(the letter: {} bytes)", message.len()));
        self.send(&stuffed(message), Step::Content).await?;
        self.talk.us(".");
        let patient = std::mem::replace(&mut self.limit, limit);
        let reply = self.reply(Step::Content).await;
        self.limit = patient;
        reply
    }

    async fn send(&mut self, bytes: &[u8], step: Step) -> Result<(), Trouble> {
        let stream = self.stream.get_mut();
        let sending = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match timeout(self.limit, sending).await {
            Ok(outcome) => outcome.map_err(|error| broken(step, error.to_string())),
            Err(_) => Err(self.too_slow(step)),
        }
    }

    /// One reply: lines `250-…` and at last `250 …` (RFC 5321 §4.2.1).
    pub(super) async fn reply(&mut self, step: Step) -> Result<Reply, Trouble> {
        let limit = self.limit;
        match timeout(limit, self.lines(step)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.too_slow(step)),
        }
    }

    async fn lines(&mut self, step: Step) -> Result<Reply, Trouble> {
        let mut reply = Reply::default();
        loop {
            let line = self.line(step).await?;
            self.talk.server(&line);
            let line = self.talk.masked(&line);
            let (code, rest) = split(&line).ok_or_else(|| Trouble::NotSmtp {
                said: line.chars().take(80).collect(),
            })?;
            let is_first = reply.lines.is_empty();
            if (!is_first && code != reply.code) || reply.lines.len() >= MOST_LINES {
                return Err(broken(step, "the server's reply makes no sense".to_owned()));
            }
            reply.code = code;
            reply.lines.push(rest.get(1..).unwrap_or_default().to_owned());
            if !rest.starts_with('-') {
                return Ok(reply);
            }
        }
    }

    async fn line(&mut self, step: Step) -> Result<String, Trouble> {
        let mut line = Vec::new();
        loop {
            let part = self.stream.fill_buf().await;
            let part = part.map_err(|error| broken(step, error.to_string()))?;
            if part.is_empty() {
                return Err(broken(step, "the server closed it".to_owned()));
            }
            let end = part.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(part.len(), |at| at + 1);
            line.extend_from_slice(&part[..taken]);
            self.stream.consume(taken);
            if line.len() > LONGEST_LINE {
                return Err(broken(step, "the server's line does not end".to_owned()));
            }
            if end.is_some() {
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }

    fn too_slow(&self, step: Step) -> Trouble {
        Trouble::TooSlow {
            step,
            after: self.limit,
        }
    }
}

fn broken(step: Step, reason: String) -> Trouble {
    Trouble::Broken { step, reason }
}

/// Three digits and what follows: nothing, a blank or a dash.
fn split(line: &str) -> Option<(u16, &str)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let is_code = digits.bytes().all(|digit| digit.is_ascii_digit());
    let code = digits
        .parse()
        .ok()
        .filter(|code| is_code && (200..600).contains(code))?;
    (rest.is_empty() || rest.starts_with([' ', '-'])).then_some((code, rest))
}

/// The message with its end, and a dot more wherever a line begins with one (RFC 5321 §4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(message.len() + 64);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            sent.push(b'.');
        }
        sent.extend_from_slice(line);
    }
    if !sent.ends_with(b"\r\n") {
        sent.extend_from_slice(b"\r\n");
    }
    sent.extend_from_slice(b".\r\n");
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_never_ends_a_letter_early() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\n"), b"a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(stuffed(b".a"), b"..a\r\n.\r\n");
        assert_eq!(stuffed(b""), b"\r\n.\r\n");
    }

    #[test]
    fn only_three_digits_and_a_separator_are_a_reply() {
        assert_eq!(split("250 OK"), Some((250, " OK")));
        assert_eq!(split("250-SIZE"), Some((250, "-SIZE")));
        assert_eq!(split("354"), Some((354, "")));
        for line in [
            "",
            "25",
            "2500",
            "OK 250",
            "+50 x",
            "199 x",
            "600 x",
            "HTTP/1.1 400",
            "é20 ",
        ] {
            assert_eq!(split(line), None, "{line}");
        }
    }

    #[test]
    fn keywords_are_found_in_any_case_but_not_in_the_greeting() {
        let reply = Reply {
            code: 250,
            lines: ["STARTTLS is my name", "size 1000", "starttls", "AUTH=LOGIN plain"]
                .map(str::to_owned)
                .to_vec(),
        };
        assert!(reply.offers("STARTTLS") && reply.offers("SIZE"));
        assert_eq!(
            reply.words_after("AUTH"),
            Some(vec!["LOGIN".to_owned(), "PLAIN".to_owned()])
        );
        assert!(
            !Reply {
                code: 250,
                lines: vec!["STARTTLS".to_owned()]
            }
            .offers("STARTTLS")
        );
    }
}
