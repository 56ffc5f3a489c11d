//! What only a browser can do: hydration, uploads, previews, clipboard.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]

use leptos::prelude::{provide_context, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

mod platform;
mod uploads;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let start = || {
        leptos::mount::hydrate_body(|| {
            provide_context(platform::PLATFORM);
            app::App()
        });
    };
    // A page that isn't there yet when it is hydrated would have to be hydrated piecemeal, which needs a
    // second copy of all views.
    spawn_local(async move {
        let location = window().location();
        let (path, query) = (location.pathname(), location.search());
        app::pages::load(&path.unwrap_or_default(), &query.unwrap_or_default()).await;
        start();
    });
}
