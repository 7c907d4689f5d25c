//! Stored password hashes: reading what others wrote, writing our own, computing both.
//!
//! Ours are argon2id in PHC form; argon2i, argon2d and bcrypt are read. A stored hash whose cost could stall the server is
//! refused, whoever wrote it.

use std::str::FromStr as _;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq as _;

/// Most memory a stored argon2 hash may ask for, in KiB.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Most passes a stored argon2 hash may ask for.
const MAX_ITERATIONS: u32 = 20;
/// Most lanes a stored argon2 hash may ask for.
const MAX_PARALLELISM: u32 = 64;
/// Highest cost a stored bcrypt hash may ask for: 2¹⁵ rounds take about two seconds.
const MAX_BCRYPT_COST: u32 = 15;
/// Bytes of salt in our own hashes (RFC 9106 §3.1).
pub const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What one argon2id hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes; computed one after the other.
    pub parallelism: u32,
}

/// The form or the cost of a stored hash is none we compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored password hash has an unknown form or an excessive cost")]
pub struct Unsupported;

impl Cost {
    /// The cost as the algorithm takes it.
    ///
    /// # Errors
    /// `Unsupported` if it is below what argon2 allows (8 KiB per lane, one pass, one lane) or above our bounds.
    pub fn params(self) -> Result<Params, Unsupported> {
        let bounded = self.memory_kib <= MAX_MEMORY_KIB
            && self.iterations <= MAX_ITERATIONS
            && self.parallelism <= MAX_PARALLELISM;
        if !bounded {
            return Err(Unsupported);
        }
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(HASH_BYTES)).map_err(|_| Unsupported)
    }
}

/// Working memory of one thread, kept between hashes: 19 MiB fresh from the system cost a tenth of the time.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// At least `count` blocks. `None` if the system has no such memory.
    fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        let missing = count.saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).ok()?;
        if missing > 0 {
            self.0.resize(count, Block::new());
        }
        Some(&mut self.0)
    }

    /// Gives memory back that only an unusually expensive stored hash needed.
    pub fn shrink_to(&mut self, params: &Params) {
        if self.0.len() > params.block_count() {
            self.0 = Vec::new();
        }
    }
}

/// Hashes a password with argon2id. `None` if the system has no memory left.
pub fn hash(password: &[u8], salt: [u8; SALT_BYTES], params: &Params, memory: &mut Memory) -> Option<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut out = [0; HASH_BYTES];
    argon2
        .hash_password_into_with_memory(password, &salt, &mut out, memory.blocks(params.block_count())?)
        .ok()?;
    Some(format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(out),
    ))
}

/// A stored hash, read and found affordable.
pub enum Stored {
    /// argon2 in PHC form.
    Argon2(Box<Argon2Hash>),
    /// bcrypt in modular crypt form: all of it, checked.
    Bcrypt(String),
}

/// The parts of an argon2 PHC string.
pub struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    expected: Vec<u8>,
}

impl Stored {
    /// Reads `$argon2id$…`, `$argon2i$…`, `$argon2d$…`, `$2a$…`, `$2b$…` or `$2y$…`.
    ///
    /// # Errors
    /// `Unsupported` for anything else, for broken text, and beyond 256 MiB, 20 passes, 64 lanes or bcrypt cost 15.
    pub fn parse(text: &str) -> Result<Self, Unsupported> {
        if text.starts_with("$argon2") {
            Argon2Hash::parse(text).map(|hash| Self::Argon2(Box::new(hash)))
        } else if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
            let parts = bcrypt::HashParts::from_str(text).map_err(|_| Unsupported)?;
            if (4..=MAX_BCRYPT_COST).contains(&parts.get_cost()) {
                Ok(Self::Bcrypt(text.to_owned()))
            } else {
                Err(Unsupported)
            }
        } else {
            Err(Unsupported)
        }
    }

    /// Whether `password` is the one; compares in constant time. `None` if the system has no memory left.
    ///
    /// bcrypt sees the first 72 bytes only and does not stop at a NUL, as the library that LibreChat uses.
    pub fn matches(&self, password: &[u8], memory: &mut Memory) -> Option<bool> {
        match self {
            Self::Argon2(hash) => hash.matches(password, memory),
            Self::Bcrypt(text) => Some(bcrypt::verify(password, text).unwrap_or(false)),
        }
    }

    /// Whether the hash is weaker than what `params` makes today.
    pub fn is_outdated(&self, params: &Params) -> bool {
        match self {
            Self::Bcrypt(_) => true,
            Self::Argon2(hash) => {
                hash.algorithm != Algorithm::Argon2id
                    || hash.version != Version::V0x13
                    || hash.params.m_cost() < params.m_cost()
                    || hash.params.t_cost() < params.t_cost()
            }
        }
    }
}

impl Argon2Hash {
    fn parse(text: &str) -> Result<Self, Unsupported> {
        let hash = PasswordHash::new(text).map_err(|_| Unsupported)?;
        let params = Params::try_from(&hash).map_err(|_| Unsupported)?;
        let affordable = params.m_cost() <= MAX_MEMORY_KIB
            && params.t_cost() <= MAX_ITERATIONS
            && params.p_cost() <= MAX_PARALLELISM;
        if !affordable || !params.keyid().is_empty() {
            return Err(Unsupported);
        }
        // The version was added to the format with 1.3; a text without one is 1.0.
        let version = hash.version.unwrap_or(0x10);
        Ok(Self {
            algorithm: Algorithm::new(hash.algorithm.as_str()).map_err(|_| Unsupported)?,
            version: Version::try_from(version).map_err(|_| Unsupported)?,
            salt: hash.salt.ok_or(Unsupported)?.as_ref().to_vec(),
            expected: hash.hash.ok_or(Unsupported)?.as_bytes().to_vec(),
            params,
        })
    }

    fn matches(&self, password: &[u8], memory: &mut Memory) -> Option<bool> {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut out = vec![0; self.expected.len()];
        let blocks = memory.blocks(self.params.block_count())?;
        argon2
            .hash_password_into_with_memory(password, &self.salt, &mut out, blocks)
            .ok()?;
        Some(out.ct_eq(&self.expected).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse battery staple";
    const CHEAP: Cost = Cost {
        memory_kib: 64,
        iterations: 1,
        parallelism: 1,
    };

    fn matches(password: &str, stored: &str) -> bool {
        let stored = Stored::parse(stored).expect("supported");
        stored
            .matches(password.as_bytes(), &mut Memory::default())
            .expect("memory")
    }

    #[test]
    fn hashes_made_by_the_reference_implementation_of_argon2_are_understood() {
        for stored in [
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0",
            "$argon2i$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$tTEGqyzWgE8XeFIcVmGNBy2ro7tX1aVB4Lm/p52JsIo",
            "$argon2d$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ieoA3l7PS/I3ikiFn012V+F3IzsQbtSPrjbzufF2dPM",
        ] {
            assert!(matches(PASSWORD, stored), "{stored}");
            assert!(!matches("correct horse battery stapler", stored), "{stored}");
        }
        let lanes = "$argon2id$v=19$m=128,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$Yo/Jufx4p+B4d34MKzptSg";
        assert!(matches("p\u{e4}ssw\u{f6}rd", lanes));
    }

    #[test]
    fn our_hash_of_the_same_input_is_the_reference_implementations() {
        let cost = Cost {
            memory_kib: 19456,
            iterations: 2,
            parallelism: 1,
        };
        let params = cost.params().expect("in bounds");
        assert_eq!(
            hash(
                PASSWORD.as_bytes(),
                *b"0123456789abcdef",
                &params,
                &mut Memory::default()
            )
            .as_deref(),
            Some("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0")
        );
    }

    #[test]
    fn memory_used_before_does_not_change_the_hash() {
        let mut memory = Memory::default();
        let params = CHEAP.params().expect("in bounds");
        let first = hash(b"a", [1; 16], &params, &mut memory);
        hash(b"b", [2; 16], &params, &mut memory);
        assert_eq!(hash(b"a", [1; 16], &params, &mut memory), first);
        assert!(first.is_some());
    }

    #[test]
    fn memory_for_an_expensive_hash_is_given_back() {
        let mut memory = Memory::default();
        let params = CHEAP.params().expect("in bounds");
        memory.blocks(1000);
        memory.shrink_to(&params);
        assert_eq!(memory.0.capacity(), 0);
        memory.blocks(params.block_count());
        memory.shrink_to(&params);
        assert_eq!(memory.0.len(), params.block_count());
    }

    #[test]
    fn bcrypt_hashes_of_librechats_library_and_others_are_understood() {
        for stored in [
            "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
            "$2a$04$eswC2apWfX7jUGODyiteQ.QMegREQVBBR7MtEfUBuCMN2vXmsWa3m",
            "$2b$04$BlCVTEg90G99toEiMEcHRemrl.BYsoaqB1H/r0GS85RizXFPice1i",
            "$2y$04$BlCVTEg90G99toEiMEcHRemrl.BYsoaqB1H/r0GS85RizXFPice1i",
        ] {
            assert!(matches(PASSWORD, stored), "{stored}");
            assert!(!matches("wrong", stored), "{stored}");
        }
        let accents = "$2a$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC";
        assert!(matches("p\u{e4}ssw\u{f6}rd", accents));
    }

    #[test]
    fn bcrypt_looks_at_72_bytes_and_beyond_a_nul() {
        let cut = "$2a$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
        assert!(matches(&"a".repeat(72), cut));
        assert!(matches(&format!("{}x", "a".repeat(72)), cut));
        assert!(!matches(&"a".repeat(71), cut));
        let nul = "$2a$04$abcdefghijklmnopqrstuucDcJbD0lVVtxDo.95sMSbnI20wC8g26";
        assert!(matches("before\0after", nul));
        assert!(!matches("before", nul));
        assert!(!matches("before\0other", nul));
    }

    #[test]
    fn weaker_hashes_are_outdated_and_stronger_ones_are_not() {
        let cost = Cost {
            memory_kib: 64,
            iterations: 2,
            parallelism: 1,
        };
        let params = cost.params().expect("in bounds");
        let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$tTEGqyzWgE8XeFIcVmGNBy2ro7tX1aVB4Lm/p52JsIo";
        for (start, outdated) in [
            ("$argon2id$v=19$m=64,t=2,p=1", false),
            ("$argon2id$v=19$m=65,t=3,p=2", false),
            ("$argon2id$v=19$m=63,t=2,p=1", true),
            ("$argon2id$v=19$m=64,t=1,p=1", true),
            ("$argon2id$v=16$m=64,t=2,p=1", true),
            ("$argon2i$v=19$m=64,t=2,p=1", true),
        ] {
            let stored = Stored::parse(&format!("{start}{tail}")).expect("supported");
            assert_eq!(stored.is_outdated(&params), outdated, "{start}");
        }
        let bcrypt = Stored::parse("$2a$12$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG").expect("supported");
        assert!(bcrypt.is_outdated(&params));
    }

    #[test]
    fn what_is_unknown_broken_or_too_expensive_is_unsupported() {
        let tail = "$MDEyMzQ1Njc4OWFiY2RlZg$tTEGqyzWgE8XeFIcVmGNBy2ro7tX1aVB4Lm/p52JsIo";
        for text in [
            String::new(),
            "hunter2".into(),
            "$1$abc$def".into(),
            "$argon2id$".into(),
            "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg".into(),
            "$argon2id$v=19$m=64,t=2,p=1".into(),
            "$argon2id$v=19$m=64,t=2,p=1$$".into(),
            format!("$argon2x$v=19$m=64,t=2,p=1{tail}"),
            format!("$argon2id$v=18$m=64,t=2,p=1{tail}"),
            format!("$argon2id$v=19$m=262145,t=1,p=1{tail}"),
            format!("$argon2id$v=19$m=4294967295,t=1,p=1{tail}"),
            format!("$argon2id$v=19$m=64,t=21,p=1{tail}"),
            format!("$argon2id$v=19$m=4096,t=1,p=65{tail}"),
            format!("$argon2id$v=19$m=64,t=2,p=1,keyid=Zm9v{tail}"),
            "$2a$16$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG".into(),
            "$2a$03$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG".into(),
            "$2x$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG".into(),
            "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6C".into(),
            "$2a$04$\u{e9}".into(),
        ] {
            assert!(Stored::parse(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_cost_out_of_bounds_is_unsupported() {
        for (memory_kib, iterations, parallelism) in [
            (0, 1, 1),
            (64, 0, 1),
            (64, 1, 0),
            (262_145, 1, 1),
            (64, 21, 1),
            (4096, 1, 65),
        ] {
            let cost = Cost {
                memory_kib,
                iterations,
                parallelism,
            };
            assert!(cost.params().is_err(), "{cost:?}");
        }
    }
}
