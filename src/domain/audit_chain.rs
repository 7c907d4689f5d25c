//! The audit log as a chain: each row carries a digest over the digest before it and its own bytes, so that whoever
//! removes, changes or adds a row has to write all later ones anew, and cannot sign the head.
//!
//! ```text
//!   anchor ─► row n+1 ─► row n+2 ─► … ─► row m = head
//!   signed    digest     digest           signed
//! ```
//!
//! Retention cuts rows at the old end and moves the anchor to the last one cut. What is sealed is chained as it is stored:
//! a key that is destroyed changes no row.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;

/// What the bytes of a row begin with: which way of writing them.
const ROW: &[u8] = b"librechat-auth audit row v1";

/// What a head in text begins with.
const HEAD: &str = "librechat-auth-audit-head";

/// Which way of writing heads.
const VERSION: &str = "v1";

/// A digest of the chain.
pub type Link = [u8; 32];

/// What stands before the first row.
pub const NOTHING: Link = [0; 32];

/// Sealed bytes and the number of the key that opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key.
    pub key: i64,
    /// The sealed bytes; empty if the key was destroyed before anything was sealed.
    pub bytes: Vec<u8>,
}

/// A row exactly as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the chain, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The key of the kind; a later version may know more kinds.
    pub kind: String,
    /// Whose account it is about.
    pub subject: Option<String>,
    /// Who did it.
    pub actor: String,
    /// The number of the refusal, ban or login that it speaks of.
    pub reference: Option<String>,
    /// The remark, as far as it tells nothing about people.
    pub detail: String,
    /// Address and device.
    pub origin: Option<Sealed>,
    /// The remark, if it tells of people.
    pub remark: Option<Sealed>,
}

impl Row {
    /// The bytes that are digested: every field with its length before it, so that no two rows have the same ones.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(ROW);
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.at.millis().to_be_bytes());
        put(&mut bytes, self.kind.as_bytes());
        put_optional(&mut bytes, self.subject.as_deref().map(str::as_bytes));
        put(&mut bytes, self.actor.as_bytes());
        put_optional(&mut bytes, self.reference.as_deref().map(str::as_bytes));
        put(&mut bytes, self.detail.as_bytes());
        for sealed in [&self.origin, &self.remark] {
            put_optional(&mut bytes, sealed.as_ref().map(|sealed| sealed.bytes.as_slice()));
            bytes.extend_from_slice(&sealed.as_ref().map_or(0, |sealed| sealed.key).to_be_bytes());
        }
        bytes
    }

    /// The digest of this row behind `before`.
    #[must_use]
    pub fn link(&self, before: &Link) -> Link {
        let mut digest = Sha256::new_with_prefix(before);
        digest.update(self.canonical());
        digest.finalize().into()
    }
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
    bytes.extend_from_slice(field);
}

fn put_optional(bytes: &mut Vec<u8>, field: Option<&[u8]>) {
    bytes.push(u8::from(field.is_some()));
    put(bytes, field.unwrap_or_default());
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The newest row.
    Head,
    /// The last row that retention removed.
    Anchor,
}

impl End {
    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Anchor => "anchor",
        }
    }
}

/// A signed statement: the row of this number has this digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of the row; 0 before the first.
    pub seq: i64,
    /// Its digest.
    pub link: Link,
    /// When that was so.
    pub at: Timestamp,
    /// The signature.
    pub mac: [u8; 32],
}

impl Mark {
    /// Signs a statement.
    #[must_use]
    pub fn sign(end: End, seq: i64, link: Link, at: Timestamp, vault: &dyn Vault) -> Self {
        let mac = vault.sign(&statement(end, seq, &link, at));
        Self { seq, link, at, mac }
    }

    /// Whether it was signed here.
    #[must_use]
    pub fn is_signed(&self, end: End, vault: &dyn Vault) -> bool {
        let expected = vault.sign(&statement(end, self.seq, &self.link, self.at));
        expected.ct_eq(&self.mac).into()
    }

    /// Reads every head in a text, such as a file, a mail or lines of a system log.
    #[must_use]
    pub fn read_heads(text: &str) -> Vec<Self> {
        // Mails wrap and quote.
        let mut words = text
            .split_whitespace()
            .filter(|word| word.bytes().any(|byte| byte != b'>'));
        let mut found = Vec::new();
        while words.by_ref().any(|word| word.ends_with(HEAD)) {
            found.extend(read_head(&mut words.clone()));
        }
        found
    }
}

fn statement(end: End, seq: i64, link: &Link, at: Timestamp) -> Vec<u8> {
    format!("audit {}\n{seq}\n{}\n{}", end.key(), at.millis(), Hex(link)).into_bytes()
}

impl fmt::Display for Mark {
    /// The head on one line, as it is printed, mailed and read back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{HEAD} {VERSION} seq={} at={} digest={} mac={}",
            self.seq,
            self.at.millis(),
            Hex(&self.link),
            Hex(&self.mac)
        )
    }
}

fn read_head<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Mark> {
    words.next().filter(|word| *word == VERSION)?;
    let mut field = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
    Some(Mark {
        seq: field("seq")?.parse().ok().filter(|seq| *seq >= 0)?,
        at: Timestamp::from_millis(field("at")?.parse().ok()?),
        link: read_hex(field("digest")?)?,
        mac: read_hex(field("mac")?)?,
    })
}

/// Bytes in hexadecimal digits.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn read_hex(text: &str) -> Option<Link> {
    let mut bytes = NOTHING;
    if text.len() != 2 * bytes.len() || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// What is wrong with a chain, and where: the first thing that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// There are rows and no head.
    NoHead,
    /// The head was not signed here, or with other keys.
    HeadForged,
    /// The anchor was not signed here, or with other keys.
    AnchorForged,
    /// Rows are gone: the first of them, and the last.
    Gone {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// A row does not follow from the one before it: it was changed, or put in.
    Altered {
        /// Its number.
        seq: i64,
    },
    /// A row stands behind the head.
    Added {
        /// Its number.
        seq: i64,
    },
    /// All rows follow from each other, and yet the head is another: they were written anew.
    Rewritten {
        /// The number of the last row.
        seq: i64,
    },
    /// A head that was kept elsewhere is of a row that is not there any more: an older copy of the database, or rows are gone.
    RolledBack {
        /// The row of the head that was kept.
        kept: i64,
        /// The last row here.
        last: i64,
    },
    /// A head that was kept elsewhere has another digest than the row has here.
    OtherHistory {
        /// The row.
        seq: i64,
    },
    /// A head that was kept elsewhere is none of this installation, or somebody changed it.
    KeptForged {
        /// The row of which it speaks.
        seq: i64,
    },
}

impl Break {
    /// The stable key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NoHead => "no_head",
            Self::HeadForged => "head_forged",
            Self::AnchorForged => "anchor_forged",
            Self::Gone { .. } => "gone",
            Self::Altered { .. } => "altered",
            Self::Added { .. } => "added",
            Self::Rewritten { .. } => "rewritten",
            Self::RolledBack { .. } => "rolled_back",
            Self::OtherHistory { .. } => "other_history",
            Self::KeptForged { .. } => "kept_forged",
        }
    }

    /// The first row that is concerned, if it is about rows.
    #[must_use]
    pub const fn row(&self) -> Option<i64> {
        match self {
            Self::NoHead | Self::HeadForged | Self::AnchorForged => None,
            Self::Gone { first, .. } => Some(*first),
            Self::RolledBack { last, .. } => Some(last.saturating_add(1)),
            Self::Altered { seq }
            | Self::Added { seq }
            | Self::Rewritten { seq }
            | Self::OtherHistory { seq }
            | Self::KeptForged { seq } => Some(*seq),
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHead => write!(f, "there are rows, but no head that speaks of them"),
            Self::HeadForged => write!(f, "the head is not signed with the keys of this installation"),
            Self::AnchorForged => write!(
                f,
                "the mark of what retention removed is not signed with the keys of this installation"
            ),
            Self::Gone { first, last } if first == last => write!(f, "row {first} is gone"),
            Self::Gone { first, last } => write!(f, "rows {first} to {last} are gone"),
            Self::Altered { seq } => write!(
                f,
                "row {seq} does not follow from the row before it: it was changed or put in, or the row before it was"
            ),
            Self::Added { seq } => write!(f, "row {seq} was put in behind the head"),
            Self::Rewritten { seq } => write!(f, "the rows up to {seq} were written anew: the signed head is another"),
            Self::RolledBack { kept, last } => write!(
                f,
                "the log ends with row {last}, but the head that was kept is of row {kept}: this is an older copy, or the \
                 rows since are gone"
            ),
            Self::OtherHistory { seq } => write!(f, "row {seq} is another one than the head that was kept speaks of"),
            Self::KeptForged { seq } => write!(
                f,
                "the head of row {seq} that was kept is not signed with the keys of this installation"
            ),
        }
    }
}

/// A chain without a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How many rows were read.
    pub rows: i64,
    /// The first of them; 0 if there is none.
    pub first: i64,
    /// The last of them; 0 if there is none.
    pub last: i64,
    /// Heads kept elsewhere that fit.
    pub compared: usize,
    /// Heads kept elsewhere whose rows retention removed, so that nothing can be said of them.
    pub too_old: usize,
}

/// Walks along a chain, row by row.
#[derive(Debug)]
pub struct Walk {
    before: Link,
    last: i64,
    begun: i64,
    kept: Vec<Mark>,
    compared: usize,
    too_old: usize,
}

impl Walk {
    /// Begins behind the anchor. `kept` are heads that were kept elsewhere.
    ///
    /// # Errors
    /// [`Break::AnchorForged`], [`Break::KeptForged`], [`Break::OtherHistory`].
    pub fn begin(anchor: Option<&Mark>, kept: Vec<Mark>, vault: &dyn Vault) -> Result<Self, Break> {
        if anchor.is_some_and(|anchor| !anchor.is_signed(End::Anchor, vault)) {
            return Err(Break::AnchorForged);
        }
        if let Some(forged) = kept.iter().find(|mark| !mark.is_signed(End::Head, vault)) {
            return Err(Break::KeptForged { seq: forged.seq });
        }
        let (last, before) = anchor.map_or((0, NOTHING), |anchor| (anchor.seq, anchor.link));
        let mut walk = Self {
            before,
            last,
            begun: last,
            too_old: kept.iter().filter(|mark| mark.seq < last).count(),
            kept,
            compared: 0,
        };
        walk.compare()?;
        Ok(walk)
    }

    /// The next row, with the digest that is stored with it.
    ///
    /// # Errors
    /// [`Break::Gone`], [`Break::Altered`], [`Break::OtherHistory`].
    pub fn step(&mut self, row: &Row, stored: &Link) -> Result<(), Break> {
        let expected = self.last.saturating_add(1);
        if row.seq > expected {
            return Err(Break::Gone {
                first: expected,
                last: row.seq - 1,
            });
        }
        let link = row.link(&self.before);
        if row.seq < expected || link != *stored {
            return Err(Break::Altered { seq: row.seq });
        }
        (self.before, self.last) = (link, row.seq);
        self.compare()
    }

    /// The end: everything has to lead to the head.
    ///
    /// # Errors
    /// What is wrong with the end.
    pub fn end(self, head: Option<&Mark>, vault: &dyn Vault) -> Result<Whole, Break> {
        let Some(head) = head else {
            let newest = self.kept.iter().map(|mark| mark.seq).max().unwrap_or(0);
            return match (self.last, newest) {
                (0, 0) => Ok(self.whole()),
                (0, kept) => Err(Break::RolledBack { kept, last: 0 }),
                (_, _) => Err(Break::NoHead),
            };
        };
        if head.seq > self.last {
            return Err(Break::Gone {
                first: self.last + 1,
                last: head.seq,
            });
        }
        if !head.is_signed(End::Head, vault) {
            return Err(Break::HeadForged);
        }
        if head.seq < self.last {
            return Err(Break::Added { seq: head.seq + 1 });
        }
        if head.link != self.before {
            return Err(Break::Rewritten { seq: self.last });
        }
        if let Some(kept) = self
            .kept
            .iter()
            .map(|mark| mark.seq)
            .max()
            .filter(|kept| *kept > self.last)
        {
            return Err(Break::RolledBack { kept, last: self.last });
        }
        Ok(self.whole())
    }

    fn whole(&self) -> Whole {
        let rows = self.last - self.begun;
        Whole {
            rows,
            first: if rows == 0 { 0 } else { self.begun + 1 },
            last: if rows == 0 { 0 } else { self.last },
            compared: self.compared,
            too_old: self.too_old,
        }
    }

    fn compare(&mut self) -> Result<(), Break> {
        let here = self.kept.iter().filter(|mark| mark.seq == self.last && mark.seq > 0);
        for mark in here {
            if mark.link != self.before {
                return Err(Break::OtherHistory { seq: self.last });
            }
            self.compared += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
