//! A person's images in figures.

use app::service;
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use model::types::{DayViews, ImageId, MonthStorage, Statistics, TypeStorage};
use reflect_core::images::views;
use serde::{Deserialize, Serialize};

use super::{
    caller::{Caller, Read},
    images::LinkedImage,
    parameters::{Key, Parameters},
};
use crate::{problem::Refusal, state::AppState};

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/statistics", get(of_owner))
        .route("/api/v1/images/{id}/statistics", get(of_image))
}

#[derive(Default, Deserialize)]
struct Period {
    days: Option<String>,
}

#[derive(Serialize)]
struct ViewedImage {
    image: LinkedImage,
    views: u64,
}

#[derive(Serialize)]
struct Figures {
    views: u64,
    days: Vec<DayViews>,
    most_viewed: Vec<ViewedImage>,
    types: Vec<TypeStorage>,
    months: Vec<MonthStorage>,
}

/// `GET /api/v1/statistics?days`: views of all images, which were seen most, and what they take.
async fn of_owner(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Parameters(period): Parameters<Period>,
) -> Result<Response, Refusal> {
    let days = service::statistics::days(period.days.as_deref())?;
    let Statistics { views, days, most_viewed, types, months } =
        views::of_owner(state.core(), caller.user, days).await?;
    let origins = &state.core().settings.origins;
    let most_viewed = most_viewed
        .into_iter()
        .map(|seen| ViewedImage { image: LinkedImage::new(seen.image, origins), views: seen.views })
        .collect();
    Ok(Json(Figures { views, days, most_viewed, types, months }).into_response())
}

/// `GET /api/v1/images/{id}/statistics?days`: views of one image.
async fn of_image(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key(id): Key<ImageId>,
    Parameters(period): Parameters<Period>,
) -> Result<Response, Refusal> {
    let days = service::statistics::days(period.days.as_deref())?;
    Ok(Json(views::of_image(state.core(), caller.user, id, days).await?).into_response())
}
