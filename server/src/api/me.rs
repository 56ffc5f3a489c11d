//! The caller.

use app::service::account;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::Problem;
use reflect_core::{auth::user, db};

use super::{
    caller::{Any, Caller, InPerson},
    parameters::{Confirmed, Parameters},
};
use crate::{problem::Refusal, state::AppState};

/// `GET /api/v1/me`: name, address, space used and allowed.
pub(super) async fn me(State(state): State<AppState>, caller: Caller<Any>) -> Result<Response, Refusal> {
    let me = user::me(state.core(), caller.user).await.map_err(|error| db::problem(&error))?;
    Ok(Json(me.ok_or(Problem::SignedOut)?).into_response())
}

/// `DELETE /api/v1/me?name`: the account with all that is theirs; `name` is its name, to confirm.
pub(super) async fn remove(
    InPerson(request): InPerson,
    Parameters(Confirmed { name }): Parameters<Confirmed>,
) -> Result<StatusCode, Refusal> {
    account::remove(&request, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
