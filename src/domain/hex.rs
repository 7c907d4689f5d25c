//! Bytes as small hexadecimal digits.

/// Two digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut room = vec![0; 2 * bytes.len()];
    hex_in(bytes, &mut room);
    String::from_utf8(room).unwrap_or_default()
}

/// Two digits for each byte, written into `room`, which has two bytes for each: where a text for each would cost too much.
pub fn hex_in<'r>(bytes: &[u8], room: &'r mut [u8]) -> &'r str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in room.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(room).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hex(&[0, 9, 0xa0, 0xff]), "0009a0ff");
        assert_eq!(hex(&[]), "");
    }
}
