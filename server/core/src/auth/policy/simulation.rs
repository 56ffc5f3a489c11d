//! A month of a botnet against one account, decided by the rules themselves. For tests and benchmarks.

use time::{Duration, OffsetDateTime, macros::datetime};

use super::{ADDRESS, Demand, History, demand};

const START: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);
const MONTH: Duration = Duration::days(30);
/// Chance of a blind guess at one authenticator: three steps are taken, one code each of a million.
const SINGLE: f64 = 3e-6;
/// The first of two as above, the second is one code of a million.
const PAIR: f64 = 3e-12;

/// What guesses found until now.
#[derive(Default)]
struct Attack {
    history: History,
    singles: usize,
    pairs: usize,
}

impl Attack {
    /// Tries whatever is demanded, if anything is taken.
    fn guess(&mut self, now: OffsetDateTime) {
        match demand(&self.history, now) {
            // A botnet owes no challenges: it solves them.
            Demand::Wait(_) | Demand::Challenge => return,
            Demand::Code => {
                self.singles += 1;
                self.history.account += 1;
                self.history.site += 1;
            }
            Demand::TwoCodes => {
                self.pairs += 1;
                self.history.pairs.push(now);
            }
        }
        self.history.address.push(now);
        self.history.address.retain(|at| *at + ADDRESS.window > now);
    }

    /// As often as it is let for a month, from one address.
    fn month(&mut self) {
        let mut now = START;
        while now < START + MONTH {
            self.guess(now);
            now += Duration::minutes(6);
        }
    }

    fn chance(&self, authenticators: usize) -> f64 {
        (self.singles as f64 * SINGLE + self.pairs as f64 * PAIR) * authenticators as f64
    }
}

/// Expected right guesses of so many addresses that guess one account for 30 days, as often as they are let.
///
/// Once the account asks for two codes every address is in the same place: what one can do, each can.
#[must_use]
pub fn botnet(addresses: usize, authenticators: usize) -> f64 {
    let at = |account| Attack {
        history: History { account, authenticators, ..History::default() },
        ..Attack::default()
    };
    let (mut first, mut other) = (at(0), at(0));
    first.month();
    other.history.account = first.history.account;
    other.month();
    first.chance(authenticators) + addresses.saturating_sub(1) as f64 * other.chance(authenticators)
}

/// What the owner is asked for on a new device in each hour of such a month: how often for one code, for two,
/// and how often they are refused.
#[must_use]
pub fn owner() -> [usize; 3] {
    let attacked = History { account: 100_000, site: 100_000, authenticators: 1, ..History::default() };
    let mut asked = [0; 3];
    for hour in 0..MONTH.whole_hours() {
        let [one, two, refused] = &mut asked;
        *match demand(&attacked, START + Duration::hours(hour)) {
            Demand::Code => one,
            Demand::TwoCodes => two,
            Demand::Wait(_) | Demand::Challenge => refused,
        } += 1;
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_addresses_guess_an_account_with_less_than_sixteen_in_a_million() {
        for authenticators in 1..=5 {
            let chance = botnet(10_000, authenticators);
            assert!(chance <= 1.6e-5, "{chance:e} at {authenticators} authenticators");
        }
        let chance = botnet(10_000, 1);
        assert!((1.58e-5..1.6e-5).contains(&chance), "docs/security.md says 1.59·10⁻⁵: {chance:e}");
    }

    #[test]
    fn meanwhile_the_owner_needs_two_codes_on_a_new_device_and_is_never_refused() {
        assert_eq!(owner(), [0, 720, 0]);
    }
}
