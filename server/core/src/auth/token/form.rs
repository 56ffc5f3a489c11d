//! What a token looks like.
//!
//! ```text
//! rfl_ 43 × base62 6 × base62     256 random bits, and the CRC-32 of all before it
//! rfl_ 64 × hex    8 × hex        the same with the first bits of a SHA-256, as tokens were until scopes came
//! ```
//! By the prefix and the checksum scanners tell a leaked token from any other text, and a mistyped one is
//! refused without the database. Neither is a secret. The two forms differ in their length.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    auth::AuthError,
    random::{BASE62, Random},
};

const PREFIX: &str = "rfl_";
/// 62⁴³ > 2²⁵⁶.
const SECRET_CHARS: usize = 43;
/// 62⁶ > 2³².
const CHECKSUM_CHARS: usize = 6;
/// Behind the prefix.
const CHARS: usize = SECRET_CHARS + CHECKSUM_CHARS;
const OLD_CHECKSUM_CHARS: usize = 8;
const OLD_CHARS: usize = 64 + OLD_CHECKSUM_CHARS;

/// A well-formed token; whether it is anybody's, only the database knows.
pub(super) struct TokenText(Zeroizing<String>);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidToken;

impl TokenText {
    /// A new one.
    pub(super) fn generate(random: &Random) -> Result<Self, AuthError> {
        let secret = Zeroizing::new(random.base62(SECRET_CHARS)?);
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + CHARS));
        text.extend([PREFIX, &secret]);
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Ok(Self(text))
    }

    /// The text, to be shown once.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// The form in which it is stored.
    pub(super) fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl FromStr for TokenText {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let ends_in = |chars: usize, checksum: fn(&str) -> String| {
            let (before, sum) = text.split_at_checked(text.len().saturating_sub(chars))?;
            (checksum(before) == sum).then_some(())
        };
        let secret = text.strip_prefix(PREFIX).ok_or(InvalidToken)?;
        let is_right = match secret.len() {
            CHARS => ends_in(CHECKSUM_CHARS, checksum),
            OLD_CHARS => ends_in(OLD_CHECKSUM_CHARS, old_checksum),
            _ => None,
        };
        is_right.map(|()| Self(Zeroizing::new(text.to_owned()))).ok_or(InvalidToken)
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(rfl_…)")
    }
}

/// The CRC-32 (ISO 3309, as in gzip and PNG) of `text` as six digits to the base 62, the highest first.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get(rest % 62).copied().unwrap_or_default();
        rest /= 62;
    }
    digits.map(char::from).iter().collect()
}

/// The first 32 bits of the SHA-256 of `text` in hexadecimal.
fn old_checksum(text: &str) -> String {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::seeded;

    /// As they were made until scopes came.
    const OLD: &str = "rfl_abababababababababababababababababababababababababababababababab";

    fn is_token(text: &str) -> bool {
        text.parse::<TokenText>().is_ok()
    }

    #[test]
    fn a_token_has_the_documented_form() {
        let documented = include_str!("../../../../../docs/api.md");
        assert!(documented.contains("`rfl_[0-9A-Za-z]{49}`"));
        for seed in 0..100 {
            let token = TokenText::generate(&seeded(seed)).unwrap();
            let (prefix, rest) = token.reveal().split_at(4);
            assert_eq!((prefix, rest.len()), ("rfl_", 49));
            assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric()), "{rest}");
            assert!(is_token(token.reveal()));
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_documented_example() {
        // CRC-32 of "123456789" is 0xCBF43926 in every list of check values.
        assert_eq!(checksum("123456789"), "3jZRME");
        assert_eq!(checksum(""), "000000");
        let documented = include_str!("../../../../../docs/api.md");
        let example = documented.split("`rfl_").find(|part| part.starts_with("0123")).unwrap();
        assert!(is_token(&format!("rfl_{}", example.split('`').next().unwrap())));
    }

    #[test]
    fn tokens_from_before_are_still_taken() {
        let old = format!("{OLD}{}", old_checksum(OLD));
        assert!(is_token(&old));
        assert!(!is_token(&old.replace("abab", "baba")));
    }

    #[test]
    fn what_is_no_token_is_refused_whatever_it_is() {
        let long = "é".repeat(36);
        for bad in
            ["", "rfl_", "rfl_é", "Bearer x", &format!("rfl_{long}"), &format!("rfl_x{}", "é".repeat(24))]
        {
            assert!(!is_token(bad), "{bad}");
        }
        assert_eq!(format!("{:?}", TokenText::generate(&seeded(1)).unwrap()), "TokenText(rfl_…)");
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_told(seed: u64, place in 0_usize..53, other in "[0-9A-Za-z_]") {
            let token = TokenText::generate(&seeded(seed)).unwrap().reveal().to_owned();
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            prop_assert_eq!(is_token(&changed), changed == token);
        }

        #[test]
        fn two_that_changed_places_are_told(seed: u64, place in 4_usize..52) {
            let token = TokenText::generate(&seeded(seed)).unwrap().reveal().to_owned();
            let mut bytes = token.clone().into_bytes();
            bytes.swap(place, place + 1);
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(is_token(&changed), changed == token);
        }

        #[test]
        fn no_text_panics(text in "(rfl_)?\\PC{0,80}") {
            let _ = is_token(&text);
        }
    }
}
