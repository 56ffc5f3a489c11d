//! The id of a request, for answers that have one.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use uuid::Uuid;

/// The request's id as a UUID in capitals: the log's sixteen digits are its last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestId(Uuid);

impl RequestId {
    /// From `X-Request-Id`, which each request has by now. A proxy's that is no number is nil.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let short = || u64::from_str_radix(text, 16).map(|id| Uuid::from_u64_pair(0, id));
        Self(Uuid::try_parse(text).or_else(|_| short()).unwrap_or_default())
    }

    /// As sm.ms writes it.
    pub(super) fn text(self) -> String {
        self.0.hyphenated().to_string().to_uppercase()
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_logs_id_can_be_read_from_it() {
        let text = |id| {
            let id = HeaderValue::from_static(id);
            RequestId::of(&HeaderMap::from_iter([("x-request-id".parse().unwrap(), id)])).text()
        };
        assert_eq!(text("0123456789abcdef"), "00000000-0000-0000-0123-456789ABCDEF");
        let uuid = "8a84ddca-96b3-4363-b5df-524e95a5201a";
        assert_eq!(text(uuid), uuid.to_uppercase());
        assert_eq!(text("from-the-proxy"), Uuid::nil().to_string());
    }
}
