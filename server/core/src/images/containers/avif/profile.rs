//! A colour profile added to an AVIF that was made here.

use super::boxes::{Area, children, find, inside};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// The file with a profile for its colours, a `colr` of type `prof`. The file is one that `ravif` made: one picture, and
/// perhaps its opacity, with plain offsets.
pub(in crate::images) fn with_icc(mut bytes: Vec<u8>, profile: &[u8]) -> Result<Vec<u8>, ImageError> {
    let missing = || broken("a box is missing");
    let top = children(&bytes, 0..bytes.len())?;
    let meta = find(&top, *b"meta").ok_or_else(missing)?;
    // A full box: version and flags come first.
    let parts = children(&bytes, meta.body.start + 4..meta.body.end)?;
    let part = |kind| find(&parts, kind).ok_or_else(missing);
    let (iloc, iprp) = (part(*b"iloc")?, part(*b"iprp")?);
    let ipco = inside(&bytes, iprp, *b"ipco")?.ok_or_else(missing)?;
    let ipma = inside(&bytes, iprp, *b"ipma")?.ok_or_else(missing)?;
    let number = children(&bytes, ipco.body.clone())?.len() + 1;
    let number =
        u8::try_from(number).ok().filter(|number| *number < 128).ok_or_else(|| broken("properties"))?;

    // Which properties the first item has, which is the picture: version and flags, how many entries there are, and
    // of the first the item and how many follow.
    let mut entry = Reader::starting(&bytes, ipma.body.start);
    let (flags, _, item) = (entry.u32()?, entry.u32()?, entry.u16()?);
    let counted_at = entry.at();
    let count = entry.u8()?;
    entry.take(count.into())?;
    let listed_to = entry.at();
    if flags != 0 || item != 1 || ipco.body.end > ipma.body.start || listed_to > ipma.body.end {
        return Err(broken("properties"));
    }

    let size = u32::try_from(profile.len() + 12).map_err(|_| broken("a profile of that size"))?;
    let grown = size.checked_add(1).ok_or_else(|| broken("a profile of that size"))?;
    move_offsets(&mut bytes, iloc, grown)?;
    for (area, by) in [(meta, grown), (iprp, grown), (&ipco, size), (&ipma, 1)] {
        add(&mut bytes, area.kind_at - 4, by)?;
    }
    if let Some(counted) = bytes.get_mut(counted_at) {
        *counted = count.saturating_add(1);
    }
    bytes.insert(listed_to, number);
    let colr = [&size.to_be_bytes()[..], b"colrprof", profile].concat();
    bytes.splice(ipco.body.end..ipco.body.end, colr);
    Ok(bytes)
}

/// Data lies so much further on.
fn move_offsets(bytes: &mut [u8], iloc: &Area, by: u32) -> Result<(), ImageError> {
    let mut reader = Reader::starting(bytes, iloc.body.start);
    let (version, sizes, items) = (reader.u32()?, reader.u16()?, reader.u16()?);
    // Offsets and lengths of four bytes, and no others.
    if version != 0 || sizes != 0x4400 {
        return Err(broken("offsets of another kind"));
    }
    let mut places = Vec::new();
    for _ in 0..items {
        let (_item, _file, extents) = (reader.u16()?, reader.u16()?, reader.u16()?);
        for _ in 0..extents {
            places.push(reader.at());
            reader.take(8)?;
        }
    }
    places.into_iter().try_for_each(|place| add(bytes, place, by))
}

/// Adds to a number.
fn add(bytes: &mut [u8], at: usize, by: u32) -> Result<(), ImageError> {
    let number = bytes.get_mut(at..at + 4).ok_or_else(|| broken("cut off"))?;
    let sum = Reader::new(number).u32()?.checked_add(by).ok_or_else(|| broken("too large"))?;
    number.copy_from_slice(&sum.to_be_bytes());
    Ok(())
}
