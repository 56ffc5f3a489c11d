//! What a problem says to those who read English.

use std::fmt;

use super::{Problem, Wait};

/// The English sentence: what happened, which limit, what to do.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileTooLarge { limit } => {
                write!(f, "The file is larger than {limit}, the most one upload may have. Send a smaller one.")
            }
            Self::FileEmpty => f.write_str("The file is empty."),
            Self::UnsupportedFormat { found: Some(found) } if found == "HEIC" => f.write_str(
                "HEIC photos are not taken. iPhone: Settings › Camera › Formats › Most Compatible makes JPEG. Mac: export \
                 it as JPEG in Preview. Elsewhere: heif-convert photo.heic photo.jpg.",
            ),
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
            Self::SignUpClosed => f.write_str(
                "Accounts are not made this way here at present. An administrator can open sign-up to invites or to \
                 everybody; on the server, `reflect user add` makes one in any case.",
            ),
            Self::FreshCodeNeeded => f.write_str("This needs a fresh code: type the one that your app shows now."),
            Self::CrossSite => f.write_str("The request came from another site and was refused."),
            Self::WrongCode => f.write_str("That is not right. Check the name, and type the code that your app shows now."),
            Self::CodeAlreadyUsed { wait } => {
                write!(f, "That code was already used. Wait for the next one, {wait} s.")
            }
            Self::WrongRecoveryCode => f.write_str("That recovery code is not valid. Each works once."),
            Self::TooManyAttempts { retry_after } => {
                write!(f, "That was too soon or too often. Try again in {}.", Wait::of(*retry_after))
            }
            Self::SignInExpired => f.write_str("That took too long. Begin again with the code that your app shows now."),
            Self::ChallengeNeeded => f.write_str("Solve a challenge first: POST /api/v1/auth/captcha gives one."),
            Self::ChallengeFailed => f.write_str("The challenge was not solved, or too late. Each takes one answer within five minutes: get another."),
            Self::EnrolmentLinkInvalid => f.write_str("This link was used, has expired or never was. Ask for a new one."),
            Self::EnrolmentExpired => f.write_str("This took longer than ten minutes, or was overtaken meanwhile. Start anew."),
            Self::NameTaken => f.write_str("That name is taken. Choose another."),
            Self::AuthenticatorLimit => f.write_str("An account has one to five authenticators."),
            Self::NameInvalid => f.write_str(
                "A name has 1 to 32 letters, digits, '.', '_' or '-', and begins with a letter or digit.",
            ),
            Self::EmailInvalid => f.write_str("An e-mail address looks like name@example.org."),
            Self::Unavailable { .. } => f.write_str("The server is busy, or cut off from its database. Nothing was lost; try again soon."),
            Self::TimedOut => f.write_str("The request took too long."),
            Self::Offline => f.write_str("The server cannot be reached. Check the connection and try again."),
            Self::Internal => f.write_str("Something broke on our side. The log has it under this request's id."),
        }
    }
}
