//! The gallery as a whole, and the parts of it that are looked at.

use serde::{Deserialize, Serialize};

use super::{Image, ImageId};

/// One month of a person's images, in UTC. Months without images are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineMonth {
    /// `YYYY-MM`
    pub month: String,
    /// Images in it, at least one.
    pub images: u32,
    /// Days in it that have images.
    pub days: u32,
}

/// Where in the gallery, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// From the newest image on.
    #[default]
    Newest,
    /// Up to the oldest image.
    Oldest,
    /// From what is just older than this image, which may be gone.
    OlderThan(ImageId),
    /// Up to what is just newer than this image, which may be gone.
    NewerThan(ImageId),
    /// From the newest image of what an address names: `2026`, `2026-03`, `2026-03-14`, a moment in RFC 3339
    /// or an image's slug.
    At(String),
    /// From where this share of a month's images is newer.
    Within {
        /// `YYYY-MM`
        month: String,
        /// In thousandths.
        share: u32,
    },
}

/// Images that follow each other in the gallery, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The images.
    pub images: Vec<Image>,
    /// Whether there are newer ones than these.
    pub has_newer: bool,
    /// Whether there are older ones than these.
    pub has_older: bool,
}
