//! Uploads under way, as pages see them. They belong to the app and not to a page, so they go on
//! while one moves about.
//!
//! Here is what can be decided without a browser: which state follows on which ([`state`]), what
//! is sent when ([`policy`]), what an answer means ([`answer`]), sums and speed ([`totals`]) and
//! which rows are drawn ([`rows`]). The `frontend` package does the sending.

pub mod answer;
pub mod names;
pub mod options;
pub mod policy;
mod queue;
pub mod rows;
pub mod state;
#[cfg(test)]
mod tests;
pub mod totals;

pub use options::{Redraw, UploadOptions};
pub use queue::{UploadItem, UploadQueue};
pub use state::{FailureReason, Kind, Millis, Outcome, PreviewUrl, Taken, UploadState};
pub use totals::{Tally, TimeLeft, Totals};

/// What a person asks of uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadCommand {
    /// Stop it.
    Cancel(u32),
    /// Send it again.
    Retry(u32),
    /// Take it off the list.
    Dismiss(u32),
    /// Stop all that are not settled.
    CancelAll,
    /// Send again all that failed where that can help.
    RetryFailed,
    /// Take all that are settled off the list.
    Clear,
}
