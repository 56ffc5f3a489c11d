//! Huffman codes of JPEG (ITU-T T.81 Annexes C and F).

use memchr::memchr;

use crate::images::{ImageError, wire::broken};

/// Bits looked up at once; longer codes are rare and walked.
pub(super) const FAST: u32 = 10;

/// A Huffman table, ready to decode.
pub(super) struct Table {
    /// By the next [`FAST`] bits: symbol and code length; length 0 where the code is longer.
    fast: Vec<(u8, u8)>,
    /// By code length: the largest code, left-aligned in 16 bits, plus one; then how far the
    /// symbol is from the code.
    limits: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From the number of codes of each length, 1 to 16, and their symbols in order.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, ImageError> {
        let mut fast = vec![(0, 0); 1 << FAST];
        let mut limits = [(0, 0); 17];
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            limits[length as usize].1 = i32::try_from(index).unwrap_or(0) - code.cast_signed();
            for _ in 0..*count {
                let symbol = *symbols.get(index).ok_or_else(|| broken("Huffman table"))?;
                if code >= 1 << length {
                    return Err(broken("Huffman table"));
                }
                if length <= FAST {
                    let start = (code << (FAST - length)) as usize;
                    let span = 1_usize << (FAST - length);
                    for entry in fast.iter_mut().skip(start).take(span) {
                        *entry = (symbol, length as u8);
                    }
                }
                code += 1;
                index += 1;
            }
            limits[length as usize].0 = code << (16 - length);
            code <<= 1;
        }
        Ok(Self { fast, limits, symbols: symbols.to_vec() })
    }

    /// The symbol that these [`FAST`] bits begin with and the length of its code; 0 where that is longer.
    pub(super) fn fast(&self, bits: u32) -> (u8, u8) {
        self.fast.get(bits as usize).copied().unwrap_or((0, 0))
    }
}

/// The bits of one restart interval, stuffing taken out.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, from the top.
    window: u64,
    /// How many of them are real.
    filled: u32,
    /// Bits that were asked for beyond the end.
    missing: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, window: 0, filled: 0, missing: 0 }
    }

    /// Whether more was read than there was.
    pub(super) const fn is_overrun(&self) -> bool {
        self.missing > 0
    }

    /// Makes at least 32 bits ready; zeros follow the end.
    fn fill(&mut self) {
        if self.filled >= 32 {
            return;
        }
        if let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>) {
            self.window |= u64::from(u32::from_be_bytes(*next)) << (32 - self.filled);
            self.filled += 32;
            self.at += 4;
            return;
        }
        while self.filled < 32 {
            let Some(byte) = self.bytes.get(self.at) else { return };
            self.window |= u64::from(*byte) << (56 - self.filled);
            self.filled += 8;
            self.at += 1;
        }
    }

    /// The next `count` bits, at most 32, which stay; zeros follow the end.
    pub(super) fn peek(&mut self, count: u32) -> u32 {
        self.fill();
        (self.window >> (64 - count)) as u32
    }

    /// Passes so many bits, of those that were [peeked](Self::peek).
    pub(super) fn skip(&mut self, count: u32) {
        self.window <<= count;
        self.missing += count.saturating_sub(self.filled);
        self.filled = self.filled.saturating_sub(count);
    }

    /// The next symbol; [`Self::value`] of up to 16 bits may follow without filling.
    pub(super) fn symbol(&mut self, table: &Table) -> Result<u8, ImageError> {
        self.fill();
        let (symbol, length) = table.fast((self.window >> (64 - FAST)) as u32);
        if length > 0 {
            self.skip(length.into());
            return Ok(symbol);
        }
        let next = (self.window >> 48) as u32;
        for length in FAST + 1..=16 {
            let (limit, offset) = table.limits[length as usize];
            if next < limit {
                let index = (next >> (16 - length)).cast_signed() + offset;
                self.skip(length);
                let symbol = usize::try_from(index).ok().and_then(|index| table.symbols.get(index));
                return symbol.copied().ok_or_else(|| broken("Huffman code"));
            }
        }
        Err(broken("Huffman code"))
    }

    /// The next `count` bits, at most 16, right after a symbol.
    pub(super) fn value(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        let value = (self.window >> (64 - count)) as u32;
        self.skip(count);
        value
    }

    /// The next bit.
    pub(super) fn bit(&mut self) -> u32 {
        self.fill();
        self.value(1)
    }

    /// A difference of `size` bits (T.81 F.2.2.1, EXTEND).
    pub(super) fn difference(&mut self, size: u32) -> i32 {
        let value = self.value(size).cast_signed();
        if size > 0 && value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
    }
}

/// Cuts entropy-coded data at its restart markers and takes the stuffed zeros out.
pub(super) fn intervals(data: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut current = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = memchr(0xff, rest) {
        current.extend_from_slice(&rest[..at]);
        match rest.get(at + 1) {
            Some(0) => current.push(0xff),
            Some(0xd0..=0xd7) => all.push(std::mem::take(&mut current)),
            // A fill byte: the marker's own 0xff is still to come.
            Some(0xff) => {
                rest = &rest[at + 1..];
                continue;
            }
            _ => break,
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    if !rest.contains(&0xff) {
        current.extend_from_slice(rest);
    }
    all.push(current);
    all
}
