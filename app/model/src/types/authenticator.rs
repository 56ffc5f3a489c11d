//! A person's authenticators and recovery codes, as they see them.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Label, RecoveryCode, Timestamp, Username};

/// The key of an authenticator, a UUIDv7. A rotated one has another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthenticatorId(pub Uuid);

/// Authenticators that an account may have, at most. It has one, at least.
pub const MOST_AUTHENTICATORS: usize = 5;

/// Fewer unused recovery codes than this are worth a word.
pub const FEW_RECOVERY_CODES: i64 = 3;

/// An app that shows codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticator {
    /// Key.
    pub id: AuthenticatorId,
    /// What its owner calls it.
    pub name: String,
    /// When its secret was made.
    pub created_at: Timestamp,
    /// When a code of it was taken last, if one was.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is time for another secret.
    pub rotation: Rotation,
}

/// How pressing another secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Not at all.
    Fresh,
    /// Worth a reminder.
    Due,
    /// Worth a page of its own after sign-in.
    Overdue,
}

/// How a signed-in person signs in, at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpStatus {
    /// Who.
    pub name: Username,
    /// How many authenticators they have.
    pub authenticators: u32,
    /// How pressing another secret is for the oldest of them.
    pub rotation: Rotation,
    /// Recovery codes not yet used.
    pub recovery_codes_left: u32,
    /// Seconds for which the code that was typed last counts as fresh; 0 if none does.
    pub fresh_for: u32,
}

/// A secret in the forms in which people move it to their app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretForms {
    /// The `otpauth://` link, which opens the app on a phone.
    pub otpauth_url: String,
    /// The link as a QR code, an SVG document.
    pub qr_svg: String,
    /// In base32, in groups of four.
    pub groups: Vec<String>,
}

impl fmt::Debug for SecretForms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretForms(…)")
    }
}

/// A secret that waits for its first code, to become an authenticator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatorOffer {
    /// Names the offer when it is confirmed.
    pub ticket: String,
    /// Whose.
    pub account: Username,
    /// What the authenticator is or will be called.
    pub name: Label,
    /// The secret.
    pub secret: SecretForms,
    /// Seconds until the offer lapses.
    pub expires_in: u32,
}

/// Ten fresh recovery codes, shown this once. They are good as soon as one of them has been typed back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodesOffer {
    /// Names the offer when one is typed back.
    pub ticket: String,
    /// The codes.
    pub codes: Vec<RecoveryCode>,
}

/// What is told of a recovery code once it has been shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedRecoveryCode {
    /// Its last two characters.
    pub hint: String,
    /// When it was used, if it was.
    pub used_at: Option<Timestamp>,
}

impl MaskedRecoveryCode {
    /// The code with all but its end hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("····-····-····-··{}", self.hint)
    }
}

/// A person's recovery codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryStatus {
    /// When they were made; `None` if there are none.
    pub created_at: Option<Timestamp>,
    /// Each of them.
    pub codes: Vec<MaskedRecoveryCode>,
}

impl RecoveryStatus {
    /// How many can still be used.
    #[must_use]
    pub fn left(&self) -> usize {
        self.codes.iter().filter(|code| code.used_at.is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_codes_are_not_left() {
        let code = |used_at| MaskedRecoveryCode { hint: "7Q".into(), used_at };
        let used = Timestamp::from_rfc3339("2026-11-20T12:00:00Z".into());
        let codes =
            RecoveryStatus { created_at: None, codes: vec![code(None), code(Some(used)), code(None)] };
        assert_eq!(codes.left(), 2);
        assert_eq!(code(None).masked(), "····-····-····-··7Q");
        assert_eq!(code(None).masked().chars().count(), "XXXX-XXXX-XXXX-XXXX".len());
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let forms = SecretForms {
            otpauth_url: "otpauth://totp/x?secret=ABCD".into(),
            qr_svg: "<svg/>".into(),
            groups: vec!["ABCD".into()],
        };
        assert!(!format!("{forms:?}").contains("ABCD"));
    }

    #[test]
    fn the_more_pressing_is_the_greater() {
        assert!(Rotation::Fresh < Rotation::Due && Rotation::Due < Rotation::Overdue);
    }
}
