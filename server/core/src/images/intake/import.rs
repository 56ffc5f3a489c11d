//! Images that were here before, or elsewhere: with what was said of them, under the name and from the moment that
//! they had.

use bytes::Bytes;
use model::{
    rules::alternative,
    types::{AlbumPlace, ByteSize, FileHash, Image, ImageId, Slug, Timestamp, UserId, VersionNumber},
};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    Metadata, Prepared, Terms, names,
    persist::{self, DRAWS},
    prepared, receive,
};
use crate::{
    Core,
    images::{
        ImageError, albums, file_name,
        library::{self, COLUMNS, Row},
        store, tags,
    },
    rfc3339,
};

/// Images of which one request asks whether they are here, at most.
pub const MOST_KNOWN: usize = 1_000;

/// An image as it was.
#[derive(Clone, Debug)]
pub struct Former {
    /// Its file's hash.
    pub hash: FileHash,
    /// The name in its addresses.
    pub slug: Slug,
    /// When it was uploaded, in milliseconds.
    pub created_at: OffsetDateTime,
    /// Which of its versions it was: no address of another one is to show it.
    pub version: VersionNumber,
    /// Metadata that were removed from it, where that is known.
    pub removed: Option<ByteSize>,
    /// The file's name.
    pub filename: String,
    /// What is said of it. Where it has no tags, these are best left out: they take a lock.
    pub said: library::Change,
    /// How often others have seen it, since there is a limit.
    pub views: u32,
    /// Where it is in albums. Those that aren't its owner's are passed over.
    pub albums: Vec<AlbumPlace>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Imported {
    /// It is here.
    Taken {
        /// The image.
        image: Image,
        /// Whether it has its name still.
        same_slug: bool,
    },
    /// It was here already.
    Existing(Image),
    /// It is in the bin.
    Binned(ImageId),
}

/// Takes an image in as it was, unless there is one of these bytes and this moment: that is the same, whatever has
/// become of what is said of it. When this returns `Ok`, it is durable.
///
/// # Errors
/// Those of [`super::accept`], and [`ImageError::OtherBytes`] where the file isn't that of the image.
pub async fn import(
    core: &Core,
    owner: UserId,
    former: &Former,
    bytes: Bytes,
) -> Result<Imported, ImageError> {
    let sent = ByteSize(bytes.len() as u64);
    // As it was kept: what was to go is gone already.
    let file = receive(core, bytes, Some(former.hash.0), Metadata::Kept).await?;
    let found = find(&mut *core.pool.acquire().await?, owner, &file.hash, former.created_at).await?;
    if let Some(found) = found {
        return Ok(found);
    }
    persist::check_space_left(core, owner, sent).await?;
    let prepared = prepared(core, file).await?;
    store(core, owner, former, &prepared).await
}

async fn store(
    core: &Core,
    owner: UserId,
    former: &Former,
    prepared: &Prepared,
) -> Result<Imported, ImageError> {
    let (file, now) = (&prepared.file, core.now());
    let (width, height) = file.facts.shown();
    let filename = file_name::stored(&former.filename);
    let mut image = Image {
        id: names::image_id(&core.random, former.created_at)?,
        slug: former.slug.clone(),
        alt: alternative(None, None, &filename),
        filename,
        media_type: file.kind,
        byte_size: ByteSize(file.bytes.len() as u64),
        width,
        height,
        frames: file.facts.frames,
        color: prepared.color,
        version: 1,
        created_at: rfc3339(former.created_at),
        preview: String::new(),
        thumbhash: String::new(),
    };
    let mut tx = core.pool.begin().await?;
    // Images, albums and tags are locked before blobs and days, as everywhere: whoever deletes the image that has the
    // name for good waits for the bytes' row, and this would for the name.
    if is_taken(&mut tx, &image.slug).await? {
        image.slug = names::slug(&core.random)?;
    }
    // Before the albums, as whoever deletes the account does.
    sqlx::query("SELECT FROM users WHERE id = $1 FOR KEY SHARE").bind(owner.0).execute(&mut *tx).await?;
    let places = albums::hold(&mut tx, owner, &former.albums).await?;
    if former.said.tags.is_some() {
        tags::lock(&mut tx, owner).await?;
    }
    let stored = store::add(&mut tx, &file.hash, &file.bytes, 1, now).await?;
    // Who imports the same at the same moment waited for the bytes' row, and finds it here.
    if stored && let Some(found) = find(&mut tx, owner, &file.hash, former.created_at).await? {
        tx.rollback().await?;
        return Ok(found);
    }
    let mut draws = 1;
    while !persist::insert(&mut tx, owner, &image, prepared, &Terms::default(), former.created_at).await? {
        if draws == DRAWS {
            return Err(ImageError::Worker);
        }
        draws += 1;
        image.slug = names::slug(&core.random)?;
    }
    // Only now: whoever had it may have gone for good while this waited for the name.
    if was_others(&mut tx, owner, &image.slug).await? {
        image.slug = names::slug(&core.random)?;
        sqlx::query("UPDATE images SET slug = $2 WHERE id = $1")
            .bind(image.id.0)
            .bind(image.slug.as_str())
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query("UPDATE images SET version = $2, removed_bytes = $3 WHERE id = $1")
        .bind(image.id.0)
        .bind(former.version.get().cast_signed())
        .bind(former.removed.map(|size| size.0.cast_signed()))
        .execute(&mut *tx)
        .await?;
    let mut image = library::say(&mut tx, core, owner, image.id, &former.said).await?.image;
    if former.views > 0 {
        sqlx::query("UPDATE images SET views = $2 WHERE id = $1 AND max_views IS NOT NULL")
            .bind(image.id.0)
            .bind(i32::try_from(former.views).unwrap_or(i32::MAX))
            .execute(&mut *tx)
            .await?;
    }
    albums::put_back(&mut tx, image.id, &places).await?;
    image.created_at = rfc3339(former.created_at);
    persist::take_space(&mut tx, owner, image.byte_size).await?;
    persist::keep_variants(&mut tx, core, prepared).await?;
    tx.commit().await?;
    Ok(Imported::Taken { same_slug: image.slug == former.slug, image })
}

/// Whether there is an image with this name, once whoever deletes it has ended; it stays until this transaction ends.
async fn is_taken(connection: &mut PgConnection, slug: &Slug) -> Result<bool, sqlx::Error> {
    let found = sqlx::query("SELECT FROM images WHERE slug = $1 FOR KEY SHARE").bind(slug.as_str());
    Ok(found.fetch_optional(connection).await?.is_some())
}

/// Whether the name was another person's, whose image is gone; or may have been, where images went before names were
/// written down.
async fn was_others(connection: &mut PgConnection, owner: UserId, slug: &Slug) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT coalesce((SELECT owner_id IS DISTINCT FROM $2 FROM spent_slugs WHERE slug = $1), \
         EXISTS (SELECT FROM settings WHERE name = 'spent_slugs_from'))",
    )
    .bind(slug.as_str())
    .bind(owner.0)
    .fetch_one(connection)
    .await
}

/// What there is of `owner`'s that has these bytes, or had them before it was changed, and is from this moment; rather
/// not what is in the bin.
async fn find(
    connection: &mut PgConnection,
    owner: UserId,
    hash: &[u8; 32],
    created_at: OffsetDateTime,
) -> Result<Option<Imported>, ImageError> {
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE id IN (SELECT id FROM images WHERE hash = $1 \
         UNION ALL SELECT image_id FROM image_versions WHERE hash = $1) AND owner_id = $2 \
         AND date_trunc('milliseconds', created_at) = $3 ORDER BY deleted_at IS NULL"
    )))
    .bind(&hash[..])
    .bind(owner.0)
    .bind(created_at)
    .fetch_all(connection)
    .await?;
    let Some(row) = rows.into_iter().next_back() else { return Ok(None) };
    let is_binned = row.is_binned();
    let image = row.image()?;
    Ok(Some(if is_binned { Imported::Binned(image.id) } else { Imported::Existing(image) }))
}

/// Which of these images, each a hash and a moment in milliseconds, `owner` has, whatever they were changed to since, the
/// bin excepted: one answer for each.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn known(
    pool: &PgPool,
    owner: UserId,
    images: &[(FileHash, OffsetDateTime)],
) -> Result<Vec<bool>, ImageError> {
    let known = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM images i WHERE i.id IN (SELECT id FROM images WHERE hash = asked.hash \
         UNION ALL SELECT image_id FROM image_versions WHERE hash = asked.hash) \
         AND owner_id = $1 AND deleted_at IS NULL \
         AND date_trunc('milliseconds', i.created_at) = asked.created_at) \
         FROM unnest($2::bytea[], $3::timestamptz[]) WITH ORDINALITY AS asked (hash, created_at, n) ORDER BY n",
    )
    .bind(owner.0)
    .bind(images.iter().map(|(hash, _)| &hash.0[..]).collect::<Vec<_>>())
    .bind(images.iter().map(|(_, moment)| *moment).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    Ok(known)
}

/// The moment of an image that was, if it may have been uploaded then: not before there were clocks that count from
/// 1970, and not in the future.
#[must_use]
pub fn moment(text: &Timestamp, now: OffsetDateTime) -> Option<OffsetDateTime> {
    use time::format_description::well_known::Rfc3339;

    let moment = OffsetDateTime::parse(text.as_str(), &Rfc3339).ok()?;
    let moment = moment.replace_millisecond(moment.millisecond()).ok()?;
    (OffsetDateTime::UNIX_EPOCH..=now).contains(&moment).then_some(moment)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::testing::user;

    /// Where nobody was before names were written down, all that went are known.
    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn an_instance_that_is_older_says_so(pool: PgPool) {
        let question = "SELECT EXISTS (SELECT FROM settings WHERE name = 'spent_slugs_from')";
        let is_older = async || sqlx::query_scalar::<_, bool>(question).fetch_one(&pool).await.unwrap();
        assert!(!is_older().await);
        user(&pool, "ada", 1000).await;
        let migration = crate::db::MIGRATOR.iter().find(|migration| migration.version == 48).unwrap();
        let undone =
            "DROP TRIGGER images_spent ON images; DROP FUNCTION keep_spent_slugs; DROP TABLE spent_slugs";
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        sqlx::raw_sql(migration.sql.clone()).execute(&pool).await.unwrap();
        assert!(is_older().await);
    }

    #[test]
    fn moments_are_of_the_past() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let read = |text: &str| moment(&Timestamp::from_rfc3339(text.into()), now);
        assert_eq!(read("2026-11-20T12:00:00Z"), Some(now));
        assert_eq!(read("2026-11-20T14:00:00+02:00"), Some(now));
        assert_eq!(read("2020-01-02T03:04:05.6789Z"), Some(datetime!(2020-01-02 3:04:05.678 UTC)));
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(OffsetDateTime::UNIX_EPOCH));
        for bad in ["2026-11-20T12:00:00.001Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "", "today"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
