//! The items of a `meta` box: which there are, where their bytes lie, what belongs to them.

use std::{collections::BTreeMap, ops::Range};

use image::metadata::Orientation;

use super::{
    Coded, Nclx, Source,
    boxes::{Area, children, find},
    full_box,
};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// Auxiliary types that mean opacity (MIAF 7.3.5.2, and the one HEVC files use).
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// More tiles than a picture within the limits needs.
const MOST_TILES: usize = 1024;

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
    properties: Vec<usize>,
}

/// A reference from one item to others.
struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

/// The items of a file.
pub(super) struct Items {
    /// Which item is the picture.
    pub(super) primary: u32,
    /// All items by number.
    pub(super) all: BTreeMap<u32, Item>,
    properties: Vec<Area>,
    references: Vec<Reference>,
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

    fn item(&self, number: u32) -> Result<&Item, ImageError> {
        self.all.get(&number).ok_or_else(|| broken("an item that isn't there"))
    }

    /// The bodies of the properties of one type that an item has.
    fn properties<'a>(
        &'a self,
        bytes: &'a [u8],
        number: u32,
        kind: [u8; 4],
    ) -> Result<impl Iterator<Item = &'a [u8]>, ImageError> {
        let item = self.item(number)?;
        Ok(item
            .properties
            .iter()
            .filter_map(|index| self.properties.get(*index))
            .filter(move |area| area.kind == kind)
            .filter_map(|area| bytes.get(area.body.clone())))
    }

    /// Width and height of an item (`ispe`).
    pub(super) fn size(&self, bytes: &[u8], number: u32) -> Result<(u32, u32), ImageError> {
        let body = self.properties(bytes, number, *b"ispe")?.next().ok_or_else(|| broken("no size"))?;
        let mut reader = Reader::new(body);
        reader.u32()?;
        Ok((reader.u32()?, reader.u32()?))
    }

    /// What `irot` (counter-clockwise quarters) and then `imir` (0: top and bottom change places,
    /// 1: left and right) come to.
    pub(super) fn orientation(&self, bytes: &[u8], number: u32) -> Result<Orientation, ImageError> {
        let quarters =
            self.properties(bytes, number, *b"irot")?.next().and_then(<[u8]>::first).map_or(0, |b| b & 3);
        let mirror = self.properties(bytes, number, *b"imir")?.next().and_then(<[u8]>::first).map(|b| b & 1);
        Ok(match (quarters, mirror) {
            (0, None) => Orientation::NoTransforms,
            (0, Some(0)) | (2, Some(1)) => Orientation::FlipVertical,
            (0 | 2, Some(_)) => Orientation::FlipHorizontal,
            (1, None) => Orientation::Rotate270,
            (2, None) => Orientation::Rotate180,
            (_, None) => Orientation::Rotate90,
            (1, Some(0)) | (3, Some(1)) => Orientation::Rotate90FlipH,
            (_, Some(_)) => Orientation::Rotate270FlipH,
        })
    }

    /// Everything that the primary picture is made of.
    pub(super) fn source(&self, bytes: &[u8]) -> Result<Source, ImageError> {
        let alpha = self.references.iter().find(|reference| {
            &reference.kind == b"auxl"
                && reference.to.contains(&self.primary)
                && self.is_alpha(bytes, reference.from)
        });
        let premultiplied = alpha.is_some_and(|alpha| {
            self.references
                .iter()
                .any(|r| &r.kind == b"prem" && r.from == self.primary && r.to.contains(&alpha.from))
        });
        let icc = self
            .properties(bytes, self.primary, *b"colr")?
            .find_map(|colr| colr.strip_prefix(b"prof").or_else(|| colr.strip_prefix(b"rICC")))
            .map(<[u8]>::to_vec);
        Ok(Source {
            color: self.coded(bytes, self.primary)?,
            alpha: alpha.map(|alpha| self.coded(bytes, alpha.from)).transpose()?,
            premultiplied,
            icc,
        })
    }

    fn is_alpha(&self, bytes: &[u8], number: u32) -> bool {
        self.properties(bytes, number, *b"auxC").is_ok_and(|mut found| {
            found.any(|body| {
                let urn = body.get(4..).unwrap_or_default().split(|b| *b == 0).next().unwrap_or_default();
                ALPHA.contains(&urn)
            })
        })
    }

    /// The bitstreams of an item: its own, or those of the items its grid names.
    fn coded(&self, bytes: &[u8], number: u32) -> Result<Coded, ImageError> {
        let item = self.item(number)?;
        let nclx = self.nclx(bytes, number)?;
        match &item.kind {
            b"av01" => {
                let (width, height) = self.size(bytes, number)?;
                Ok(Coded { tiles: vec![self.data(bytes, number)?], columns: 1, width, height, nclx })
            }
            b"grid" => {
                let data = self.data(bytes, number)?;
                let mut reader = Reader::new(&data);
                reader.u8()?;
                let wide = reader.u8()? & 1 == 1;
                let (rows, columns) = (usize::from(reader.u8()?) + 1, usize::from(reader.u8()?) + 1);
                let (width, height) = (id(&mut reader, wide)?, id(&mut reader, wide)?);
                let parts = self.references.iter().find(|r| &r.kind == b"dimg" && r.from == number);
                let parts = parts.map_or(&[][..], |r| &r.to);
                if parts.len() != rows * columns || parts.len() > MOST_TILES {
                    return Err(broken("a grid with missing tiles"));
                }
                // The colour may be said of the grid or of its tiles.
                let nclx = match nclx {
                    None => parts.first().map(|part| self.nclx(bytes, *part)).transpose()?.flatten(),
                    some => some,
                };
                let tiles = parts
                    .iter()
                    .map(|part| match &self.item(*part)?.kind {
                        b"av01" => self.data(bytes, *part),
                        _ => Err(broken("a grid of something else than AV1")),
                    })
                    .collect::<Result<_, _>>()?;
                Ok(Coded { tiles, columns, width, height, nclx })
            }
            _ => Err(broken("a picture that isn't AV1")),
        }
    }

    fn nclx(&self, bytes: &[u8], number: u32) -> Result<Option<Nclx>, ImageError> {
        let Some(body) =
            self.properties(bytes, number, *b"colr")?.find_map(|body| body.strip_prefix(b"nclx"))
        else {
            return Ok(None);
        };
        let mut reader = Reader::new(body);
        reader.take(4)?;
        Ok(Some(Nclx { matrix: reader.u16()?, full_range: reader.u8()? & 0x80 != 0 }))
    }

    /// An item's bytes, its extents joined.
    fn data(&self, bytes: &[u8], number: u32) -> Result<Vec<u8>, ImageError> {
        let item = self.item(number)?;
        let mut data = Vec::new();
        for extent in &item.extents {
            data.extend_from_slice(bytes.get(extent.clone()).ok_or_else(|| broken("cut off"))?);
            // Extents may overlap; joined they are never more than the file.
            if data.len() > bytes.len() {
                return Err(broken("overlapping extents"));
            }
        }
        if data.is_empty() {
            return Err(broken("an item without bytes"));
        }
        Ok(data)
    }
}

/// A number of 16 bits, or of 32 in the wide versions.
fn id(reader: &mut Reader<'_>, wide: bool) -> Result<u32, ImageError> {
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
