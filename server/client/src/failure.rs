//! What goes wrong, by what can be done about it.

use crate::exit::Exit;

/// Why something was not done, in words for the terminal that say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// A file, or something else on this machine.
    #[error("{0}")]
    Here(String),
    /// The server doesn't take it, whenever it is asked.
    #[error("{0}")]
    Refused(String),
    /// There is no space left for it. Something smaller may still fit.
    #[error("{0}")]
    Full(String),
    /// A setting is wrong.
    #[error("{0}")]
    Settings(String),
    /// There is no token, or it doesn't open this.
    #[error("{0}")]
    SignedOut(String),
    /// No answer, or none for now.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    /// Of what somebody named.
    pub(crate) fn no_such_image() -> Self {
        Self::Refused("there is no such image of yours, or it is in the bin".to_owned())
    }

    /// Whether it is that.
    pub(crate) fn is_missing(&self) -> bool {
        *self == Self::no_such_image()
    }

    /// How a command ends that failed so.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Here(_) | Self::Refused(_) | Self::Full(_) => Exit::Failed,
            Self::Settings(_) => Exit::Usage,
            Self::SignedOut(_) => Exit::SignedOut,
            Self::Unreachable(_) => Exit::Unreachable,
        }
    }

    /// Whether it isn't about this one thing, so that the next one would fail as well.
    pub(crate) const fn concerns_all(&self) -> bool {
        matches!(self, Self::Settings(_) | Self::SignedOut(_) | Self::Unreachable(_))
    }
}
