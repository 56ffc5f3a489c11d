//! Challenges, for programs: get one, and trade a right answer for one that is taken later.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use model::types::{ChallengeAnswer, ChallengePurpose};
use reflect_core::{auth::Client, challenge};
use serde::Deserialize;

use super::parameters::Body;
use crate::{problem::Refusal, state::AppState};

#[derive(Deserialize)]
pub(super) struct Wanted {
    purpose: ChallengePurpose,
}

#[derive(Deserialize)]
pub(super) struct Answered {
    purpose: ChallengePurpose,
    #[serde(flatten)]
    answer: ChallengeAnswer,
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
    Body(Answered { purpose, answer }): Body<Answered>,
) -> Result<Response, Refusal> {
    Ok(Json(challenge::trade(state.core(), client.address, purpose, &answer).await?).into_response())
}
