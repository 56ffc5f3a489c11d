//! When something is sent, sent again, or given up.

use model::{AddressProblem, GuestProblem, Problem, types::ByteSize};

use super::state::{FailureReason, Kind, Millis, UploadState};

/// Uploads under way at once. More would not be faster, but each would be slower to finish.
pub const PARALLEL: usize = 3;

/// Pauses before the tries that reflect makes by itself.
const PAUSES: [Millis; 3] = [1_000, 4_000, 15_000];

/// Silence after which a connection counts as broken while bytes are leaving.
const SILENT_SENDING: Millis = 60_000;

/// The same while the server works; a big animation on a slow machine takes its time.
const SILENT_PROCESSING: Millis = 180_000;

/// Whether a failure is one that passes without anybody doing anything. Never a 4xx. Sent again under the same key, a
/// file whose answer got lost is stored once.
#[must_use]
pub const fn retries_by_itself(reason: &FailureReason) -> bool {
    matches!(
        reason,
        FailureReason::AnswerLost | FailureReason::Problem(Problem::Offline | Problem::Unavailable { .. })
    )
}

/// How long to wait before the next try after `broken` tries broke; `None`: give up.
#[must_use]
pub fn pause(reason: &FailureReason, broken: u32) -> Option<Millis> {
    let pause = PAUSES.get(broken as usize).copied()?;
    let asked = match reason {
        FailureReason::Problem(problem) => problem.retry_after().map_or(0, |s| Millis::from(s) * 1_000),
        _ => 0,
    };
    Some(pause.max(asked))
}

/// Whether sending the same bytes again, now or after making room, can end otherwise.
#[must_use]
pub const fn may_help(reason: &FailureReason) -> bool {
    match reason {
        FailureReason::AnswerLost => true,
        FailureReason::Address(problem) => {
            matches!(problem, AddressProblem::AddressUnreachable | AddressProblem::AddressRefused)
        }
        FailureReason::Guest(problem) => matches!(problem, GuestProblem::GuestSpaceUsedUp),
        FailureReason::TooLargeForProxy | FailureReason::Unreadable => false,
        FailureReason::Problem(problem) => matches!(
            problem,
            Problem::QuotaExceeded { .. }
                | Problem::BadMultipart
                | Problem::NoFile
                | Problem::TooManyAttempts { .. }
                | Problem::Unavailable { .. }
                | Problem::TimedOut
                | Problem::Offline
                | Problem::Internal
        ),
    }
}

/// What is wrong with a file of `size` bytes before anything is sent.
#[must_use]
pub fn refusal(size: u64, limit: Option<ByteSize>) -> Option<FailureReason> {
    match limit {
        _ if size == 0 => Some(FailureReason::Problem(Problem::FileEmpty)),
        Some(limit) if size > limit.0 => Some(FailureReason::Problem(Problem::FileTooLarge { limit })),
        _ => None,
    }
}

/// The indices of the uploads to start at `now`, first come first served.
pub fn startable<'a>(states: impl IntoIterator<Item = &'a UploadState>, now: Millis) -> Vec<usize> {
    let mut active = 0;
    let mut ready = Vec::new();
    for (index, state) in states.into_iter().enumerate() {
        match state {
            UploadState::Waiting { not_before, .. } if *not_before <= now && ready.len() < PARALLEL => {
                ready.push(index);
            }
            state if state.kind() == Kind::Active => active += 1,
            _ => {}
        }
    }
    ready.truncate(PARALLEL.saturating_sub(active));
    ready
}

/// Whether nothing has moved for so long that the connection must be taken for broken.
#[must_use]
pub const fn is_stalled(state: &UploadState, silent: Millis) -> bool {
    match state {
        UploadState::Sending { .. } => silent > SILENT_SENDING,
        UploadState::Processing { .. } => silent > SILENT_PROCESSING,
        _ => false,
    }
}
