//! What becomes of an upload that is whole.

use model::{Problem, types::UserId};
use reflect_core::images::intake::{
    once::{self, Claimed},
    pieces::{self, Upload, UploadId, UploadState},
};

use super::refusal::TusRefusal;
use crate::{
    api::{intake::Received, once::Hold},
    state::AppState,
};

/// An upload, taken in if all of it has come and nobody has done so: whoever was about it may have been killed.
///
/// # Errors
/// [`TusRefusal::UnderWay`] while somebody does so; what keeps it from being done now; the database.
pub(super) async fn settled(state: &AppState, owner: UserId, id: UploadId) -> Result<Upload, TusRefusal> {
    let upload = pieces::find(state.core(), owner, id).await?;
    if upload.state != UploadState::Whole {
        return Ok(upload);
    }
    let state = state.clone();
    // Beside the request, which ends where its connection breaks.
    tokio::spawn(async move { settle(&state, owner, id).await }).await.map_err(|_| Problem::Internal)?
}

async fn settle(state: &AppState, owner: UserId, id: UploadId) -> Result<Upload, TusRefusal> {
    let core = state.core();
    let hold = match once::claim(core, owner, id.key()).await? {
        Claimed::Ours(claim) => Hold::new(core.clone(), claim),
        Claimed::Taken(retry_after) => return Err(TusRefusal::UnderWay { retry_after }),
        // Nothing is ever answered under such a key.
        Claimed::Answered(_) => return Err(Problem::Internal.into()),
    };
    let settled = take(state, owner, id, &hold).await;
    hold.leave().await;
    settled
}

async fn take(state: &AppState, owner: UserId, id: UploadId, hold: &Hold) -> Result<Upload, TusRefusal> {
    let core = state.core();
    // It may have been done while the key was somebody else's.
    let upload = pieces::find(core, owner, id).await?;
    if upload.state != UploadState::Whole {
        return Ok(upload);
    }
    // Before there is room for it: whoever has that doesn't wait for a turn.
    let _turn = state.piece_turns.acquire().await;
    let received = Received::collect(state, upload.length, pieces::bytes(core, &upload)).await?;
    let became = pieces::take(core, &upload, received.bytes, hold.part(0)).await?;
    Ok(Upload { state: became, ..upload })
}
