//! Functions that the gallery calls. The server has sent what the first view shows, so the browser loads
//! the code that asks and reads answers when something is asked for the first time.

use leptos::prelude::*;
use model::types::{BulkAction, BulkOutcome, BulkRequest, ImageId, Place, SessionInfo, Stretch};

use super::{images, session};
use crate::ApiError;

/// A page of the signed-in person's gallery, from a place in it.
#[lazy]
pub async fn list_images(place: Place, search: String) -> Result<Stretch, ApiError> {
    images::list_images(place, search, None).await
}

/// Does something to many images, to all of them or to none.
#[lazy]
pub async fn bulk(ids: Vec<ImageId>, action: BulkAction) -> Result<BulkOutcome, ApiError> {
    images::bulk(BulkRequest::of(ids, action)).await
}

/// Who is signed in, and what the instance allows.
#[lazy]
pub async fn current_session() -> Result<SessionInfo, ApiError> {
    session::current_session().await
}

/// Ends this session.
#[lazy]
pub async fn sign_out() -> Result<SessionInfo, ApiError> {
    session::sign_out().await
}
