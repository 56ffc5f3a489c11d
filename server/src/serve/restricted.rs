//! Images that aren't for everybody: private ones, those that lapse, those whose views are counted.
//!
//! Who may not see one gets what they would get if there were none.

use axum::extract::FromRequestParts as _;
use http::Request;
use model::{
    Problem,
    types::{UserId, VariantWidth},
};
use reflect_core::images::library::{self, Access, Restriction, StoredImage};

use super::{
    Asked,
    answer::{Answer, lasts, limit_caching},
    choice::Choice,
    views::{Known, is_view},
};
use crate::{
    api::{Caller, Read},
    middleware::introduce,
    problem::Refusal,
    session,
};

/// The bytes, if whoever asks may have them.
pub(super) async fn send(
    asked: Asked<'_>,
    known: &Known,
    limits: &Restriction,
    choice: Choice,
) -> Result<Answer, Refusal> {
    let (core, stored) = (asked.state.core(), &known.stored);
    let access = match limits.access(None, core.now()) {
        open @ Access::Open { .. } => open,
        // Only now does it matter who asks.
        _ => limits.access(who(asked).await?, core.now()),
    };
    if access == Access::Nothing {
        return Err(Problem::NotFound.into());
    }
    let answer = super::send(asked, stored, choice).await;
    if access == Access::Counted {
        let is_view = answer.as_ref().is_ok_and(|answer| !asked.head && answer.status().is_success());
        let is_left = if is_view && !is_thumbnail(stored, choice) {
            library::count_view(core, stored.image.id).await?
        } else {
            library::has_views_left(core, stored.image.id).await?
        };
        if !is_left {
            return Err(Problem::NotFound.into());
        }
    }
    let mut answer = answer?;
    if access != Access::Own && is_view(asked, &answer) {
        known.count_view();
    }
    // What is sent may be other than what was chosen.
    let lasts = lasts(&answer);
    limit_caching(&mut answer, access, lasts, core.now());
    Ok(answer)
}

/// Whether that is a small preview, which shows less than the image does.
fn is_thumbnail(stored: &StoredImage, choice: Choice) -> bool {
    choice.variant.is_some_and(|(width, _)| {
        width.pixels() <= VariantWidth::THUMBNAIL.pixels() && width.pixels() < stored.image.width
    })
}

/// Who asks, by token or by session. Somebody whose token or session is none is nobody here: to refuse them
/// would tell that there is something.
async fn who(asked: Asked<'_>) -> Result<Option<UserId>, Refusal> {
    let Asked { state, headers, peer, .. } = asked;
    let mut request = Request::new(());
    request.headers_mut().clone_from(headers);
    introduce(state, peer, &mut request);
    request.extensions_mut().insert(session::brought(state, headers));
    match Caller::<Read>::from_request_parts(&mut request.into_parts().0, state).await {
        Ok(caller) => Ok(Some(caller.user)),
        Err(denied) => match denied.into_problem() {
            problem if problem.status() < 500 => Ok(None),
            problem => Err(problem.into()),
        },
    }
}
