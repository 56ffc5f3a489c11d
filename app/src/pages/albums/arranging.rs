//! Giving things another order: by dragging, or by arrows, which fingers and keys can use as well.

use leptos::{ev, html, prelude::*};

use crate::{
    components::{Glyph, Icon},
    i18n::{t_string, use_i18n},
    text::tr,
};

/// An order that is being changed.
#[derive(Clone, Copy)]
pub(super) struct Arranging<K: Send + Sync + 'static> {
    /// Whether it is.
    pub(super) on: RwSignal<bool>,
    dragged: RwSignal<Option<K>>,
    /// Whose arrow was used last, and whether it was the one to later places.
    stepped: RwSignal<Option<(K, bool)>>,
    keys: Signal<Vec<K>>,
    place: Callback<(K, usize)>,
}

impl<K: Copy + PartialEq + Send + Sync + 'static> Arranging<K> {
    /// Of the things with these keys, while it is `on`; `place` is told which one is to have which index.
    pub(super) fn new(on: RwSignal<bool>, keys: Signal<Vec<K>>, place: Callback<(K, usize)>) -> Self {
        Self { on, dragged: RwSignal::new(None), stepped: RwSignal::new(None), keys, place }
    }

    fn index(self, key: K) -> Option<usize> {
        self.keys.with(|keys| keys.iter().position(|other| *other == key))
    }

    /// Moves a thing by one place.
    fn step(self, key: K, later: bool) {
        self.stepped.set(Some((key, later)));
        let last = self.keys.with_untracked(Vec::len).checked_sub(1);
        let to = untrack(|| self.index(key))
            .and_then(|index| if later { index.checked_add(1) } else { index.checked_sub(1) });
        if let Some(to) = to.filter(|to| last.is_some_and(|last| *to <= last)) {
            self.place.run((key, to));
        }
    }

    /// What an element does while it can be dragged.
    pub(super) fn draggable(self, key: K) -> Dragging<K> {
        Dragging { of: self, key }
    }
}

/// One thing's part in it.
#[derive(Clone, Copy)]
pub(super) struct Dragging<K: Send + Sync + 'static> {
    of: Arranging<K>,
    key: K,
}

impl<K: Copy + PartialEq + Send + Sync + 'static> Dragging<K> {
    /// The value of the attribute `draggable`.
    pub(super) fn attribute(self) -> &'static str {
        if self.of.on.get() { "true" } else { "false" }
    }

    /// It is taken.
    pub(super) fn start(self) {
        if self.of.on.get_untracked() {
            self.of.dragged.set(Some(self.key));
        }
    }

    /// Another one is held over it.
    pub(super) fn over(self, event: &ev::DragEvent) {
        if self.of.dragged.get_untracked().is_some() {
            event.prevent_default();
        }
    }

    /// Another one is let go over it.
    pub(super) fn dropped(self, event: &ev::DragEvent) {
        let Some(dragged) = self.of.dragged.get_untracked() else { return };
        event.prevent_default();
        self.of.dragged.set(None);
        let to = untrack(|| self.of.index(self.key));
        if let Some(to) = to.filter(|_| dragged != self.key) {
            self.of.place.run((dragged, to));
        }
    }

    /// It was let go somewhere.
    pub(super) fn end(self) {
        self.of.dragged.set(None);
    }
}

/// The arrows of one thing.
#[component]
pub(super) fn Arrows<K: Copy + PartialEq + Send + Sync + 'static>(
    arranging: Arranging<K>,
    key: K,
    #[prop(into)] name: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let [earlier, later] = [NodeRef::<html::Button>::new(), NodeRef::new()];
    let index = Memo::new(move |_| arranging.index(key));
    // A thing that has moved lost the focus on the way.
    Effect::new(move |before: Option<Option<usize>>| {
        let now = index.get();
        if let (Some((moved, is_later)), Some(before)) = (arranging.stepped.get_untracked(), before)
            && moved == key
            && before != now
        {
            request_animation_frame(move || {
                let arrow = if is_later { later } else { earlier };
                if let Some(arrow) = arrow.try_get_untracked().flatten() {
                    let _ = arrow.focus();
                }
            });
        }
        now
    });
    let name = StoredValue::new(name);
    let named = move || name.get_value();
    let is_first = move || index.get() == Some(0);
    let is_last = move || index.get().map(|index| index + 1) == Some(arranging.keys.with(Vec::len));
    view! {
        <button type="button" class="button button-icon" node_ref=earlier aria-disabled=move || is_first().to_string()
            aria-label=tr!(i18n, albums.earlier, name = named()) on:click=move |_| arranging.step(key, false)>
            <Icon glyph=Glyph::ChevronLeft />
        </button>
        <button type="button" class="button button-icon" node_ref=later aria-disabled=move || is_last().to_string()
            aria-label=tr!(i18n, albums.later, name = named()) on:click=move |_| arranging.step(key, true)>
            <Icon glyph=Glyph::ChevronRight />
        </button>
    }
}

/// Begins and ends it.
#[component]
pub(super) fn ArrangeButton(on: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button type="button" class="button" class:button-primary=move || on.get() on:click=move |_| on.update(|on| *on = !*on)>
            {move || if on.get() { t_string!(i18n, albums.arrange_done) } else { t_string!(i18n, albums.arrange) }}
        </button>
    }
}

/// The order of `keys` with `key` at the index `to`, and what comes behind it there.
pub(super) fn moved<K: Copy + PartialEq>(mut keys: Vec<K>, key: K, to: usize) -> (Vec<K>, Option<K>) {
    keys.retain(|other| *other != key);
    let to = to.min(keys.len());
    let before = keys.get(to).copied();
    keys.insert(to, key);
    (keys, before)
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_thing_comes_to_stand_where_it_was_put() {
        for (key, to, expected, before) in [
            (1, 2, [2, 3, 1, 4], Some(4)),
            (4, 0, [4, 1, 2, 3], Some(1)),
            (2, 3, [1, 3, 4, 2], None),
            (2, 9, [1, 3, 4, 2], None),
            (3, 2, [1, 2, 3, 4], Some(4)),
        ] {
            assert_eq!(moved(vec![1, 2, 3, 4], key, to), (expected.to_vec(), before), "{key} to {to}");
        }
    }
}
