//! What happens beside requests: sweeping, and hearing of deletions.

use std::{sync::Arc, time::Duration};

use reflect_core::{Core, auth::session, challenge, images::library};
use sqlx::postgres::PgListener;

use crate::serve::Images;

const SWEEP: Duration = Duration::from_secs(600);
const RECONNECT: Duration = Duration::from_secs(2);

/// Removes what has lapsed, every ten minutes: sessions, enrolments, challenges, images whose days in the bin
/// are over. Several nodes may do so at once.
pub async fn sweep(core: Core) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        match session::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept sign-in tables"),
            Err(error) => tracing::warn!(%error, "sweeping sign-in tables"),
        }
        match challenge::sweep(&core.pool, core.now()).await {
            Ok(rows) => tracing::debug!(rows, "swept challenges"),
            Err(error) => tracing::warn!(%error, "sweeping challenges"),
        }
        match library::purge_expired(&core, core.now()).await {
            Ok(0) => {}
            Ok(images) => tracing::info!(images, "emptied the bin of what was older than 7 days"),
            Err(error) => tracing::warn!(%error, "emptying the bin"),
        }
    }
}

/// Forgets images as soon as any node deletes them.
pub async fn forget_deleted(core: Core, images: Arc<Images>) {
    loop {
        if let Err(error) = listen(&core, &images).await {
            tracing::warn!(%error, "listening for deletions");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen(core: &Core, images: &Images) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&core.pool).await?;
    listener.listen("image_gone").await?;
    // Whatever was deleted while nobody listened.
    images.forget_all();
    while let Some(gone) = listener.try_recv().await? {
        match gone.payload().parse() {
            Ok(slug) => images.forget(&slug),
            Err(_) => images.forget_all(),
        }
    }
    Ok(())
}
