//! What a page knows about its visitor.

use serde::{Deserialize, Serialize};

use super::{ByteSize, Me, SignInForm};
use crate::rules::links::Origins;

/// Who looks at a page, and what the instance allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// The signed-in person.
    pub me: Option<Me>,
    /// What signing in asks for.
    pub sign_in: SignInForm,
    /// Where the instance is reached.
    pub origins: Origins,
    /// Bytes of one upload, at most.
    pub max_upload: ByteSize,
}
