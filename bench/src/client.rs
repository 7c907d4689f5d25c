//! A keep-alive HTTP/1.1 connection: just enough to load a server and to read its answers.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection, used for one request at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What a server answered.
pub struct Answer<'a> {
    /// Status code.
    pub status: u16,
    /// Status line and headers, without the empty line.
    pub head: &'a str,
    /// The body as it came, chunk sizes included.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The value of the named cookie, if this answer sets it.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        headers(self.head)
            .filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"))
            .find_map(|(_, value)| value.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
    }
}

/// How the end of a body is recognised.
enum Length {
    Known(usize),
    Chunked,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Those of the socket.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends one request and reads its whole answer.
    ///
    /// # Errors
    /// Those of the socket, and `InvalidData` for an answer that is not HTTP/1.1.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            self.receive().await?;
        };
        let (status, length) = understand(text(&self.buffer[..head_end])?)?;
        let body = head_end + 4;
        while !is_whole(&self.buffer[body..], &length) {
            self.receive().await?;
        }
        Ok(Answer {
            status,
            head: text(&self.buffer[..head_end])?,
            body: &self.buffer[body..],
        })
    }

    async fn receive(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn is_whole(body: &[u8], length: &Length) -> bool {
    match length {
        Length::Known(length) => body.len() >= *length,
        Length::Chunked => body.ends_with(b"0\r\n\r\n"),
    }
}

fn understand(head: &str) -> io::Result<(u16, Length)> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP/1.1");
    let status = head
        .get(9..12)
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(broken)?;
    let chunked = headers(head).any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
    if chunked {
        return Ok((status, Length::Chunked));
    }
    let length = headers(head)
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.parse().map_err(|_| broken()))?;
    Ok((status, Length::Known(length)))
}

fn headers(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.trim()))
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a header is not UTF-8"))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_length_are_read_whatever_the_case() {
        let (status, length) = understand("HTTP/1.1 404 Not Found\r\nCONTENT-length: 12").unwrap();
        assert_eq!(status, 404);
        assert!(is_whole(&[0; 12], &length) && !is_whole(&[0; 11], &length));
    }

    #[test]
    fn a_chunked_body_ends_with_the_empty_chunk() {
        let (_, length) = understand("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").unwrap();
        assert!(!is_whole(b"3\r\nabc\r\n", &length) && is_whole(b"3\r\nabc\r\n0\r\n\r\n", &length));
    }

    #[test]
    fn what_is_not_http_is_an_error() {
        assert!(understand("SSH-2.0").is_err());
    }

    #[test]
    fn a_cookie_is_found_among_several() {
        let head = "HTTP/1.1 200 OK\r\nset-cookie: token_provider=x\r\nSet-Cookie: refreshToken=a.b; Path=/";
        let answer = Answer {
            status: 200,
            head,
            body: b"",
        };
        assert_eq!(answer.cookie("refreshToken"), Some("a.b"));
        assert_eq!(answer.cookie("refresh"), None);
    }
}
