//! Challenges, for programs: get one, and trade a right answer for one that is taken later.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use model::types::{ChallengeAnswer, ChallengePurpose, Solution};
use reflect_core::{auth::Client, challenge};
use serde::Deserialize;

use super::parameters::Body;
use crate::{problem::Refusal, state::AppState};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    purpose: ChallengePurpose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    purpose: ChallengePurpose,
    id: String,
    answer: Solution,
}

/// `POST /api/v1/auth/captcha`: a challenge for a purpose (`sign_up`, `reset` or `sign_in`).
pub(super) async fn issue(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Body(Wanted { purpose }): Body<Wanted>,
) -> Result<Response, Refusal> {
    Ok(Json(challenge::issue(state.core(), client.address, purpose).await?).into_response())
}

/// `POST /api/v1/auth/captcha/verify`: an answer that is taken once in the place of the right one given.
pub(super) async fn verify(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Body(Answered { purpose, id, answer }): Body<Answered>,
) -> Result<Response, Refusal> {
    let answer = ChallengeAnswer { id, answer };
    Ok(Json(challenge::trade(state.core(), client.address, purpose, &answer).await?).into_response())
}
