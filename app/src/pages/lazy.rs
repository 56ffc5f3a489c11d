//! Pages whose code the browser loads when they are asked for. What a person sees most, the gallery, is
//! part of the main program.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::{BinPage, EnrolPage, HomePage, ImagePage, SettingsPage, SignInPage};
use crate::components::load_viewer;

/// `/` and `/upload`
pub struct HomeRoute;
/// `/bin`
pub struct BinRoute;
/// `/settings`
pub struct SettingsRoute;
/// `/sign-in`
pub struct SignInRoute;
/// `/enrol/{token}`
pub struct EnrolRoute;
/// `/p/{slug}`
pub struct ImageRoute;

#[lazy_route]
impl LazyRoute for HomeRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <HomePage /> }.into_any()
    }
}

#[lazy_route]
impl LazyRoute for BinRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <BinPage /> }.into_any()
    }
}

#[lazy_route]
impl LazyRoute for SettingsRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SettingsPage /> }.into_any()
    }
}

#[lazy_route]
impl LazyRoute for SignInRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignInPage /> }.into_any()
    }
}

#[lazy_route]
impl LazyRoute for EnrolRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <EnrolPage /> }.into_any()
    }
}

#[lazy_route]
impl LazyRoute for ImageRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ImagePage /> }.into_any()
    }
}

/// Loads the code of what the server rendered for the address, before it is hydrated.
pub async fn load(path: &str, query: &str) {
    match path.split('/').nth(1).unwrap_or_default() {
        "" | "upload" => HomeRoute::preload().await,
        "bin" => BinRoute::preload().await,
        "settings" => SettingsRoute::preload().await,
        "sign-in" => SignInRoute::preload().await,
        "enrol" => EnrolRoute::preload().await,
        "p" => ImageRoute::preload().await,
        "gallery" if query.contains("view=") => load_viewer().await,
        _ => {}
    }
}
