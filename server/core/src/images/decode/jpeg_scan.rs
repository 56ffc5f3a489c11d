//! JPEG read for the averages of its blocks alone (ITU-T T.81).
//!
//! The first coefficient of each block of 8 by 8 samples is their mean, so these make the picture
//! at an eighth of its size without any transform: by far the fastest way to a thumbnail. The
//! other coefficients are walked over where they stand in between (sequential scans) and left
//! alone where they don't (progressive scans). Walking also shows whether the data goes on to the
//! last block, which decoders forgive.

use std::array;

use super::{
    bits::{Table, intervals},
    jpeg_walk::{Part, Pass, Walk},
    leaps::{Leaps, WORTH},
};
use crate::images::{
    ImageError,
    containers::{JpegSegment, jpeg_segments},
    wire::{Reader, broken},
};

/// A component: one plane of samples.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Blocks of this component in a unit of the interleaved scan.
    pub(super) across: usize,
    pub(super) down: usize,
    quantizer: usize,
    /// Blocks in a row that show something.
    pub(super) width: usize,
    /// Rows of blocks that show something.
    pub(super) height: usize,
    /// Blocks in a row, padded to whole units.
    pub(super) stride: usize,
    /// The first coefficient of each block; as samples in the end.
    pub(super) means: Vec<i32>,
}

/// What was read.
pub(super) struct Scanned {
    pub(super) components: Vec<Component>,
    /// The largest `across` and `down`.
    pub(super) most: (usize, usize),
    /// The transform that an Adobe segment names.
    pub(super) adobe: Option<u8>,
}

/// What tables say at some point of the file.
#[derive(Default)]
pub(super) struct State {
    quantizers: [Option<u16>; 4],
    /// Huffman tables of means.
    pub(super) dc: [Option<Table>; 4],
    /// Huffman tables of the other coefficients.
    pub(super) ac: [Option<Table>; 4],
    /// Units between restart markers; 0 without.
    pub(super) restart: usize,
    progressive: bool,
    /// Units of interleaved scans, across and down.
    pub(super) units: (usize, usize),
    width: usize,
    height: usize,
}

/// How much of the file to read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// What the means need.
    Means,
    /// Everything that can be walked without keeping coefficients.
    All,
}

/// Reads the means of all blocks. `None` for kinds that aren't read here: lossless, arithmetic,
/// hierarchical, or of other than eight bits.
pub(super) fn scan(bytes: &[u8], depth: Depth) -> Result<Option<Scanned>, ImageError> {
    let mut state = State::default();
    let mut found: Option<Scanned> = None;
    let mut adobe = None;
    let mut seen = Vec::new();
    for JpegSegment { marker, payload, end } in jpeg_segments(bytes)? {
        let body = &bytes[payload.clone()];
        match marker {
            0xdb => state.read_quantizers(body)?,
            0xc4 => state.read_tables(body)?,
            0xdd => state.restart = Reader::new(body).u16()?.into(),
            0xee => adobe = body.strip_prefix(b"Adobe").and_then(|rest| rest.get(6)).copied(),
            0xc0..=0xc2 => match state.read_frame(marker, body)? {
                Some(frame) if found.is_none() => found = Some(frame),
                _ => return Ok(None),
            },
            0xc3 | 0xc5..=0xcf => return Ok(None),
            0xda => {
                let Some(frame) = found.as_mut() else { return Err(broken("a scan before its frame")) };
                for index in state.read_scan(frame, body, &bytes[payload.end..end], depth)? {
                    // The table that holds now: a later one would be for a later component.
                    let number = frame.components.get(index).map_or(0, |c| c.quantizer);
                    seen.push((index, state.quantizers.get(number).copied().flatten()));
                }
            }
            _ => {}
        }
    }
    let Some(mut frame) = found else { return Ok(None) };
    for (index, component) in frame.components.iter_mut().enumerate() {
        let scan = seen.iter().find(|(seen, _)| *seen == index);
        let (_, quantizer) = scan.ok_or_else(|| broken("a component without a scan"))?;
        let quantizer = i32::from(quantizer.ok_or_else(|| broken("no quantisation table"))?);
        for mean in &mut component.means {
            // The transform scales the mean by eight; samples are centred on 128 (T.81 A.3).
            *mean = (mean.saturating_mul(quantizer).saturating_add(4) >> 3).saturating_add(128).clamp(0, 255);
        }
    }
    frame.adobe = adobe;
    Ok(Some(frame))
}

impl State {
    fn read_quantizers(&mut self, body: &[u8]) -> Result<(), ImageError> {
        let mut reader = Reader::new(body);
        while !reader.is_empty() {
            let kind = reader.u8()?;
            let first = if kind >> 4 == 0 {
                let first = reader.u8()?.into();
                reader.take(63)?;
                first
            } else {
                let first = reader.u16()?;
                reader.take(126)?;
                first
            };
            *self.quantizers.get_mut(usize::from(kind & 15)).ok_or_else(|| broken("quantisation table"))? =
                Some(first);
        }
        Ok(())
    }

    fn read_tables(&mut self, body: &[u8]) -> Result<(), ImageError> {
        let mut reader = Reader::new(body);
        while !reader.is_empty() {
            let kind = reader.u8()?;
            let counts: [u8; 16] = reader.array()?;
            let symbols = reader.take(counts.iter().map(|n| usize::from(*n)).sum())?;
            let table = Table::new(&counts, symbols)?;
            let class = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *class.get_mut(usize::from(kind & 15)).ok_or_else(|| broken("Huffman table"))? = Some(table);
        }
        Ok(())
    }

    fn read_frame(&mut self, marker: u8, body: &[u8]) -> Result<Option<Scanned>, ImageError> {
        let mut reader = Reader::new(body);
        let precision = reader.u8()?;
        (self.height, self.width) = (reader.u16()?.into(), reader.u16()?.into());
        self.progressive = marker == 0xc2;
        let count = reader.u8()?;
        if precision != 8 || !matches!(count, 1 | 3 | 4) || self.width == 0 || self.height == 0 {
            return Ok(None);
        }
        let mut components = Vec::new();
        for _ in 0..count {
            let (id, sampling, quantizer) = (reader.u8()?, reader.u8()?, reader.u8()?.into());
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
                return Err(broken("sampling factors"));
            }
            let means = Vec::new();
            components.push(Component { id, across, down, quantizer, width: 0, height: 0, stride: 0, means });
        }
        // A single component is never interleaved, whatever factors it names (T.81 A.2.2).
        if let [only] = &mut components[..] {
            (only.across, only.down) = (1, 1);
        }
        let most = components.iter().fold((1, 1), |m, c| (c.across.max(m.0), c.down.max(m.1)));
        self.units = (self.width.div_ceil(8 * most.0), self.height.div_ceil(8 * most.1));
        for c in &mut components {
            c.width = (self.width * c.across).div_ceil(most.0).div_ceil(8);
            c.height = (self.height * c.down).div_ceil(most.1).div_ceil(8);
            c.stride = self.units.0 * c.across;
            c.means = vec![0; c.stride * self.units.1 * c.down];
        }
        Ok(Some(Scanned { components, most, adobe: None }))
    }

    /// Those of the tables that a scan of these parts uses.
    fn leaps(&self, parts: &[Part]) -> [Leaps; 4] {
        array::from_fn(|number| {
            let table = self.ac.get(number).and_then(Option::as_ref);
            let is_used = parts.iter().any(|part| part.2 == number);
            table.filter(|_| is_used).map(Leaps::of).unwrap_or_default()
        })
    }

    /// Reads one scan; answers the components whose means it began.
    fn read_scan(
        &self,
        frame: &mut Scanned,
        header: &[u8],
        data: &[u8],
        depth: Depth,
    ) -> Result<Vec<usize>, ImageError> {
        let mut reader = Reader::new(header);
        let count = reader.u8()?;
        let mut parts = Vec::new();
        for _ in 0..count {
            let (id, tables) = (reader.u8()?, reader.u8()?);
            let index = frame.components.iter().position(|c| c.id == id).ok_or_else(|| broken("scan"))?;
            parts.push((index, usize::from(tables >> 4), usize::from(tables & 15)));
        }
        let (from, to, bits) = (reader.u8()?, reader.u8()?, reader.u8()?);
        let (high, low) = (bits >> 4, u32::from(bits & 15).min(13));
        let pass = match (self.progressive, from, high) {
            (false, ..) => Pass::Whole,
            (true, 0, 0) => Pass::First(low),
            (true, 0, _) => Pass::Refine(low),
            (true, _, 0) if depth == Depth::All => Pass::Skip(from, to.min(63)),
            // What refines other coefficients depends on all that came before.
            (true, ..) => return Ok(Vec::new()),
        };
        let intervals = intervals(data);
        let leaps = match pass {
            Pass::Whole if frame.components.iter().map(|c| c.means.len()).sum::<usize>() >= WORTH => {
                self.leaps(&parts)
            }
            _ => Default::default(),
        };
        let mut walk = Walk { state: self, pass, leaps, intervals: &intervals, next: 0 };
        match parts[..] {
            [part] => walk.single(frame, part)?,
            [] => return Err(broken("an empty scan")),
            _ => walk.interleaved(frame, &parts)?,
        }
        let begins = matches!(pass, Pass::Whole | Pass::First(_));
        Ok(if begins { parts.iter().map(|part| part.0).collect() } else { Vec::new() })
    }
}
