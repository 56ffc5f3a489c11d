//! Request ids and the access log.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use reflect_core::random::Random;
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::{MakeSpan, OnResponse, TraceLayer},
};
use tracing::Span;

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Sixteen hexadecimal digits.
#[derive(Clone, Debug)]
pub struct RandomId(Random);

impl MakeRequestId for RandomId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        let id = u64::from_be_bytes(self.0.bytes().ok()?);
        HeaderValue::try_from(format!("{id:016x}")).ok().map(RequestId::new)
    }
}

/// The layers that give a request an id (or keep a proxy's) and put it on the answer.
#[must_use]
pub fn request_ids(random: &Random) -> (SetRequestIdLayer<RandomId>, PropagateRequestIdLayer) {
    (SetRequestIdLayer::new(NAME, RandomId(random.clone())), PropagateRequestIdLayer::new(NAME))
}

/// A span with id, method and path. No query: it may hold what was searched for. No token either.
#[derive(Clone, Copy, Debug)]
pub struct RequestSpan;

impl<B> MakeSpan<B> for RequestSpan {
    fn make_span(&mut self, request: &http::Request<B>) -> Span {
        let id = request.headers().get(NAME).and_then(|id| id.to_str().ok()).unwrap_or_default();
        tracing::info_span!("request", id, method = %request.method(), path = shown(request.uri().path()))
    }
}

/// A one-time link opens an account, and a delete link deletes: they are not for the log.
fn shown(path: &str) -> &str {
    const SECRET: [(&str, &str); 6] = [
        ("/enrol/", "/enrol/…"),
        ("/delete/", "/delete/…"),
        ("/api/v2/delete/", "/api/v2/delete/…"),
        ("/api/v1/file/delete/", "/api/v1/file/delete/…"),
        ("/g/", "/g/…"),
        ("/api/v1/guest-links/", "/api/v1/guest-links/…"),
    ];
    SECRET.into_iter().find(|(start, _)| path.starts_with(start)).map_or(path, |(_, shown)| shown)
}

/// One line for each answer.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog;

impl<B> OnResponse<B> for AccessLog {
    fn on_response(self, response: &http::Response<B>, latency: Duration, _: &Span) {
        let millis = latency.as_secs_f64() * 1000.0;
        tracing::info!(status = response.status().as_u16(), ms = format_args!("{millis:.1}"), "answered");
    }
}

/// The access log's layer.
#[must_use]
pub fn trace() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan, (), AccessLog, (), (), ()>
{
    TraceLayer::new_for_http()
        .make_span_with(RequestSpan)
        .on_request(())
        .on_response(AccessLog)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

#[cfg(test)]
mod tests {
    use reflect_core::testing::seeded;

    use super::*;

    #[test]
    fn links_with_secrets_stay_out_of_the_log() {
        for path in
            ["/enrol/", "/delete/", "/api/v2/delete/", "/api/v1/file/delete/", "/g/", "/api/v1/guest-links/"]
        {
            assert_eq!(shown(&format!("{path}secret")), format!("{path}…"));
        }
        assert_eq!(shown("/gallery"), "/gallery");
    }

    #[test]
    fn ids_differ() {
        let (request, mut ids) = (http::Request::new(()), RandomId(seeded(1)));
        let mut id = || ids.make_request_id(&request).unwrap().header_value().clone();
        assert_ne!(id(), id());
    }
}
