//! Sums over all uploads, kept up to date change by change: with thousands of files, adding them
//! up anew at every progress event would cost more than sending them.

use super::state::{Kind, Millis, UploadState};

/// How many uploads there are of each kind, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In the queue.
    pub waiting: usize,
    /// Sending or processing.
    pub active: usize,
    /// Stored.
    pub done: usize,
    /// Not stored.
    pub failed: usize,
    /// Of those failed, how many can be sent again.
    pub retryable: usize,
    /// Stopped.
    pub cancelled: usize,
    /// Bytes of the files waiting, under way and stored.
    pub bytes: u64,
    /// Of those, how many have left.
    pub sent: u64,
}

impl Tally {
    /// Counts a file of `size` bytes in `state`.
    pub fn add(&mut self, state: &UploadState, size: u64) {
        *self.count(state.kind()) += 1;
        self.retryable += usize::from(matches!(state, UploadState::Failed { retryable: true, .. }));
        if !matches!(state.kind(), Kind::Failed | Kind::Cancelled) {
            self.bytes += size;
            self.sent += state.bytes_sent(size);
        }
    }

    /// Takes back what [`Self::add`] counted for the same state and size.
    pub fn remove(&mut self, state: &UploadState, size: u64) {
        let count = self.count(state.kind());
        *count = count.saturating_sub(1);
        let retryable = usize::from(matches!(state, UploadState::Failed { retryable: true, .. }));
        self.retryable = self.retryable.saturating_sub(retryable);
        if !matches!(state.kind(), Kind::Failed | Kind::Cancelled) {
            self.bytes = self.bytes.saturating_sub(size);
            self.sent = self.sent.saturating_sub(state.bytes_sent(size));
        }
    }

    fn count(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Waiting => &mut self.waiting,
            Kind::Active => &mut self.active,
            Kind::Done => &mut self.done,
            Kind::Failed => &mut self.failed,
            Kind::Cancelled => &mut self.cancelled,
        }
    }

    /// Files in all.
    #[must_use]
    pub const fn files(&self) -> usize {
        self.waiting + self.active + self.done + self.failed + self.cancelled
    }

    /// Files with which something is still to happen by itself.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.waiting + self.active
    }

    /// Whole percent of the bytes that have left; 100 only when nothing is open.
    #[must_use]
    pub fn percent(&self) -> u8 {
        if self.open() == 0 {
            return 100;
        }
        let percent = u128::from(self.sent) * 100 / u128::from(self.bytes.max(1));
        u8::try_from(percent).unwrap_or(99).min(99)
    }
}

/// Measures how fast bytes leave, smoothed so that the figure can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    moved: u64,
    sample: Option<(Millis, u64)>,
    rate: Option<f64>,
}

/// A change of speed shows by two thirds after this time.
const SMOOTHING: f64 = 3_000.0;

/// Samples closer together say more about buffers than about the network.
const SAMPLE: Millis = 250;

impl Meter {
    /// `bytes` more have left.
    pub const fn moved(&mut self, bytes: u64) {
        self.moved = self.moved.saturating_add(bytes);
    }

    /// Looks at the clock. To be called a few times a second while something is under way.
    pub fn tick(&mut self, now: Millis) {
        let Some((then, moved)) = self.sample else {
            self.sample = Some((now, self.moved));
            return;
        };
        let elapsed = now.saturating_sub(then);
        if elapsed < SAMPLE {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a speed is shown with two digits")]
        let (elapsed, bytes) = (elapsed as f64, (self.moved - moved) as f64);
        let current = bytes / elapsed * 1_000.0;
        self.rate = Some(match self.rate {
            // A long gap (a tab in the background) outweighs what was before it.
            Some(rate) => rate + (current - rate) * elapsed / (elapsed + SMOOTHING),
            None => current,
        });
        self.sample = Some((now, self.moved));
    }

    /// Nothing is under way: what comes next is measured anew.
    pub const fn stop(&mut self) {
        *self = Self { moved: 0, sample: None, rate: None };
    }

    /// Bytes per second, once known and not nought.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, far below 2^63")]
    pub fn rate(&self) -> Option<u64> {
        self.rate.filter(|rate| *rate >= 1.0).map(|rate| rate as u64)
    }

    /// Time until `bytes` have left at this speed.
    #[must_use]
    pub fn time_left(&self, bytes: u64) -> Option<TimeLeft> {
        self.rate().map(|rate| TimeLeft::from_seconds(bytes.div_ceil(rate)))
    }
}

/// A length of time in the one unit that is worth showing, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    /// 5, 10, … 55
    Seconds(u64),
    /// 1 to 59
    Minutes(u64),
    /// Hours from 1 on
    Hours(u64),
}

impl TimeLeft {
    /// Rounds `seconds` up: a figure that changes every second is only looked at.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        match seconds {
            0..=55 => Self::Seconds(if seconds == 0 { 5 } else { seconds.div_ceil(5) * 5 }),
            56..=3540 => Self::Minutes(seconds.div_ceil(60)),
            _ => Self::Hours(seconds.div_ceil(3600)),
        }
    }
}

/// What the tray shows of all uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The sums.
    pub tally: Tally,
    /// Bytes per second, while something is under way and it is known.
    pub rate: Option<u64>,
    /// Time until all have left.
    pub left: Option<TimeLeft>,
}
