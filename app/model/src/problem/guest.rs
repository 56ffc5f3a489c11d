//! What can go wrong with what a guest sends.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a link for guests doesn't take a file, besides what is wrong with the file. No [`Problem`](crate::Problem), which
/// every page reads: only what uploads has to. It tells nothing of the owner's space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum GuestProblem {
    /// There is no such link: it has ended or lapsed, or never was. Which of these isn't told.
    GuestLinkEnded,
    /// As many images have come by it as may.
    GuestImagesUsedUp,
    /// There is no room left for these bytes: by what the link takes, or the owner has.
    GuestSpaceUsedUp,
    /// An address was sent in the place of a file.
    GuestFilesOnly,
}

impl GuestProblem {
    /// All there are.
    pub const ALL: [Self; 4] =
        [Self::GuestLinkEnded, Self::GuestImagesUsedUp, Self::GuestSpaceUsedUp, Self::GuestFilesOnly];

    /// The stable kebab-case code, the same as in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::GuestLinkEnded => "guest-link-ended",
            Self::GuestImagesUsedUp => "guest-images-used-up",
            Self::GuestSpaceUsedUp => "guest-space-used-up",
            Self::GuestFilesOnly => "guest-files-only",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::GuestLinkEnded => 404,
            Self::GuestImagesUsedUp | Self::GuestSpaceUsedUp => 413,
            Self::GuestFilesOnly => 400,
        }
    }
}

/// The English sentence: what happened, and what to do.
impl fmt::Display for GuestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GuestLinkEnded => {
                "There is no such link for guests, or it has ended. Ask whoever sent it for another one."
            }
            Self::GuestImagesUsedUp => {
                "As many images have come by this link as it takes. Ask whoever sent it for another one."
            }
            Self::GuestSpaceUsedUp => {
                "There is no room left for this image by this link. Send a smaller one, or ask whoever sent the link."
            }
            Self::GuestFilesOnly => {
                "Files alone are taken by this link, no addresses. Download the image and send the file."
            }
        })
    }
}

impl std::error::Error for GuestProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_json_tag() {
        for problem in GuestProblem::ALL {
            let json = serde_json::to_value(problem).unwrap();
            assert_eq!(json, serde_json::json!({ "code": problem.code() }));
            assert_eq!(serde_json::from_value::<GuestProblem>(json).unwrap(), problem);
        }
    }
}
