//! What several dialects tell of an image.

use model::{
    Problem,
    rules::links::{Links, links},
    types::{ByteSize, Image, Timestamp},
};
use reflect_core::Core;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use crate::delete_page::DeleteLink;

/// An image with all of its addresses.
pub(super) struct Described {
    /// The image.
    pub(super) image: Image,
    /// Its links, absolute.
    pub(super) links: Links,
    /// How it is deleted.
    pub(super) delete: DeleteLink,
}

impl Described {
    /// The addresses of `image`.
    ///
    /// # Errors
    /// [`Problem::Internal`] if the key can't be derived.
    pub(super) fn new(core: &Core, image: Image) -> Result<Self, Problem> {
        let delete = DeleteLink::to(core, &image)?;
        Ok(Self { links: links(&image, &core.settings.origins, None), delete, image })
    }

    /// The same without the way to delete it, unless `may_delete`.
    pub(super) fn deletable(self, may_delete: bool) -> Self {
        if may_delete { self } else { Self { delete: DeleteLink::none(), ..self } }
    }
}

/// What the bytes are called: `{slug}.{ext}`.
pub(super) fn stored_name(image: &Image) -> String {
    format!("{}.{}", image.slug, image.media_type.extension())
}

/// A moment to compute with.
pub(super) fn moment(at: &Timestamp) -> OffsetDateTime {
    OffsetDateTime::parse(at.as_str(), &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2026-11-20 09:30:00`, UTC.
pub(super) fn date_time(at: &Timestamp) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    moment(at).format(form).unwrap_or_default()
}

/// `2.07 MB`, by powers of 1024, rounded.
pub(super) fn size_text(size: ByteSize) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| size.bytes() >= *unit).unwrap_or((1 << 10, "KB"));
    let hundredths = (u128::from(size.bytes()) * 100 + u128::from(unit) / 2) / u128::from(unit);
    format!("{}.{:02} {name}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_decimals() {
        for (bytes, text) in [
            (0, "0.00 KB"),
            (1536, "1.50 KB"),
            (801_933, "783.14 KB"),
            (2_170_552, "2.07 MB"),
            (5 << 30, "5.00 GB"),
            (1 << 50, "1024.00 TB"),
        ] {
            assert_eq!(size_text(ByteSize(bytes)), text);
        }
    }

    #[test]
    fn a_moment_is_written_without_its_fraction() {
        let at = Timestamp::from_rfc3339("2026-11-20T09:30:00.123Z".into());
        assert_eq!(date_time(&at), "2026-11-20 09:30:00");
        assert_eq!(moment(&at).unix_timestamp(), 1_795_167_000);
    }
}
