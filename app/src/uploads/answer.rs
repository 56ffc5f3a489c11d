//! Reads what `POST /api/v1/images` answers to one file.

use model::{AddressProblem, GuestProblem, Problem};
use serde::Deserialize;

use super::state::{FailureReason, Outcome, Taken};

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    images: Vec<Taken>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    problem: Reason,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reason {
    Problem(Problem),
    Address(AddressProblem),
    Guest(GuestProblem),
}

/// What became of the file, from the answer's HTTP `status` (0: there was none) and `body`.
#[must_use]
pub fn read(status: u16, body: &str) -> Outcome {
    if status == 0 {
        return Outcome::Broken;
    }
    if let Ok(Report { mut images, errors }) = serde_json::from_slice::<Report>(body.as_bytes()) {
        if let Some(taken) = images.pop() {
            return Outcome::Stored(taken);
        }
        if let Some(failure) = errors.into_iter().next() {
            return match failure.problem {
                Reason::Problem(problem) => refused(problem),
                Reason::Address(problem) => Outcome::Refused(FailureReason::Address(problem)),
                Reason::Guest(problem) => Outcome::Refused(FailureReason::Guest(problem)),
            };
        }
    }
    // Problem+json has the same members beside its own.
    if let Ok(problem) = serde_json::from_slice::<Problem>(body.as_bytes()) {
        return refused(problem);
    }
    if let Ok(problem) = serde_json::from_slice::<GuestProblem>(body.as_bytes()) {
        return Outcome::Refused(FailureReason::Guest(problem));
    }
    if status == 409
        && let Ok(UnderWay { retry_after }) = serde_json::from_slice(body.as_bytes())
    {
        return refused(Problem::Unavailable { retry_after });
    }
    without_body(status)
}

/// The try before is still being taken: its answer is had by asking once more.
#[derive(Deserialize)]
struct UnderWay {
    retry_after: u32,
}

fn refused(problem: Problem) -> Outcome {
    match problem {
        Problem::SignedOut => Outcome::SignedOut,
        problem => Outcome::Refused(FailureReason::Problem(problem)),
    }
}

/// From the status alone: the answer is not reflect's, but a proxy's.
fn without_body(status: u16) -> Outcome {
    Outcome::Refused(match status {
        401 => return Outcome::SignedOut,
        403 => FailureReason::Problem(Problem::Forbidden),
        408 => FailureReason::Problem(Problem::TimedOut),
        413 => FailureReason::TooLargeForProxy,
        429 => FailureReason::Problem(Problem::TooManyAttempts { retry_after: 60 }),
        // A gateway that lost reflect in the middle can't tell whether the file got stored.
        502 | 504 => FailureReason::AnswerLost,
        503 => FailureReason::Problem(Problem::Unavailable { retry_after: 1 }),
        _ => FailureReason::Problem(Problem::Internal),
    })
}
