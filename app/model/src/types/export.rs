//! What an export of an account says of itself. `docs/api.md` has the format.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    AlbumId, AlbumName, AltText, ByteSize, Description, KnownTag, MaxViews, MediaType, Slug, Timestamp,
    Title, Visibility, Within,
};

/// The file of an export that has [`ExportSummary`]. It is the last, so an export that has it is whole.
pub const SUMMARY: &str = "reflect.json";
/// The folder of the images' files.
pub const IMAGES: &str = "images/";
/// The folder of files in which each line is an [`ExportedImage`].
pub const METADATA: &str = "metadata/";

/// Images of one archive, at most: what its directory says of each is kept until its end.
pub const EXPORT_MOST: u64 = 100_000;

/// A file's SHA-256; in JSON, 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileHash(pub [u8; 32]);

/// The text is no [`FileHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidFileHash;

impl fmt::Display for InvalidFileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a SHA-256 is 64 hexadecimal digits")
    }
}

impl std::error::Error for InvalidFileHash {}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for FileHash {
    type Err = InvalidFileHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(InvalidFileHash) };
        let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?));
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(InvalidFileHash)
    }
}

impl From<FileHash> for String {
    fn from(hash: FileHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for FileHash {
    type Error = InvalidFileHash;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// That a file is an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// The one there is.
    #[serde(rename = "reflect-export")]
    Reflect,
}

impl ExportFormat {
    /// The version that is written, and the only one that is read.
    pub const VERSION: u32 = 1;
}

/// An export as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportSummary {
    /// That it is one.
    pub format: ExportFormat,
    /// [`ExportFormat::VERSION`].
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Images in it.
    pub images: u64,
    /// What their files take.
    pub bytes: ByteSize,
    /// All tags there are.
    pub tags: Vec<KnownTag>,
    /// All albums there are, in their order.
    pub albums: Vec<ExportedAlbum>,
}

/// An album of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedAlbum {
    /// By which images name it, and albums in it.
    pub id: AlbumId,
    /// What it is called.
    pub name: AlbumName,
    /// What there is to say about it.
    #[serde(default)]
    pub description: Option<Description>,
    /// The one that it lies in.
    #[serde(default)]
    pub parent: Option<AlbumId>,
}

/// An image of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedImage {
    /// The path of its file in the archive.
    #[serde(default)]
    pub file: String,
    /// Its file's hash.
    pub hash: FileHash,
    /// Its file's bytes.
    pub byte_size: ByteSize,
    /// What they are.
    pub media_type: MediaType,
    /// The name in its addresses.
    pub slug: Slug,
    /// The address of the image.
    #[serde(default)]
    pub url: String,
    /// The address of its page.
    #[serde(default)]
    pub page: String,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// Which of its versions it is: addresses name it, and are kept for long by who asked for them.
    #[serde(default = "first")]
    pub version: VersionNumber,
    /// Metadata that were removed on the way in, where that is known.
    #[serde(default)]
    pub removed: Option<ByteSize>,
    /// The file's name.
    pub filename: String,
    /// What it is called.
    #[serde(default)]
    pub title: Option<Title>,
    /// What there is to say about it.
    #[serde(default)]
    pub description: Option<Description>,
    /// What it shows.
    #[serde(default)]
    pub alt_text: Option<AltText>,
    /// Whether it has a star.
    #[serde(default)]
    pub favourite: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// From when on nobody else sees it.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// How often others may see it.
    #[serde(default)]
    pub max_views: Option<MaxViews>,
    /// How often they have, since there is a limit.
    #[serde(default)]
    pub views: u32,
    /// Names of its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The albums that it is in.
    #[serde(default)]
    pub albums: Vec<AlbumPlace>,
}

/// The number of a version, with room for more.
pub type VersionNumber = Within<1, 1_000_000_000>;

const fn first() -> VersionNumber {
    Within::nearest(1)
}

/// An image's place in an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbumPlace {
    /// The album.
    pub album: AlbumId,
    /// A number by which the album's images are ordered.
    pub place: i64,
    /// Whether the image stands for the album.
    #[serde(default)]
    pub cover: bool,
}

/// What one of the files would hold that an export made now has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// The first and the last month whose images are in it, `2026-03`, where not all are; or day, `2026-03-14`, where
    /// not all of the month are.
    pub between: Option<[String; 2]>,
    /// What it is asked for by.
    pub query: String,
    /// Images.
    pub images: u64,
    /// What their files take.
    pub bytes: ByteSize,
}

/// What an import begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportStart {
    /// Tags that there are to be.
    #[serde(default)]
    pub tags: Vec<KnownTag>,
    /// Albums that there are to be.
    #[serde(default)]
    pub albums: Vec<ExportedAlbum>,
}

/// The albums there are now, one for each of an [`ImportStart`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportStarted {
    /// By which to name them.
    pub albums: Vec<AlbumId>,
}

/// What an image of an export is told from others by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownImage {
    /// Its file's hash.
    pub hash: FileHash,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// Images of which somebody asks whether they are here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownQuestion {
    /// The images.
    pub images: Vec<KnownImage>,
}

/// Which of them are here: one answer for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAnswer {
    /// Whether they are.
    pub known: Vec<bool>,
}

/// What became of an image of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// It is here, under the address that it had.
    Taken,
    /// It is here under another address, since somebody else has, had or may have had that one.
    TakenElsewhere,
    /// It is back from the bin.
    Restored,
    /// It was here already.
    Existing,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn hashes_are_read_back(bytes: [u8; 32]) {
            let text = FileHash(bytes).to_string();
            prop_assert_eq!(text.parse(), Ok(FileHash(bytes)));
            prop_assert_eq!(text.to_uppercase().parse(), Ok(FileHash(bytes)));
            prop_assert!(text[1..].parse::<FileHash>().is_err());
        }

        #[test]
        fn other_texts_are_no_hashes(text in "\\PC{0,70}|[0-9a-g+-]{64}") {
            let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            prop_assert_eq!(text.parse::<FileHash>().is_ok(), is_hash);
        }
    }
}
