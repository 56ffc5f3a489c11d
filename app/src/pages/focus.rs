//! Where the focus goes when what had it is gone: to the page's beginning, unless somebody sees to it.

use leptos::{
    html::{self, ElementType},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::HtmlElement,
};

/// Gives the focus to a field as soon as it is there.
pub(super) fn focus_at_once(field: NodeRef<html::Input>) {
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
}

/// Gives the focus to the title of a list when a button of an entry had it and the entry is gone.
pub(super) fn focus_when_shorter<E>(title: NodeRef<E>, length: impl Fn() -> usize + 'static)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |before: Option<usize>| {
        let now = length();
        if before.is_some_and(|before| now < before) {
            // Once the entry is gone from the page.
            request_animation_frame(move || {
                let title = title.try_get_untracked().flatten();
                if let (true, Some(title)) = (is_nowhere(), title) {
                    let _ = title.unchecked_into::<HtmlElement>().focus();
                }
            });
        }
        now
    });
}

/// Whether nothing has the focus.
fn is_nowhere() -> bool {
    let document = document();
    document.active_element().is_none_or(|element| element.tag_name() == "BODY")
}
