//! The query of a request.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use model::Problem;
use serde::de::DeserializeOwned;

use crate::problem::Refusal;

/// A request's query; one that can't be read is refused with a problem document.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Ok(Query(parameters)) = Query::try_from_uri(&parts.uri) else {
            return Err(Problem::InvalidParameter {
                name: "query".into(),
                expected: "one with each parameter at most once".into(),
            }
            .into());
        };
        Ok(Self(parameters))
    }
}
