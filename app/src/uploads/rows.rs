//! Which of very many uploads are drawn.

use super::state::Kind;

/// Rows drawn at once. A browser lays out a hundred in no time, twenty thousand never.
pub const ROWS: usize = 100;

/// The order in which kinds get a row, the one that a person can or must do something about first.
const fn rank(kind: Kind) -> usize {
    match kind {
        Kind::Active => 0,
        Kind::Failed => 1,
        Kind::Waiting => 2,
        Kind::Done => 3,
        Kind::Cancelled => 4,
    }
}

/// The indices of the uploads to draw, at most `rows`, in the order of the list: nothing jumps as
/// long as all have room, and where they haven't, what is settled makes way.
#[must_use]
pub fn visible(kinds: &[Kind], rows: usize) -> Vec<usize> {
    if kinds.len() <= rows {
        return (0..kinds.len()).collect();
    }
    let mut chosen = Vec::with_capacity(rows);
    for wanted in 0..=4 {
        let of_rank = (0..kinds.len()).filter(|index| rank(kinds[*index]) == wanted);
        chosen.extend(of_rank.take(rows - chosen.len()));
    }
    chosen.sort_unstable();
    chosen
}
