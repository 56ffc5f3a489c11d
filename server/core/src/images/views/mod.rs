//! How often images are seen, day by day (UTC), and nothing of who looked.
//!
//! Whoever serves images counts in memory; this is where it is written down and read.

mod read;

use model::types::ImageId;
use sqlx::PgPool;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

pub use self::read::{DayStorage, by_day, of_image, of_owner};
use super::ImageError;

/// What is written down at once, at most.
pub const BATCH: usize = 5000;

/// How many days are told apart, today included. Of those before only the total is left.
const KEPT: i64 = 400;

/// How often an image was seen on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The image.
    pub image: ImageId,
    /// The day, UTC.
    pub day: Date,
    /// How often.
    pub views: u64,
}

/// Adds views to those there are, all of them or none, each image and day named once. Several nodes may do so at
/// once. Answers the images whose views weren't added and should be tried again, since somebody is at work on them;
/// those of images that are gone are dropped.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn add(pool: &PgPool, seen: &[Seen]) -> Result<Vec<ImageId>, ImageError> {
    let images: Vec<Uuid> = seen.iter().map(|seen| seen.image.0).collect();
    let days: Vec<Date> = seen.iter().map(|seen| seen.day).collect();
    let views: Vec<i64> = seen.iter().map(|seen| i64::try_from(seen.views).unwrap_or(i64::MAX)).collect();
    let mut tx = pool.begin().await?;
    // An image that is held here isn't deleted meanwhile; one that somebody else is deleting isn't waited for. Rows
    // are added in the order of their keys, so that two nodes don't wait for each other.
    let added: Vec<Uuid> = sqlx::query_scalar(
        "WITH there AS MATERIALIZED (\
             SELECT id, owner_id FROM images WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE SKIP LOCKED) \
         INSERT INTO image_views AS known (image_id, day, owner_id, views) \
         SELECT id, day, owner_id, views \
         FROM unnest($1::uuid[], $2::date[], $3::bigint[]) AS seen (image_id, day, views) \
         JOIN there ON id = image_id ORDER BY id, day \
         ON CONFLICT (image_id, day) DO UPDATE SET views = known.views + excluded.views RETURNING image_id",
    )
    .bind(&images)
    .bind(&days)
    .bind(&views)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO image_view_totals AS known (image_id, views) \
         SELECT image_id, sum(views)::bigint FROM unnest($1::uuid[], $2::bigint[]) AS seen (image_id, views) \
         WHERE image_id = ANY ($3) GROUP BY image_id ORDER BY image_id \
         ON CONFLICT (image_id) DO UPDATE SET views = known.views + excluded.views",
    )
    .bind(&images)
    .bind(&views)
    .bind(&added)
    .execute(&mut *tx)
    .await?;
    let left: Vec<Uuid> = if added.len() < seen.len() {
        sqlx::query_scalar("SELECT id FROM images WHERE id = ANY ($1) AND id <> ALL ($2)")
            .bind(&images)
            .bind(&added)
            .fetch_all(&mut *tx)
            .await?
    } else {
        Vec::new()
    };
    tx.commit().await?;
    Ok(left.into_iter().map(ImageId).collect())
}

/// Forgets days that are too old; totals stay. Answers how many rows went.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, ImageError> {
    // What somebody else is deleting goes without this.
    let swept = sqlx::query(
        "DELETE FROM image_views WHERE (image_id, day) IN \
         (SELECT image_id, day FROM image_views WHERE day < $1 FOR UPDATE SKIP LOCKED)",
    )
    .bind((now - Duration::days(KEPT - 1)).date())
    .execute(pool)
    .await?;
    Ok(swept.rows_affected())
}

#[cfg(test)]
mod tests;
