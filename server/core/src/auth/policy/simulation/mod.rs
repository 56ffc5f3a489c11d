//! A month of a botnet against one account, decided by the rules themselves. For tests and benchmarks.

mod owner;

use time::{Duration, OffsetDateTime, macros::datetime};

pub use self::owner::{Asked, Month, people};
use super::{ADDRESS, Demand, History, demand};

const START: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);
const MONTH: Duration = Duration::days(30);
/// Chance of a blind guess at one authenticator: three steps are taken, one code each of a million.
const SINGLE: f64 = 3e-6;
/// The first of two as above, the second, or the mailed one, is one code of a million.
const PAIR: f64 = 3e-12;

/// How somebody goes on who is asked for two codes.
#[derive(Clone, Copy, Default)]
pub enum Way {
    /// Guesses both.
    #[default]
    TwoCodes,
    /// Asks for a mailed code and guesses it as often as it takes tries.
    Mailed,
    /// Just asks: whoever reads the mailbox needs no more.
    Asking,
}

/// What guesses found until now.
#[derive(Default)]
struct Attack {
    history: History,
    way: Way,
    singles: usize,
    pairs: usize,
    /// Mailed codes that were asked for.
    asked: usize,
    /// Tries that the last one still takes.
    left: usize,
}

impl Attack {
    /// Tries whatever is demanded; whether anything is taken.
    fn guess(&mut self, now: OffsetDateTime) -> bool {
        match demand(&self.history, now) {
            // A botnet owes no challenges: it solves them.
            Demand::Wait(_) | Demand::Challenge => return false,
            Demand::Code => {
                self.singles += 1;
                self.history.account += 1;
                self.history.site += 1;
            }
            Demand::TwoCodes => {
                self.pair();
                self.history.pairs.push(now);
            }
        }
        self.history.address.push(now);
        self.history.address.retain(|at| *at + ADDRESS.window > now);
        true
    }

    /// What counts as a failed pair: a guess at one, or asking for a mailed code.
    fn pair(&mut self) {
        match (self.way, self.left) {
            (Way::TwoCodes, _) => self.pairs += 1,
            (Way::Mailed, 1..) => {
                self.pairs += 1;
                self.left -= 1;
            }
            (Way::Mailed | Way::Asking, _) => {
                self.asked += 1;
                self.left = 5;
            }
        }
    }

    /// As often as it is let for a month, from one address.
    fn month(&mut self) {
        let mut now = START;
        while now < START + MONTH {
            while self.guess(now) {}
            now += Duration::minutes(6);
            // Whatever a mailed code takes was tried at once.
            self.left = 0;
        }
    }

    fn chance(&self, authenticators: usize) -> f64 {
        (self.singles as f64 * SINGLE + self.pairs as f64 * PAIR) * authenticators as f64
    }
}

/// Once the account asks for two codes every address is in the same place: what one can do, each can. Answers the
/// first one and any other.
fn month(way: Way, authenticators: usize) -> (Attack, Attack) {
    let at = |account| Attack {
        history: History { account, authenticators, ..History::default() },
        way,
        ..Attack::default()
    };
    let mut first = at(0);
    first.month();
    let mut other = at(first.history.account);
    other.month();
    (first, other)
}

/// Expected right guesses of so many addresses that guess one account for 30 days, as often as they are let.
#[must_use]
pub fn botnet(way: Way, addresses: usize, authenticators: usize) -> f64 {
    let (first, other) = month(way, authenticators);
    first.chance(authenticators) + addresses.saturating_sub(1) as f64 * other.chance(authenticators)
}

/// Expected mails to the owner while they just ask.
#[must_use]
pub fn mails(addresses: usize, authenticators: usize) -> f64 {
    let (first, other) = month(Way::Asking, authenticators);
    let asked = first.asked + addresses.saturating_sub(1) * other.asked;
    (asked * authenticators) as f64 * SINGLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_addresses_guess_an_account_with_less_than_sixteen_in_a_million() {
        for authenticators in 1..=5 {
            let chance = |way| botnet(way, 10_000, authenticators);
            let (codes, mailed) = (chance(Way::TwoCodes), chance(Way::Mailed));
            assert!(codes <= 1.6e-5, "{codes:e} at {authenticators} authenticators");
            assert!(mailed <= codes, "no easier: {mailed:e} at {authenticators} authenticators");
        }
        let codes = botnet(Way::TwoCodes, 10_000, 1);
        assert!((1.585e-5..1.595e-5).contains(&codes), "docs/security.md says 1.59·10⁻⁵: {codes:e}");
        let mailed = botnet(Way::Mailed, 10_000, 1);
        assert!((1.565e-5..1.575e-5).contains(&mailed), "docs/security.md says 1.57·10⁻⁵: {mailed:e}");
    }

    #[test]
    fn ten_thousand_addresses_have_the_owner_sent_less_than_one_mail() {
        for authenticators in 1..=5 {
            let mails = mails(10_000, authenticators);
            assert!((0.5..0.9001).contains(&mails), "docs/security.md says 0.9: {mails} at {authenticators}");
        }
    }
}
