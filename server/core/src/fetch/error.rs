//! What can go wrong with fetching.

use model::{AddressProblem, types::ByteSize};

/// Why nothing was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Something with the address, or the server there.
    #[error("{0}")]
    Address(AddressProblem),
    /// More bytes than may be.
    #[error("larger than {0}")]
    TooLarge(ByteSize),
    /// The person has as many fetches under way as anybody may have.
    #[error("too many at once")]
    TooMany,
    /// All people together have, or there is no room for what comes.
    #[error("busy")]
    Busy,
}

impl From<AddressProblem> for FetchError {
    fn from(problem: AddressProblem) -> Self {
        Self::Address(problem)
    }
}
