//! What stands for an image where it can't be seen.

use super::filename;

/// What its owner wrote for that, or its title, or the file's name without the extension.
#[must_use]
pub fn alternative(alt_text: Option<&str>, title: Option<&str>, name: &str) -> String {
    alt_text.or(title).unwrap_or_else(|| filename::stem(name)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::alternative;

    #[test]
    fn the_most_telling_text_there_is() {
        assert_eq!(alternative(Some("A cat on a roof"), Some("Mia"), "dsc1.jpg"), "A cat on a roof");
        assert_eq!(alternative(None, Some("Mia"), "dsc1.jpg"), "Mia");
        assert_eq!(alternative(None, None, "dsc1.jpg"), "dsc1");
    }
}
