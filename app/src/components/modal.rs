//! What lies over the page until it is answered.

use leptos::{ev, html, prelude::*};

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
            (true, false) => drop(dialog.show_modal()),
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
