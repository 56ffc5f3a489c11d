//! Moments on the wire.

use serde::{Deserialize, Serialize};

/// A moment in RFC 3339, UTC, as the server formats it (`2026-11-20T09:30:00.123Z`).
///
/// The browser shows it and sorts by it but never computes with it, so it stays text and
/// no date library is downloaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Wraps text that the caller has formatted as RFC 3339 in UTC.
    #[must_use]
    pub fn from_rfc3339(text: String) -> Self {
        Self(text)
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The calendar day, `YYYY-MM-DD`, in UTC.
    #[must_use]
    pub fn date(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }

    /// Whether [`Self::date_path`] is `path`.
    #[must_use]
    pub fn is_date_path(&self, path: &str) -> bool {
        let date = self.date().bytes().map(|byte| if byte == b'-' { b'/' } else { byte });
        date.eq(path.bytes())
    }

    /// The day as the path segments of an image's address, `YYYY/MM/DD`.
    #[must_use]
    pub fn date_path(&self) -> String {
        self.date().replace('-', "/")
    }
}
