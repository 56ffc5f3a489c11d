//! Hearing what other nodes do.
//!
//! What a node knows of images holds until another one says through the database that it doesn't. A connection
//! that is cut without a word hears nothing more and doesn't know it: so a silent one is asked, and who hasn't
//! heard from the database for a while no longer goes by memory.

use std::{sync::Arc, time::Duration};

use reflect_core::{
    Core,
    images::library,
    keys::{self, Announced},
    mail::outbox,
};
use sqlx::{
    Executor as _,
    postgres::{PgListener, PgNotification, PgPoolOptions},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

use super::Bell;
use crate::{config::KeySource, serve::Images};

const RECONNECT: Duration = Duration::from_secs(2);

/// How long silence is borne.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After so long the database is asked whether it is there.
    pub ask: Duration,
    /// After so long without a sign of it memory isn't trusted; that much later than it is said, at most, an
    /// image that was made private or deleted on another node is seen here. Long enough for a database that
    /// is restarted.
    pub doubt: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { ask: Duration::from_secs(5), doubt: Duration::from_secs(15) }
    }
}

/// Hears what any node says through the database, on one connection: an image has changed or is gone and
/// must be forgotten, a mail is queued, the keys are others. Says on it which keys this node has.
pub async fn hear(core: Core, images: Arc<Images>, mail: Bell, keys: KeySource, patience: Patience) {
    let (heard, sign) = watch::channel(Instant::now());
    let listening = async {
        while !heard.is_closed() {
            if let Err(error) = listen(&core, &images, &mail, &keys, patience, &heard).await {
                tracing::warn!(%error, "listening to the database");
            }
            tokio::time::sleep(RECONNECT).await;
        }
    };
    tokio::join!(listening, doubt(&images, sign, patience));
}

/// Trusts memory no longer once the last sign of the database is too old; [`listen`] trusts it again.
async fn doubt(images: &Images, mut sign: watch::Receiver<Instant>, patience: Patience) {
    loop {
        let due = *sign.borrow_and_update() + patience.doubt;
        let is_heard = match timeout_at(due, sign.changed()).await {
            Ok(is_heard) => is_heard,
            Err(_) => {
                tracing::warn!("the database is silent: what is known of images is read anew each time");
                images.doubt();
                sign.changed().await
            }
        };
        if is_heard.is_err() {
            return;
        }
    }
}

async fn listen(
    core: &Core,
    images: &Images,
    mail: &Bell,
    source: &KeySource,
    patience: Patience,
    heard: &watch::Sender<Instant>,
) -> Result<(), sqlx::Error> {
    // A pool of its own, which ends with it: what is held on the connection must not outlive the listener.
    let connection = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let connection = connection.connect_lazy_with((*core.pool.connect_options()).clone());
    let listener = async {
        let mut listener = PgListener::connect_with(&connection).await?;
        listener.listen_all([library::GONE, outbox::CHANNEL, keys::CHANNEL]).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    let mut listener = within(patience.doubt, listener).await?;
    // Whatever was deleted, queued or changed while nobody listened.
    images.trust();
    heard.send_replace(Instant::now());
    mail.ring();
    let mut announced = Announced::default();
    read_keys(core, source);
    within(patience.doubt, announced.update(&mut listener, &core.keys)).await?;
    while let Some(said) = next(&mut listener, patience, heard).await? {
        match (said.channel(), said.payload().parse()) {
            (library::GONE, Ok(slug)) => images.forget(&slug),
            (library::GONE, Err(_)) => images.forget_all(),
            (keys::CHANNEL, _) => {
                read_keys(core, source);
                within(patience.doubt, announced.update(&mut listener, &core.keys)).await?;
            }
            _ => mail.ring(),
        }
    }
    Ok(())
}

/// What is said next; `None` once the connection is gone.
async fn next(
    listener: &mut PgListener,
    patience: Patience,
    heard: &watch::Sender<Instant>,
) -> Result<Option<PgNotification>, sqlx::Error> {
    loop {
        let said = match timeout(patience.ask, listener.try_recv()).await {
            Ok(said) => Some(said?),
            Err(_) => {
                within(patience.ask, listener.execute("SELECT")).await?;
                None
            }
        };
        heard.send_replace(Instant::now());
        if let Some(said) = said {
            return Ok(said);
        }
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, work).await.map_err(std::io::Error::from)?
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

#[cfg(test)]
mod tests;
