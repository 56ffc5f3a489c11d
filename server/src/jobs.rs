//! What happens beside requests: sweeping, sending mail, writing down views, and hearing what other nodes do.

mod hear;
mod mail;
mod views;

use std::{sync::Arc, time::Duration};

use model::types::ByteSize;
use reflect_core::{
    Core, admin, alert,
    auth::{reset, session, sign_in::mailed_code, step_up},
    challenge,
    images::{albums, intake::once, library, variants, views as image_views},
    mail::outbox,
    oidc::Provider,
};

pub use self::{
    hear::{Patience, hear},
    mail::{Bell, Mailroom},
    views::write_views,
};

const SWEEP: Duration = Duration::from_secs(600);
/// Images that are looked at in one sweep: some ten seconds of one core.
const LOOKS: u32 = 5_000;

/// Asks the OpenID Connect provider for what it says of itself. reflect doesn't wait for it, nor need it.
pub async fn meet_provider(core: Core, provider: Option<Arc<Provider>>) {
    if let Some(provider) = provider {
        provider.introduce(core.now()).await;
    }
}

/// Removes what has lapsed, every ten minutes: sessions, enrolments, challenges, images whose time, or whose
/// days in the bin, are over, old mail, days of views. Reminds of old secrets. Several nodes may do so at once.
pub async fn sweep(core: Core) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        match session::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept sign-in tables"),
            Err(error) => tracing::warn!(%error, "sweeping sign-in tables"),
        }
        if let Err(error) = reset::answer_all(&core).await {
            tracing::warn!(%error, "answering requests for a way back");
        }
        if let Err(error) = mailed_code::answer_all(&core).await {
            tracing::warn!(%error, "answering requests for a mailed code");
        }
        if let Err(error) = step_up::record_all(&core).await {
            tracing::warn!(%error, "telling of accounts that ask for two codes");
        }
        match challenge::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept challenges"),
            Err(error) => tracing::warn!(%error, "sweeping challenges"),
        }
        match library::bin_lapsed(&core).await {
            Ok(0) => {}
            Ok(images) => tracing::info!(images, "moved images that have lapsed to the bin"),
            Err(error) => tracing::warn!(%error, "moving images that have lapsed to the bin"),
        }
        match library::purge_expired(&core, core.now()).await {
            Ok(0) => {}
            Ok(images) => tracing::info!(images, "emptied the bin of what was older than 7 days"),
            Err(error) => tracing::warn!(%error, "emptying the bin"),
        }
        match library::look(&core, LOOKS).await {
            Ok(0) => {}
            Ok(images) => tracing::info!(images, "looked at images from before likeness was"),
            Err(error) => tracing::warn!(%error, "looking at images"),
        }
        match variants::shrink(&core).await {
            Ok(ByteSize(0)) => {}
            Ok(bytes) => tracing::info!(%bytes, "deleted variants that the budget has no room for any more"),
            Err(error) => tracing::warn!(%error, "deleting variants"),
        }
        match albums::sweep(&core).await {
            Ok(rows) => tracing::debug!(rows, "swept tries at albums' passwords"),
            Err(error) => tracing::warn!(%error, "sweeping tries at albums' passwords"),
        }
        match albums::guests::sweep(&core).await {
            Ok(rows) => tracing::debug!(rows, "swept addresses of guests"),
            Err(error) => tracing::warn!(%error, "sweeping addresses of guests"),
        }
        match once::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept keys of uploads"),
            Err(error) => tracing::warn!(%error, "sweeping keys of uploads"),
        }
        match image_views::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept days of views"),
            Err(error) => tracing::warn!(%error, "sweeping days of views"),
        }
        match alert::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept what alerts remember"),
            Err(error) => tracing::warn!(%error, "sweeping what alerts remember"),
        }
        match alert::remind(&core).await {
            Ok(0) => {}
            Ok(secrets) => tracing::info!(secrets, "reminded of secrets that have become old"),
            Err(error) => tracing::warn!(%error, "reminding of old secrets"),
        }
        match admin::carry_on(&core).await {
            Ok(0) => {}
            Ok(accounts) => tracing::info!(accounts, "deleted what was left of removed accounts"),
            Err(error) => tracing::warn!(%error, "deleting removed accounts"),
        }
        match outbox::sweep(&core.pool, core.now()).await {
            Ok(mails) => tracing::debug!(mails, "swept the outbox"),
            Err(error) => tracing::warn!(%error, "sweeping the outbox"),
        }
    }
}
