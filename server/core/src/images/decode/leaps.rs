//! Several coefficients at a step, where they are only walked over.
//!
//! A coefficient takes some five bits, code and value, so a look at 13 bits passes two or three of them. Most of what a
//! thumbnail of a photo takes is this walk.

use super::bits::{Bits, FAST, Table};
use crate::images::{ImageError, wire::broken};

/// Bits looked at.
const FAR: u32 = 13;
/// Blocks of a scan from which the table is worth making: a walk takes longer than making it, so that a file of many
/// small scans can't have more of them made than it pays for.
pub(super) const WORTH: usize = 16_384;

/// By the next [`FAR`] bits: the whole coefficients in them. Empty, it passes one after the other.
#[derive(Default)]
pub(super) struct Leaps(Vec<Leap>);

/// Whole coefficients of a sequential scan, codes and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Leap {
    /// Bits that they have; 0 where not even one is whole.
    bits: u8,
    /// Places that they take in the block.
    steps: u8,
    /// Whether the block's end follows, which is among the bits.
    ends: bool,
}

impl Leaps {
    /// Those of a Huffman table.
    pub(super) fn of(table: &Table) -> Self {
        Self((0..1 << FAR).map(|bits| leap(table, bits)).collect())
    }
}

/// What is whole in these [`FAR`] bits.
fn leap(table: &Table, bits: u32) -> Leap {
    let mut leap = Leap::default();
    loop {
        let used = u32::from(leap.bits);
        let rest = (bits << used) & ((1 << FAR) - 1);
        let (symbol, length) = table.fast(rest >> (FAR - FAST));
        let (run, size) = (symbol >> 4, symbol & 15);
        let bits = used + u32::from(length) + u32::from(size);
        let ends = size == 0 && run != 15;
        let steps = leap.steps + if ends { 0 } else { run + 1 };
        // The last bits of the code may be beyond those looked at.
        if length == 0 || bits > FAR || steps > 63 {
            return leap;
        }
        leap = Leap { bits: bits as u8, steps, ends };
        if ends {
            return leap;
        }
    }
}

/// Walks over the 63 coefficients behind the mean of a block of a sequential scan (T.81 F.2.2.2).
pub(super) fn skip_block(bits: &mut Bits<'_>, table: &Table, leaps: &Leaps) -> Result<(), ImageError> {
    let mut index = 1;
    while index < 64 {
        let leap = leaps.0.get(bits.peek(FAR) as usize).copied().unwrap_or_default();
        // Where the last place is taken no end is written: what looks like one is the next block's.
        if leap.bits > 0 && index + leap.steps + u8::from(leap.ends) <= 64 {
            bits.skip(leap.bits.into());
            if leap.ends {
                return Ok(());
            }
            index += leap.steps;
            continue;
        }
        let symbol = bits.symbol(table)?;
        let (run, size) = (symbol >> 4, symbol & 15);
        match (run, size) {
            (15, 0) => index += 16,
            (_, 0) => return Ok(()),
            _ => {
                index += run + 1;
                bits.value(size.into());
            }
        }
    }
    if index == 64 { Ok(()) } else { Err(broken("more than 63 coefficients")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tables that most files have (T.81 K.3.2), shortened: the codes of each length, and some symbols.
    fn table(counts: [u8; 16]) -> Table {
        let most = counts.iter().map(|count| usize::from(*count)).sum();
        let symbols: Vec<u8> =
            [0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0xf0]
                .into_iter()
                .chain(0x51..)
                .take(most)
                .collect();
        Table::new(&counts, &symbols).unwrap()
    }

    fn usual() -> Table {
        table([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125])
    }

    /// How each of the blocks ends, and what is left.
    fn walked(bytes: &[u8], table: &Table, leaps: &Leaps) -> (Vec<bool>, u32) {
        let mut bits = Bits::new(bytes);
        let mut blocks = Vec::new();
        while !bits.is_overrun() && blocks.last() != Some(&false) {
            blocks.push(skip_block(&mut bits, table, leaps).is_ok());
        }
        (blocks, bits.peek(16))
    }

    proptest! {
        #[test]
        fn by_leaps_it_is_as_one_by_one(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            for table in [usual(), table([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])] {
                let leaps = Leaps::of(&table);
                prop_assert_eq!(walked(&bytes, &table, &leaps), walked(&bytes, &table, &Leaps::default()));
            }
        }
    }

    #[test]
    fn several_are_passed_at_once() {
        // 00 and one bit, twice, then the end (1010).
        let expected = Leap { bits: 10, steps: 2, ends: true };
        assert_eq!(leap(&usual(), 0b0_0100_0101_0000), expected);
    }
}
