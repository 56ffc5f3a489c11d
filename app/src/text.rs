//! Texts in views.
//!
//! Every closure in a view is a type of its own, for which the compiler makes its own copy of all
//! that renders, hydrates and updates it: kilobytes for a word. Texts are the most frequent
//! closures there are, so they share one type.

use std::sync::{Arc, Mutex};

use leptos::text_prop::TextProp;
use leptos_i18n::Locale as _;

use crate::i18n::Locale;

/// A text that follows the language, as a child or as the value of an attribute.
pub(crate) type Text = Arc<Mutex<dyn FnMut() -> String + Send>>;

/// Makes a [`Text`].
pub(crate) fn text(read: impl FnMut() -> String + Send + 'static) -> Text {
    Arc::new(Mutex::new(read))
}

/// The text with a key, in the language of the page: `{tr!(i18n, images.empty)}`.
macro_rules! tr {
    ($($key:tt)*) => {
        $crate::text::text(move || $crate::i18n::t_string!($($key)*).to_string())
    };
}

pub(crate) use tr;

/// The language of a page that doesn't say its own: the first of those that browser or server would rather have
/// (BCP 47 tags) that there is.
pub(crate) fn spoken<T: AsRef<[u8]>>(accepted: &[T]) -> Locale {
    let named = |tag: &T| {
        let language = tag.as_ref().split(|byte| *byte == b'-').next()?;
        let speaks = |locale: &&Locale| language.eq_ignore_ascii_case(locale.as_str().as_bytes());
        Locale::get_all().iter().find(speaks).copied()
    };
    accepted.iter().find_map(named).unwrap_or_default()
}

/// What the window is called. In the browser it follows the language. On the server `leptos_meta`
/// asks for it when the page has been rendered and its signals may be gone, or be those of another
/// request on the same thread: there it is read at once.
pub(crate) fn heading(read: impl Fn() -> String + Send + Sync + 'static) -> TextProp {
    if crate::ON_SERVER { read().into() } else { read.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_there_is() {
        assert_eq!(spoken(&["fr-FR", "zh-Hant-TW", "en"]), Locale::zh);
        assert_eq!(spoken(&["EN-gb", "zh"]), Locale::en);
        assert_eq!(spoken(&["zhx", "", "*"]), Locale::en);
        assert_eq!(spoken::<&str>(&[]), Locale::en);
    }
}
