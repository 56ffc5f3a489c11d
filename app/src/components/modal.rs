//! What lies over the page until it is answered.

use leptos::{ev, html, prelude::*};
use web_sys::HtmlDialogElement;

use super::when::When;

/// A modal `<dialog>` with its content in it while `open`.
///
/// The element itself stays in the page: the browser gives the focus back to where it was only
/// when a dialog is closed, not when it is removed.
#[component]
pub fn Modal(
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Its class.
    class: &'static str,
    /// Its name for assistive technology.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is a question, which must be answered.
    #[prop(optional)]
    question: bool,
    /// Told of Esc and its like.
    on_close: Callback<()>,
    /// Its content.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => show(dialog, open),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class=class
            node_ref=dialog
            role=question.then_some("alertdialog")
            aria-label=move || label.get()
            on:cancel=move |event: ev::Event| {
                event.prevent_default();
                on_close.run(());
            }
        >
            <When when=open>{children()}</When>
        </dialog>
    }
}

/// Opens it, once it is in the page: of a page that somebody comes to, effects run before it is put there.
fn show(dialog: HtmlDialogElement, open: Signal<bool>) {
    if dialog.is_connected() {
        let _ = dialog.show_modal();
        return;
    }
    request_animation_frame(move || {
        if open.try_get_untracked() == Some(true) && !dialog.open() {
            show(dialog, open);
        }
    });
}
