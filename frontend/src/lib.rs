//! What only a browser can do: hydration, uploads, previews, clipboard.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]

use leptos::prelude::provide_context;
use wasm_bindgen::prelude::wasm_bindgen;

mod platform;
mod uploads;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| {
        provide_context(platform::PLATFORM);
        app::App()
    });
}
