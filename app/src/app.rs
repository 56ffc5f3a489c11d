//! The application's frame: contexts, top bar, routes, upload tray.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use model::types::UserId;

use crate::{
    components::{BottomBar, DropOverlay, Selection, ToastList, TopBar, UploadTray},
    i18n::I18nContextProvider,
    pages::{
        AdminRoute, AlbumsRoute, BinRoute, EnrolRoute, GalleryPage, GuestRoute, HomeRoute, ImageRoute,
        NotFoundPage, SettingsRoute, WayInRoute,
    },
    platform::platform,
    rules::links::escape_html,
    session::Session,
    toasts::Toasts,
    uploads::UploadQueue,
};

/// Keeps the language that a person chose. The server reads it; the browser reads the page.
pub const LANGUAGE_COOKIE: &str = "reflect_language";

/// The root component, the same on both sides.
///
/// Every route is rendered whole before it is sent ([`SsrMode::Async`]): status and metadata
/// depend on data, and pages are complete without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let queue = UploadQueue::new();
    provide_context(queue);
    provide_context(Toasts::default());
    let session = Session::from_page(queue);
    provide_context(session);
    // It survives pages, but not whoever made it.
    let selection = Selection::new();
    provide_context(selection);
    Effect::new(move |before: Option<Option<UserId>>| {
        let me = session.info().and_then(|info| info.me).map(|me| me.id);
        if before.is_some_and(|before| before != me) {
            selection.images.set(Vec::new());
        }
        me
    });
    Effect::new(move |_| {
        if let Some(platform) = platform() {
            (platform.start_uploads)(queue);
        }
        // The strict cookie isn't sent with a first request that another site caused.
        if !untrack(|| session.signed_in()) {
            session.refresh();
        }
    });
    view! {
        <I18nContextProvider cookie_name=LANGUAGE_COOKIE>
            <Title formatter=title />
            <Router>
                <TopBar />
                <main id="main" tabindex="-1">
                    <FlatRoutes fallback=NotFoundPage>
                        <Route path=path!("/") view={Lazy::<HomeRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/upload") view={Lazy::<HomeRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/gallery") view=GalleryPage ssr=SsrMode::Async />
                        <Route path=path!("/albums/:id?") view={Lazy::<AlbumsRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/bin") view={Lazy::<BinRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/settings/:section?") view={Lazy::<SettingsRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/admin/:section?") view={Lazy::<AdminRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/sign-in") view={Lazy::<WayInRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/sign-up") view={Lazy::<WayInRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/reset") view={Lazy::<WayInRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/enrol/:token") view={Lazy::<EnrolRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/g/:secret") view={Lazy::<GuestRoute>::new()} ssr=SsrMode::Async />
                        <Route path=path!("/p/:slug") view={Lazy::<ImageRoute>::new()} ssr=SsrMode::Async />
                    </FlatRoutes>
                </main>
                <BottomBar />
            </Router>
            // Over the viewer too.
            <div class="floating">
                <UploadTray />
                <ToastList />
            </div>
            <DropOverlay />
        </I18nContextProvider>
    }
}

/// The title of the window. On the server `leptos_meta` writes it into the document as it is.
fn title(page: String) -> String {
    let text = if page.is_empty() { "reflect".to_owned() } else { format!("{page} · reflect") };
    if crate::ON_SERVER { escape_html(&text) } else { text }
}
