//! Files that are fetched from an address which somebody sends instead.

use std::fmt;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use model::{
    AddressProblem, GuestProblem, Problem,
    types::{ByteSize, UserId},
};
use percent_encoding::percent_decode_str;
use reflect_core::fetch::FetchError;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use super::{file_name, intake::Received};
use crate::{
    problem::{self, Refusal},
    state::AppState,
};

/// Bytes of an address, and white space around it.
pub(super) const ADDRESS: ByteSize = ByteSize(10 * 1024);

/// Seconds after which to try again where too much is under way.
const SOON: u32 = 5;

/// A file that was fetched.
pub(super) struct Fetched {
    /// What it is called there.
    pub(super) name: String,
    /// Its bytes.
    pub(super) received: Received,
}

/// Why a file isn't taken, or isn't fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Reason {
    /// As of any file.
    Problem(Problem),
    /// Something with its address.
    Address(AddressProblem),
    /// A guest sent it, by a link that doesn't take it.
    Guest(GuestProblem),
}

impl From<Problem> for Reason {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<AddressProblem> for Reason {
    fn from(problem: AddressProblem) -> Self {
        Self::Address(problem)
    }
}

impl From<GuestProblem> for Reason {
    fn from(problem: GuestProblem) -> Self {
        Self::Guest(problem)
    }
}

impl From<FetchError> for Reason {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Address(problem) => Self::Address(problem),
            FetchError::TooLarge(limit) => Problem::FileTooLarge { limit }.into(),
            FetchError::TooMany => Problem::TooManyAttempts { retry_after: SOON }.into(),
            FetchError::Busy => Problem::Unavailable { retry_after: SOON }.into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Address(problem) => problem.fmt(f),
            Self::Guest(problem) => problem.fmt(f),
        }
    }
}

impl Reason {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::Address(problem) => problem.code(),
            Self::Guest(problem) => problem.code(),
        }
    }

    pub(super) const fn limit(&self) -> Option<u64> {
        match self {
            Self::Problem(problem) => problem.limit(),
            Self::Address(_) | Self::Guest(_) => None,
        }
    }

    /// Whether the same may end otherwise a moment later.
    pub(super) const fn passes(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status() >= 500 || problem.status() == 429,
            // That nobody knows a name is told as that it isn't public, and may be the name service's trouble.
            Self::Address(problem) => {
                matches!(problem, AddressProblem::AddressUnreachable | AddressProblem::AddressNotPublic)
            }
            Self::Guest(_) => false,
        }
    }

    /// The same for those who know problems alone, of what was sent as `field`.
    pub(super) fn of_field(self, field: &str) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Address(problem) => super::parameters::invalid(field, problem.expected()),
            Self::Guest(_) => Problem::Forbidden,
        }
    }

    /// The answer, with `more` members in the document.
    pub(super) fn into_response(self, more: Map<String, Value>) -> Response {
        let (status, detail) = match &self {
            Self::Problem(problem) => return Refusal(problem.clone()).with(more),
            Self::Address(problem) => (problem.status(), problem.to_string()),
            Self::Guest(problem) => (problem.status(), problem.to_string()),
        };
        match StatusCode::from_u16(status) {
            Ok(status) => problem::document(status, detail, None, self, more),
            Err(_) => Refusal(Problem::Internal).into_response(),
        }
    }
}

/// Fetches what is at `address` for `person`, `most` bytes at most. The caller must hold no room for anything: what is
/// fetched needs some, and who holds some while they wait for more may wait for each other.
///
/// # Errors
/// See [`FetchError`].
pub(super) async fn fetch(
    state: &AppState,
    person: UserId,
    address: &str,
    most: ByteSize,
) -> Result<Fetched, Reason> {
    let opened = state.fetcher.open(&state.core().settings.origins, person, address).await?;
    let name = file_name::of(opened.headers()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| last_segment(opened.url()));
    let room = state.upload_memory.hold_within(opened.expected(most), state.fetcher.queue()).await;
    let room = room.ok_or(FetchError::Busy)?;
    Ok(Fetched { name, received: Received::in_room(opened.read(most).await?, room) })
}

/// What a path ends with.
fn last_segment(url: &Url) -> String {
    let last = url.path().rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for passes in [
            Reason::from(FetchError::TooMany),
            FetchError::Busy.into(),
            Problem::Internal.into(),
            AddressProblem::AddressUnreachable.into(),
            AddressProblem::AddressNotPublic.into(),
        ] {
            assert!(passes.passes(), "{passes}");
        }
        for stays in [
            Reason::from(FetchError::TooLarge(ByteSize(1))),
            Problem::UnsupportedFormat { found: None }.into(),
            AddressProblem::AddressInvalid.into(),
            AddressProblem::AddressOwn.into(),
            AddressProblem::AddressRefused.into(),
        ] {
            assert!(!stays.passes(), "{stays}");
        }
    }

    #[test]
    fn a_file_is_called_what_its_address_ends_with() {
        for (address, name) in [
            ("https://x.example/a/%E7%8C%AB%20b.png?w=1#c", "猫 b.png"),
            ("https://x.example/a/b/", "b"),
            ("https://x.example", ""),
            ("https://x.example/%2e%2e%2fpasswd", "../passwd"),
        ] {
            assert_eq!(last_segment(&address.parse().unwrap()), name);
        }
    }
}
