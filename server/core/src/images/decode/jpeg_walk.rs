//! Through the blocks of one scan of a JPEG (ITU-T T.81 Annexes F and G).

use super::{
    bits::{Bits, Table},
    jpeg_scan::{Scanned, State},
    leaps::{Leaps, skip_block},
};
use crate::images::{ImageError, wire::broken};

/// What a scan holds of each block.
#[derive(Clone, Copy)]
pub(super) enum Pass {
    /// All coefficients.
    Whole,
    /// The mean without its lowest bits.
    First(u32),
    /// One more bit of the mean.
    Refine(u32),
    /// Some of the others.
    Skip(u8, u8),
}

/// A part of a scan: component, table of means, table of the others.
pub(super) type Part = (usize, usize, usize);

/// A walk through the blocks of one scan.
pub(super) struct Walk<'a> {
    pub(super) state: &'a State,
    pub(super) pass: Pass,
    /// By the table of the others.
    pub(super) leaps: [Leaps; 4],
    /// The data between restart markers.
    pub(super) intervals: &'a [Vec<u8>],
    /// The interval that comes next.
    pub(super) next: usize,
}

/// What is carried from block to block within an interval.
struct Carry<'a> {
    bits: Bits<'a>,
    last: [i32; 4],
    /// Blocks still to come that have none of the coefficients.
    empty: u32,
}

impl<'a> Walk<'a> {
    fn interval(&mut self) -> Result<Carry<'a>, ImageError> {
        let bytes = self.intervals.get(self.next).ok_or_else(|| broken("the scan ends early"))?;
        self.next += 1;
        Ok(Carry { bits: Bits::new(bytes), last: [0; 4], empty: 0 })
    }

    /// Runs `unit` for each of `count` units, in intervals.
    fn run(
        &mut self,
        count: usize,
        mut unit: impl FnMut(&Self, &mut Carry<'a>, usize) -> Result<(), ImageError>,
    ) -> Result<(), ImageError> {
        let mut carry = self.interval()?;
        for index in 0..count {
            if self.state.restart > 0 && index > 0 && index % self.state.restart == 0 {
                carry = self.interval()?;
            }
            unit(self, &mut carry, index)?;
            if carry.bits.is_overrun() {
                return Err(broken("the scan ends early"));
            }
        }
        Ok(())
    }

    /// A scan of one component: its blocks that show something, row by row.
    pub(super) fn single(&mut self, frame: &mut Scanned, part: Part) -> Result<(), ImageError> {
        let component = frame.components.get_mut(part.0).ok_or_else(|| broken("scan"))?;
        let (width, height, stride) = (component.width, component.height, component.stride);
        self.run(width * height, |walk, carry, index| {
            let at = (index / width) * stride + index % width;
            walk.block(carry, &mut component.means, at, 0, part)
        })
    }

    /// A scan of several: unit by unit, in each the blocks of every component.
    pub(super) fn interleaved(&mut self, frame: &mut Scanned, parts: &[Part]) -> Result<(), ImageError> {
        let (wide, high) = self.state.units;
        self.run(wide * high, |walk, carry, index| {
            let (x, y) = (index % wide, index / wide);
            for (slot, part) in parts.iter().enumerate().take(4) {
                let Some(c) = frame.components.get_mut(part.0) else { continue };
                for row in 0..c.down {
                    for column in 0..c.across {
                        let at = (y * c.down + row) * c.stride + x * c.across + column;
                        walk.block(carry, &mut c.means, at, slot, *part)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn block(
        &self,
        carry: &mut Carry<'_>,
        means: &mut [i32],
        at: usize,
        slot: usize,
        part: Part,
    ) -> Result<(), ImageError> {
        let no_table = || broken("no Huffman table");
        let dc = || self.state.dc.get(part.1).and_then(Option::as_ref).ok_or_else(no_table);
        let ac = || self.state.ac.get(part.2).and_then(Option::as_ref).ok_or_else(no_table);
        let mean = means.get_mut(at).ok_or_else(|| broken("scan"))?;
        match self.pass {
            Pass::Whole => {
                *mean = predicted(carry, slot, dc()?)?;
                let leaps = self.leaps.get(part.2).ok_or_else(no_table)?;
                skip_block(&mut carry.bits, ac()?, leaps)?;
            }
            Pass::First(low) => *mean = predicted(carry, slot, dc()?)? << low,
            Pass::Refine(low) => *mean |= carry.bits.bit().cast_signed() << low,
            Pass::Skip(from, to) => skip_progressive(carry, ac()?, from, to)?,
        }
        Ok(())
    }
}

/// The mean of the next block: the last one's and a difference.
fn predicted(carry: &mut Carry<'_>, slot: usize, table: &Table) -> Result<i32, ImageError> {
    let size = carry.bits.symbol(table)?;
    if size > 11 {
        return Err(broken("difference"));
    }
    let last = carry.last.get_mut(slot).ok_or_else(|| broken("scan"))?;
    *last = last.wrapping_add(carry.bits.difference(size.into())).clamp(-0x8000, 0x7fff);
    Ok(*last)
}

/// Walks over coefficients `from..=to` of a block of a progressive scan that begins them
/// (T.81 G.2.2).
fn skip_progressive(carry: &mut Carry<'_>, table: &Table, from: u8, to: u8) -> Result<(), ImageError> {
    if carry.empty > 0 {
        carry.empty -= 1;
        return Ok(());
    }
    let mut index = from;
    while index <= to {
        let symbol = carry.bits.symbol(table)?;
        let (run, size) = (symbol >> 4, symbol & 15);
        match (run, size) {
            (15, 0) => index += 16,
            (run, 0) => {
                carry.empty = (1 << run) - 1 + carry.bits.value(run.into());
                return Ok(());
            }
            _ => {
                index += run + 1;
                carry.bits.value(size.into());
            }
        }
    }
    Ok(())
}
