//! Functions that the gallery calls. The server has sent what the first view shows, so the browser loads
//! the code that asks and reads answers when something is asked for the first time.

use leptos::prelude::*;
use model::types::{Image, ImageId, Page, SessionInfo};

use super::{images, session};
use crate::ApiError;

/// One page of the signed-in person's images, newest first.
#[lazy]
pub async fn list_images(cursor: Option<String>, search: String) -> Result<Page<Image>, ApiError> {
    images::list_images(cursor, search).await
}

/// Moves images to the bin; answers which were.
#[lazy]
pub async fn delete_images(ids: Vec<ImageId>) -> Result<Vec<ImageId>, ApiError> {
    images::delete_images(ids).await
}

/// Takes images out of the bin; answers which were.
#[lazy]
pub async fn restore_images(ids: Vec<ImageId>) -> Result<Vec<ImageId>, ApiError> {
    images::restore_images(ids).await
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
