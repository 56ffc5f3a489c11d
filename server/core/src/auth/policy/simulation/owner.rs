//! What people meet in a month in which a botnet tries whatever it is let, at an account and all over the site.

use time::{Duration, OffsetDateTime};

use super::{Attack, MONTH, START};
use crate::auth::policy::{ACCOUNT, DEVICE, Demand, History, SITE, demand, demand_at};

/// Addresses that guess the owner's account, and others that try names that nobody tried before: enough to use
/// up each budget within the hour.
const BOTS: [usize; 2] = [20, 40];

/// How often a try of a month was asked for one code, for two, or refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// One code was enough.
    pub one: usize,
    /// Two were asked for.
    pub two: usize,
    /// Nothing was taken.
    pub refused: usize,
}

impl Asked {
    const fn note(&mut self, demand: Demand) {
        *match demand {
            Demand::Code => &mut self.one,
            Demand::TwoCodes => &mut self.two,
            Demand::Wait(_) | Demand::Challenge => &mut self.refused,
        } += 1;
    }
}

/// A month of people who come once an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// The owner of the account that is guessed at, on a new device each time.
    pub new_device: Asked,
    /// The same on a trusted one, where wrong codes precede the right one.
    pub trusted_device: Asked,
    /// Somebody whose account nobody guesses at, on a new device each time.
    pub bystander: Asked,
}

/// The single codes that failed and count.
#[derive(Default)]
struct Failures {
    account: Vec<OffsetDateTime>,
    site: Vec<OffsetDateTime>,
}

impl Failures {
    fn forget(&mut self, now: OffsetDateTime) {
        self.account.retain(|at| *at > ACCOUNT.since(now));
        self.site.retain(|at| *at > SITE.since(now));
    }

    /// Before a try from an address where nothing failed.
    fn history(&self, is_guessed_at: bool) -> History {
        History {
            account: if is_guessed_at { self.account.len() } else { 0 },
            site: self.site.len(),
            authenticators: 1,
            ..History::default()
        }
    }

    /// Everything that `bot` is let try now.
    fn suffer(&mut self, bot: &mut Attack, is_guessed_at: bool, now: OffsetDateTime) {
        loop {
            let History { account, site, .. } = self.history(is_guessed_at);
            let History { address, pairs, .. } = std::mem::take(&mut bot.history);
            // Each name that it tries is another one.
            let pairs = if is_guessed_at { pairs } else { Vec::new() };
            bot.history = History { address, account, site, pairs, authenticators: 1, owes_challenge: false };
            let singles = bot.singles;
            if !bot.guess(now) {
                return;
            }
            if bot.singles > singles {
                self.site.push(now);
                if is_guessed_at {
                    self.account.push(now);
                }
            }
        }
    }
}

/// What people are asked for in such a month, the owner after so many `slips` each hour on the trusted device.
#[must_use]
pub fn people(slips: usize) -> Month {
    let (mut month, mut failures) = (Month::default(), Failures::default());
    let [mut guessing, mut straining] =
        BOTS.map(|bots| -> Vec<Attack> { std::iter::repeat_with(Attack::default).take(bots).collect() });
    for hour in 0..MONTH.whole_hours() {
        let now = START + Duration::hours(hour);
        failures.forget(now);
        month.new_device.note(demand(&failures.history(true), now));
        month.bystander.note(demand(&failures.history(false), now));
        // The right code, which takes them back, comes after the slips.
        let mut slipped = Vec::new();
        for _ in 0..=slips {
            month.trusted_device.note(demand_at(DEVICE, &slipped, now));
            slipped.push(now);
        }
        guessing.iter_mut().for_each(|bot| failures.suffer(bot, true, now));
        straining.iter_mut().for_each(|bot| failures.suffer(bot, false, now));
    }
    month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_refused_for_what_others_do_and_a_trusted_device_takes_one_code_all_the_time() {
        let Month { new_device, trusted_device, bystander } = people(DEVICE.failures - 1);
        assert_eq!(new_device, Asked { one: 1, two: 719, refused: 0 }, "one before it begins");
        assert_eq!(bystander, Asked { one: 30, two: 690, refused: 0 }, "the site has a new budget each day");
        assert_eq!(trusted_device, Asked { one: 7200, two: 0, refused: 0 }, "nine slips an hour");
    }

    #[test]
    fn ten_slips_of_its_own_within_an_hour_are_too_many_for_a_trusted_device() {
        assert_eq!(people(DEVICE.failures).trusted_device, Asked { one: 7200, two: 0, refused: 720 });
    }
}
