//! One request and one answer, written out (RFC 9112).

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::NoAnswer;

/// More is no answer to our questions.
const MOST_BYTES: usize = 256 * 1024;

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of that name, which is in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

pub(super) fn request(authority: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let named = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let mut text =
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: librechat-auth doctor\r\nAccept: */*\r\n");
    if !named("connection") {
        text += "Connection: close\r\n";
    }
    let lines = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat());
    text + &lines.collect::<String>() + "\r\n"
}

pub(super) async fn send(stream: &mut (impl AsyncWrite + Unpin), request: &str) -> Result<(), NoAnswer> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    Ok(())
}

pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Answer, NoAnswer> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 8192];
    loop {
        let read = match stream.read(&mut part).await {
            Ok(read) => read,
            // Many servers close an encrypted connection without saying so.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error.into()),
        };
        bytes.extend_from_slice(&part[..read]);
        if read == 0 || bytes.len() > MOST_BYTES {
            return parsed(&bytes, true).ok_or(NoAnswer::NotHttp);
        }
        if let Some(answer) = parsed(&bytes, false) {
            return Ok(answer);
        }
    }
}

/// The answer in these bytes, if it is whole; at the end of the connection whatever is there is whole.
fn parsed(bytes: &[u8], is_over: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    let rest = &bytes[end + 4..];
    let is_chunked = answer
        .header("transfer-encoding")
        .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    let length = answer
        .header("content-length")
        .and_then(|length| length.parse::<usize>().ok());
    answer.body = match (is_chunked, length) {
        (true, _) => joined(rest).or_else(|| is_over.then(Vec::new))?,
        (false, Some(length)) if rest.len() >= length => rest[..length].to_vec(),
        (false, _) if is_over => rest.to_vec(),
        (false, _) => return None,
    };
    Some(answer)
}

/// A chunked body, if it is whole (RFC 9112 §7.1).
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = String::from_utf8_lossy(&rest[..end]);
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let chunk = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk.get(..size)?);
        rest = chunk.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &[u8], is_over: bool) -> Option<String> {
        parsed(bytes, is_over).map(|answer| String::from_utf8_lossy(&answer.body).into_owned())
    }

    #[test]
    fn bodies_end_by_length_by_chunks_or_by_the_connection() {
        let fixed = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(body(fixed, false).as_deref(), Some("hi"));
        assert_eq!(body(&fixed[..fixed.len() - 1], false), None);
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\n\r\n";
        assert_eq!(body(chunks, false).as_deref(), Some("hi"));
        assert_eq!(body(&chunks[..chunks.len() - 8], false), None);
        let open = b"HTTP/1.0 404 Not Found\r\nX: y\r\n\r\nhi";
        assert_eq!((body(open, false), body(open, true).as_deref()), (None, Some("hi")));
        assert_eq!(
            parsed(b"SSH-2.0-OpenSSH\r\n\r\n", true).map(|answer| answer.status),
            None
        );
        let answer = parsed(open, true).expect("an answer");
        assert_eq!((answer.status, answer.header("x")), (404, Some("y")));
    }

    #[test]
    fn a_request_is_written_out() {
        let text = request("a.example:8443", "/b", &[("X-Forwarded-For", "203.0.113.7")]);
        assert!(
            text.starts_with("GET /b HTTP/1.1\r\nHost: a.example:8443\r\n"),
            "{text}"
        );
        assert!(text.contains("Connection: close\r\n") && text.ends_with("X-Forwarded-For: 203.0.113.7\r\n\r\n"));
        let text = request("a", "/", &[("connection", "Upgrade")]);
        assert!(!text.contains("Connection: close"), "{text}");
    }
}
