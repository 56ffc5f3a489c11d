//! Bytes on their way in.

use std::time::Duration;

use axum::body::Body;
use bytes::BytesMut;
use futures::StreamExt as _;
use model::Problem;
use reflect_core::images::intake::pieces::{self, PIECE, Turn, Upload, UploadId};
use tokio::time::timeout;

use super::{refusal::TusRefusal, settle};
use crate::{
    api::{archive::Asker, intake::pausing},
    state::AppState,
};

/// Bytes that are written together.
const GATHERED: usize = 2 * PIECE;
/// Silence after which what has come is written, since there may come no more.
const SILENCE: Duration = Duration::from_secs(1);

/// Takes more of an upload, and all of it if it is whole then. What had come before a break is kept.
///
/// # Errors
/// See [`TusRefusal`].
pub(super) async fn more(
    state: &AppState,
    sender: Asker,
    id: UploadId,
    offset: u64,
    body: Body,
) -> Result<Upload, TusRefusal> {
    let (state, owner) = (state.clone(), sender.user);
    // Beside the request, which ends where its connection breaks.
    let receiving = tokio::spawn(async move {
        let mut turn = pieces::begin(state.core(), owner, id, offset).await?;
        receive(&state, &mut turn, body).await?;
        // It may have taken hours.
        if !sender.holds(state.core()).await? {
            return Err(Problem::SignedOut.into());
        }
        settle::settled(&state, owner, id).await
    });
    receiving.await.map_err(|_| Problem::Internal)?
}

/// Adds what comes, in memory never more than [`GATHERED`] and one frame, and as much again on its way to the database.
async fn receive(state: &AppState, turn: &mut Turn, body: Body) -> Result<(), TusRefusal> {
    let core = state.core();
    let _room = state.upload_memory.hold(2 * GATHERED as u64).await;
    let mut frames = body.into_data_stream();
    let mut gathered = BytesMut::with_capacity(GATHERED);
    let ended = loop {
        let frame = match timeout(SILENCE, frames.next()).await {
            Ok(frame) => frame,
            Err(_) => {
                turn.add(core, &gathered.split()).await?;
                match pausing(frames.next()).await {
                    Ok(frame) => frame,
                    Err(problem) => break Err(problem.into()),
                }
            }
        };
        match frame {
            None => break Ok(()),
            Some(Err(_)) => break Err(TusRefusal::Interrupted),
            Some(Ok(bytes)) => {
                if (gathered.len() + bytes.len()) as u64 > turn.missing() {
                    return Err(TusRefusal::too_much(turn.missing()));
                }
                gathered.extend_from_slice(&bytes);
            }
        }
        if gathered.len() >= GATHERED {
            // In whole rows; the rest goes with what comes next.
            let whole = gathered.len() - gathered.len() % PIECE;
            turn.add(core, &gathered.split_to(whole)).await?;
        }
    };
    turn.add(core, &gathered).await?;
    ended
}
