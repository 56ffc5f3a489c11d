//! What the server puts within reach of pages and server functions.

pub mod cookies;
pub mod device_cookie;
pub mod provider;
mod request;
mod visitor;

use reflect_core::{Core, auth::session::Binding, oidc::Provider};

pub(crate) use self::request::{fail, given, label, parsed, sign_in_name};
pub use self::{
    request::Request,
    visitor::{Visitor, session_info},
};

/// Addresses of the built files, as paths from the root.
#[derive(Clone, Debug, Default)]
pub struct SiteAssets {
    /// The JavaScript module that loads the WASM.
    pub js: String,
    /// The WASM.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The worker that scales previews.
    pub preview_worker: String,
    /// The worker that does proofs of work.
    pub work_worker: String,
}

/// The state that the server provides as Leptos context.
#[derive(Clone)]
pub struct AppContext {
    /// The domain.
    pub core: Core,
    /// The built files.
    pub assets: std::sync::Arc<SiteAssets>,
    /// Files in one upload, at most.
    pub max_files: u32,
    /// How far a session may move.
    pub session_binding: Binding,
    /// With whom people may sign in, if the operator has set one.
    pub provider: Option<std::sync::Arc<Provider>>,
}

impl AppContext {
    /// Whether people reach the site by https, so that cookies may be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.core.settings.origins.site.starts_with("https://")
    }
}

/// Images in one page of the gallery.
pub(crate) const PAGE: u32 = 60;
