//! How a problem is read from JSON.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Visitor};

use super::Problem;
use crate::types::ByteSize;

/// Every member that some problem has, to read one from. A tagged enum would first be read into a tree
/// of values, since its tag may come last, and that is much code to download.
#[derive(Deserialize)]
pub(super) struct Members {
    code: String,
    limit: Option<u64>,
    found: Option<Found>,
    used: Option<ByteSize>,
    quota: Option<ByteSize>,
    needed: Option<ByteSize>,
    name: Option<String>,
    expected: Option<String>,
    size: Option<u64>,
    wait: Option<u32>,
    retry_after: Option<u32>,
}

/// What was found: a number of pixels or the name of a format.
enum Found {
    Number(u64),
    Name(String),
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FoundVisitor;

        impl Visitor<'_> for FoundVisitor {
            type Value = Found;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a name")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Found, E> {
                Ok(Found::Number(number))
            }

            fn visit_str<E>(self, name: &str) -> Result<Found, E> {
                Ok(Found::Name(name.to_owned()))
            }
        }

        deserializer.deserialize_any(FoundVisitor)
    }
}

impl Members {
    fn problem(self) -> Option<Problem> {
        let (number, format) = match self.found {
            Some(Found::Number(number)) => (Some(number), None),
            Some(Found::Name(name)) => (None, Some(name)),
            None => (None, None),
        };
        let narrow = |number: Option<u64>| u32::try_from(number?).ok();
        Some(match self.code.as_str() {
            "file-too-large" => Problem::FileTooLarge { limit: ByteSize(self.limit?) },
            "file-empty" => Problem::FileEmpty,
            "unsupported-format" => Problem::UnsupportedFormat { found: format },
            "broken-image" => Problem::BrokenImage,
            "too-many-pixels" => Problem::TooManyPixels { limit: self.limit?, found: number? },
            "side-too-long" => Problem::SideTooLong { limit: narrow(self.limit)?, found: narrow(number)? },
            "too-many-frames" => Problem::TooManyFrames { limit: narrow(self.limit)? },
            "quota-exceeded" => {
                Problem::QuotaExceeded { used: self.used?, quota: self.quota?, needed: self.needed? }
            }
            "too-many-files" => Problem::TooManyFiles { limit: narrow(self.limit)? },
            "no-file" => Problem::NoFile,
            "bad-multipart" => Problem::BadMultipart,
            "invalid-parameter" => Problem::InvalidParameter { name: self.name?, expected: self.expected? },
            "not-found" => Problem::NotFound,
            "method-not-allowed" => Problem::MethodNotAllowed,
            "range-not-satisfiable" => Problem::RangeNotSatisfiable { size: self.size? },
            "signed-out" => Problem::SignedOut,
            "invalid-token" => Problem::InvalidToken,
            "forbidden" => Problem::Forbidden,
            "sign-up-closed" => Problem::SignUpClosed,
            "fresh-code-needed" => Problem::FreshCodeNeeded,
            "cross-site" => Problem::CrossSite,
            "wrong-code" => Problem::WrongCode,
            "code-already-used" => Problem::CodeAlreadyUsed { wait: self.wait? },
            "wrong-recovery-code" => Problem::WrongRecoveryCode,
            "too-many-attempts" => Problem::TooManyAttempts { retry_after: self.retry_after? },
            "sign-in-expired" => Problem::SignInExpired,
            "challenge-needed" => Problem::ChallengeNeeded,
            "challenge-failed" => Problem::ChallengeFailed,
            "enrolment-link-invalid" => Problem::EnrolmentLinkInvalid,
            "enrolment-expired" => Problem::EnrolmentExpired,
            "name-taken" => Problem::NameTaken,
            "authenticator-limit" => Problem::AuthenticatorLimit,
            "name-invalid" => Problem::NameInvalid,
            "email-invalid" => Problem::EmailInvalid,
            "unavailable" => Problem::Unavailable { retry_after: self.retry_after? },
            "timed-out" => Problem::TimedOut,
            "offline" => Problem::Offline,
            "internal" => Problem::Internal,
            _ => return None,
        })
    }
}

impl TryFrom<Members> for Problem {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        members.problem().ok_or("no such problem")
    }
}
