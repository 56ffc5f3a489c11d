//! When a secret is old enough for another one.

use model::types::Rotation;
use time::{Duration, OffsetDateTime};

/// Ages at which a secret's owner is reminded, and reminded firmly. Nobody is ever locked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    due: Option<Duration>,
    overdue: Option<Duration>,
}

impl RotationPolicy {
    /// After so many days each; 0 is never.
    #[must_use]
    pub fn after_days(due: u32, overdue: u32) -> Self {
        let age = |days: u32| (days > 0).then(|| Duration::days(days.into()));
        Self { due: age(due), overdue: age(overdue) }
    }

    /// How pressing another secret is at `now` for one made at `created`.
    #[must_use]
    pub fn judge(self, created: OffsetDateTime, now: OffsetDateTime) -> Rotation {
        let reached = |age: Option<Duration>| age.is_some_and(|age| now - created >= age);
        if reached(self.overdue) {
            Rotation::Overdue
        } else if reached(self.due) {
            Rotation::Due
        } else {
            Rotation::Fresh
        }
    }

    /// The last moment at which a secret was made that is at least as pressing as `rotation` at `now`;
    /// `None` if none ever is.
    #[must_use]
    pub fn made_before(self, rotation: Rotation, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let age = match rotation {
            Rotation::Fresh => Some(Duration::ZERO),
            Rotation::Due => self.due.into_iter().chain(self.overdue).min(),
            Rotation::Overdue => self.overdue,
        };
        age.map(|age| now - age)
    }
}

impl Default for RotationPolicy {
    /// Three and six months.
    fn default() -> Self {
        Self::after_days(90, 180)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const MADE: OffsetDateTime = datetime!(2026-01-01 12:00 UTC);

    #[test]
    fn three_and_six_months_to_the_second() {
        let judge = |age: Duration| RotationPolicy::default().judge(MADE, MADE + age);
        let second = Duration::SECOND;
        assert_eq!(judge(Duration::days(90) - second), Rotation::Fresh);
        assert_eq!(judge(Duration::days(90)), Rotation::Due);
        assert_eq!(judge(Duration::days(180) - second), Rotation::Due);
        assert_eq!(judge(Duration::days(180)), Rotation::Overdue);
    }

    #[test]
    fn each_can_be_off() {
        let after_years = MADE + Duration::days(2000);
        assert_eq!(RotationPolicy::after_days(0, 0).judge(MADE, after_years), Rotation::Fresh);
        assert_eq!(RotationPolicy::after_days(90, 0).judge(MADE, after_years), Rotation::Due);
        assert_eq!(RotationPolicy::after_days(0, 180).judge(MADE, after_years), Rotation::Overdue);
    }

    proptest! {
        #[test]
        fn it_never_becomes_less_pressing(due in 0_u32..1000, overdue in 0_u32..1000, age in 0_i64..90_000_000, more in 0_i64..90_000_000) {
            let policy = RotationPolicy::after_days(due, overdue);
            let judge = |age: i64| policy.judge(MADE, MADE + Duration::seconds(age));
            prop_assert!(judge(age) <= judge(age + more));
        }

        #[test]
        fn it_is_as_pressing_as_its_age_says(due in 0_u32..1000, overdue in 0_u32..1000, age in 0_i64..90_000_000) {
            let policy = RotationPolicy::after_days(due, overdue);
            let now = MADE + Duration::seconds(age);
            for rotation in [Rotation::Fresh, Rotation::Due, Rotation::Overdue] {
                let reached = policy.made_before(rotation, now).is_some_and(|last| MADE <= last);
                prop_assert_eq!(reached, policy.judge(MADE, now) >= rotation);
            }
        }
    }
}
