//! What every use case works with.

use std::sync::Arc;

use model::{
    rules::links::Origins,
    types::{ByteSize, Policy},
};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    Clock,
    alert::WebhookUrl,
    auth::{AuthError, Stretching, authenticator::RotationPolicy},
    images::{Workers, library::ImageChanges},
    keys::Keyring,
    mail::Sender,
    policy::PolicyCache,
    random::Random,
};

/// Settings of the domain; the process reads them from flags and environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the instance is reached.
    pub origins: Origins,
    /// What holds until an administrator changes it.
    pub policy: Policy,
    /// What an upload may be.
    pub intake: crate::images::IntakeLimits,
    /// What variants may take together. They can be made again.
    pub variant_bytes: ByteSize,
    /// The name authenticator apps and mails show.
    pub issuer: String,
    /// Whom mail comes from, where there is a mail server to send it.
    pub mail: Option<Sender>,
    /// Where alerts are posted to besides.
    pub alert_webhook: Option<WebhookUrl>,
    /// When a secret is old enough for another one.
    pub rotation: RotationPolicy,
}

/// Database, keys, workers, clock, randomness and settings. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    /// Connections to PostgreSQL.
    pub pool: PgPool,
    /// Keys that seal secrets and make selectors.
    pub keys: Arc<Keyring>,
    /// The bounded pool on which pixels are worked.
    pub workers: Workers,
    /// Room for key stretching.
    pub stretching: Stretching,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// Settings.
    pub settings: Arc<Settings>,
    /// What administrators decided, as it was last read; see [`Core::policy`].
    pub policy_cache: PolicyCache,
    /// Whoever keeps what is known of images in memory.
    pub image_changes: ImageChanges,
}

impl Core {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Goes on beside the request, which doesn't wait for it: how long it takes, and what comes of it, must not
    /// show. What it goes on with is written down, so that a sweep does what fails here.
    pub(crate) fn beside<F, T>(&self, what: &'static str, work: impl FnOnce(Self) -> F)
    where
        F: Future<Output = Result<T, AuthError>> + Send + 'static,
    {
        let work = work(self.clone());
        tokio::spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(%error, "{what}");
            }
        });
    }

    /// Whether mail can be sent: what needs it is offered only then.
    #[must_use]
    pub fn mail_enabled(&self) -> bool {
        self.settings.mail.is_some()
    }
}
