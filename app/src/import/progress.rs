//! What there is to tell of an import.

use model::{
    Problem,
    types::{ByteSize, ImportOutcome},
};

use super::archive::Flaw;

/// Failures that are listed, at most; all are counted.
pub const LISTED: usize = 100;

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// What the archive says that it has, and what of that is settled.
    pub images: Share,
    /// The same in bytes of files.
    pub bytes: Share,
    /// Images that came, and have the addresses that they had.
    pub taken: u64,
    /// Images that came, and have other addresses.
    pub elsewhere: u64,
    /// Images that came out of the bin.
    pub restored: u64,
    /// Images that were there already.
    pub existing: u64,
    /// Images that didn't come.
    pub failed: u64,
    /// The first of these, and why.
    pub failures: Vec<(String, Failure)>,
}

/// A part of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// What is settled.
    pub done: u64,
    /// All of it.
    pub all: u64,
}

/// What an import is at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// There is none.
    #[default]
    Idle,
    /// Its directory is read, albums and tags are made.
    Opening,
    /// Images are sent.
    Sending,
    /// As many as were begun are still sent.
    Stopping,
    /// Everything is settled.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It can't go on.
    Broken(Failure),
}

/// Why an image doesn't come, or none does any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The file is no zip file, or not a whole one.
    NoArchive,
    /// It is one, but no export.
    NoExport,
    /// It is an export of another version.
    OtherVersion,
    /// The file can't be read any more.
    Unreadable,
    /// What is said of an image can't be read.
    BadLine,
    /// The image's file isn't in the archive as it was exported.
    NotStored,
    /// The server says why.
    Refused(Problem),
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::NoArchive => Self::NoArchive,
            Flaw::NotAsStored => Self::NotStored,
        }
    }
}

impl Failure {
    /// Whether images after this one would fail as well.
    #[must_use]
    pub const fn ends_all(&self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::Refused(
                    Problem::SignedOut
                        | Problem::Forbidden
                        | Problem::QuotaExceeded { .. }
                        | Problem::Offline
                        | Problem::Unavailable { .. }
                        | Problem::TooManyAttempts { .. }
                )
        )
    }
}

impl Progress {
    /// Whether somebody should wait.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Opening | Stage::Sending | Stage::Stopping)
    }

    /// An image of so many bytes came.
    pub fn came(&mut self, outcome: ImportOutcome, bytes: ByteSize) {
        match outcome {
            ImportOutcome::Taken => self.taken += 1,
            ImportOutcome::TakenElsewhere => self.elsewhere += 1,
            ImportOutcome::Restored => self.restored += 1,
            ImportOutcome::Existing => self.existing += 1,
        }
        self.settled(bytes);
    }

    /// An image didn't come.
    pub fn failed(&mut self, name: String, why: Failure, bytes: ByteSize) {
        self.failed += 1;
        if self.failures.len() < LISTED {
            self.failures.push((name, why));
        }
        self.settled(bytes);
    }

    fn settled(&mut self, bytes: ByteSize) {
        self.images.add(1);
        self.bytes.add(bytes.bytes());
    }
}

impl Share {
    /// More is settled. What an archive says of itself may be too little.
    fn add(&mut self, more: u64) {
        self.done = self.done.saturating_add(more);
        self.all = self.all.max(self.done);
    }
}

/// How often a request is repeated that didn't get through.
pub const TRIES: u32 = 6;
/// The same where the network or the server is away: for twenty minutes.
pub const OUTAGE_TRIES: u32 = 40;

/// Milliseconds to wait before a request is sent again that failed so for the `tried`th time; `None` if it isn't to be.
#[must_use]
pub fn pause(problem: &Problem, tried: u32) -> Option<i32> {
    let growing = 1 << tried.min(5);
    let (tries, seconds) = match problem {
        Problem::Offline => (OUTAGE_TRIES, growing),
        Problem::Unavailable { retry_after } => (OUTAGE_TRIES, growing.max(*retry_after)),
        Problem::TimedOut | Problem::Internal => (TRIES, growing),
        Problem::TooManyAttempts { retry_after } => (TRIES, *retry_after),
        _ => return None,
    };
    if tried >= tries {
        return None;
    }
    i32::try_from(seconds.clamp(1, 120) * 1000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_image_is_settled_once() {
        let mut progress = Progress {
            images: Share { done: 0, all: 2 },
            bytes: Share { done: 0, all: 10 },
            ..Progress::default()
        };
        progress.came(ImportOutcome::Taken, ByteSize(4));
        progress.came(ImportOutcome::Existing, ByteSize(4));
        progress.failed("a.png".into(), Failure::NotStored, ByteSize(4));
        assert_eq!((progress.taken, progress.existing, progress.failed), (1, 1, 1));
        assert_eq!(
            (progress.images, progress.bytes),
            (Share { done: 3, all: 3 }, Share { done: 12, all: 12 })
        );
        for _ in 0..2 * LISTED {
            progress.failed("b.png".into(), Failure::BadLine, ByteSize(u64::MAX));
        }
        assert_eq!((progress.failures.len(), progress.failed), (LISTED, 2 * LISTED as u64 + 1));
    }

    #[test]
    fn what_passes_is_tried_again_and_not_for_ever() {
        assert_eq!(pause(&Problem::Offline, 0), Some(1000));
        assert_eq!(pause(&Problem::Offline, 3), Some(8000));
        assert_eq!(pause(&Problem::Internal, TRIES), None);
        assert_eq!(pause(&Problem::Unavailable { retry_after: 5 }, 0), Some(5_000));
        assert_eq!(
            pause(&Problem::Unavailable { retry_after: 5 }, TRIES),
            Some(32_000),
            "a restart takes a while"
        );
        assert_eq!(pause(&Problem::Offline, OUTAGE_TRIES), None);
        assert_eq!(pause(&Problem::TooManyAttempts { retry_after: 30 }, 0), Some(30_000));
        assert_eq!(pause(&Problem::TooManyAttempts { retry_after: u32::MAX }, 0), Some(120_000));
        assert_eq!(pause(&Problem::BrokenImage, 0), None);
        assert!(Failure::Refused(Problem::SignedOut).ends_all() && !Failure::BadLine.ends_all());
    }
}
