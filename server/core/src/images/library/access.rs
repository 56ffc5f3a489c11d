//! Who may see an image.

use std::{fmt, sync::Arc};

use model::types::{ImageId, Slug, UserId};
use time::OffsetDateTime;

use crate::{Core, images::ImageError};

/// What keeps people from seeing an image, as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    pub(super) owner: UserId,
    pub(super) is_private: bool,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) views: Option<Views>,
}

/// How often an image may be seen, and was. Only the database knows how often it has been by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Views {
    pub(super) most: i32,
    pub(super) taken: i32,
}

/// What an image is to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody's to see and to keep, until then.
    Open {
        /// When it lapses, if it does.
        until: Option<OffsetDateTime>,
    },
    /// Anybody's to see as long as [`count_view`] has one left.
    Counted,
    /// Their own.
    Own,
    /// As if it weren't there.
    Nothing,
}

impl Restriction {
    /// What the image is to `viewer` at the moment `now`. To its owner it is always there.
    #[must_use]
    pub fn access(&self, viewer: Option<UserId>, now: OffsetDateTime) -> Access {
        if viewer == Some(self.owner) {
            return Access::Own;
        }
        let is_over = self.expires_at.is_some_and(|end| end <= now);
        match self.views {
            _ if self.is_private || is_over => Access::Nothing,
            Some(views) if views.taken >= views.most => Access::Nothing,
            Some(_) => Access::Counted,
            None => Access::Open { until: self.expires_at },
        }
    }
}

/// Images that others may see: what [`Restriction::access`] says, by what is stored now. `$now` is the parameter
/// with the present moment.
macro_rules! seen_by_others {
    ($now:literal) => {
        concat!(
            "deleted_at IS NULL AND visibility <> 'private' AND (expires_at IS NULL OR expires_at > ",
            $now,
            ") AND (max_views IS NULL OR views < max_views)"
        )
    };
}
pub(in crate::images) use seen_by_others;

/// Takes one of the views that are left; `false` if none was. Of many at once exactly as many succeed as
/// there were left, whichever nodes they ask.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn count_view(core: &Core, id: ImageId) -> Result<bool, ImageError> {
    let taken =
        sqlx::query(concat!("UPDATE images SET views = views + 1 WHERE id = $1 AND ", seen_by_others!("$2")))
            .bind(id.0)
            .bind(core.now())
            .execute(&core.pool)
            .await?;
    Ok(taken.rows_affected() == 1)
}

/// Whether there is a view left, which stays.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn has_views_left(core: &Core, id: ImageId) -> Result<bool, ImageError> {
    let sql = concat!("SELECT EXISTS (SELECT FROM images WHERE id = $1 AND ", seen_by_others!("$2"), ")");
    Ok(sqlx::query_scalar(sql).bind(id.0).bind(core.now()).fetch_one(&core.pool).await?)
}

/// Whoever in this process keeps in memory what is known of images, to be told at once of what changes.
/// Other processes hear of it from the database. By default nobody does.
#[derive(Clone, Default)]
pub struct ImageChanges(Option<Arc<Listener>>);

type Listener = dyn Fn(&Slug) + Send + Sync;

impl ImageChanges {
    /// Has `listener` told.
    #[must_use]
    pub fn told_to(listener: impl Fn(&Slug) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Tells that what is known of these images holds no more.
    pub(in crate::images) fn tell<'a>(&self, slugs: impl Iterator<Item = &'a str>) {
        if let Some(listener) = &self.0 {
            slugs.filter_map(|slug| slug.parse().ok()).for_each(|slug| listener(&slug));
        }
    }
}

impl fmt::Debug for ImageChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ImageChanges").finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
    const OWNER: UserId = UserId(Uuid::from_u128(1));
    const OTHER: UserId = UserId(Uuid::from_u128(2));

    const OPEN: Restriction = Restriction { owner: OWNER, is_private: false, expires_at: None, views: None };

    #[test]
    fn a_private_image_is_its_owners() {
        let private = Restriction { is_private: true, views: Some(Views { most: 2, taken: 0 }), ..OPEN };
        assert_eq!(private.access(None, NOW), Access::Nothing);
        assert_eq!(private.access(Some(OTHER), NOW), Access::Nothing);
        assert_eq!(private.access(Some(OWNER), NOW), Access::Own);
    }

    #[test]
    fn a_moment_ends_when_it_has_come() {
        let until = |seconds| Restriction { expires_at: Some(NOW + Duration::seconds(seconds)), ..OPEN };
        assert_eq!(until(1).access(None, NOW), Access::Open { until: Some(NOW + Duration::SECOND) });
        assert_eq!(until(0).access(None, NOW), Access::Nothing);
        assert_eq!(until(-1).access(Some(OTHER), NOW), Access::Nothing);
        assert_eq!(until(-1).access(Some(OWNER), NOW), Access::Own);
    }

    #[test]
    fn views_are_counted_while_some_are_left() {
        let seen = |taken| Restriction { views: Some(Views { most: 3, taken }), ..OPEN };
        assert_eq!(
            [2, 3, 4].map(|n| seen(n).access(None, NOW)),
            [Access::Counted, Access::Nothing, Access::Nothing]
        );
        assert_eq!(seen(3).access(Some(OWNER), NOW), Access::Own);
    }

    proptest! {
        #[test]
        fn nobody_but_the_owner_sees_what_is_private_over_or_used_up(
            is_private: bool, ends in proptest::option::of(-5_i64..5), taken in proptest::option::of(0_i32..6)
        ) {
            let expires_at = ends.map(|seconds| NOW + Duration::seconds(seconds));
            let views = taken.map(|taken| Views { most: 3, taken });
            let limits = Restriction { owner: OWNER, is_private, expires_at, views };
            let is_closed = is_private || ends.is_some_and(|s| s <= 0) || taken.is_some_and(|n| n >= 3);
            for stranger in [None, Some(OTHER)] {
                prop_assert_eq!(limits.access(stranger, NOW) == Access::Nothing, is_closed);
                prop_assert_ne!(limits.access(stranger, NOW), Access::Own);
            }
            prop_assert_eq!(limits.access(Some(OWNER), NOW), Access::Own);
        }
    }
}
