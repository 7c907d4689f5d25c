//! CRC-32C (Castagnoli, RFC 3720 §12.1): the checksum of PROXY protocol headers. They are short, so bits are enough.

const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The checksum of `bytes`.
pub fn checksum(bytes: impl Iterator<Item = u8>) -> u32 {
    let sum = bytes.fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum: u32, _| {
            (sum >> 1) ^ if sum & 1 == 1 { POLYNOMIAL } else { 0 }
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sums_come_out() {
        let sum = |bytes: &[u8]| checksum(bytes.iter().copied());
        assert_eq!(sum(b"123456789"), 0xe306_9283);
        assert_eq!(sum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(sum(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(sum(b""), 0);
    }
}
