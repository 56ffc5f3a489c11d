//! What an answer means.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::{failure::Failure, origin::Origin, transport::Answer, wire::Problem};

/// The longest that is waited before the next try. Who is told to wait longer is told so.
const MOST: Duration = Duration::from_secs(120);

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was done: the answer's body.
    Done(Bytes),
    /// Not now, perhaps later: after so many seconds if the server says so.
    Again(Failure, Option<u64>),
    /// Not now and not later.
    Never(Failure),
}

impl Verdict {
    pub(crate) fn of(answer: Answer, origin: &Origin) -> Self {
        let status = answer.status;
        if status.is_success() {
            return Self::Done(answer.body);
        }
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
        let said = problem.detail.clone().unwrap_or_else(|| {
            format!("the answer is {status}, and nothing that reflect would say: is something in between?")
        });
        if status.is_redirection() {
            let to = answer.location.unwrap_or_else(|| "nowhere".to_owned());
            return Self::Never(Failure::Unreachable(format!(
                "{origin} sends us to {to}. Sign in where reflect is: reflect login URL"
            )));
        }
        match status {
            StatusCode::UNAUTHORIZED => Self::Never(Failure::SignedOut(format!(
                "{said} Make another at {origin}/settings/tokens and sign in with it: reflect login {origin}"
            ))),
            StatusCode::FORBIDDEN if problem.code.as_deref() == Some("insufficient-scope") => {
                let scope = problem.scope.as_deref().unwrap_or("that this needs");
                Self::Never(Failure::SignedOut(format!(
                    "the API token lacks the scope `{scope}`. Make one that has it at {origin}/settings/tokens and \
                     sign in with it: reflect login {origin}"
                )))
            }
            // Of all addresses that are asked, only those of images may be nobody's.
            StatusCode::NOT_FOUND if problem.code.as_deref() == Some("not-found") => {
                Self::Never(Failure::no_such_image())
            }
            // The try before, whose connection broke, is still being taken.
            StatusCode::CONFLICT if problem.code.as_deref() == Some("upload-under-way") => {
                Self::Again(Failure::Unreachable(said), answer.retry_after)
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Self::Again(Failure::Unreachable(said), answer.retry_after),
            _ => {
                let said = match problem.setting {
                    Some(setting) => format!("{said} (Whoever runs the server sets that with {setting}.)"),
                    None => said,
                };
                let is_full = problem.code.as_deref() == Some("quota-exceeded");
                Self::Never(if is_full { Failure::Full(said) } else { Failure::Refused(said) })
            }
        }
    }
}

/// How long to wait after `tries` tries that failed; `None` where that isn't worth while.
pub(crate) fn wait(retry_after: Option<u64>, tries: u32) -> Option<Duration> {
    let wait = match retry_after {
        Some(seconds) => Duration::from_secs(seconds),
        // 0.25 s, 1 s, 4 s, and then 8 s each.
        None => Duration::from_millis(250 << (2 * tries.min(3))).min(Duration::from_secs(8)),
    };
    (wait <= MOST).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, body: &str) -> Verdict {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: Some(7),
            location: Some("https://elsewhere.example/".to_owned()),
            body: Bytes::from(body.to_owned()),
        };
        Verdict::of(answer, &"https://r.example".parse().unwrap())
    }

    #[test]
    fn what_is_refused_is_never_tried_again() {
        let text = |status, body| match verdict(status, body) {
            Verdict::Never(failure) => (failure.exit(), failure.to_string()),
            other => panic!("{other:?}"),
        };
        use crate::exit::Exit;
        let too_large = r#"{"detail":"The file is larger than 20.0 MiB.","setting":"REFLECT_MAX_UPLOAD"}"#;
        let (exit, said) = text(413, too_large);
        assert_eq!(exit, Exit::Failed);
        assert!(said.contains("20.0 MiB") && said.contains("REFLECT_MAX_UPLOAD"), "{said}");
        let (exit, said) = text(413, "<html>nginx</html>");
        assert_eq!(exit, Exit::Failed);
        assert!(said.contains("413 Payload Too Large"), "{said}");
        assert_eq!(
            text(500, r#"{"detail":"Something broke."}"#),
            (Exit::Failed, "Something broke.".to_owned())
        );

        let (exit, said) = text(401, r#"{"detail":"The API token is unknown, revoked or expired."}"#);
        assert_eq!(exit, Exit::SignedOut);
        assert!(said.contains("revoked") && said.contains("https://r.example/settings/tokens"), "{said}");
        let (exit, said) = text(403, r#"{"code":"insufficient-scope","scope":"upload"}"#);
        assert_eq!(exit, Exit::SignedOut);
        assert!(said.contains("`upload`"), "{said}");
        assert_eq!(text(403, r#"{"code":"forbidden","detail":"No."}"#), (Exit::Failed, "No.".to_owned()));
        let (exit, said) = text(301, "");
        assert_eq!(exit, Exit::Unreachable);
        assert!(said.contains("https://elsewhere.example/"), "{said}");
    }

    #[test]
    fn what_may_be_better_later_is_tried_again() {
        for status in [408, 429, 502, 503, 504] {
            let Verdict::Again(failure, Some(7)) = verdict(status, r#"{"detail":"Later."}"#) else {
                panic!("{status}")
            };
            assert_eq!(failure, Failure::Unreachable("Later.".to_owned()));
        }
        let under_way = r#"{"code":"upload-under-way","detail":"Later."}"#;
        assert!(matches!(verdict(409, under_way), Verdict::Again(_, Some(7))));
        assert!(matches!(verdict(409, r#"{"code":"name-taken"}"#), Verdict::Never(_)));
        assert_eq!(verdict(201, "{}"), Verdict::Done(Bytes::from_static(b"{}")));
    }

    #[test]
    fn waits_grow_and_end_and_are_the_servers_where_it_says() {
        let waits: Vec<_> =
            (0..6).filter_map(|tries| wait(None, tries)).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [250, 1000, 4000, 8000, 8000, 8000]);
        assert_eq!(wait(Some(60), 0), Some(Duration::from_secs(60)));
        assert_eq!(wait(Some(0), 3), Some(Duration::ZERO));
        assert_eq!(wait(Some(121), 0), None);
    }
}
