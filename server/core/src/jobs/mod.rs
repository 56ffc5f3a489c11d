//! Work beside requests: rows of a table, which any number of workers on any number of nodes empty.
//!
//! A worker takes what is due with `FOR UPDATE SKIP LOCKED`, so that nobody waits for another, and holds it for
//! [`LEASE`], longer as long as it says so. What a process that died had in hand is taken again when that is over, so
//! everything here may be begun again at any point, and be done twice at once.

mod kind;
mod perform;
mod queue;

use time::Duration;

pub(crate) use self::queue::{enqueue, finished};
pub use self::{
    kind::{Chore, Job, UnknownChore},
    perform::{Worked, work_once},
    queue::{Listed, State, list, next_due, plan},
};

/// How long one that nobody has said anything of counts as under way.
const LEASE: Duration = Duration::minutes(2);

/// After the first failure; twice as long each time.
const FIRST_PAUSE: Duration = Duration::seconds(10);
/// Between two tries, at most.
const LONGEST_PAUSE: Duration = Duration::minutes(10);

/// Until the next try after so many that failed, one after the other.
fn pause(tries: u32) -> Duration {
    (FIRST_PAUSE * (1_i32 << tries.saturating_sub(1).min(16))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
