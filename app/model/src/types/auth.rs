//! What a person types and sees when signing in or enrolling.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{EmailAddress, KnownVisitor, SecretForms, Username};

/// Six digits from an authenticator app. White space and hyphens in the text are forgiven.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TotpCode(u32);

/// The text is not six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTotpCode;

impl fmt::Display for InvalidTotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code has six digits")
    }
}

impl std::error::Error for InvalidTotpCode {}

impl TotpCode {
    /// Digits in a code.
    pub const DIGITS: usize = 6;

    /// The six digits, with leading zeroes.
    #[must_use]
    pub fn digits(self) -> String {
        format!("{:06}", self.0)
    }
}

impl FromStr for TotpCode {
    type Err = InvalidTotpCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut count = 0;
        let mut value = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            // Full-width digits are what a Chinese input method types.
            let folded =
                if ('０'..='９').contains(&c) { char::from_u32(c as u32 - 0xFEE0) } else { Some(c) };
            let digit = folded.and_then(|c| c.to_digit(10)).ok_or(InvalidTotpCode)?;
            count += 1;
            if count > Self::DIGITS {
                return Err(InvalidTotpCode);
            }
            value = value * 10 + digit;
        }
        if count == Self::DIGITS { Ok(Self(value)) } else { Err(InvalidTotpCode) }
    }
}

impl TryFrom<String> for TotpCode {
    type Error = InvalidTotpCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TotpCode> for String {
    fn from(code: TotpCode) -> Self {
        code.digits()
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(******)")
    }
}

/// Six digits that were mailed to somebody. Read as forgivingly as [`TotpCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailCode(TotpCode);

impl EmailCode {
    /// A code from eight random bytes; their remainder favours no code by more than 10⁻¹³.
    #[must_use]
    pub const fn from_random(bytes: [u8; 8]) -> Self {
        Self(TotpCode((u64::from_be_bytes(bytes) % 1_000_000) as u32))
    }

    /// The six digits, with leading zeroes.
    #[must_use]
    pub fn digits(self) -> String {
        self.0.digits()
    }
}

impl FromStr for EmailCode {
    type Err = InvalidTotpCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A recovery code: 80 bits, written `XXXX-XXXX-XXXX-XXXX` in Crockford base32. Case, hyphens
/// and white space are forgiven on the way in, and so are O for 0 and I or L for 1.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecoveryCode([u8; 10]);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The text is not a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRecoveryCode;

impl fmt::Display for InvalidRecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recovery code has sixteen letters and digits, like 8F3K-Q2ZD-1M7R-W0XA")
    }
}

impl std::error::Error for InvalidRecoveryCode {}

impl RecoveryCode {
    /// A code from ten random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// The ten bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }

    /// `XXXX-XXXX-XXXX-XXXX`, the form that is shown and stored by the person.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut number = self.0.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        let mut text = Vec::with_capacity(19);
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(CROCKFORD.get((number & 31) as usize).copied().map_or('0', char::from));
            number >>= 5;
        }
        text.iter().rev().collect()
    }
}

impl FromStr for RecoveryCode {
    type Err = InvalidRecoveryCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut number = 0_u128;
        let mut count = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let value = match c.to_ascii_uppercase() {
                'O' => 0,
                'I' | 'L' => 1,
                upper => CROCKFORD.iter().position(|b| char::from(*b) == upper).ok_or(InvalidRecoveryCode)?,
            };
            count += 1;
            if count > 16 {
                return Err(InvalidRecoveryCode);
            }
            number = (number << 5) | value as u128;
        }
        if count < 16 {
            return Err(InvalidRecoveryCode);
        }
        let mut bytes = [0; 10];
        for (target, source) in bytes.iter_mut().zip(number.to_be_bytes().into_iter().skip(6)) {
            *target = source;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for RecoveryCode {
    type Error = InvalidRecoveryCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RecoveryCode> for String {
    fn from(code: RecoveryCode) -> Self {
        code.reveal()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(****)")
    }
}

/// What the sign-in page needs to know before anybody is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInForm {
    /// Whether a name is asked for; an instance with one account asks for the code alone.
    pub asks_name: bool,
    /// Whether there is any account yet; if not, the set-up link is the way in.
    pub has_accounts: bool,
    /// Whether everybody may make an account.
    pub sign_up: bool,
    /// Whether there is a way back by mail.
    pub reset_by_mail: bool,
    /// Who was here before.
    pub known: Option<KnownVisitor>,
    /// Whether somebody has a copy of what this device kept to sign in by, so that it isn't trusted any more.
    pub copied: bool,
    /// What people call the OpenID Connect provider with which they may sign in, if there is one.
    pub provider: Option<String>,
}

/// What comes after a name and a mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begun {
    /// A secret to scan.
    Offer(Box<EnrolmentOffer>),
    /// The code that was mailed to the address.
    ProveEmail {
        /// Belongs to that code, for ten minutes.
        ticket: String,
    },
}

/// What an enrolment link is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentLinkInfo {
    /// The name the account has or will have, where it isn't to be chosen.
    pub name: Option<Username>,
    /// What finishing it makes.
    pub kind: EnrolmentKind,
    /// Whether a mail address has to be given.
    pub email_required: bool,
}

/// What an enrolment ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentKind {
    /// The first account of the instance.
    Setup,
    /// An account.
    Account,
    /// Another authenticator and other recovery codes for an account.
    Reset,
}

/// A pending enrolment: the secret in the forms that people can move to their app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentOffer {
    /// Names this enrolment in the following steps.
    pub ticket: String,
    /// The name the account will have.
    pub name: Username,
    /// The mail address given, if any.
    pub email: Option<EmailAddress>,
    /// The secret.
    pub secret: SecretForms,
    /// Seconds until the offer lapses.
    pub expires_in: u32,
}

impl fmt::Debug for EnrolmentOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentOffer").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_forgive_spaces_hyphens_and_full_width_digits() {
        for text in ["012345", " 012 345 ", "012-345", "０１２３４５"] {
            assert_eq!(text.parse::<TotpCode>().unwrap().digits(), "012345");
        }
        for bad in ["", "12345", "1234567", "12345a", "१२३४५६"] {
            assert_eq!(bad.parse::<TotpCode>(), Err(InvalidTotpCode), "{bad}");
        }
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let code: TotpCode = "123456".parse().unwrap();
        assert!(!format!("{code:?}").contains("123456"));
        let recovery = RecoveryCode::from_bytes([7; 10]);
        assert!(!format!("{recovery:?}").contains(&recovery.reveal()));
    }

    #[test]
    fn recovery_codes_forgive_look_alikes() {
        let code: RecoveryCode = "0011-ABCD-EFGH-JKMN".parse().unwrap();
        assert_eq!("oOiL abcd efgh jkmn".parse(), Ok(code));
        for bad in ["", "0011-ABCD-EFGH", "0011-ABCD-EFGH-JKMU", "0011-ABCD-EFGH-JKMN0"] {
            assert_eq!(bad.parse::<RecoveryCode>(), Err(InvalidRecoveryCode), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn recovery_codes_round_trip(bytes: [u8; 10]) {
            let code = RecoveryCode::from_bytes(bytes);
            let text = code.reveal();
            prop_assert_eq!(text.len(), 19);
            prop_assert_eq!(text.parse(), Ok(code));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<RecoveryCode>();
            let _ = text.parse::<TotpCode>();
        }
    }
}
