//! What can go wrong, in the one form that crosses the wire.
//!
//! Each concern of the domain has its own error enum; all of them map once to a `Problem`, and a
//! `Problem` maps once to an HTTP status, a stable code, an English sentence for API clients
//! (RFC 9457 `detail`) and, in the app, a sentence in the person's language. It never carries
//! internal text.

mod address;
mod guest;
mod text;
mod wait;
mod wire;

use serde::{Deserialize, Serialize};

pub use self::{address::AddressProblem, guest::GuestProblem, wait::Wait};
use crate::types::ByteSize;

/// A failure that a person or a program can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case", try_from = "wire::Members")]
pub enum Problem {
    /// The file has more bytes than an upload may have.
    FileTooLarge {
        /// Bytes allowed.
        limit: ByteSize,
    },
    /// The file has no bytes.
    FileEmpty,
    /// The bytes are no image format that is taken.
    UnsupportedFormat {
        /// What the bytes seem to be, where that is known: `HEIC`, `SVG`, `PDF` …
        found: Option<String>,
    },
    /// The bytes begin as an image but don't decode to the end.
    BrokenImage,
    /// More pixels than are decoded.
    TooManyPixels {
        /// Pixels allowed, all frames counted.
        limit: u64,
        /// Pixels announced.
        found: u64,
    },
    /// Wider or higher than is decoded.
    SideTooLong {
        /// Pixels allowed along a side.
        limit: u32,
        /// Pixels announced.
        found: u32,
    },
    /// More frames than are kept.
    TooManyFrames {
        /// Frames allowed.
        limit: u32,
    },
    /// The person's space doesn't hold it.
    QuotaExceeded {
        /// Bytes taken already.
        used: ByteSize,
        /// Bytes allowed.
        quota: ByteSize,
        /// Bytes this would add.
        needed: ByteSize,
    },
    /// More files in one request than are taken.
    TooManyFiles {
        /// Files allowed.
        limit: u32,
    },
    /// The request held no file.
    NoFile,
    /// The upload broke off or isn't `multipart/form-data`.
    BadMultipart,
    /// A parameter has a value that isn't taken.
    InvalidParameter {
        /// The parameter's name.
        name: String,
        /// What it takes.
        expected: String,
    },
    /// There is nothing there, or not for this person.
    NotFound,
    /// The method isn't one that the address takes.
    MethodNotAllowed,
    /// The `Range` header asks for bytes beyond the end.
    RangeNotSatisfiable {
        /// Bytes there are.
        size: u64,
    },
    /// Nobody is signed in.
    SignedOut,
    /// The bearer token is unknown, revoked or expired.
    InvalidToken,
    /// Signed in, but not allowed to.
    Forbidden,
    /// Accounts aren't made this way here at present.
    SignUpClosed,
    /// The session is good, but what is asked for needs a code typed within the last minutes.
    FreshCodeNeeded,
    /// An unsafe request that came from another site.
    CrossSite,
    /// Name or code are wrong (which one isn't said).
    WrongCode,
    /// The code is right but was used before.
    CodeAlreadyUsed {
        /// Seconds until the app shows the next one.
        wait: u32,
    },
    /// A recovery code that isn't valid or was used before.
    WrongRecoveryCode,
    /// Too many failures from this address.
    TooManyAttempts {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The first of two codes was given too long ago, or from another network.
    SignInExpired,
    /// A challenge has to be solved first.
    ChallengeNeeded,
    /// The answer to a challenge was wrong, late, or given before.
    ChallengeFailed,
    /// The enrolment link is unknown, used or expired.
    EnrolmentLinkInvalid,
    /// The enrolment took longer than it may, or was finished already.
    EnrolmentExpired,
    /// Somebody, or another authenticator of the account, has that name.
    NameTaken,
    /// The account has as many authenticators as it may have, or has to have.
    AuthenticatorLimit,
    /// The name has characters that names can't have, or too many.
    NameInvalid,
    /// The mail address isn't one.
    EmailInvalid,
    /// The database can't be reached, or there is no room for what takes long; nothing was lost.
    Unavailable {
        /// Seconds after which to try again.
        retry_after: u32,
    },
    /// The request took longer than it may.
    TimedOut,
    /// The server can't be reached; only the browser says so.
    Offline,
    /// Something broke that is not the caller's doing. The log has it under the request's id.
    Internal,
}

impl Problem {
    /// The stable kebab-case code, the same as in JSON.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FileTooLarge { .. } => "file-too-large",
            Self::FileEmpty => "file-empty",
            Self::UnsupportedFormat { .. } => "unsupported-format",
            Self::BrokenImage => "broken-image",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::SideTooLong { .. } => "side-too-long",
            Self::TooManyFrames { .. } => "too-many-frames",
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::TooManyFiles { .. } => "too-many-files",
            Self::NoFile => "no-file",
            Self::BadMultipart => "bad-multipart",
            Self::InvalidParameter { .. } => "invalid-parameter",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::RangeNotSatisfiable { .. } => "range-not-satisfiable",
            Self::SignedOut => "signed-out",
            Self::InvalidToken => "invalid-token",
            Self::Forbidden => "forbidden",
            Self::SignUpClosed => "sign-up-closed",
            Self::FreshCodeNeeded => "fresh-code-needed",
            Self::CrossSite => "cross-site",
            Self::WrongCode => "wrong-code",
            Self::CodeAlreadyUsed { .. } => "code-already-used",
            Self::WrongRecoveryCode => "wrong-recovery-code",
            Self::TooManyAttempts { .. } => "too-many-attempts",
            Self::SignInExpired => "sign-in-expired",
            Self::ChallengeNeeded => "challenge-needed",
            Self::ChallengeFailed => "challenge-failed",
            Self::EnrolmentLinkInvalid => "enrolment-link-invalid",
            Self::EnrolmentExpired => "enrolment-expired",
            Self::NameTaken => "name-taken",
            Self::AuthenticatorLimit => "authenticator-limit",
            Self::NameInvalid => "name-invalid",
            Self::EmailInvalid => "email-invalid",
            Self::Unavailable { .. } => "unavailable",
            Self::TimedOut => "timed-out",
            Self::Offline => "offline",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::FileEmpty
            | Self::NoFile
            | Self::BadMultipart
            | Self::InvalidParameter { .. }
            | Self::ChallengeFailed
            | Self::NameInvalid
            | Self::EmailInvalid => 400,
            Self::SignedOut
            | Self::InvalidToken
            | Self::WrongCode
            | Self::CodeAlreadyUsed { .. }
            | Self::WrongRecoveryCode => 401,
            Self::Forbidden
            | Self::SignUpClosed
            | Self::FreshCodeNeeded
            | Self::CrossSite
            | Self::ChallengeNeeded => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TimedOut => 408,
            Self::NameTaken | Self::AuthenticatorLimit => 409,
            Self::SignInExpired | Self::EnrolmentLinkInvalid | Self::EnrolmentExpired => 410,
            Self::FileTooLarge { .. } | Self::QuotaExceeded { .. } | Self::TooManyFiles { .. } => 413,
            Self::UnsupportedFormat { .. } => 415,
            Self::RangeNotSatisfiable { .. } => 416,
            Self::BrokenImage
            | Self::TooManyPixels { .. }
            | Self::SideTooLong { .. }
            | Self::TooManyFrames { .. } => 422,
            Self::TooManyAttempts { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable { .. } | Self::Offline => 503,
        }
    }

    /// Seconds for `Retry-After`, where waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyAttempts { retry_after } | Self::Unavailable { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The value of the limit that was hit, where one was: bytes, pixels, frames or files.
    #[must_use]
    pub const fn limit(&self) -> Option<u64> {
        match self {
            Self::FileTooLarge { limit } => Some(limit.0),
            Self::TooManyPixels { limit, .. } => Some(*limit),
            Self::SideTooLong { limit, .. }
            | Self::TooManyFrames { limit }
            | Self::TooManyFiles { limit } => Some(*limit as u64),
            Self::QuotaExceeded { quota, .. } => Some(quota.0),
            _ => None,
        }
    }

    /// The setting that an operator changes to lift the limit, where there is one.
    #[must_use]
    pub const fn setting(&self) -> Option<&'static str> {
        match self {
            Self::FileTooLarge { .. } => Some("REFLECT_MAX_UPLOAD"),
            Self::TooManyPixels { .. } => Some("REFLECT_MAX_PIXELS"),
            Self::SideTooLong { .. } => Some("REFLECT_MAX_SIDE"),
            Self::TooManyFrames { .. } => Some("REFLECT_MAX_FRAMES"),
            Self::QuotaExceeded { .. } => Some("REFLECT_QUOTA"),
            Self::TooManyFiles { .. } => Some("REFLECT_MAX_FILES"),
            _ => None,
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_json_tag() {
        let examples = [
            Problem::FileTooLarge { limit: ByteSize(1) },
            Problem::UnsupportedFormat { found: Some("HEIC".into()) },
            Problem::TooManyPixels { limit: 1, found: 2 },
            Problem::QuotaExceeded { used: ByteSize(1), quota: ByteSize(2), needed: ByteSize(3) },
            Problem::CodeAlreadyUsed { wait: 3 },
            Problem::TooManyAttempts { retry_after: 5 },
            Problem::FileEmpty,
            Problem::UnsupportedFormat { found: None },
            Problem::BrokenImage,
            Problem::SideTooLong { limit: 1, found: 2 },
            Problem::TooManyFrames { limit: 1 },
            Problem::TooManyFiles { limit: 1 },
            Problem::NoFile,
            Problem::BadMultipart,
            Problem::InvalidParameter { name: "w".into(), expected: "a width".into() },
            Problem::NotFound,
            Problem::MethodNotAllowed,
            Problem::RangeNotSatisfiable { size: 1 },
            Problem::SignedOut,
            Problem::InvalidToken,
            Problem::Forbidden,
            Problem::SignUpClosed,
            Problem::FreshCodeNeeded,
            Problem::CrossSite,
            Problem::WrongCode,
            Problem::WrongRecoveryCode,
            Problem::SignInExpired,
            Problem::ChallengeNeeded,
            Problem::ChallengeFailed,
            Problem::EnrolmentLinkInvalid,
            Problem::EnrolmentExpired,
            Problem::NameTaken,
            Problem::AuthenticatorLimit,
            Problem::NameInvalid,
            Problem::EmailInvalid,
            Problem::Unavailable { retry_after: 5 },
            Problem::TimedOut,
            Problem::Offline,
            Problem::Internal,
        ];
        for problem in examples {
            let json = serde_json::to_value(&problem).unwrap();
            assert_eq!(json["code"], problem.code());
            assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
        }
    }

    #[test]
    fn a_limit_is_named_with_its_value() {
        let text = Problem::FileTooLarge { limit: ByteSize::mib(20) }.to_string();
        assert!(text.contains("20.0 MiB"), "{text}");
    }
}
