//! What the items of a file say about its picture.

use image::metadata::Orientation;

use super::{
    Coded, Nclx, Source,
    items::{Item, Items, id},
};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// Auxiliary types that mean opacity (MIAF 7.3.5.2, and the one HEVC files use).
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// More tiles than a picture within the limits needs.
const MOST_TILES: usize = 1024;

impl Items {
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
