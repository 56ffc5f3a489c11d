//! Pages whose code the browser loads when they are asked for. What a person sees most, the gallery, is
//! part of the main program.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::{
    AdminPage, AlbumsPage, BinPage, EnrolPage, GuestPage, HomePage, ImagePage, SettingsPage, WayInPage,
};
use crate::components::load_viewer;

/// A page that is loaded when it is asked for.
macro_rules! lazy_page {
    ($(#[$address:meta])* $route:ident shows $page:ident) => {
        $(#[$address])*
        pub struct $route;

        #[lazy_route]
        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                view! { <$page /> }.into_any()
            }
        }
    };
}

lazy_page! {
    /// `/` and `/upload`
    HomeRoute shows HomePage
}
lazy_page! {
    /// `/albums` and what is below
    AlbumsRoute shows AlbumsPage
}
lazy_page! {
    /// `/bin`
    BinRoute shows BinPage
}
lazy_page! {
    /// `/settings` and what is below
    SettingsRoute shows SettingsPage
}
lazy_page! {
    /// `/admin` and what is below
    AdminRoute shows AdminPage
}
lazy_page! {
    /// `/sign-in`, `/sign-up` and `/reset`
    WayInRoute shows WayInPage
}
lazy_page! {
    /// `/enrol/{token}`
    EnrolRoute shows EnrolPage
}
lazy_page! {
    /// `/p/{slug}`
    ImageRoute shows ImagePage
}
lazy_page! {
    /// `/g/{secret}`
    GuestRoute shows GuestPage
}

/// Loads the code of what the server rendered for the address, before it is hydrated.
pub async fn load(path: &str, query: &str) {
    let has_viewer = query.contains("view=");
    match path.split('/').nth(1).unwrap_or_default() {
        "" | "upload" => HomeRoute::preload().await,
        "albums" => {
            AlbumsRoute::preload().await;
            if has_viewer {
                load_viewer().await;
            }
        }
        "bin" => BinRoute::preload().await,
        "settings" => SettingsRoute::preload().await,
        "admin" => AdminRoute::preload().await,
        "sign-in" | "sign-up" | "reset" => WayInRoute::preload().await,
        "enrol" => EnrolRoute::preload().await,
        "p" => ImageRoute::preload().await,
        "g" => GuestRoute::preload().await,
        "gallery" if has_viewer => load_viewer().await,
        _ => {}
    }
}
