//! Images that nobody has looked at yet: those from before likeness, colours or placeholders were.

use model::types::{VariantFormat, VariantWidth};

use super::{COLUMNS, Row};
use crate::{
    Core,
    images::{
        ImageError, colors::Colors, likeness::Likeness, placeholder::Placeholder, variants, workers::hostile,
    },
};

/// Images of one question.
const BATCH: u32 = 100;

/// Looks at `most` images that have no likeness, colours or placeholder yet, by their thumbnails. Answers how many it
/// did. What can't be looked at is like nothing, and has none.
///
/// # Errors
/// The database.
pub async fn look(core: &Core, most: u32) -> Result<u32, ImageError> {
    let mut seen = 0;
    while seen < most {
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM images WHERE likeness IS NULL OR colors IS NULL OR thumbhash IS NULL \
             ORDER BY id DESC LIMIT {}",
            BATCH.min(most - seen)
        )))
        .fetch_all(&core.pool)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let stored = row.stored()?;
            let thumbnail =
                variants::get_or_make(core, &stored, VariantWidth::THUMBNAIL, VariantFormat::WebP).await;
            let (likeness, colors, placeholder) = match thumbnail {
                Err(ImageError::Database(error)) if !is_damage(&error) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(image = %stored.image.id, %error, "an image could not be looked at");
                    Default::default()
                }
                Ok(bytes) => {
                    core.workers.run(0, move || hostile(|| Ok(look_at(&bytes)))).await.unwrap_or_default()
                }
            };
            // Not for those that were looked at meanwhile, by another node, or show something else by now.
            sqlx::query(
                "UPDATE images SET likeness = coalesce(likeness, $2), colors = coalesce(colors, $3), \
                 thumbhash = coalesce(thumbhash, $5) \
                 WHERE id = $1 AND hash = $4 AND (likeness IS NULL OR colors IS NULL OR thumbhash IS NULL)",
            )
            .bind(stored.image.id.0)
            .bind(Likeness::stored(likeness))
            .bind(colors.stored())
            .bind(&stored.hash[..])
            .bind(placeholder.stored())
            .execute(&core.pool)
            .await?;
            seen += 1;
        }
    }
    Ok(seen)
}

/// Whether it is the image's fault and not the database's.
const fn is_damage(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. })
}

fn look_at(thumbnail: &[u8]) -> (Option<Likeness>, Colors, Placeholder) {
    image::load_from_memory_with_format(thumbnail, image::ImageFormat::WebP)
        .map(|picture| (Likeness::of(&picture), Colors::of(&picture), Placeholder::of(&picture)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use sqlx::PgPool;

    use super::{super::ListQuery, *};
    use crate::{
        images::{
            containers::fixtures::{png, stored_png},
            intake,
            likeness::scene,
        },
        testing::{self, user},
    };

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn what_was_there_before_is_looked_at(pool: PgPool) {
        let core = testing::core(pool.clone());
        let owner = user(&pool, "ada", 1 << 30).await;
        let plain = RgbImage::from_pixel(40, 30, image::Rgb([9, 9, 9]));
        for (name, picture) in [("a", scene(1, 400, 300)), ("b", scene(2, 300, 400)), ("c", plain)] {
            intake::accept(&core, owner, name, png(&picture, 6).into()).await.unwrap();
        }
        let all = || async {
            let all: Vec<Option<i64>> = sqlx::query_scalar("SELECT likeness FROM images ORDER BY filename")
                .fetch_all(&pool)
                .await
                .unwrap();
            all
        };
        let at_intake = all().await;
        assert!(
            at_intake[0] > Some(0) && at_intake[1] > Some(0) && at_intake[2] == Some(-1),
            "{at_intake:?}"
        );
        let colors = || async {
            let all: Vec<Option<i16>> = sqlx::query_scalar("SELECT colors FROM images ORDER BY filename")
                .fetch_all(&pool)
                .await
                .unwrap();
            all
        };
        let colored = colors().await;
        assert!(colored.iter().all(|colors| *colors > Some(0)), "{colored:?}");
        sqlx::query("UPDATE images SET likeness = NULL, colors = CASE WHEN filename = 'c' THEN colors END")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(look(&core, 2).await.unwrap(), 2);
        assert_eq!(all().await.iter().filter(|likeness| likeness.is_none()).count(), 1);
        assert_eq!(look(&core, 100).await.unwrap(), 1);
        assert_eq!(look(&core, 100).await.unwrap(), 0);
        assert_eq!(colors().await, colored);
        sqlx::query("UPDATE images SET thumbhash = NULL WHERE filename = 'b'").execute(&pool).await.unwrap();
        assert_eq!(look(&core, 100).await.unwrap(), 1);
        let listed =
            super::super::list(&core, owner, &ListQuery { limit: 9, ..Default::default() }).await.unwrap();
        assert!(listed.items.iter().all(|image| !image.thumbhash.is_empty()));
        sqlx::query("UPDATE images SET colors = NULL WHERE filename = 'a'").execute(&pool).await.unwrap();
        assert_eq!(look(&core, 100).await.unwrap(), 1);
        assert_eq!(colors().await, colored);
        let pairs = all().await.into_iter().zip(at_intake);
        for (later, before) in pairs {
            let of = |bits: Option<i64>| Likeness::from_stored(bits.unwrap());
            match (of(later), of(before)) {
                (Some(later), Some(before)) => assert!(later.distance(before) <= Likeness::SAME),
                (later, before) => assert_eq!(later, before),
            }
        }
    }

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn what_cannot_be_looked_at_is_not_tried_for_ever(pool: PgPool) {
        let core = testing::core(pool.clone());
        let owner = user(&pool, "ada", 1 << 30).await;
        // More than one chunk, and one.
        for (seed, side) in [(1, 400), (2, 40)] {
            let picture = stored_png(&scene(seed, side, side));
            intake::accept(&core, owner, "a.png", picture.into()).await.unwrap();
        }
        for damage in [
            "UPDATE images SET likeness = NULL",
            "DELETE FROM variants",
            "DELETE FROM blob_chunks WHERE number = 1 OR octet_length(data) < 200000",
        ] {
            sqlx::query(damage).execute(&pool).await.unwrap();
        }
        assert_eq!(look(&core, 100).await.unwrap(), 2);
        assert_eq!(look(&core, 100).await.unwrap(), 0);
    }
}
