//! How often images are seen, and what they take.

use serde::{Deserialize, Serialize};

use super::{ByteSize, Image, MediaType, Within};

/// Days that statistics are about, today included.
pub type StatisticsDays = Within<1, 365>;

/// Views of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayViews {
    /// `YYYY-MM-DD`, UTC.
    pub date: String,
    /// How often something was seen that day.
    pub views: u64,
}

/// How often an image was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageStatistics {
    /// Since there is one, or since views are counted.
    pub views: u64,
    /// The last days, the oldest first, today included.
    pub days: Vec<DayViews>,
}

/// An image with how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewedImage {
    /// The image.
    pub image: Image,
    /// How often, in the days that are asked for.
    pub views: u64,
}

/// What images of one type take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeStorage {
    /// The type.
    pub media_type: MediaType,
    /// Images.
    pub images: u64,
    /// Their bytes.
    pub bytes: ByteSize,
}

/// What images that were uploaded in one month take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthStorage {
    /// `YYYY-MM`, UTC.
    pub month: String,
    /// Images.
    pub images: u64,
    /// Their bytes.
    pub bytes: ByteSize,
}

/// A person's images in figures, the bin not counted, except for days' views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// In all of the days.
    pub views: u64,
    /// The last days, the oldest first, today included.
    pub days: Vec<DayViews>,
    /// What was seen most in these days, at most ten.
    pub most_viewed: Vec<ViewedImage>,
    /// What takes most first.
    pub types: Vec<TypeStorage>,
    /// From the first month with images to the last one, the oldest first; months without any too.
    pub months: Vec<MonthStorage>,
}
