//! Passwords that the program thinks up: random enough for anybody, and readable enough to be copied by hand.

use zeroize::Zeroize as _;

use crate::domain::secret::{Entropy, Secret};

/// 32 characters that cannot be mistaken for one another: five bits each, and no letter is likelier than another.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS: usize = 5;
const GROUP_LENGTH: usize = 5;

/// A new password of 125 random bits: five groups of five characters, joined by hyphens.
#[must_use]
pub fn generate(entropy: &dyn Entropy) -> Secret {
    let mut random = [0; GROUPS * GROUP_LENGTH];
    entropy.fill(&mut random);
    let mut text = String::with_capacity(random.len() + GROUPS);
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % GROUP_LENGTH == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    random.zeroize();
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (200..).zip(bytes).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn every_byte_decides_one_character() {
        assert_eq!(generate(&Counting).expose(), "ijkmn-pqrst-uvwxy-z2345-6789a");
    }

    #[test]
    fn the_characters_differ_so_that_each_counts_five_bits() {
        let mut seen = ALPHABET.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 32);
        assert!(!seen.iter().any(|c| b"lo01".contains(c)));
    }

    #[test]
    fn a_generated_password_keeps_the_rules_for_passwords() {
        let new = generate(&Counting);
        assert!(password::issues("password", new.expose(), 20).is_empty());
        assert!(!password::is_common(new.expose(), &[]));
    }
}
