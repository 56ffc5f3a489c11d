//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits, 30 seconds, since apps silently
//! ignore anything else.

use model::types::{TotpCode, UserId};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use totp_rs::{Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::AuthError;
use crate::{
    keys::{Keyring, Sealed},
    random::Random,
};

/// Seconds that a code is shown.
pub const STEP: i64 = 30;
/// Steps accepted before and after the present one, because phones drift (RFC 6238 §5.2).
const SKEW: i64 = 1;
pub(crate) const PURPOSE: &str = "reflect/totp";

/// A 160-bit secret (RFC 4226 R6). Redacted in `Debug`, zeroised when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret([u8; 20]);

/// What a code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right, for a step later than the last accepted one.
    Accepted {
        /// The step to store.
        step: i64,
    },
    /// Right, but for a step that was accepted before or lies before such a one.
    AlreadyUsed {
        /// Seconds until the app shows another code.
        wait: u32,
    },
    /// Wrong.
    Wrong,
}

impl TotpSecret {
    /// A fresh secret.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] without randomness.
    pub fn generate(random: &Random) -> Result<Self, AuthError> {
        random.bytes().map(Self)
    }

    /// The secret that a wrong name is checked against, so that it takes as long as a right one.
    #[must_use]
    pub const fn dummy() -> Self {
        Self([0x5A; 20])
    }

    /// Seals the secret for `owner`.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal(&self, keys: &Keyring, random: &Random, owner: UserId) -> Result<Sealed, AuthError> {
        keys.seal(random, PURPOSE, owner.0.as_bytes(), &self.0)
    }

    /// Opens a sealed secret of `owner`.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn open(keys: &Keyring, owner: UserId, sealed: &Sealed) -> Result<Self, AuthError> {
        let plain = keys.open(PURPOSE, owner.0.as_bytes(), sealed)?;
        plain.as_slice().try_into().map(Self).map_err(|_| AuthError::Sealed)
    }

    /// The code of a step.
    #[must_use]
    pub fn code_at(&self, step: i64) -> String {
        let seconds = u64::try_from(step.saturating_mul(STEP)).unwrap_or_default();
        self.totp("reflect", "reflect").generate(seconds).to_string()
    }

    /// Judges `code` at `now`, when `last_step` was the last one accepted. Takes the same time
    /// whatever the code.
    #[must_use]
    pub fn check(&self, code: TotpCode, now: OffsetDateTime, last_step: i64) -> Verdict {
        let digits = code.digits();
        let present = now.unix_timestamp().div_euclid(STEP);
        let mut verdict = Verdict::Wrong;
        for step in (present - SKEW..=present + SKEW).rev() {
            if bool::from(self.code_at(step).as_bytes().ct_eq(digits.as_bytes())) {
                verdict = if step > last_step {
                    Verdict::Accepted { step }
                } else {
                    let next = (step.max(present) + 1) * STEP - now.unix_timestamp();
                    Verdict::AlreadyUsed { wait: u32::try_from(next).unwrap_or_default() }
                };
            }
        }
        verdict
    }

    /// The secret in base32, as apps take it.
    #[must_use]
    pub fn base32(&self) -> String {
        totp_rs::Secret::from(self.0).to_base32()
    }

    /// The secret in base32, in groups of four.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let text: Vec<char> = self.base32().chars().collect();
        text.chunks(4).map(|group| group.iter().collect()).collect()
    }

    /// The `otpauth://` link.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] when issuer or account can't be put into a link.
    pub fn otpauth_url(&self, issuer: &str, account: &str) -> Result<String, AuthError> {
        // The format has no way to write a colon in either.
        let (issuer, account) = (issuer.replace(':', " "), account.replace(':', " "));
        self.totp(&issuer, &account).to_url().map_err(|_| AuthError::Crypto("otpauth link"))
    }

    fn totp(&self, issuer: &str, account: &str) -> Totp {
        Builder::new()
            .with_secret(self.0)
            .with_issuer(Some(issuer))
            .with_account_name(account)
            .build_noncompliant()
    }
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rfc() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    /// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code_at(seconds / STEP), code);
        }
    }

    #[test]
    fn one_step_either_side_is_right_and_two_are_wrong() {
        let secret = rfc();
        for (step, right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret.code_at(1000 + step).parse().unwrap();
            let verdict = secret.check(code, at(1000 * STEP + 7), 0);
            assert_eq!(verdict == Verdict::Accepted { step: 1000 + step }, right, "{step}: {verdict:?}");
        }
    }

    #[test]
    fn the_same_or_an_older_step_is_refused_with_the_time_to_wait() {
        let secret = rfc();
        let code = secret.code_at(1000).parse().unwrap();
        assert_eq!(secret.check(code, at(1000 * STEP + 10), 999), Verdict::Accepted { step: 1000 });
        assert_eq!(secret.check(code, at(1000 * STEP + 10), 1000), Verdict::AlreadyUsed { wait: 20 });
        assert_eq!(secret.check(code, at(1000 * STEP + 31), 1000), Verdict::AlreadyUsed { wait: 29 });
        let early = secret.code_at(1001).parse().unwrap();
        assert_eq!(secret.check(early, at(1000 * STEP + 10), 1001), Verdict::AlreadyUsed { wait: 50 });
    }

    #[test]
    fn the_link_names_issuer_account_and_secret() {
        let url = rfc().otpauth_url("re:flect", "ada").unwrap();
        assert!(
            url.starts_with("otpauth://totp/re%20flect:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{url}"
        );
        assert_eq!(rfc().groups().concat(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    proptest! {
        #[test]
        fn an_accepted_step_is_never_accepted_again(seconds in 10_000_i64..4_000_000_000, offset in -1_i64..=1) {
            let secret = rfc();
            let code = secret.code_at(seconds / STEP + offset).parse().unwrap();
            let Verdict::Accepted { step } = secret.check(code, at(seconds), 0) else {
                return Err(TestCaseError::fail("refused"));
            };
            let again = secret.check(code, at(seconds), step);
            prop_assert!(!matches!(again, Verdict::Accepted { step: s } if s <= step), "{:?}", again);
        }
    }
}
