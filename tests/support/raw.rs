//! Requests that no library would send.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::site::Site;

/// A status line and everything after it.
#[derive(Debug)]
pub struct Line {
    /// 0 if the server closed the connection without a word.
    pub status: u16,
    pub text: String,
}

/// Sends these bytes as they are and reads one answer, or until the server has closed the connection.
pub fn raw(site: &Site, bytes: &[u8]) -> Line {
    let mut stream = TcpStream::connect(site.address).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    // The server may answer and close before it has read everything.
    let _written = stream.write_all(bytes).and_then(|()| stream.flush());
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while !is_whole(&answer) {
        match stream.read(&mut part) {
            Ok(read) if read > 0 => answer.extend(&part[..read]),
            Ok(_) | Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    Line {
        status: status.unwrap_or(0),
        text,
    }
}

/// Whether headers and as many bytes as they announce are there.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse().is_ok_and(|length: usize| body.len() >= length))
}
