//! Proofs of work, after hashcash (Back 2002). See [`Work`] for what is hashed.

use model::types::Work;
use sha2::{Digest, Sha256};

/// Sixteen rounds of 2¹⁴ hashes: a quarter of a million, with a standard deviation of a quarter.
const ROUNDS: u32 = 16;
const BITS: u32 = 14;
/// In the place of a picture: four times as much.
const INSTEAD: u32 = 2;

/// What one challenge costs an address that was issued `issued` of them lately: twice as much from the
/// fifth on, four times from the tenth, eight times from the twentieth.
pub(super) fn asked_after(issued: usize) -> Work {
    let more = (issued / 5).checked_ilog2().map_or(0, |log| log + 1);
    Work { rounds: ROUNDS, bits: BITS + more }
}

/// The work that is taken in the place of a picture.
pub(super) fn instead(work: Work) -> Work {
    Work { bits: work.bits + INSTEAD, ..work }
}

/// Whether `nonces` are what the challenge `id` asks for.
pub(super) fn is_done(work: Work, id: &str, nonces: &[u32]) -> bool {
    usize::try_from(work.rounds).is_ok_and(|rounds| rounds == nonces.len())
        && (0..work.rounds).zip(nonces).all(|(round, nonce)| zero_bits(id, round, *nonce) >= work.bits)
}

fn zero_bits(id: &str, round: u32, nonce: u32) -> u32 {
    let hash = Sha256::new().chain_update(nonce.to_be_bytes()).chain_update(round.to_be_bytes());
    let [a, b, c, d, ..]: [u8; 32] = hash.chain_update(id).finalize().into();
    u32::from_be_bytes([a, b, c, d]).leading_zeros()
}

/// Does the work, for tests.
#[cfg(any(test, feature = "testing"))]
#[must_use]
pub fn do_work(work: Work, id: &str) -> Vec<u32> {
    let nonce = |round| (0..=u32::MAX).find(|nonce| zero_bits(id, round, *nonce) >= work.bits);
    (0..work.rounds).filter_map(nonce).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nonce_counts_in_its_round_and_for_its_id() {
        let work = Work { rounds: 4, bits: 8 };
        let nonces = do_work(work, "id");
        assert!(is_done(work, "id", &nonces));
        assert!(!is_done(work, "di", &nonces));
        assert!(!is_done(work, "id", &nonces[..3]), "a round is missing");
        assert!(!is_done(work, "id", &[nonces.as_slice(), &[0]].concat()), "one too many");
        assert!(!is_done(work, "id", &[nonces[0]; 4]), "one nonce for all rounds");
        assert!(!is_done(Work { bits: 20, ..work }, "id", &nonces), "too little");
        assert!(!is_done(work, "id", &[]));
    }

    #[test]
    fn a_known_hash_has_the_bits_it_has() {
        // printf '\0\0\0\x2a\0\0\0\1abc' | sha256sum begins so.
        assert_eq!(zero_bits("abc", 1, 42), 0x508d_6e9b_u32.leading_zeros());
    }

    #[test]
    fn who_asks_often_works_more() {
        let bits = |issued| asked_after(issued).bits;
        assert_eq!([0, 4, 5, 9, 10, 19, 20, 29].map(bits), [14, 14, 15, 15, 16, 16, 17, 17]);
        assert_eq!(instead(asked_after(0)), Work { rounds: 16, bits: 16 });
    }
}
