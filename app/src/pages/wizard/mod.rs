//! Steps of wizards: a secret to scan, its first code, recovery codes to keep, and all of it on paper.

mod codes;
mod confirm;
mod scan;
mod sheet;

use leptos::{html, prelude::*};

pub(super) use self::{
    codes::CodesStep,
    confirm::ConfirmStep,
    scan::ScanStep,
    sheet::{PrintButton, Sheet, SheetContents},
};
use crate::text::Text;

/// What a step is called. It takes the focus, since what had it is gone.
#[component]
pub(super) fn StepTitle(
    /// The words.
    text: Text,
    /// Whether it was come to from another step, and not with the page.
    #[prop(default = true)]
    focus: bool,
) -> impl IntoView {
    let title = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get()
            && focus
        {
            let _ = title.focus();
        }
    });
    view! { <h1 tabindex="-1" node_ref=title>{text}</h1> }
}
