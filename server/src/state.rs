//! What handlers work with.

use std::sync::Arc;

use app::context::AppContext;
use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use model::types::ByteSize;
use reflect_core::{
    Core, auth::token::TokenRates, fetch::Fetcher, images::library::ImageChanges, oidc::Provider,
};
use tokio::sync::Semaphore;

use crate::{api::UploadMemory, config::ServeConfig, serve::Images, site::Site};

/// A quarter of the fewest connections that there are to the database.
const GUEST_TURNS: usize = 4;

/// The state of the router. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The domain, and what pages need besides.
    pub app: AppContext,
    /// Bytes of images, and what is known of them, in memory.
    pub images: Arc<Images>,
    /// The built files.
    pub site: Arc<Site>,
    /// Bounds what uploads hold in memory.
    pub upload_memory: UploadMemory,
    /// The part of it that guests have.
    pub guest_memory: UploadMemory,
    /// Guests' files that are stored at once: of one album they wait for each other, with a connection each.
    pub guest_turns: Arc<Semaphore>,
    /// Fetches images from their addresses.
    pub fetcher: Fetcher,
    /// How often API tokens are used.
    pub token_rates: TokenRates,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// `leptos_axum` asks for it; nothing in it is used, the document is `app::shell`'s.
    leptos: LeptosOptions,
}

impl AppState {
    /// The state of a server over `core` with the built files of `site`.
    #[must_use]
    pub fn new(mut core: Core, site: Site, config: &ServeConfig) -> Self {
        let images = Arc::new(Images::new(config.cache_bytes));
        let told = Arc::clone(&images);
        core.image_changes = ImageChanges::told_to(move |slug| told.forget(slug));
        let app = AppContext {
            core,
            assets: Arc::new(site.assets()),
            max_files: config.max_files,
            session_binding: config.session_ip.into(),
            provider: None,
        };
        Self {
            app,
            images,
            site: Arc::new(site),
            upload_memory: UploadMemory::new(config.upload_memory),
            guest_memory: UploadMemory::new(ByteSize(config.upload_memory.bytes() / 2)),
            guest_turns: Arc::new(Semaphore::new(GUEST_TURNS)),
            fetcher: Fetcher::new(&config.fetch_allow).denying(&config.fetch_deny),
            token_rates: TokenRates::default(),
            trusted_proxies: config.trusted_proxies.clone().into(),
            leptos: LeptosOptions::builder().output_name("reflect").build(),
        }
    }

    /// The same with an OpenID Connect provider, by which people may sign in.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.app.provider = Some(Arc::new(provider));
        self
    }

    /// The domain.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.app.core
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
