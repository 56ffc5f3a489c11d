//! One transaction: what an image was goes among its versions, and it is something else.
//!
//! Locks are taken in the order of all others: the image, blobs in the order of their hashes, the owner, the audit log,
//! and what variants take together.

use model::{
    rules::filename,
    types::{Action, ByteSize, Color, Image, ImageId, MOST_VERSIONS, Made, MediaType, UserId},
};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::{
    Core,
    audit::By,
    images::{
        ImageError, file_name,
        intake::{self, Prepared},
        library::{COLUMNS, Row, StoredImage, free_space, notify},
        likeness::Likeness,
        placeholder::Placeholder,
        store, variants,
    },
};

use super::tell;

/// What is known of a version's bytes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Content {
    hash: Vec<u8>,
    pub(super) media_type: String,
    pub(super) byte_size: i64,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) frames: i32,
    color: i32,
    removed_bytes: Option<i64>,
    likeness: Option<i64>,
    colors: Option<i16>,
    thumbhash: Option<Vec<u8>>,
}

impl Content {
    /// What it is made of: `images` and `image_versions` have the same.
    pub(super) const COLUMNS: &str = "hash, media_type, byte_size, width, height, frames, color, removed_bytes, likeness, \
         colors, thumbhash";

    fn of(prepared: &Prepared, made: Made) -> Self {
        // What was made here of the file that was sent had nothing in it to remove; that file had.
        let removed =
            prepared.file.removed.filter(|_| made == Made::Replaced).map(|size| size.0.cast_signed());
        let file = &prepared.file;
        let (width, height) = file.facts.shown();
        let Color([r, g, b]) = prepared.color;
        Self {
            hash: file.hash.to_vec(),
            media_type: file.kind.mime().to_owned(),
            byte_size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
            width: width.cast_signed(),
            height: height.cast_signed(),
            frames: file.facts.frames.cast_signed(),
            color: i32::from_be_bytes([0, r, g, b]),
            removed_bytes: removed,
            likeness: Some(Likeness::stored(prepared.likeness)),
            colors: Some(prepared.colors.stored()),
            thumbhash: Some(prepared.placeholder.stored().to_vec()),
        }
    }

    /// That of an earlier version.
    pub(super) async fn earlier(
        connection: &mut PgConnection,
        id: ImageId,
        number: u32,
    ) -> Result<Option<Self>, sqlx::Error> {
        let columns = Self::COLUMNS;
        sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {columns} FROM image_versions WHERE image_id = $1 AND number = $2"
        )))
        .bind(id.0)
        .bind(number.cast_signed())
        .fetch_optional(connection)
        .await
    }

    /// The image as it was with this.
    pub(super) fn show_as(self, shown: StoredImage, number: u32) -> Result<StoredImage, ImageError> {
        let damaged = |column| ImageError::Database(sqlx::Error::Decode(format!("versions.{column}").into()));
        let media_type = MediaType::from_mime(&self.media_type).ok_or_else(|| damaged("media_type"))?;
        let [_, r, g, b] = self.color.to_be_bytes();
        let mut image = Image {
            filename: named(&shown.image.filename, shown.image.media_type, media_type),
            media_type,
            byte_size: ByteSize(self.byte_size.cast_unsigned()),
            width: self.width.cast_unsigned(),
            height: self.height.cast_unsigned(),
            frames: self.frames.cast_unsigned(),
            color: Color([r, g, b]),
            version: number,
            preview: String::new(),
            thumbhash: String::new(),
            ..shown.image
        };
        Placeholder::from_stored(self.thumbhash).mark(&mut image);
        let hash = self.hash.try_into().map_err(|_| damaged("hash"))?;
        Ok(StoredImage { image, hash, ..shown })
    }
}

/// What an image becomes.
#[derive(Clone, Copy)]
pub(super) enum Taken<'a> {
    /// A file that nobody has seen yet.
    New(&'a Prepared),
    /// What it was.
    Earlier(u32),
}

/// A file's name, whose ending tells what it is.
fn named(name: &str, from: MediaType, to: MediaType) -> String {
    if from == to {
        return name.to_owned();
    }
    file_name::stored(&format!("{}.{}", filename::stem(name), to.extension()))
}

/// One of the owner's images, the bin excepted, which nobody else changes until the transaction ends.
pub(super) async fn lock(
    tx: &mut Transaction<'_, Postgres>,
    owner: UserId,
    id: ImageId,
) -> Result<Row, ImageError> {
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE"
    )))
    .bind(id.0)
    .bind(owner.0)
    .fetch_optional(&mut **tx)
    .await?;
    row.ok_or(ImageError::NotFound)
}

/// What is one too many beside what the image is now, `$2` being all that are kept but that and the oldest: that is what
/// its owner sent, and no number of changes takes it from them.
const ONE_TOO_MANY: &str = "image_id = $1 AND number IN (SELECT number FROM image_versions WHERE image_id = $1 \
     AND number > (SELECT min(number) FROM image_versions WHERE image_id = $1) ORDER BY number DESC OFFSET $2)";
const MOST_BESIDE: i64 = MOST_VERSIONS as i64 - 2;

/// The space that goes back to the owner where the image changes once more.
pub(super) async fn space_of_one_too_many(core: &Core, id: ImageId) -> Result<ByteSize, ImageError> {
    let size: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT coalesce(sum(byte_size), 0)::int8 FROM image_versions WHERE {ONE_TOO_MANY}"
    )))
    .bind(id.0)
    .bind(MOST_BESIDE)
    .fetch_one(&core.pool)
    .await?;
    Ok(ByteSize(size.cast_unsigned()))
}

/// Has the image be that. Only as long as its version is `seen`, where that matters. What it is already changes nothing.
pub(super) async fn make(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    taken: Taken<'_>,
    (made, seen): (Made, Option<u32>),
) -> Result<Image, ImageError> {
    let mut tx = core.pool.begin().await?;
    let before = lock(&mut tx, owner, id).await?.stored()?;
    if seen.is_some_and(|seen| seen != before.image.version) {
        return Err(ImageError::Changed);
    }
    let content = match taken {
        Taken::New(prepared) => Content::of(prepared, made),
        Taken::Earlier(number) if number == before.image.version => return Ok(before.image),
        Taken::Earlier(number) => Content::earlier(&mut tx, id, number).await?.ok_or(ImageError::NotFound)?,
    };
    if content.hash == before.hash {
        return Ok(before.image);
    }
    let gone = trim(&mut tx, id).await?;
    refer(core, &mut tx, taken, &content, &before, &gone).await?;
    put_away(&mut tx, id).await?;
    let freed = release(&mut tx, &gone).await?;
    let image = write(core, &mut tx, &before, &content, made).await?;
    let size = content.byte_size.cast_unsigned();
    free_space(&mut tx, owner, gone.iter().map(|gone| gone.1).sum()).await?;
    intake::take_space(&mut tx, owner, ByteSize(size)).await?;
    tell(&mut tx, core, by, owner, (Action::PictureChanged, &image.filename)).await?;
    notify(&mut tx, std::iter::once(image.slug.as_str())).await?;
    if freed > 0 {
        variants::count(&mut tx, -freed).await?;
    }
    if let Taken::New(prepared) = taken {
        intake::keep_variants(&mut tx, core, prepared).await?;
    }
    tx.commit().await?;
    core.image_changes.tell(std::iter::once(image.slug.as_str()));
    Ok(image)
}

/// Takes what is too much from the versions, before there is one more. Answers what has gone: hash and size.
async fn trim(tx: &mut Transaction<'_, Postgres>, id: ImageId) -> Result<Vec<(Vec<u8>, i64)>, ImageError> {
    let gone = sqlx::query_as(AssertSqlSafe(format!(
        "DELETE FROM image_versions WHERE {ONE_TOO_MANY} RETURNING hash, byte_size"
    )))
    .bind(id.0)
    .bind(MOST_BESIDE)
    .fetch_all(&mut **tx)
    .await?;
    Ok(gone)
}

/// One reference more to the bytes that come. Until the transaction ends nobody else has a lock of these, of those that
/// the image has now, which a version of it is to refer to, or of those that go: all in one order, wherever those that
/// come are in it, since others may want the same ones.
async fn refer(
    core: &Core,
    tx: &mut Transaction<'_, Postgres>,
    taken: Taken<'_>,
    content: &Content,
    before: &StoredImage,
    gone: &[(Vec<u8>, i64)],
) -> Result<(), ImageError> {
    let mut all: Vec<&[u8]> = gone.iter().map(|gone| gone.0.as_slice()).collect();
    all.push(&before.hash);
    all.push(&content.hash);
    let lock = |rows: &str| {
        AssertSqlSafe(format!("SELECT FROM blobs WHERE hash = ANY ($1) AND {rows} ORDER BY hash FOR UPDATE"))
    };
    sqlx::query(lock("hash <= $2")).bind(&all).bind(&content.hash).execute(&mut **tx).await?;
    match taken {
        Taken::New(prepared) => {
            store::add(tx, &prepared.file.hash, &prepared.file.bytes, 1, core.now()).await?;
        }
        Taken::Earlier(_) => {
            sqlx::query("UPDATE blobs SET refs = refs + 1 WHERE hash = $1")
                .bind(&content.hash)
                .execute(&mut **tx)
                .await?;
        }
    }
    sqlx::query(lock("hash > $2")).bind(&all).bind(&content.hash).execute(&mut **tx).await?;
    Ok(())
}

/// Puts what the image is among its versions.
async fn put_away(tx: &mut Transaction<'_, Postgres>, id: ImageId) -> Result<(), ImageError> {
    let columns = Content::COLUMNS;
    sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO image_versions (image_id, number, {columns}, made, made_at) \
         SELECT id, version, {columns}, made, coalesce(changed_at, created_at) FROM images WHERE id = $1"
    )))
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// No references any more to what went. Answers what its variants had.
async fn release(tx: &mut Transaction<'_, Postgres>, gone: &[(Vec<u8>, i64)]) -> Result<i64, ImageError> {
    let mut counts = std::collections::BTreeMap::<&Vec<u8>, i32>::new();
    for (hash, _) in gone {
        *counts.entry(hash).or_default() += 1;
    }
    if counts.is_empty() {
        return Ok(0);
    }
    let counts: Vec<_> = counts.into_iter().map(|(hash, count)| (hash.clone(), count)).collect();
    store::release(tx, &counts).await
}

async fn write(
    core: &Core,
    tx: &mut Transaction<'_, Postgres>,
    before: &StoredImage,
    content: &Content,
    made: Made,
) -> Result<Image, ImageError> {
    let kind = MediaType::from_mime(&content.media_type).unwrap_or(before.image.media_type);
    let Image { id, filename, media_type, .. } = &before.image;
    let row: Row = sqlx::query_as(AssertSqlSafe(format!(
        "UPDATE images SET version = version + 1, made = $2, changed_at = $3, filename = $4, \
         ({columns}) = ROW ($5, $6, $7, $8, $9, $10, $11, CASE $2 WHEN '{restored}' THEN $12 ELSE coalesce($12, removed_bytes) END, $13, $14, $15) \
         WHERE id = $1 RETURNING {COLUMNS}",
        columns = Content::COLUMNS,
        restored = Made::Restored.name()
    )))
    .bind(id.0)
    .bind(made.name())
    .bind(core.now())
    .bind(named(filename, *media_type, kind))
    .bind(&content.hash)
    .bind(&content.media_type)
    .bind(content.byte_size)
    .bind(content.width)
    .bind(content.height)
    .bind(content.frames)
    .bind(content.color)
    .bind(content.removed_bytes)
    .bind(content.likeness)
    .bind(content.colors)
    .bind(&content.thumbhash)
    .fetch_one(&mut **tx)
    .await?;
    row.image()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_the_file_is() {
        assert_eq!(named("cat.JPEG", MediaType::Jpeg, MediaType::Jpeg), "cat.JPEG");
        assert_eq!(named("cat.jpg", MediaType::Jpeg, MediaType::Png), "cat.png");
        assert_eq!(
            named("Mr. Smith went home", MediaType::Jpeg, MediaType::WebP),
            "Mr. Smith went home.webp"
        );
    }
}
