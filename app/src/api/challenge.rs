//! Challenges: one to solve, and a right answer's trade for one that is taken later.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Challenge, ChallengeAnswer, ChallengePurpose};

use crate::ApiError;

/// A challenge to be solved before `purpose`.
#[server(prefix = "/api/app", endpoint = "challenge", input = Json)]
pub async fn issue_challenge(purpose: ChallengePurpose) -> Result<Challenge, ApiError> {
    let request = crate::context::Request::current().await?;
    let issued = reflect_core::challenge::issue(&request.app.core, request.client.address, purpose).await;
    issued.map_err(crate::context::fail)
}

/// Judges an answer: a right one is traded for another, which is good once in its place.
#[server(prefix = "/api/app", endpoint = "solve-challenge", input = Json)]
pub async fn solve_challenge(
    purpose: ChallengePurpose,
    answer: ChallengeAnswer,
) -> Result<ChallengeAnswer, ApiError> {
    let request = crate::context::Request::current().await?;
    let traded =
        reflect_core::challenge::trade(&request.app.core, request.client.address, purpose, &answer).await;
    traded.map_err(crate::context::fail)
}
