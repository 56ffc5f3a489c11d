//! The wire formats of tools that people already have: sm.ms, Lsky Pro, Chevereto (`docs/compat.md`).
//!
//! A dialect is a thin layer: how a request names things, and how an answer does. What an upload may be,
//! who may delete and what goes wrong is the same as at `/api/v1/images`. Handlers refuse with a [`Refusal`]
//! like all others; what says it in the dialect's words is one function, `failure`, of each.
//!
//! [`Refusal`]: crate::problem::Refusal

mod chevereto;
mod credentials;
mod facts;
mod form;
mod lsky;
mod request_id;
mod smms;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use http::header;
use model::Problem;

use self::request_id::RequestId;
use super::wrong_method;
use crate::{middleware::rate_limit, state::AppState};

/// The routes of every dialect.
pub fn routes() -> Router<AppState> {
    let all = Router::new().merge(smms::routes()).merge(lsky::routes()).merge(chevereto::routes());
    all.layer(from_fn(rate_limit))
}

/// `routes`, whose refusals are said by `failure`.
fn speaking(routes: Router<AppState>, failure: fn(RequestId, &Problem) -> Response) -> Router<AppState> {
    let translate = move |request: Request, next: Next| async move {
        let id = RequestId::of(request.headers());
        let mut answer = next.run(request).await;
        let Some(problem) = answer.extensions_mut().remove::<Problem>() else { return answer };
        let mut said = failure(id, &problem);
        if let Some(seconds) = answer.headers_mut().remove(header::RETRY_AFTER) {
            said.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        said
    };
    routes.method_not_allowed_fallback(wrong_method).layer(from_fn(translate))
}
