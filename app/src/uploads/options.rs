//! How what is uploaded is to be stored, as a person chose it before.

use std::sync::Arc;

use model::types::{AlbumId, MediaType, Visibility};

/// For how long others see an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Lapse {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// As a field of the upload has it, and a choice of the form.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        const HOUR: u32 = 60 * 60;
        match self {
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
        }
    }

    /// The one of so many [`Self::seconds`].
    #[must_use]
    pub fn of_seconds(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lapse| lapse.seconds().to_string() == text)
    }
}

/// Pixels of the longer side that one can choose between.
pub const SIDES: [u32; 4] = [1280, 1920, 2560, 3840];

/// What a person chose for uploads to come, where they are asked for: the page may be left before they are on the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadOptions {
    /// The album that they go into.
    pub album: Option<AlbumId>,
    /// Who may see them.
    pub visibility: Visibility,
    /// For how long; for good where it isn't said.
    pub lapse: Option<Lapse>,
    /// The secret of the link by which a guest sends them.
    pub guest: Option<Arc<str>>,
    /// How they are drawn anew.
    pub redraw: Redraw,
}

impl UploadOptions {
    /// The fields of the upload that say so, which come before its file.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        if self.visibility != Visibility::default() {
            fields.push(("visibility", self.visibility.name().to_owned()));
        }
        if let Some(lapse) = self.lapse {
            fields.push(("expires_in", lapse.seconds().to_string()));
        }
        if let Some(album) = self.album {
            fields.push(("album", album.to_string()));
        }
        fields
    }
}

/// How a picture is to be drawn anew by the browser, before it is sent. Animations never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redraw {
    /// Pixels that its longer side is to have at most.
    pub side: Option<u32>,
    /// Whether it is to be WebP.
    pub webp: bool,
}

impl Redraw {
    /// Whether there is anything to do.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        self.side.is_some() || self.webp
    }

    /// The media type of what is drawn from the picture that begins with `first`; none where that may move, or is no
    /// picture. What browsers can't write becomes WebP.
    #[must_use]
    pub fn media_type(self, first: &[u8]) -> Option<MediaType> {
        match still(first)? {
            kind @ (Still::Jpeg | Still::Png) if !self.webp => {
                Some(if matches!(kind, Still::Jpeg) { MediaType::Jpeg } else { MediaType::Png })
            }
            _ => Some(MediaType::WebP),
        }
    }
}

/// What a picture without motion is.
enum Still {
    Jpeg,
    Png,
    /// WebP, AVIF or HEIC.
    Other,
}

/// What begins with `first`, if it can't move. Where these bytes don't tell, it may.
fn still(first: &[u8]) -> Option<Still> {
    if first.starts_with(b"\xff\xd8\xff") {
        return Some(Still::Jpeg);
    }
    if let Some(chunks) = first.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        return is_still_png(chunks).then_some(Still::Png);
    }
    let is_still = match (first.get(..4)?, first.get(4..8)?, first.get(8..)?) {
        // Bit 1 of the flags (RFC 9649, section 2.7) is for animations.
        (b"RIFF", _, rest) if rest.starts_with(b"WEBPVP8X") => rest.get(12)? & 2 == 0,
        (b"RIFF", _, rest) => rest.starts_with(b"WEBPVP8"),
        (size, b"ftyp", _) => {
            let end = usize::try_from(u32::from_be_bytes(size.try_into().ok()?)).ok()?;
            let brands = first.get(8..end)?.chunks_exact(4);
            let has = |wanted: &[&[u8]]| brands.clone().any(|brand| wanted.contains(&brand));
            has(&[b"avif", b"heic", b"heix"]) && !has(&[b"avis", b"hevc", b"hevx", b"msf1"])
        }
        _ => false,
    };
    is_still.then_some(Still::Other)
}

/// Whether the picture comes without `acTL` before it (PNG, third edition, section 11.3.5.1).
fn is_still_png(mut chunks: &[u8]) -> bool {
    while let (Some(size), Some(name)) = (chunks.get(..4), chunks.get(4..8)) {
        match name {
            b"IDAT" => return true,
            b"acTL" => return false,
            _ => {}
        }
        let size = size.try_into().map(u32::from_be_bytes).ok().and_then(|size| usize::try_from(size).ok());
        // Length, name and checksum.
        match size.and_then(|size| size.checked_add(12)).and_then(|size| chunks.get(size..)) {
            Some(rest) => chunks = rest,
            None => return false,
        }
    }
    false
}
