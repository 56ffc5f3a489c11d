//! How often one may fail, and what is asked for then. Pure: the caller brings what happened and
//! the time, so that a simulation of a botnet and the server decide by the same lines.
//!
//! A six-digit code with a step of skew each way is guessed with 3·10⁻⁶. Five such guesses at an
//! account in 30 days are 1.5·10⁻⁵, whoever makes them; after that a device that the account
//! doesn't know gives two codes that follow each other, which are guessed with 3·10⁻¹². Nobody is
//! refused for what others do: the owner waits for one more code.

pub mod simulation;

use std::net::{IpAddr, Ipv6Addr};

use time::{Duration, OffsetDateTime};

/// So many failures within so long, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Failures.
    pub failures: usize,
    /// How long each counts.
    pub window: Duration,
}

/// Failures of any kind from one address.
pub const ADDRESS: Budget = Budget { failures: 5, window: Duration::HOUR };
/// Failures of any kind from one address after which it solves a challenge before each try.
pub const UNCHALLENGED: Budget = Budget { failures: 2, window: Duration::HOUR };
/// Single codes at one account from devices that it doesn't know, wherever they come from.
pub const ACCOUNT: Budget = Budget { failures: 5, window: Duration::days(30) };
/// Single codes at all accounts from devices that these don't know: five guesses at each of ten
/// thousand accounts would hit one.
pub const SITE: Budget = Budget { failures: 100, window: Duration::DAY };
/// Pairs of codes at one account from one address. 10,000 addresses have 300,000 guesses in 30
/// days, worth 9·10⁻⁷.
pub const PAIRS: Budget = Budget { failures: 30, window: Duration::days(30) };
/// From a device that the account trusts.
pub const DEVICE: Budget = Budget { failures: 10, window: Duration::HOUR };
/// From such a device, without a right code between them: then it is trusted no more, or who stole
/// one could go on for 90 days. 30 guesses are worth 9·10⁻⁵.
pub const TRUST: Budget = Budget { failures: 30, window: Duration::days(30) };
/// From one session that asks for a code once more, as long as it lives. Who has used it up can sign
/// in anew, which takes a right code; who stole the session has 1.5·10⁻⁵.
pub const SESSION: Budget = Budget { failures: 5, window: Duration::DAY };
/// From all sessions at one account that an identity at the OpenID Connect provider opened. Each new one
/// costs whoever controls that identity nothing, so that a budget for each would be none.
pub const PROVIDER: Budget = Budget { failures: 5, window: Duration::days(30) };

impl Budget {
    /// The seconds until another failure fits, if none does now: until the oldest of the last
    /// [`Self::failures`] has stopped counting. `failures` may be in any order.
    #[must_use]
    pub fn wait(self, failures: &[OffsetDateTime], now: OffsetDateTime) -> Option<u32> {
        let mut counting: Vec<_> = failures.iter().copied().filter(|at| *at + self.window > now).collect();
        counting.sort_unstable();
        let oldest = counting.iter().rev().nth(self.failures - 1)?;
        let left = *oldest + self.window - now;
        let seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
        Some(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
    }

    /// As much for each of `count` authenticators, since each guess is a guess at all of them.
    #[must_use]
    pub fn shared_by(self, count: usize) -> Self {
        Self { failures: (self.failures / count.max(1)).max(1), ..self }
    }

    /// The first moment whose failures still count.
    #[must_use]
    pub fn since(self, now: OffsetDateTime) -> OffsetDateTime {
        now - self.window
    }
}

/// What happened before a try from a device that the account doesn't know.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The last failures from the address, at least [`ADDRESS`]'s number where there are so many.
    pub address: Vec<OffsetDateTime>,
    /// Single codes that failed at the account and count.
    pub account: usize,
    /// Single codes that failed anywhere and count.
    pub site: usize,
    /// The last pairs from the address that failed at the account, at least [`PAIRS`]'s number.
    pub pairs: Vec<OffsetDateTime>,
    /// Authenticators of the account. A guess is tried against each, so that fewer are allowed.
    pub authenticators: usize,
    /// Whether challenges are asked for and none was solved for this try.
    pub owes_challenge: bool,
}

/// What a try must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A code.
    Code,
    /// Two codes that follow each other.
    TwoCodes,
    /// A solved challenge, besides whatever else.
    Challenge,
    /// Nothing yet: the seconds to wait.
    Wait(u32),
}

/// What a device that the account doesn't know must bring with a code.
#[must_use]
pub fn demand(history: &History, now: OffsetDateTime) -> Demand {
    let is_calm =
        history.account < ACCOUNT.shared_by(history.authenticators).failures && history.site < SITE.failures;
    let pairs =
        if is_calm { None } else { PAIRS.shared_by(history.authenticators).wait(&history.pairs, now) };
    match (demand_with_recovery_code(history, now), pairs) {
        (Demand::Wait(seconds), _) | (_, Some(seconds)) => Demand::Wait(seconds),
        (Demand::Code, None) if !is_calm => Demand::TwoCodes,
        (demand, None) => demand,
    }
}

/// What a place that the account knows must bring with a code: that depends on what failed there, and on
/// nothing that anybody does elsewhere.
#[must_use]
pub fn demand_at(budget: Budget, failures: &[OffsetDateTime], now: OffsetDateTime) -> Demand {
    budget.wait(failures, now).map_or(Demand::Code, Demand::Wait)
}

/// What anybody must bring with a recovery code, which no account's budget has to protect.
#[must_use]
pub fn demand_with_recovery_code(history: &History, now: OffsetDateTime) -> Demand {
    match ADDRESS.wait(&history.address, now) {
        Some(seconds) => Demand::Wait(seconds),
        None if history.owes_challenge && UNCHALLENGED.wait(&history.address, now).is_some() => {
            Demand::Challenge
        }
        None => Demand::Code,
    }
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

    fn ago(seconds: &[i64]) -> Vec<OffsetDateTime> {
        seconds.iter().map(|seconds| NOW - Duration::seconds(*seconds)).collect()
    }

    #[test]
    fn the_fifth_failure_makes_one_wait_until_the_first_is_an_hour_old() {
        assert_eq!(ADDRESS.wait(&ago(&[3000, 2400, 1800, 1200]), NOW), None);
        let five = ago(&[3000, 2400, 1800, 1200, 600]);
        assert_eq!(ADDRESS.wait(&five, NOW), Some(600));
        assert_eq!(ADDRESS.wait(&five, NOW + Duration::seconds(599)), Some(1));
        assert_eq!(ADDRESS.wait(&five, NOW + Duration::seconds(600)), None);
    }

    #[test]
    fn an_account_under_attack_asks_for_two_codes_and_refuses_nobody() {
        let history = |account, site| History { account, site, ..History::default() };
        assert_eq!(demand(&history(4, 0), NOW), Demand::Code);
        assert_eq!(demand(&history(5, 0), NOW), Demand::TwoCodes);
        assert_eq!(demand(&history(100_000, 0), NOW), Demand::TwoCodes);
        assert_eq!(demand(&history(0, 99), NOW), Demand::Code);
        assert_eq!(demand(&history(0, 100), NOW), Demand::TwoCodes, "a site under attack does too");
    }

    #[test]
    fn more_authenticators_allow_no_more_guesses_in_all() {
        for authenticators in 1..=5 {
            let history = |account| History { account, authenticators, ..History::default() };
            let guesses = (0..).take_while(|failed| demand(&history(*failed), NOW) == Demand::Code).count();
            assert!((1..=5).contains(&(guesses * authenticators)), "{guesses} at {authenticators}");
        }
    }

    #[test]
    fn an_address_waits_for_its_own_failures_only() {
        let busy = History { address: ago(&[50, 40, 30, 20, 10]), ..History::default() };
        assert_eq!(demand(&busy, NOW), Demand::Wait(3550));
        let day = 86_400;
        let pairs = (0..30).map(|i| NOW - Duration::seconds(day + i)).collect();
        let stubborn = History { account: 5, pairs, ..History::default() };
        assert_eq!(demand(&stubborn, NOW), Demand::Wait(u32::try_from(29 * day - 29).unwrap()));
        let elsewhere = History { account: 0, ..stubborn };
        assert_eq!(demand(&elsewhere, NOW), Demand::Code, "another account from there");
    }

    #[test]
    fn the_second_failure_makes_one_solve_a_challenge_for_an_hour() {
        let history =
            |seconds: &[i64]| History { address: ago(seconds), owes_challenge: true, ..History::default() };
        assert_eq!(demand(&history(&[3599]), NOW), Demand::Code);
        assert_eq!(demand(&history(&[3599, 1]), NOW), Demand::Challenge);
        assert_eq!(demand(&history(&[3600, 1]), NOW), Demand::Code);
        assert_eq!(demand(&history(&[5, 4, 3, 2, 1]), NOW), Demand::Wait(3595), "waiting comes first");
        let solved = History { owes_challenge: false, ..history(&[2, 1]) };
        assert_eq!(demand(&solved, NOW), Demand::Code);
        let attacked = History { account: 5, ..history(&[2, 1]) };
        assert_eq!(demand(&attacked, NOW), Demand::Challenge, "and then two codes");
        assert_eq!(demand(&History { owes_challenge: false, ..attacked }, NOW), Demand::TwoCodes);
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
            let before = ADDRESS.wait(&ago(&ages), NOW);
            ages.push(more);
            prop_assert!(ADDRESS.wait(&ago(&ages), NOW) >= before);
        }

        #[test]
        fn the_wait_is_at_most_the_window_and_ends_it(ages in proptest::collection::vec(0_i64..7200, 0..12)) {
            let failures = ago(&ages);
            if let Some(wait) = ADDRESS.wait(&failures, NOW) {
                prop_assert!((1..=3600).contains(&wait));
                prop_assert_eq!(ADDRESS.wait(&failures, NOW + Duration::seconds(wait.into())), None);
            }
        }
    }
}
