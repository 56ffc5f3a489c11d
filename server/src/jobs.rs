//! What happens beside requests: work that is due, sending mail, writing down views, and hearing what other nodes do.

mod hear;
mod mail;
mod views;
mod work;

use std::sync::Arc;

use reflect_core::{Core, oidc::Provider};

pub use self::{
    hear::{Patience, hear},
    mail::{Bell, Mailroom},
    views::write_views,
    work::Workers,
};

/// Asks the OpenID Connect provider for what it says of itself. reflect doesn't wait for it, nor need it.
pub async fn meet_provider(core: Core, provider: Option<Arc<Provider>>) {
    if let Some(provider) = provider {
        provider.introduce(core.now()).await;
    }
}
