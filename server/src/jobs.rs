//! What happens beside requests: sweeping, sending mail, and hearing what other nodes do.

mod mail;

use std::{sync::Arc, time::Duration};

use reflect_core::{
    Core, admin, alert,
    auth::{reset, session, sign_in::mailed_code, step_up},
    challenge,
    images::library,
    keys::{self, Announced},
    mail::outbox,
    oidc::Provider,
};
use sqlx::postgres::{PgListener, PgPoolOptions};

pub use self::mail::{Bell, Mailroom};
use crate::{config::KeySource, serve::Images};

const SWEEP: Duration = Duration::from_secs(600);
const RECONNECT: Duration = Duration::from_secs(2);

/// Asks the OpenID Connect provider for what it says of itself. reflect doesn't wait for it, nor need it.
pub async fn meet_provider(core: Core, provider: Option<Arc<Provider>>) {
    if let Some(provider) = provider {
        provider.introduce(core.now()).await;
    }
}

/// Removes what has lapsed, every ten minutes: sessions, enrolments, challenges, images whose time, or whose
/// days in the bin, are over, old mail. Reminds of old secrets. Several nodes may do so at once.
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

/// Hears what any node says through the database, on one connection: an image has changed or is gone and
/// must be forgotten, a mail is queued, the keys are others. Says on it which keys this node has.
pub async fn hear(core: Core, images: Arc<Images>, mail: Bell, keys: KeySource) {
    loop {
        if let Err(error) = listen(&core, &images, &mail, &keys).await {
            tracing::warn!(%error, "listening to the database");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen(core: &Core, images: &Images, mail: &Bell, source: &KeySource) -> Result<(), sqlx::Error> {
    // A pool of its own, which ends with it: what is held on the connection must not outlive the listener.
    let connection = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let connection = connection.connect_lazy_with((*core.pool.connect_options()).clone());
    let mut listener = PgListener::connect_with(&connection).await?;
    listener.listen_all([library::GONE, outbox::CHANNEL, keys::CHANNEL]).await?;
    // Whatever was deleted, queued or changed while nobody listened.
    images.forget_all();
    mail.ring();
    let mut announced = Announced::default();
    read_keys(core, source);
    announced.update(&mut listener, &core.keys).await?;
    while let Some(said) = listener.try_recv().await? {
        match (said.channel(), said.payload().parse()) {
            (library::GONE, Ok(slug)) => images.forget(&slug),
            (library::GONE, Err(_)) => images.forget_all(),
            (keys::CHANNEL, _) => {
                read_keys(core, source);
                announced.update(&mut listener, &core.keys).await?;
            }
            _ => mail.ring(),
        }
    }
    Ok(())
}

/// Takes over what the key file holds now. Whatever is wrong with it, those at hand stay.
fn read_keys(core: &Core, source: &KeySource) {
    match source.ring() {
        Ok(Some(ring)) => {
            let before = core.keys.ids();
            core.keys.replace(&ring);
            if core.keys.ids() != before {
                tracing::info!(seals = core.keys.id(), "the keys are others now");
            }
        }
        Ok(None) => tracing::error!("the key file is gone: put it back before the next start"),
        Err(error) => tracing::error!(%error, "reading the keys anew"),
    }
}
