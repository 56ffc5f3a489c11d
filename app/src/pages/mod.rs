//! One page each.

mod admin;
mod albums;
mod asking;
mod bin;
mod enrol;
mod focus;
mod gallery;
mod guest;
mod home;
mod image;
mod lazy;
mod loaded;
mod not_found;
mod paged;
mod question;
mod removal;
mod selecting;
mod settings;
mod sign_in;
mod wizard;

use leptos::prelude::Memo;
use leptos_router::{hooks::use_location, params::ParamsMap};

pub use admin::AdminPage;
pub use albums::AlbumsPage;
pub use bin::BinPage;
pub use enrol::EnrolPage;
pub use gallery::GalleryPage;
pub use guest::GuestPage;
pub use home::HomePage;
pub use image::ImagePage;
pub use lazy::{
    AdminRoute, AlbumsRoute, BinRoute, EnrolRoute, GuestRoute, HomeRoute, ImageRoute, SettingsRoute,
    WayInRoute, load,
};
pub use not_found::{NotFoundPage, SignInPrompt};
pub(crate) use question::QuestionDialog;
pub use settings::SettingsPage;
pub use sign_in::WayInPage;

/// The page's query, for pages with sections. What the router has for it (`use_query_map`) stays as it
/// was when another section of the same route is shown.
fn use_query() -> Memo<ParamsMap> {
    use_location().query
}
