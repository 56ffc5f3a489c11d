//! What shows while files are dragged over the window.

use leptos::{html, prelude::*};

use super::{
    icons::{Glyph, Icon},
    when::When,
};
use crate::{i18n::use_i18n, later::later, text::tr, uploads::UploadQueue};

/// Dims the page and says where the files will go. It takes no events itself: the whole window is
/// the target. As a popover it lies above an open viewer too.
#[component]
pub fn DropOverlay() -> impl IntoView {
    let queue = expect_context::<UploadQueue>();
    view! {
        <When when=move || queue.dragging.get() || queue.in_use.get()>{later!(overlay(queue))}</When>
    }
}

#[lazy]
fn overlay(queue: UploadQueue) -> AnyView {
    view! { <Overlay queue=queue /> }.into_any()
}

#[component]
fn Overlay(queue: UploadQueue) -> impl IntoView {
    let i18n = use_i18n();
    let overlay = NodeRef::<html::Div>::new();
    Effect::new(move |shown: Option<bool>| {
        let dragging = queue.dragging.get();
        if let Some(overlay) = overlay.get()
            && dragging != shown.unwrap_or(false)
        {
            // Browsers without popovers show it by its class.
            let _ = if dragging { overlay.show_popover() } else { overlay.hide_popover() };
        }
        dragging
    });
    view! {
        <div
            class="drop-overlay"
            class:is-dragging=move || queue.dragging.get()
            popover="manual"
            aria-hidden="true"
            node_ref=overlay
        >
            <div class="drop-frame">
                <Icon glyph=Glyph::Upload />
                <p class="drop-title">{tr!(i18n, uploads.drop_title)}</p>
                <p class="drop-text">
                    {move || {
                        if queue.options.with(|chosen| chosen.guest.is_some()) {
                            // The page says where.
                            ().into_any()
                        } else if queue.signed_in.get() {
                            tr!(i18n, uploads.drop_text).into_any()
                        } else {
                            tr!(i18n, uploads.drop_text_signed_out).into_any()
                        }
                    }}
                </p>
            </div>
        </div>
    }
}
