//! How a command ends.

use std::process::ExitCode;

use crate::failure::Failure;

/// What `--help` says of it.
pub(crate) const STATUSES: &str = "Exit status: 0 all done; 1 something failed, and standard error names it; \
2 wrong arguments or settings; 3 not signed in, or the token doesn't open this; 4 no answer from the server, or \
none for now. 3 means that nothing was done, 4 that nothing is known to be.";

/// How a command ends, as its exit status tells scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// Something was refused, or could not be read; other things may have been done.
    Failed,
    /// Wrong settings. Wrong arguments end so too.
    Usage,
    /// There is no token, or it doesn't open this. Nothing was done.
    SignedOut,
    /// No answer, or none for now. Nothing is known to be done.
    Unreachable,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// Of something that was done to several things: to `done` of them.
    pub(crate) fn of(done: usize, failures: &[Failure]) -> Self {
        match failures {
            [] => Self::Done,
            [first, rest @ ..] if done == 0 && rest.iter().all(|other| other.exit() == first.exit()) => {
                first.exit()
            }
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::SignedOut => 3,
            Exit::Unreachable => 4,
            Exit::Interrupted => 130,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_in_one_way_alone_says_in_which() {
        let refused = || Failure::Refused(String::new());
        let signed_out = || Failure::SignedOut(String::new());
        let unreachable = || Failure::Unreachable(String::new());
        assert_eq!(Exit::of(2, &[]), Exit::Done);
        assert_eq!(Exit::of(2, &[unreachable()]), Exit::Failed, "something was done");
        assert_eq!(Exit::of(0, &[unreachable(), unreachable()]), Exit::Unreachable);
        assert_eq!(Exit::of(0, &[signed_out()]), Exit::SignedOut);
        assert_eq!(Exit::of(0, &[refused(), signed_out()]), Exit::Failed);
        assert_eq!(Exit::of(0, &[Failure::Here(String::new()), refused()]), Exit::Failed);
    }
}
