//! When seeded images were uploaded.

use rand::{RngCore as _, SeedableRng as _, rngs::SmallRng};
use time::{Duration, OffsetDateTime};

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// `count` moments in the `years` up to `now`, in order: most on a third of the days, as people have trips and
/// quiet weeks, and more lately than long ago.
pub(super) fn moments(now: OffsetDateTime, count: u32, years: u32) -> Vec<OffsetDateTime> {
    // The same each time.
    let mut random = SmallRng::seed_from_u64(u64::from(count));
    let days = u64::from(years) * 365;
    let mut ago: Vec<u64> = (0..count)
        .map(|_| {
            // The lesser of two is more often small.
            let day = (random.next_u64() % days).min(random.next_u64() % days);
            let day = if random.next_u32() % 4 == 0 { day } else { day - day % 3 };
            day * DAY + random.next_u64() % DAY
        })
        .collect();
    ago.sort_unstable_by(|one, other| other.cmp(one));
    ago.into_iter().map(|millis| now - Duration::milliseconds(i64::try_from(millis).unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn they_are_in_order_within_the_years_and_denser_lately() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let all = moments(now, 5000, 5);
        assert_eq!(all.len(), 5000);
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]));
        let half = now - Duration::days(5 * 365 / 2);
        let lately = all.iter().filter(|moment| **moment > half).count();
        assert!(all[0] > now - Duration::days(5 * 365) && all[4999] <= now);
        assert!((3400..4100).contains(&lately), "three of four: {lately}");
        assert_eq!(moments(now, 5000, 5), all);
    }
}
