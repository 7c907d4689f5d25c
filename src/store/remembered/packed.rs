//! A row as bytes, the way the database gave it: a fifth of what it takes as an [`Identity`] with its many texts.
//!
//! Each value is a header and its content. The header is a number in groups of seven bits, the lowest first, the eighth bit says
//! that another follows: the length of the content times four, and what it is. Integers are folded so that small negative
//! ones are short too, and lose their leading zeros.
//!
//! [`Identity`]: crate::domain::session::Identity

use std::cell::Cell;

use crate::store::sql::{Row, Value};

const NULL: usize = 0;
const INTEGER: usize = 1;
const TEXT: usize = 2;
const BYTES: usize = 3;

/// Appends `value` to `row`.
pub(in crate::store) fn pack(row: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => header(row, NULL, 0),
        Value::Integer(number) => {
            let folded = (number << 1 ^ number >> 63).cast_unsigned();
            let length = (u64::BITS - folded.leading_zeros()).div_ceil(8) as usize;
            header(row, INTEGER, length);
            row.extend(folded.to_le_bytes().into_iter().take(length));
        }
        Value::Text(text) => {
            header(row, TEXT, text.len());
            row.extend_from_slice(text.as_bytes());
        }
        Value::Bytes(bytes) => {
            header(row, BYTES, bytes.len());
            row.extend_from_slice(bytes);
        }
    }
}

fn header(row: &mut Vec<u8>, kind: usize, length: usize) {
    let mut rest = length << 2 | kind;
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        if rest == 0 {
            row.push(low);
            return;
        }
        row.push(low | 0x80);
    }
}

/// Values that [`pack`] put one behind the other, to be read from left to right.
pub(in crate::store) struct Packed<'b> {
    bytes: &'b [u8],
    /// The number of a value, and where it begins.
    at: Cell<(usize, usize)>,
}

impl<'b> Packed<'b> {
    pub(in crate::store) const fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: Cell::new((0, 0)),
        }
    }

    /// What the value that begins at `from` is, its content, and where the next one begins.
    fn read(&self, from: usize) -> Option<(usize, &'b [u8], usize)> {
        let (mut header, mut shift, mut at) = (0, 0, from);
        loop {
            let byte = *self.bytes.get(at)?;
            at += 1;
            header |= usize::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let end = at.checked_add(header >> 2)?;
        Some((header & 3, self.bytes.get(at..end)?, end))
    }
}

impl Row for Packed<'_> {
    fn value(&self, index: usize) -> Option<Value<'_>> {
        let (mut next, mut at) = self.at.get();
        if next > index {
            (next, at) = (0, 0);
        }
        while next < index {
            at = self.read(at)?.2;
            next += 1;
        }
        self.at.set((next, at));
        let (kind, content, _) = self.read(at)?;
        Some(match kind {
            NULL => Value::Null,
            INTEGER => {
                let mut folded = [0; 8];
                folded.get_mut(..content.len())?.copy_from_slice(content);
                let folded = u64::from_le_bytes(folded);
                Value::Integer((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
            }
            TEXT => Value::Text(std::str::from_utf8(content).ok()?),
            _ => Value::Bytes(content),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Kept {
        Null,
        Integer(i64),
        Text(String),
        Bytes(Vec<u8>),
    }

    impl Kept {
        fn value(&self) -> Value<'_> {
            match self {
                Self::Null => Value::Null,
                Self::Integer(number) => Value::Integer(*number),
                Self::Text(text) => Value::Text(text),
                Self::Bytes(bytes) => Value::Bytes(bytes),
            }
        }
    }

    fn values() -> impl Strategy<Value = Vec<Kept>> {
        let integers = prop_oneof![any::<i64>(), -300_i64..300, Just(i64::MIN), Just(i64::MAX)];
        let value = prop_oneof![
            Just(Kept::Null),
            integers.prop_map(Kept::Integer),
            ".{0,80}".prop_map(Kept::Text),
            proptest::collection::vec(any::<u8>(), 0..5000).prop_map(Kept::Bytes),
        ];
        proptest::collection::vec(value, 1..12)
    }

    fn packed(values: &[Kept]) -> Vec<u8> {
        let mut row = Vec::new();
        for value in values {
            pack(&mut row, value.value());
        }
        row
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was_in_whatever_order_it_is_read(
            values in values(),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 1..40),
        ) {
            let bytes = packed(&values);
            let row = Packed::new(&bytes);
            for index in order {
                let index = index.index(values.len());
                prop_assert!(row.value(index) == Some(values[index].value()));
            }
            prop_assert!(row.value(values.len()).is_none());
        }

        #[test]
        fn bytes_that_are_no_row_are_no_values_and_no_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            index in 0_usize..8,
        ) {
            let row = Packed::new(&bytes);
            let _anything = row.value(index);
        }
    }

    #[test]
    fn small_numbers_are_short() {
        assert_eq!(packed(&[Kept::Integer(0), Kept::Null]), [1, 0]);
        assert_eq!(packed(&[Kept::Integer(-1)]), [1 << 2 | 1, 1]);
        assert_eq!(packed(&[Kept::Integer(1_700_000_000_000)]).len(), 7);
    }
}
