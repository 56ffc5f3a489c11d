//! The same bytes again.

use model::types::Image;
use sqlx::PgConnection;

use super::{Sender, Terms};
use crate::images::{
    ImageError,
    library::{COLUMNS, Row},
};

/// The newest image of the owner with these bytes, if it can be seen as a new one would be: by the same people, for
/// good. A link that ends isn't what is asked for by uploading, and one that is to end isn't to end another. To a guest,
/// of those alone that came by their link; to the owner of none that a guest sent, who may take it back.
pub(super) async fn find(
    connection: &mut PgConnection,
    sender: Sender<'_>,
    hash: &[u8; 32],
    terms: &Terms,
) -> Result<Option<Image>, ImageError> {
    if terms.end() {
        return Ok(None);
    }
    let link = match sender {
        Sender::Owner(_) => None,
        Sender::Guest(pass) => Some(pass.link().0),
    };
    // Without LIMIT, which makes the planner walk all of the owner's images from the newest on.
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE hash = $1 AND owner_id = $2 AND deleted_at IS NULL \
         AND visibility = $4 AND expires_at IS NULL AND max_views IS NULL \
         AND EXISTS (SELECT FROM guest_images WHERE image_id = images.id AND ($3::uuid IS NULL OR link_id = $3)) \
             = ($3::uuid IS NOT NULL) \
         ORDER BY id DESC"
    )))
    .bind(&hash[..])
    .bind(sender.owner().0)
    .bind(link)
    .bind(terms.visibility.name())
    .fetch_optional(connection)
    .await?;
    row.map(Row::image).transpose()
}
