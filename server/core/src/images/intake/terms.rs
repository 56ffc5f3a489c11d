//! Who may see an image from its first moment on, and for how long.

use model::types::{MaxViews, Visibility};
use time::OffsetDateTime;

/// On what terms an image is taken in. It is under them when others can first ask for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who may see it.
    pub visibility: Visibility,
    /// From when on nobody but its owner sees it.
    pub expires_at: Option<OffsetDateTime>,
    /// How often others may see it.
    pub max_views: Option<MaxViews>,
}

impl Terms {
    /// Whether there is an end to it by time or by views.
    pub(super) const fn end(&self) -> bool {
        self.expires_at.is_some() || self.max_views.is_some()
    }
}
