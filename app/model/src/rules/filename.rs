//! File names as people send them, made harmless.

/// Characters kept of a name, at most.
pub const MAX_CHARS: usize = 200;

/// The last path segment of `raw` without control and direction-changing characters, at most
/// [`MAX_CHARS`] long with its extension kept; `image` where nothing is left.
///
/// The result is still any text at all: each format it goes into escapes it (see
/// [`super::links`]).
#[must_use]
pub fn clean(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or(raw);
    let harmless: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let trimmed = harmless.trim();
    if trimmed.chars().all(|c| c == '.') {
        return "image".to_owned();
    }
    let count = trimmed.chars().count();
    if count <= MAX_CHARS {
        return trimmed.to_owned();
    }
    let extension = trimmed.rsplit_once('.').map_or("", |(_, e)| e);
    let extension =
        if (1..=5).contains(&extension.chars().count()) { format!(".{extension}") } else { String::new() };
    let stem: String = trimmed.chars().take(MAX_CHARS - extension.chars().count()).collect();
    stem + &extension
}

/// Zero-width, bidirectional and other format characters that make a name read as another.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The name without its extension: what titles and alternative texts use.
#[must_use]
pub fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && (1..=5).contains(&extension.len()) => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folders_controls_and_direction_marks_go() {
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("C:\\Users\\me\\cat.png"), "cat.png");
        assert_eq!(clean("a\u{202e}gnp.exe\r\n"), "agnp.exe");
        for nothing in ["", "   ", "..", "/", "\u{200b}"] {
            assert_eq!(clean(nothing), "image", "{nothing:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = clean(&format!("{}.jpeg", "é".repeat(400)));
        assert_eq!(name.chars().count(), MAX_CHARS);
        assert!(name.ends_with("é.jpeg"));
    }

    #[test]
    fn stem_drops_only_a_real_extension() {
        assert_eq!(stem("cat.png"), "cat");
        assert_eq!(stem(".hidden"), ".hidden");
        assert_eq!(stem("Mr. Smith went home"), "Mr. Smith went home");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in "\\PC{0,300}|.{0,300}") {
            let once = clean(&raw);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.is_empty() && once.chars().count() <= MAX_CHARS);
            prop_assert!(!once.contains(['/', '\\', '\n', '\r']));
        }
    }
}
