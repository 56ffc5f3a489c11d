//! Names of tags as they are stored.

use std::{fmt, str::FromStr};

use model::types::TagName;
use unicode_normalization::UnicodeNormalization as _;

/// A name in NFC: two that look the same are the same.
#[derive(Clone, Debug)]
pub struct Name(TagName);

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What it is told from others by.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(self.as_str())
    }
}

/// A text as names are compared: in lower case, and in NFC, which that may have ended.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase().nfc().collect()
}

/// Why a text is no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidName;

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 to {} characters without a comma", TagName::MAX_CHARS)
    }
}

impl std::error::Error for InvalidName {}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Lists of tags are written with commas.
        if text.contains([',', '，']) {
            return Err(InvalidName);
        }
        let composed: String = text.nfc().collect();
        composed.parse().map(Self).map_err(|_| InvalidName)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        let (composed, combined): (Name, Name) =
            ("\u{c4}rger".parse().unwrap(), " A\u{308}rger ".parse().unwrap());
        assert_eq!(composed.as_str(), combined.as_str());
        assert_eq!(composed.folded(), "ärger");
        for bad in ["", " ", "a,b", "猫，狗", &"x".repeat(51)] {
            assert_eq!(bad.parse::<Name>().unwrap_err(), InvalidName, "{bad:?}");
        }
        assert!("猫".repeat(50).parse::<Name>().is_ok());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{1,20}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
