//! The application's frame: contexts, top bar, routes, upload tray.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{i18n::I18nContextProvider, pages, platform::platform, uploads::UploadQueue};

/// The root component, the same on both sides.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let queue = UploadQueue::new();
    provide_context(queue);
    Effect::new(move |_| {
        if let Some(platform) = platform() {
            (platform.start_uploads)(queue);
        }
    });
    view! {
        <I18nContextProvider cookie_name="reflect_language">
            <Title text="reflect" />
            <Router>
                <main id="main">
                    <FlatRoutes fallback=pages::NotFound>
                        <Route path=path!("/") view=pages::Home ssr=SsrMode::Async />
                    </FlatRoutes>
                </main>
            </Router>
        </I18nContextProvider>
    }
}
