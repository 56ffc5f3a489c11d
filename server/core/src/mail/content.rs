//! What mails are about, as values.

use std::{fmt, net::IpAddr};

use model::types::{MailKind, Username};
use time::OffsetDateTime;

use super::Notice;
use crate::Settings;

/// One line of text that others may have chosen: the name of a device or of an authenticator.
/// Without controls and marks that change the direction of reading, at most [`Line::MAX_CHARS`]
/// characters: nothing that could look like a line of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Characters that are shown, at most.
    pub const MAX_CHARS: usize = 64;

    /// The line that `text` is, with each run of white space and controls as one space.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::with_limit(text, Self::MAX_CHARS)
    }

    /// The same with another limit.
    pub(super) fn with_limit(text: &str, most: usize) -> Self {
        let clean: String = text.chars().map(|c| if hides(c) { ' ' } else { c }).collect();
        let joined = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        match joined.char_indices().nth(most) {
            Some(_) => Self(joined.chars().take(most - 1).chain(['…']).collect()),
            None => Self(joined),
        }
    }
}

/// Controls, and the invisible marks of Unicode that reorder or break lines.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address on this instance. It may be worth an account, so `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteLink(String);

impl SiteLink {
    /// The page at `path`, which begins with a slash.
    #[must_use]
    pub fn new(settings: &Settings, path: &str) -> Self {
        Self(format!("{}{path}", settings.origins.site))
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SiteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteLink(…)")
    }
}

/// When something happened, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// When.
    pub at: OffsetDateTime,
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// The device, such as "Firefox on Linux".
    pub device: Option<Line>,
}

impl Occasion {
    /// Of which nothing is known but when.
    #[must_use]
    pub const fn unknown(at: OffsetDateTime) -> Self {
        Self { at, address: None, device: None }
    }
}

/// A mail. `Debug` tells its kind only.
#[derive(Clone, PartialEq, Eq)]
pub enum Mail {
    /// Somebody tries whether mail works.
    Test,
    /// Six digits that prove an address, good for 10 minutes.
    VerifyCode {
        /// The digits.
        code: String,
        /// Who asked.
        occasion: Occasion,
    },
    /// Six digits that sign in, besides a code of the authenticator, which was right; good for 10
    /// minutes.
    SignInCode {
        /// The account.
        name: Username,
        /// The digits.
        code: String,
        /// Who asked.
        occasion: Occasion,
    },
    /// A way back into an account, good for 30 minutes.
    ResetLink {
        /// The account.
        name: Username,
        /// Where to go.
        link: SiteLink,
        /// Who asked.
        occasion: Occasion,
    },
    /// A way back into an account, made by an administrator, good for a day.
    ResetByAdmin {
        /// The account.
        name: Username,
        /// Where to go.
        link: SiteLink,
    },
    /// A link to make an account with.
    Invite {
        /// Where to go.
        link: SiteLink,
        /// When it lapses.
        until: OffsetDateTime,
    },
    /// The account is set up.
    Welcome {
        /// The account.
        name: Username,
    },
    /// Something happened to an account that its owner should know of.
    Notice {
        /// The account.
        name: Username,
        /// What.
        notice: Notice,
        /// When and from where.
        occasion: Occasion,
    },
    /// An authenticator's secret is old.
    RotationDue {
        /// The account.
        name: Username,
        /// Which one.
        authenticator: Line,
        /// Since when it has had its secret.
        since: OffsetDateTime,
        /// Whether it is more than a reminder.
        overdue: bool,
    },
    /// To administrators: many sign-ins fail.
    FailureBurst {
        /// How many failed.
        failures: u32,
        /// From how many addresses.
        addresses: u32,
        /// The first of them.
        since: OffsetDateTime,
        /// The last of them.
        until: OffsetDateTime,
    },
    /// To administrators: the audit log's end wasn't as it had been left.
    LogDamaged {
        /// When it was noticed.
        at: OffsetDateTime,
    },
}

impl Mail {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Test => MailKind::Test,
            Self::VerifyCode { .. } => MailKind::VerifyCode,
            Self::SignInCode { .. } => MailKind::SignInCode,
            Self::ResetLink { .. } => MailKind::ResetLink,
            Self::ResetByAdmin { .. } => MailKind::ResetByAdmin,
            Self::Invite { .. } => MailKind::Invite,
            Self::Welcome { .. } => MailKind::Welcome,
            Self::Notice { notice, .. } => notice.kind(),
            Self::RotationDue { .. } => MailKind::RotationDue,
            Self::FailureBurst { .. } => MailKind::FailureBurst,
            Self::LogDamaged { .. } => MailKind::LogDamaged,
        }
    }

    /// When what it holds lapses, if that isn't the same for all of its kind.
    pub(super) const fn until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Invite { until, .. } => Some(*until),
            _ => None,
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.kind().as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_one_line_in_its_own_direction() {
        for (text, line) in [
            ("Firefox on Linux", "Firefox on Linux"),
            ("  my\r\n\tphone ", "my phone"),
            ("a\u{202e}gpj.exe", "a gpj.exe"),
            ("李雷的手机", "李雷的手机"),
            ("", ""),
        ] {
            assert_eq!(Line::new(text).to_string(), line);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_two_lines_or_a_long_one(text in any::<String>()) {
            let line = Line::new(&text).to_string();
            prop_assert!(line.chars().count() <= Line::MAX_CHARS);
            prop_assert!(!line.contains(hides), "{line:?}");
        }
    }

    #[test]
    fn debug_shows_neither_code_nor_link() {
        let occasion = Occasion { at: OffsetDateTime::UNIX_EPOCH, address: None, device: None };
        let mail = Mail::VerifyCode { code: "314159".into(), occasion };
        assert!(!format!("{mail:?} {:?}", SiteLink("https://x/reset/abc".into())).contains("314159"));
        assert!(!format!("{:?}", SiteLink("https://x/reset/abc".into())).contains("abc"));
    }
}
