//! Names of files as they are stored.

use model::rules::filename;
use unicode_normalization::UnicodeNormalization as _;

/// A name that was sent, [harmless](filename::clean) and [composed].
pub(super) fn stored(raw: &str) -> String {
    // What is taken out may have stood between a letter and its mark.
    filename::clean(&composed(&filename::clean(&composed(raw))))
}

/// A text in NFC: macOS writes "ü" as a letter and a mark, keyboards type one letter, and both are the same.
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn names_are_composed() {
        assert_eq!(stored("Zu\u{308}rich.png"), "Z\u{fc}rich.png");
        assert_eq!(stored("\u{1112}\u{1161}\u{11ab}.png"), "\u{d55c}.png");
        assert_eq!(stored("u\u{200b}\u{308}.png"), "\u{fc}.png");
        // As long as it may be once it is composed.
        assert_eq!(stored(&"u\u{308}".repeat(filename::MAX_CHARS)), "\u{fc}".repeat(filename::MAX_CHARS));
    }

    proptest! {
        #[test]
        fn storing_twice_changes_nothing(
            raw in "(\\PC|\\p{Mn}|[\u{958}-\u{95f}]|[\u{1100}-\u{11ff}]|[\u{200b}-\u{200f}]){0,300}",
        ) {
            let once = stored(&raw);
            prop_assert!(is_nfc(&once));
            prop_assert!(once.chars().count() <= filename::MAX_CHARS);
            prop_assert_eq!(stored(&once), once);
        }
    }
}
