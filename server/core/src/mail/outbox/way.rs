//! By what things leave the outbox: mails by a [`Transport`], alerts for programs by a webhook.

use time::OffsetDateTime;

use super::{Refusal, Transport};
use crate::{
    Settings,
    mail::{
        letter::Letter,
        message::{Envelope, message},
    },
};

/// Which of the ways something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// SMTP.
    Mail,
    /// HTTP.
    Webhook,
}

impl Channel {
    /// The name in the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Something on its way, opened.
pub struct Parcel<'a> {
    /// Whom it goes to.
    pub(super) to: &'a str,
    /// What it is called at every try.
    pub(super) message_id: &'a str,
    /// When it was written.
    pub(super) written_at: OffsetDateTime,
    /// What it says.
    pub contents: &'a [u8],
}

/// A way out of the outbox.
pub trait Way: Send + Sync {
    /// What it takes.
    const CHANNEL: Channel;

    /// Whether it takes anything now.
    fn is_open(&self, _settings: &Settings) -> bool {
        true
    }

    /// Hands the parcel over, in less than [`super::LEASE`]; `Ok` if the other side has taken it on.
    fn carry(
        &self,
        settings: &Settings,
        parcel: Parcel<'_>,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}

impl<T: Transport> Way for T {
    const CHANNEL: Channel = Channel::Mail;

    fn is_open(&self, settings: &Settings) -> bool {
        settings.mail.is_some()
    }

    async fn carry(&self, settings: &Settings, parcel: Parcel<'_>) -> Result<(), Refusal> {
        let from = settings.mail.as_ref().ok_or_else(|| Refusal::transient("no mail server is set"))?;
        let letter: Letter = serde_json::from_slice(parcel.contents).map_err(Refusal::permanent)?;
        let Parcel { to, message_id, written_at: date, .. } = parcel;
        let envelope = Envelope { from, to, message_id, date };
        self.send(message(&envelope, &letter).map_err(Refusal::permanent)?).await
    }
}
