//! The caller.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use model::Problem;
use reflect_core::{auth::user, db};

use super::caller::Caller;
use crate::{problem::Refusal, state::AppState};

/// `GET /api/v1/me`: name, address, used and free space.
pub(super) async fn me(State(state): State<AppState>, Caller(id): Caller) -> Result<Response, Refusal> {
    let me = user::me(state.core(), id).await.map_err(|error| db::problem(&error))?;
    Ok(Json(me.ok_or(Problem::SignedOut)?).into_response())
}
