//! The page of what somebody has made public.

use serde::{Deserialize, Serialize};

use super::{Prose, image_details::named};

/// What somebody says of themselves.
pub type Bio = Prose<500>;

/// Somebody's own page, as they see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnProfile {
    /// Whether others see it.
    pub is_on: bool,
    /// What they say of themselves.
    pub bio: Option<Bio>,
}

/// What becomes of it, as it was typed: what isn't named stays, what is `null` or empty goes (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileChange {
    /// Whether others see it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub is_on: Option<bool>,
    /// What they say of themselves.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub bio: Option<Option<String>>,
}
