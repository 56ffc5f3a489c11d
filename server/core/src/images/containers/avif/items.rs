//! The items of a `meta` box: which there are, where their bytes lie, what belongs to them.

use std::{collections::BTreeMap, ops::Range};

use super::{
    boxes::{Area, children, find},
    full_box,
};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// One item.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// The four letters of its type.
    pub(super) kind: [u8; 4],
    /// Where those letters are in the file.
    pub(super) kind_at: usize,
    /// Where its bytes are in the file, in order.
    pub(super) extents: Vec<Range<usize>>,
    /// Its properties, as indices into `Items::properties`.
    pub(super) properties: Vec<usize>,
}

/// A reference from one item to others.
pub(super) struct Reference {
    /// What it means.
    pub(super) kind: [u8; 4],
    /// Whose it is.
    pub(super) from: u32,
    /// To which.
    pub(super) to: Vec<u32>,
}

/// The items of a file.
pub(super) struct Items {
    /// Which item is the picture.
    pub(super) primary: u32,
    /// All items by number.
    pub(super) all: BTreeMap<u32, Item>,
    /// All properties.
    pub(super) properties: Vec<Area>,
    /// All references.
    pub(super) references: Vec<Reference>,
}

impl Items {
    /// The items of `meta`; `None` where it names no picture, as in a pure sequence.
    pub(super) fn parse(bytes: &[u8], meta: &Area) -> Result<Option<Self>, ImageError> {
        let (_, _, reader) = full_box(bytes, meta)?;
        let boxes = children(bytes, reader.at()..meta.body.end)?;
        let Some(primary) = find(&boxes, *b"pitm") else { return Ok(None) };
        let (version, _, mut reader) = full_box(bytes, primary)?;
        let primary = id(&mut reader, version > 0)?;
        let mut items =
            Self { primary, all: BTreeMap::new(), properties: Vec::new(), references: Vec::new() };
        items.read_info(bytes, find(&boxes, *b"iinf").ok_or_else(|| broken("no item list"))?)?;
        let data = find(&boxes, *b"idat").map(|area| area.body.clone());
        items.read_locations(
            bytes,
            find(&boxes, *b"iloc").ok_or_else(|| broken("no item locations"))?,
            data,
        )?;
        if let Some(area) = find(&boxes, *b"iprp") {
            items.read_properties(bytes, area)?;
        }
        if let Some(area) = find(&boxes, *b"iref") {
            items.read_references(bytes, area)?;
        }
        Ok(Some(items))
    }

    fn read_info(&mut self, bytes: &[u8], area: &Area) -> Result<(), ImageError> {
        let (version, _, mut reader) = full_box(bytes, area)?;
        id(&mut reader, version > 0)?;
        for entry in children(bytes, reader.at()..area.body.end)? {
            let (version, _, mut reader) = full_box(bytes, &entry)?;
            // Versions 0 and 1 have no type and so are no pictures.
            if &entry.kind != b"infe" || version < 2 {
                continue;
            }
            let number = id(&mut reader, version > 2)?;
            reader.u16()?;
            let kind_at = reader.at();
            self.all.insert(number, Item { kind: reader.array()?, kind_at, ..Item::default() });
        }
        Ok(())
    }

    fn read_locations(
        &mut self,
        bytes: &[u8],
        area: &Area,
        data: Option<Range<usize>>,
    ) -> Result<(), ImageError> {
        let (version, _, mut reader) = full_box(bytes, area)?;
        let sizes = reader.u16()?;
        let size = |shift: u16| usize::from(sizes >> shift & 0xf).min(8);
        let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
        let index_size = if version == 0 { 0 } else { size(0) };
        let count = id(&mut reader, version > 1)?;
        for _ in 0..count {
            let number = id(&mut reader, version > 1)?;
            let method = if version == 0 { 0 } else { reader.u16()? & 0xf };
            reader.u16()?;
            let base = reader.uint(base_size)?;
            let mut extents = Vec::new();
            for _ in 0..reader.u16()? {
                reader.uint(index_size)?;
                let offset = reader.uint(offset_size)?.checked_add(base);
                let length = reader.uint(length_size)?;
                extents.push(extent(bytes, method, &data, offset, length)?);
            }
            if let Some(item) = self.all.get_mut(&number) {
                item.extents = extents;
            }
        }
        Ok(())
    }

    fn read_properties(&mut self, bytes: &[u8], area: &Area) -> Result<(), ImageError> {
        let boxes = children(bytes, area.body.clone())?;
        if let Some(container) = find(&boxes, *b"ipco") {
            self.properties = children(bytes, container.body.clone())?;
        }
        for map in boxes.iter().filter(|area| &area.kind == b"ipma") {
            let (version, flags, mut reader) = full_box(bytes, map)?;
            for _ in 0..reader.u32()? {
                let number = id(&mut reader, version > 0)?;
                for _ in 0..reader.u8()? {
                    let index =
                        if flags & 1 == 1 { reader.u16()? & 0x7fff } else { u16::from(reader.u8()? & 0x7f) };
                    // Numbered from 1; 0 means none.
                    if let (Some(item), Some(index)) =
                        (self.all.get_mut(&number), usize::from(index).checked_sub(1))
                    {
                        item.properties.push(index);
                    }
                }
            }
        }
        Ok(())
    }

    fn read_references(&mut self, bytes: &[u8], area: &Area) -> Result<(), ImageError> {
        let (version, _, reader) = full_box(bytes, area)?;
        for entry in children(bytes, reader.at()..area.body.end)? {
            let mut reader = Reader::starting(&bytes[..entry.body.end], entry.body.start);
            let from = id(&mut reader, version > 0)?;
            let count = reader.u16()?;
            let to = (0..count).map(|_| id(&mut reader, version > 0)).collect::<Result<_, _>>()?;
            self.references.push(Reference { kind: entry.kind, from, to });
        }
        Ok(())
    }
}

/// A number of 16 bits, or of 32 in the wide versions.
pub(super) fn id(reader: &mut Reader<'_>, wide: bool) -> Result<u32, ImageError> {
    if wide { reader.u32() } else { Ok(u32::from(reader.u16()?)) }
}

/// Where an extent lies in the file: method 0 counts from its start, method 1 from `idat`'s.
fn extent(
    bytes: &[u8],
    method: u16,
    data: &Option<Range<usize>>,
    offset: Option<u64>,
    length: u64,
) -> Result<Range<usize>, ImageError> {
    let home = match (method, data) {
        (0, _) => 0..bytes.len(),
        (1, Some(data)) => data.clone(),
        _ => return Err(broken("item location method")),
    };
    let place = || {
        let start = usize::try_from(offset?).ok()?.checked_add(home.start)?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        (end <= home.end).then_some(start..end)
    };
    place().ok_or_else(|| broken("an item beyond the end"))
}
