//! Rows of `uploads`.

use model::{
    Problem,
    types::{AlbumId, ImageId, UserId},
};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Upload, UploadId, UploadState};

/// What [`Row`] is made of.
pub(super) const COLUMNS: &str =
    "id, owner_id, length, received, filename, album_id, metadata, expires_at, image_id, existing, problem";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    owner_id: Uuid,
    length: i64,
    received: i64,
    filename: String,
    album_id: Option<Uuid>,
    metadata: Option<String>,
    expires_at: OffsetDateTime,
    image_id: Option<Uuid>,
    existing: Option<bool>,
    problem: Option<Json<Problem>>,
}

impl Row {
    pub(super) fn upload(self) -> Upload {
        let problem = self.problem.map(|Json(problem)| problem);
        let state = match (self.image_id, problem) {
            (Some(image), problem) => UploadState::Taken {
                image: ImageId(image),
                existing: self.existing.unwrap_or_default(),
                problem,
            },
            (None, Some(problem)) => UploadState::Refused(problem),
            (None, None) if self.received == self.length => UploadState::Whole,
            (None, None) => UploadState::UnderWay,
        };
        Upload {
            id: UploadId(self.id),
            owner: UserId(self.owner_id),
            length: self.length.cast_unsigned(),
            received: self.received.cast_unsigned(),
            filename: self.filename,
            album: self.album_id.map(AlbumId),
            metadata: self.metadata,
            expires_at: self.expires_at,
            state,
        }
    }
}
