//! How often a token is used.
//!
//! Counted in the memory of each process, and not in PostgreSQL: the limit keeps a script that went wild from
//! taking the server to itself, it guards no secret. So it may be as many times larger as there are nodes, and
//! must not cost the write that each request would be.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::types::{RequestsPerMinute, TokenId};
use time::{Duration, OffsetDateTime};

/// How long a window is. It begins with the first request after the one before has ended.
const WINDOW: Duration = Duration::MINUTE;
/// Windows that are held before those that have ended are first looked for.
const FEW: usize = 1024;

/// What a token may still do in its minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests in a minute.
    pub limit: u32,
    /// Requests that are left of it.
    pub left: u32,
    /// Seconds until there are all of them again, at least 1.
    pub resets_in: u32,
    /// Whether this request was one too many.
    pub exceeded: bool,
}

impl Quota {
    /// The window in seconds.
    pub const WINDOW: i64 = WINDOW.whole_seconds();
}

/// Requests by token in their present windows. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct TokenRates(Arc<Mutex<Windows>>);

#[derive(Debug, Default)]
struct Windows {
    of: HashMap<TokenId, Window>,
    /// How many there may be before those that have ended go.
    room: usize,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    since: OffsetDateTime,
    taken: u32,
}

impl Window {
    fn holds(self, now: OffsetDateTime) -> bool {
        // A clock that was set back begins anew.
        (self.since..self.since + WINDOW).contains(&now)
    }
}

impl TokenRates {
    /// Counts a request of `token`.
    #[must_use]
    pub fn take(&self, token: TokenId, limit: RequestsPerMinute, now: OffsetDateTime) -> Quota {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.make_room(now);
        let window = windows.of.entry(token).or_insert(Window { since: now, taken: 0 });
        if !window.holds(now) {
            *window = Window { since: now, taken: 0 };
        }
        let limit = limit.get();
        let exceeded = window.taken >= limit;
        if !exceeded {
            window.taken += 1;
        }
        Quota {
            limit,
            left: limit.saturating_sub(window.taken),
            resets_in: seconds_until(window.since + WINDOW, now),
            exceeded,
        }
    }
}

impl Windows {
    /// What has ended goes whenever there are twice as many as were left the time before.
    fn make_room(&mut self, now: OffsetDateTime) {
        if self.of.len() < self.room.max(FEW) {
            return;
        }
        self.of.retain(|_, window| window.holds(now));
        self.room = self.of.len() * 2;
    }
}

fn seconds_until(then: OffsetDateTime, now: OffsetDateTime) -> u32 {
    let left = then - now;
    let seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
    u32::try_from(seconds).unwrap_or_default().max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    fn token(number: u128) -> TokenId {
        TokenId(Uuid::from_u128(number))
    }

    fn three() -> RequestsPerMinute {
        RequestsPerMinute::nearest(3)
    }

    #[test]
    fn a_minute_has_so_many_requests_and_the_next_one_as_many() {
        let rates = TokenRates::default();
        let at = |seconds| rates.take(token(1), three(), NOW + Duration::milliseconds(seconds));
        assert_eq!(at(0), Quota { limit: 3, left: 2, resets_in: 60, exceeded: false });
        assert_eq!((at(1).left, at(2).left), (1, 0));
        assert_eq!(at(500), Quota { limit: 3, left: 0, resets_in: 60, exceeded: true });
        assert_eq!(at(59_001), Quota { limit: 3, left: 0, resets_in: 1, exceeded: true });
        assert_eq!(at(60_000), Quota { limit: 3, left: 2, resets_in: 60, exceeded: false });
    }

    #[test]
    fn each_token_has_its_own_and_a_lower_limit_holds_at_once() {
        let rates = TokenRates::default();
        let take = |number, limit| rates.take(token(number), RequestsPerMinute::nearest(limit), NOW);
        for _ in 0..3 {
            assert!(!take(1, 3).exceeded);
        }
        assert!(take(1, 3).exceeded && !take(2, 3).exceeded);
        assert!(!take(1, 4).exceeded);
        assert_eq!(take(1, 1), Quota { limit: 1, left: 0, resets_in: 60, exceeded: true });
    }

    #[test]
    fn what_has_ended_takes_no_memory() {
        let rates = TokenRates::default();
        for number in 0..10_000 {
            let now = NOW + Duration::seconds(i64::try_from(number).unwrap());
            assert!(!rates.take(token(number), three(), now).exceeded);
        }
        assert!(rates.0.lock().unwrap().of.len() <= FEW);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let rates = TokenRates::default();
        for _ in 0..4 {
            let _ = rates.take(token(1), three(), NOW);
        }
        assert!(!rates.take(token(1), three(), NOW - Duration::days(1)).exceeded);
    }

    proptest! {
        #[test]
        fn whoever_waits_as_told_gets_in(pauses in proptest::collection::vec(0_i64..40_000, 1..40)) {
            let rates = TokenRates::default();
            let mut now = NOW;
            for pause in pauses {
                now += Duration::milliseconds(pause);
                let quota = rates.take(token(1), three(), now);
                prop_assert!((1..=60).contains(&quota.resets_in) && quota.left <= 3);
                if quota.exceeded {
                    now += Duration::seconds(quota.resets_in.into());
                    prop_assert!(!rates.take(token(1), three(), now).exceeded);
                }
            }
        }
    }
}
