//! The boxes themselves.

use std::ops::Range;

use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// More boxes in one place than any real file has.
const MOST: usize = 4096;

/// Where a box is; positions count from the start of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Area {
    /// The four letters of its type.
    pub(super) kind: [u8; 4],
    /// Where those letters are.
    pub(super) kind_at: usize,
    /// What is in it.
    pub(super) body: Range<usize>,
}

/// The boxes in `range`, which they must fill.
pub(super) fn children(bytes: &[u8], range: Range<usize>) -> Result<Vec<Area>, ImageError> {
    let inside = bytes.get(..range.end).ok_or_else(|| broken("cut off"))?;
    let mut reader = Reader::starting(inside, range.start);
    let mut found = Vec::new();
    while !reader.is_empty() {
        let start = reader.at();
        let size = u64::from(reader.u32()?);
        let kind_at = reader.at();
        let kind = reader.array()?;
        let size = match size {
            0 => (range.end - start) as u64,
            1 => reader.uint(8)?,
            size => size,
        };
        let head = reader.at() - start;
        let length = usize::try_from(size).ok().and_then(|size| size.checked_sub(head));
        let body_start = reader.at();
        reader.take(length.ok_or_else(|| broken("box size"))?)?;
        found.push(Area { kind, kind_at, body: body_start..reader.at() });
        if found.len() > MOST {
            return Err(broken("too many boxes"));
        }
    }
    Ok(found)
}

/// The first box of a type.
pub(super) fn find(boxes: &[Area], kind: [u8; 4]) -> Option<&Area> {
    boxes.iter().find(|area| area.kind == kind)
}

/// The first box of a type within another.
pub(super) fn inside(bytes: &[u8], area: &Area, kind: [u8; 4]) -> Result<Option<Area>, ImageError> {
    Ok(find(&children(bytes, area.body.clone())?, kind).cloned())
}
