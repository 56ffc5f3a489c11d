//! How often one may fail. Pure: the caller brings the failures and the time.

use std::net::{IpAddr, Ipv6Addr};

use time::{Duration, OffsetDateTime};

/// Failures that one address may have within [`WINDOW`].
pub const FAILURES_PER_ADDRESS: usize = 5;
/// How long a failure counts.
pub const WINDOW: Duration = Duration::HOUR;

/// The seconds to wait before the next try, if one must: until the oldest of the last
/// [`FAILURES_PER_ADDRESS`] failures is an hour old. `failures` may be in any order.
#[must_use]
pub fn wait_for_address(failures: &[OffsetDateTime], now: OffsetDateTime) -> Option<u32> {
    let mut recent: Vec<_> = failures.iter().copied().filter(|at| *at + WINDOW > now).collect();
    recent.sort_unstable();
    let oldest = recent.iter().rev().nth(FAILURES_PER_ADDRESS - 1)?;
    let left = *oldest + WINDOW - now;
    let seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
    Some(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
}

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has.
#[must_use]
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    #[test]
    fn the_fifth_failure_makes_one_wait_until_the_first_is_an_hour_old() {
        let minutes = |m: i64| NOW - Duration::minutes(m);
        assert_eq!(wait_for_address(&[minutes(50), minutes(40), minutes(30), minutes(20)], NOW), None);
        let five = [minutes(50), minutes(40), minutes(30), minutes(20), minutes(10)];
        assert_eq!(wait_for_address(&five, NOW), Some(600));
        assert_eq!(wait_for_address(&five, NOW + Duration::minutes(10)), None);
    }

    #[test]
    fn a_v6_subscriber_is_one_address_and_mapped_v4_is_v4() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    proptest! {
        #[test]
        fn one_more_failure_never_shortens_the_wait(mut ages in proptest::collection::vec(0_i64..7200, 0..12), more in 0_i64..7200) {
            let moments = |ages: &[i64]| ages.iter().map(|s| NOW - Duration::seconds(*s)).collect::<Vec<_>>();
            let before = wait_for_address(&moments(&ages), NOW);
            ages.push(more);
            prop_assert!(wait_for_address(&moments(&ages), NOW) >= before);
        }

        #[test]
        fn the_wait_is_at_most_an_hour_and_ends_it(ages in proptest::collection::vec(0_i64..7200, 0..12)) {
            let failures: Vec<_> = ages.iter().map(|s| NOW - Duration::seconds(*s)).collect();
            if let Some(wait) = wait_for_address(&failures, NOW) {
                prop_assert!((1..=3600).contains(&wait));
                prop_assert_eq!(wait_for_address(&failures, NOW + Duration::seconds(wait.into())), None);
            }
        }
    }
}
