//! One transaction: what an image was goes among its versions, and it is something else.
//!
//! Locks are taken in the order of all others: the image, blobs, the owner, and what variants take together.

use model::{
    rules::filename,
    types::{ByteSize, Color, Image, ImageId, MOST_VERSIONS, Made, MediaType, UserId},
};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::{
    Core,
    images::{
        ImageError, file_name,
        intake::{self, Prepared},
        library::{COLUMNS, Row, StoredImage, free_space, notify},
        likeness::Likeness,
        store, variants,
    },
};

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
}

impl Content {
    /// What it is made of: `images` and `image_versions` have the same.
    pub(super) const COLUMNS: &str =
        "hash, media_type, byte_size, width, height, frames, color, removed_bytes, likeness, colors";

    fn of(prepared: &Prepared, made: Made) -> Self {
        // What was made here of the file that was sent had nothing in it to remove; that file had.
        let removed = (made == Made::Replaced).then(|| prepared.file.removed.0.cast_signed());
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
        let image = Image {
            filename: named(&shown.image.filename, shown.image.media_type, media_type),
            media_type,
            byte_size: ByteSize(self.byte_size.cast_unsigned()),
            width: self.width.cast_unsigned(),
            height: self.height.cast_unsigned(),
            frames: self.frames.cast_unsigned(),
            color: Color([r, g, b]),
            version: number,
            ..shown.image
        };
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

/// Has the image be that. Only as long as its version is `seen`, where that matters. What it is already changes nothing.
pub(super) async fn make(
    core: &Core,
    owner: UserId,
    id: ImageId,
    taken: Taken<'_>,
    made: Made,
    seen: Option<u32>,
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
    let gone = put_away(&mut tx, id).await?;
    let freed = exchange(core, &mut tx, taken, &content, &gone).await?;
    let image = write(core, &mut tx, &before, &content, made).await?;
    let size = content.byte_size.cast_unsigned();
    free_space(&mut tx, owner, gone.iter().map(|gone| gone.1).sum()).await?;
    intake::take_space(&mut tx, owner, ByteSize(size)).await?;
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

/// Puts what the image is among its versions. Answers what is too much there, which has gone: hash and size.
async fn put_away(
    tx: &mut Transaction<'_, Postgres>,
    id: ImageId,
) -> Result<Vec<(Vec<u8>, i64)>, ImageError> {
    let columns = Content::COLUMNS;
    sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO image_versions (image_id, number, {columns}, made, made_at) \
         SELECT id, version, {columns}, made, coalesce(changed_at, created_at) FROM images WHERE id = $1"
    )))
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    let gone = sqlx::query_as(
        "DELETE FROM image_versions WHERE image_id = $1 AND number IN \
         (SELECT number FROM image_versions WHERE image_id = $1 ORDER BY number DESC OFFSET $2) \
         RETURNING hash, byte_size",
    )
    .bind(id.0)
    .bind(i64::from(MOST_VERSIONS))
    .fetch_all(&mut **tx)
    .await?;
    Ok(gone)
}

/// References to the bytes that come, and none to those that went any more. Answers what the variants of these had.
async fn exchange(
    core: &Core,
    tx: &mut Transaction<'_, Postgres>,
    taken: Taken<'_>,
    content: &Content,
    gone: &[(Vec<u8>, i64)],
) -> Result<i64, ImageError> {
    let mut all: Vec<&[u8]> = gone.iter().map(|gone| gone.0.as_slice()).collect();
    all.push(&content.hash);
    // All in one order, since more than one of them may be wanted by others too.
    sqlx::query("SELECT FROM blobs WHERE hash = ANY ($1) ORDER BY hash FOR UPDATE")
        .bind(&all)
        .execute(&mut **tx)
        .await?;
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
         ({columns}) = ROW ($5, $6, $7, $8, $9, $10, $11, coalesce($12, removed_bytes), $13, $14) WHERE id = $1 RETURNING {COLUMNS}",
        columns = Content::COLUMNS
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
