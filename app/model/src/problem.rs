//! What can go wrong, in the one form that crosses the wire.
//!
//! Each concern of the domain has its own error enum; all of them map once to a `Problem`, and a
//! `Problem` maps once to an HTTP status, a stable code, an English sentence for API clients
//! (RFC 9457 `detail`) and, in the app, a sentence in the person's language. It never carries
//! internal text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

use crate::types::ByteSize;

/// A failure that a person or a program can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case", try_from = "Members")]
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
    /// The enrolment link is unknown, used or expired.
    EnrolmentLinkInvalid,
    /// The enrolment took longer than it may, or was finished already.
    EnrolmentExpired,
    /// Somebody has that name.
    NameTaken,
    /// The name has characters that names can't have, or too many.
    NameInvalid,
    /// The mail address isn't one.
    EmailInvalid,
    /// The database can't be reached; nothing was lost.
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

/// Every member that some problem has, to read one from. A tagged enum would first be read into a tree
/// of values, since its tag may come last, and that is much code to download.
#[derive(Deserialize)]
struct Members {
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
            "cross-site" => Problem::CrossSite,
            "wrong-code" => Problem::WrongCode,
            "code-already-used" => Problem::CodeAlreadyUsed { wait: self.wait? },
            "wrong-recovery-code" => Problem::WrongRecoveryCode,
            "too-many-attempts" => Problem::TooManyAttempts { retry_after: self.retry_after? },
            "enrolment-link-invalid" => Problem::EnrolmentLinkInvalid,
            "enrolment-expired" => Problem::EnrolmentExpired,
            "name-taken" => Problem::NameTaken,
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
            Self::CrossSite => "cross-site",
            Self::WrongCode => "wrong-code",
            Self::CodeAlreadyUsed { .. } => "code-already-used",
            Self::WrongRecoveryCode => "wrong-recovery-code",
            Self::TooManyAttempts { .. } => "too-many-attempts",
            Self::EnrolmentLinkInvalid => "enrolment-link-invalid",
            Self::EnrolmentExpired => "enrolment-expired",
            Self::NameTaken => "name-taken",
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
            | Self::NameInvalid
            | Self::EmailInvalid => 400,
            Self::SignedOut
            | Self::InvalidToken
            | Self::WrongCode
            | Self::CodeAlreadyUsed { .. }
            | Self::WrongRecoveryCode => 401,
            Self::Forbidden | Self::CrossSite => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TimedOut => 408,
            Self::NameTaken => 409,
            Self::EnrolmentLinkInvalid | Self::EnrolmentExpired => 410,
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

/// The English sentence: what happened, which limit, what to do.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileTooLarge { limit } => {
                write!(f, "The file is larger than {limit}, the most one upload may have. Send a smaller one.")
            }
            Self::FileEmpty => f.write_str("The file is empty."),
            Self::UnsupportedFormat { found: Some(found) } => write!(
                f,
                "{found} files are not taken. Convert it to JPEG, PNG, GIF, WebP or AVIF first."
            ),
            Self::UnsupportedFormat { found: None } => {
                f.write_str("This is no image that is taken: JPEG, PNG, GIF, WebP and AVIF are.")
            }
            Self::BrokenImage => f.write_str("The image is damaged or cut off: it does not decode to its end."),
            Self::TooManyPixels { limit, found } => {
                write!(f, "The image has {found} pixels, all frames counted; at most {limit} are taken. Scale it down.")
            }
            Self::SideTooLong { limit, found } => {
                write!(f, "The image is {found} pixels along one side; at most {limit} are taken. Scale it down.")
            }
            Self::TooManyFrames { limit } => {
                write!(f, "The animation has more than {limit} frames, the most that are taken.")
            }
            Self::QuotaExceeded { used, quota, needed } => write!(
                f,
                "{used} of {quota} are used and this needs {needed} more. Delete images and empty the bin, or ask for more space."
            ),
            Self::TooManyFiles { limit } => {
                write!(f, "More than {limit} files in one request. Send the rest in another.")
            }
            Self::NoFile => f.write_str("The request has no part named `file`."),
            Self::BadMultipart => {
                f.write_str("The upload is not complete multipart/form-data. Nothing after the break was stored; send it again.")
            }
            Self::InvalidParameter { name, expected } => write!(f, "`{name}` must be {expected}."),
            Self::NotFound => f.write_str("There is nothing at this address."),
            Self::MethodNotAllowed => f.write_str("This address does not take that method."),
            Self::RangeNotSatisfiable { size } => write!(f, "The range lies beyond the {size} bytes there are."),
            Self::SignedOut => f.write_str("Sign in first, or send an API token as `Authorization: Bearer rfl_…`."),
            Self::InvalidToken => f.write_str("The API token is unknown, revoked or expired."),
            Self::Forbidden => f.write_str("You are not allowed to do this."),
            Self::CrossSite => f.write_str("The request came from another site and was refused."),
            Self::WrongCode => f.write_str("That is not right. Check the name, and type the code that your app shows now."),
            Self::CodeAlreadyUsed { wait } => {
                write!(f, "That code was already used. Wait for the next one, {wait} s.")
            }
            Self::WrongRecoveryCode => f.write_str("That recovery code is not valid. Each works once."),
            Self::TooManyAttempts { retry_after } => {
                write!(f, "Too many failed tries from your address. Try again in {} min.", retry_after.div_ceil(60))
            }
            Self::EnrolmentLinkInvalid => f.write_str("This link was used, has expired or never was. Ask for a new one."),
            Self::EnrolmentExpired => f.write_str("This took longer than ten minutes, or the link was used meanwhile. Open the link again and start anew."),
            Self::NameTaken => f.write_str("Somebody has that name already. Choose another."),
            Self::NameInvalid => f.write_str(
                "A name has 1 to 32 letters, digits, '.', '_' or '-', and begins with a letter or digit.",
            ),
            Self::EmailInvalid => f.write_str("An e-mail address looks like name@example.org."),
            Self::Unavailable { .. } => f.write_str("The database cannot be reached right now. Nothing was lost; try again soon."),
            Self::TimedOut => f.write_str("The request took too long."),
            Self::Offline => f.write_str("The server cannot be reached. Check the connection and try again."),
            Self::Internal => f.write_str("Something broke on our side. The log has it under this request's id."),
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
            Problem::CrossSite,
            Problem::WrongCode,
            Problem::WrongRecoveryCode,
            Problem::EnrolmentLinkInvalid,
            Problem::EnrolmentExpired,
            Problem::NameTaken,
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
