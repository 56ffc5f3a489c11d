//! Time as a parameter.

use std::sync::Mutex;

use model::types::Timestamp;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// Where "now" comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// A clock that stands still until it is moved; for tests and simulations.
#[derive(Debug)]
pub struct ManualClock(Mutex<OffsetDateTime>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub const fn new(start: OffsetDateTime) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock on (or back, with a negative duration).
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `moment` as it goes over the wire: RFC 3339 in UTC, cut to milliseconds.
#[must_use]
pub fn rfc3339(moment: OffsetDateTime) -> Timestamp {
    let utc = moment.to_offset(time::UtcOffset::UTC);
    let cut = utc.replace_millisecond(utc.millisecond()).unwrap_or(utc);
    // Formatting fails only for years beyond 9999, which no clock here shows.
    Timestamp::from_rfc3339(cut.format(&Rfc3339).unwrap_or_default())
}
