//! The payload: chunks of 64 KiB, each sealed under its number and whether it is the last, so that none can be changed,
//! moved, left out or cut off.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::TAG_BYTES;

const CHUNK: usize = 64 * 1024;
const SEALED: usize = CHUNK + TAG_BYTES;

/// Which chunk it is.
struct Counter(u64);

impl Counter {
    /// The nonce of the next chunk.
    fn next(&mut self, is_last: bool) -> Nonce {
        let mut bytes = [0; NONCE_LEN];
        bytes[3..11].copy_from_slice(&self.0.to_be_bytes());
        bytes[11] = u8::from(is_last);
        self.0 += 1;
        Nonce::assume_unique_for_key(bytes)
    }
}

/// Encrypts what is written; the file is complete only after [`Encrypting::finish`].
pub struct Encrypting<W> {
    output: W,
    key: LessSafeKey,
    counter: Counter,
    /// At most a chunk. A full one waits until more comes, because the last one is marked.
    waiting: Vec<u8>,
}

impl<W: Write> Encrypting<W> {
    pub(super) fn with_key(output: W, key: LessSafeKey) -> Self {
        Self {
            output,
            key,
            counter: Counter(0),
            waiting: Vec::with_capacity(SEALED),
        }
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.counter.next(is_last);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.waiting)
            .expect("the cipher takes 256 GiB at once");
        self.output.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// Writes the last chunk and gives the output back.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.output.flush()?;
        Ok(self.output)
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: a chunk that is not full could only be the last one.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decrypts what is read; the end is reached only if the file is complete.
pub struct Decrypting<R> {
    input: R,
    key: LessSafeKey,
    counter: Counter,
    /// The first byte of the chunk that follows: it says that this one is not the last.
    ahead: Option<u8>,
    plain: Vec<u8>,
    read: usize,
    is_over: bool,
}

impl<R> fmt::Debug for Decrypting<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decrypting(…)")
    }
}

impl<R: Read> Decrypting<R> {
    pub(super) fn with_key(input: R, key: LessSafeKey) -> Self {
        Self {
            input,
            key,
            counter: Counter(0),
            ahead: None,
            plain: Vec::with_capacity(SEALED + 1),
            read: 0,
            is_over: false,
        }
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.read = 0;
        self.plain.extend(self.ahead.take());
        let wanted = SEALED + 1 - self.plain.len();
        (&mut self.input).take(wanted as u64).read_to_end(&mut self.plain)?;
        self.is_over = self.plain.len() <= SEALED;
        if !self.is_over {
            self.ahead = self.plain.pop();
        }
        let is_first = self.counter.0 == 0;
        let nonce = self.counter.next(self.is_over);
        let length = match self.key.open_in_place(nonce, Aad::empty(), &mut self.plain) {
            Ok(plain) if plain.is_empty() && !is_first => return Err(damaged()),
            Ok(plain) => plain.len(),
            Err(_) => return Err(damaged()),
        };
        self.plain.truncate(length);
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::new(
        ErrorKind::InvalidData,
        "it was changed or cut off after it was encrypted",
    )
}

impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.plain.len() && !self.is_over {
            if let Err(error) = self.next_chunk() {
                // Nothing unproved is ever handed out.
                self.plain.clear();
                self.read = 0;
                return Err(error);
            }
        }
        let rest = &self.plain[self.read..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.read += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::age::cipher;

    fn opened(payload: &[u8]) -> io::Result<usize> {
        let mut plain = Vec::new();
        Decrypting::with_key(payload, cipher(&[1; 32])).read_to_end(&mut plain)
    }

    #[test]
    fn an_empty_chunk_can_only_be_the_whole() {
        let mut output = Encrypting::with_key(Vec::new(), cipher(&[1; 32]));
        output.write_all(&vec![3; CHUNK]).expect("written");
        output.seal(false).expect("sealed");
        let odd = output.finish().expect("finished");
        assert_eq!(opened(&odd).expect_err("refused").kind(), ErrorKind::InvalidData);
        let nothing = Encrypting::with_key(Vec::new(), cipher(&[1; 32])).finish();
        assert_eq!(opened(&nothing.expect("finished")).expect("opened"), 0);
    }
}
