//! One upload's states, and how an outcome leads from one to the next.

use model::{AddressProblem, GuestProblem, Problem, types::Image};
use serde::Deserialize;

use super::policy;

/// A moment or a length of time in milliseconds on the browser's monotonic clock.
pub type Millis = u64;

/// A scaled preview, made in the browser before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewUrl {
    /// A `blob:` address, valid in this page only.
    pub url: String,
    /// Width and height of the whole picture in pixels, where the browser could tell.
    pub size: Option<(u32, u32)>,
}

/// Why a file was not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// reflect, or the way to it, says so.
    Problem(Problem),
    /// There is nothing to be had from its address.
    Address(AddressProblem),
    /// The link by which a guest sends it doesn't take it.
    Guest(GuestProblem),
    /// Something between browser and reflect refused the size, by a limit of its own.
    TooLargeForProxy,
    /// The connection broke after all bytes had left, before the answer came: it may be stored.
    AnswerLost,
    /// The browser can't read the file: it was moved, changed or deleted since it was chosen.
    Unreadable,
}

/// What became of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Taken {
    /// Its image.
    #[serde(flatten)]
    pub image: Image,
    /// Whether that was there before: these are bytes that the person has already.
    #[serde(default)]
    pub existing: bool,
    /// Other images of theirs that show the same.
    #[serde(default)]
    pub similar: Vec<Image>,
}

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// In the queue.
    Waiting {
        /// Tries that broke already.
        broken: u32,
        /// Not sent before this moment.
        not_before: Millis,
    },
    /// On its way.
    Sending {
        /// Tries that broke already.
        broken: u32,
        /// Bytes of the file that have left.
        sent: u64,
    },
    /// Received; the server decodes and stores it.
    Processing {
        /// Tries that broke already.
        broken: u32,
    },
    /// Stored, durably.
    Done(Taken),
    /// Not stored.
    Failed {
        /// Why.
        reason: FailureReason,
        /// Whether sending the same file again can help.
        retryable: bool,
    },
    /// Stopped by the person.
    Cancelled,
}

/// What [`UploadState`] it is, without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// In the queue.
    Waiting,
    /// Sending or processing.
    Active,
    /// Stored.
    Done,
    /// Not stored.
    Failed,
    /// Stopped.
    Cancelled,
}

/// How one try to send a file ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored(Taken),
    /// The server answered and said no.
    Refused(FailureReason),
    /// Nobody is signed in (any more).
    SignedOut,
    /// No answer came: connection broken, server gone, or silence for too long.
    Broken,
    /// No answer came because there was nothing to send any more.
    Unreadable,
}

impl UploadState {
    /// A file just added.
    pub const NEW: Self = Self::Waiting { broken: 0, not_before: 0 };

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Waiting { .. } => Kind::Waiting,
            Self::Sending { .. } | Self::Processing { .. } => Kind::Active,
            Self::Done(_) => Kind::Done,
            Self::Failed { .. } => Kind::Failed,
            Self::Cancelled => Kind::Cancelled,
        }
    }

    /// Whether anything is still to happen by itself.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.kind(), Kind::Waiting | Kind::Active)
    }

    /// Bytes of a file of `size` bytes that have left the browser for good or for now.
    #[must_use]
    pub fn bytes_sent(&self, size: u64) -> u64 {
        match self {
            Self::Sending { sent, .. } => (*sent).min(size),
            Self::Processing { .. } | Self::Done(_) => size,
            Self::Waiting { .. } | Self::Failed { .. } | Self::Cancelled => 0,
        }
    }

    /// Whole percent of a file of `size` bytes, while it is on its way. 100 only once all has left.
    #[must_use]
    pub fn percent(&self, size: u64) -> u8 {
        let sent = self.bytes_sent(size);
        let percent = u128::from(sent) * 100 / u128::from(size.max(1));
        match self {
            Self::Processing { .. } | Self::Done(_) => 100,
            _ => u8::try_from(percent).unwrap_or(99).min(99),
        }
    }

    /// The first byte is about to leave. Nothing but a waiting upload starts.
    #[must_use]
    pub fn started(&self) -> Option<Self> {
        match self {
            Self::Waiting { broken, .. } => Some(Self::Sending { broken: *broken, sent: 0 }),
            _ => None,
        }
    }

    /// `loaded` of `total` bytes of the request have left; the file has `size`. A request is a
    /// little longer than its file, so it is scaled.
    #[must_use]
    pub fn progressed(&self, loaded: u64, total: u64, size: u64) -> Option<Self> {
        match self {
            Self::Sending { broken, .. } if total > 0 && loaded >= total => {
                Some(Self::Processing { broken: *broken })
            }
            Self::Sending { broken, sent } => {
                let scaled = u128::from(size) * u128::from(loaded) / u128::from(total.max(1));
                let scaled = u64::try_from(scaled).unwrap_or(size).min(size);
                // Never backwards: a browser may count anew after asking for credentials.
                (scaled > *sent).then_some(Self::Sending { broken: *broken, sent: scaled })
            }
            _ => None,
        }
    }

    /// The state after a try ended at `now`. An outcome that comes after cancelling counts for
    /// nothing, unless the file got stored all the same: then it must show.
    #[must_use]
    pub fn ended(&self, outcome: Outcome, now: Millis) -> Option<Self> {
        let (broken, all_sent) = match self {
            Self::Sending { broken, .. } => (*broken, false),
            Self::Processing { broken } => (*broken, true),
            Self::Cancelled => {
                return match outcome {
                    Outcome::Stored(taken) => Some(Self::Done(taken)),
                    _ => None,
                };
            }
            _ => return None,
        };
        Some(match outcome {
            Outcome::Stored(taken) => Self::Done(taken),
            Outcome::SignedOut => Self::Waiting { broken, not_before: now },
            Outcome::Unreadable => Self::failed(FailureReason::Unreadable),
            Outcome::Broken if all_sent => Self::again(FailureReason::AnswerLost, broken, now),
            Outcome::Broken => Self::again(FailureReason::Problem(Problem::Offline), broken, now),
            Outcome::Refused(reason) if policy::retries_by_itself(&reason) => {
                Self::again(reason, broken, now)
            }
            Outcome::Refused(reason) => Self::failed(reason),
        })
    }

    /// Waits for another try, or gives up.
    fn again(reason: FailureReason, broken: u32, now: Millis) -> Self {
        match policy::pause(&reason, broken) {
            Some(pause) => Self::Waiting { broken: broken + 1, not_before: now.saturating_add(pause) },
            None => Self::failed(reason),
        }
    }

    /// Failed for `reason`.
    #[must_use]
    pub fn failed(reason: FailureReason) -> Self {
        let retryable = policy::may_help(&reason);
        Self::Failed { reason, retryable }
    }

    /// The person stops it.
    #[must_use]
    pub const fn cancelled(&self) -> Option<Self> {
        if self.is_open() { Some(Self::Cancelled) } else { None }
    }

    /// The person wants it sent (again).
    #[must_use]
    pub const fn retried(&self) -> Option<Self> {
        match self {
            Self::Failed { retryable: true, .. } | Self::Cancelled => Some(Self::NEW),
            _ => None,
        }
    }

    /// The network is back: no reason to wait longer.
    #[must_use]
    pub const fn hurried(&self, now: Millis) -> Option<Self> {
        match self {
            Self::Waiting { broken, not_before } if *not_before > now => {
                Some(Self::Waiting { broken: *broken, not_before: now })
            }
            _ => None,
        }
    }
}
