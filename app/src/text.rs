//! Texts in views.
//!
//! Every closure in a view is a type of its own, for which the compiler makes its own copy of all
//! that renders, hydrates and updates it: kilobytes for a word. Texts are the most frequent
//! closures there are, so they share one type.

use std::sync::{Arc, Mutex};

use leptos::text_prop::TextProp;

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

/// What the window is called. In the browser it follows the language. On the server `leptos_meta`
/// asks for it when the page has been rendered and its signals may be gone, or be those of another
/// request on the same thread: there it is read at once.
pub(crate) fn heading(read: impl Fn() -> String + Send + Sync + 'static) -> TextProp {
    if crate::ON_SERVER { read().into() } else { read.into() }
}
