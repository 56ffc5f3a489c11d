//! What can be wrong with what is stored.

use std::fmt;

/// The SHA-256 that a blob is named after, in hexadecimal where it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobHash(pub(super) Vec<u8>);

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Something that isn't as it was stored. Images are named by their slugs, ten at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A blob has other bytes than those that it is named after.
    Changed {
        /// Which.
        hash: BlobHash,
        /// Whose bytes these should be.
        images: Vec<String>,
    },
    /// A blob has fewer or more bytes than it should, or not in order.
    Incomplete {
        /// Which.
        hash: BlobHash,
        /// Bytes that there should be.
        size: i64,
        /// Bytes that there are.
        found: i64,
        /// Whose bytes these should be.
        images: Vec<String>,
    },
    /// A blob counts other references than there are images of it, and earlier versions of images.
    References {
        /// Which.
        hash: BlobHash,
        /// References that it counts.
        counted: i64,
        /// Images that there are.
        images: i64,
    },
    /// An image says another size than its blob has.
    Size {
        /// Which image.
        slug: String,
        /// What it says, in bytes.
        said: i64,
        /// What there is.
        size: i64,
    },
    /// Somebody's used space isn't that of their images, the bin and earlier versions included.
    Space {
        /// Whose.
        name: String,
        /// Bytes that count as used.
        counted: i64,
        /// Bytes that their images have.
        taken: i64,
    },
    /// Variants take other room than is counted.
    Variants {
        /// Bytes that are counted.
        counted: i64,
        /// Bytes that there are.
        taken: i64,
    },
    /// One of somebody's days counts other images than it has, the bin excepted.
    Day {
        /// Whose.
        name: String,
        /// Which, in UTC.
        day: String,
        /// Images that it counts.
        counted: i64,
        /// Images that there are.
        images: i64,
    },
}

impl Damage {
    /// For scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Incomplete { .. } => "incomplete",
            Self::References { .. } => "references",
            Self::Size { .. } => "size",
            Self::Space { .. } => "space",
            Self::Variants { .. } => "variants",
            Self::Day { .. } => "day",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { hash, images } => {
                write!(f, "blob {hash}: the bytes aren't those that were stored")?;
                shown_by(f, images)
            }
            Self::Incomplete { hash, size, found, images } => {
                write!(f, "blob {hash}: has {found} bytes where there should be {size}, or not in order")?;
                shown_by(f, images)
            }
            Self::References { hash, counted, images } => {
                write!(f, "blob {hash}: counts {counted} references, and there are {images} images of it")
            }
            Self::Size { slug, said, size } => {
                write!(f, "image {slug}: says {said} bytes, and its blob has {size}")
            }
            Self::Space { name, counted, taken } => {
                write!(f, "account {name}: {counted} bytes count as used, and its images have {taken}")
            }
            Self::Variants { counted, taken } => {
                write!(f, "variants: {counted} bytes are counted, and there are {taken}")
            }
            Self::Day { name, day, counted, images } => {
                write!(f, "account {name}: {day} counts {counted} images, and there are {images}")
            }
        }
    }
}

fn shown_by(f: &mut fmt::Formatter<'_>, images: &[String]) -> fmt::Result {
    if images.is_empty() { Ok(()) } else { write!(f, " (image {})", images.join(", ")) }
}
