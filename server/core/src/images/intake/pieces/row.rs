//! Rows of `uploads`.

use model::{
    Problem,
    types::{AlbumId, ImageId, UserId, Visibility},
};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Upload, UploadId, UploadState};
use crate::images::intake::{Metadata, Terms};

/// What [`Row`] is made of.
pub(super) const COLUMNS: &str = "id, owner_id, length, received, filename, visibility, lapses_at, max_views, keeps_metadata, album_id, metadata, expires_at, \
     image_id, existing, problem";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    owner_id: Uuid,
    length: i64,
    received: i64,
    filename: String,
    visibility: String,
    lapses_at: Option<OffsetDateTime>,
    max_views: Option<i32>,
    keeps_metadata: bool,
    album_id: Option<Uuid>,
    metadata: Option<String>,
    expires_at: OffsetDateTime,
    image_id: Option<Uuid>,
    existing: Option<bool>,
    problem: Option<Json<Problem>>,
}

impl Row {
    pub(super) fn upload(self) -> Result<Upload, sqlx::Error> {
        let wrong = |what: &str| sqlx::Error::Decode(format!("{what} of an upload").into());
        let most = self.max_views.map(|most| u32::try_from(most).ok().and_then(|most| most.try_into().ok()));
        let terms = Terms {
            visibility: Visibility::from_name(&self.visibility).ok_or_else(|| wrong("visibility"))?,
            expires_at: self.lapses_at,
            max_views: most.map(|most| most.ok_or_else(|| wrong("max_views"))).transpose()?,
            metadata: if self.keeps_metadata { Metadata::Kept } else { Metadata::Removed },
        };
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
        Ok(Upload {
            id: UploadId(self.id),
            owner: UserId(self.owner_id),
            length: self.length.cast_unsigned(),
            received: self.received.cast_unsigned(),
            filename: self.filename,
            terms,
            album: self.album_id.map(AlbumId),
            metadata: self.metadata,
            expires_at: self.expires_at,
            state,
        })
    }
}
