//! `reflect mail …`

use std::time::Duration;

use model::types::{EmailAddress, Language, MailId, MailState};
use reflect_core::{
    Core,
    mail::{
        Mail, Recipient, enqueue,
        outbox::{self, Delivery},
    },
};

use super::{CommandError, Instance, output::say};
use crate::{
    config::{MailConfigError, MailServer},
    database::{Database, Opener},
};

/// How often the outbox is looked at while a running server sends the mail.
const LOOK: Duration = Duration::from_millis(200);

/// Sends one mail through the outbox and says what became of it.
pub(super) async fn test(
    instance: &Instance,
    address: EmailAddress,
    language: Language,
) -> Result<(), CommandError> {
    let server = instance.site.mail.server(&instance.site.settings())?.ok_or(CommandError::NoMailServer)?;
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site)?;
    let to = Recipient { address, language };
    let outcome = send(&core, &server, &to).await;
    database.close().await;
    outcome?;
    say(format!(
        "{} took the mail for {}. If it doesn't arrive, look into the spam folder.",
        server.url,
        to.address.as_str()
    ))
}

async fn send(core: &Core, server: &MailServer, to: &Recipient) -> Result<(), CommandError> {
    let mut connection = core.pool.acquire().await?;
    let id = enqueue(&mut connection, core, to, &Mail::Test).await?;
    drop(connection);
    // Both settings were there, so it was queued.
    let id = id.ok_or(MailConfigError::NoSender)?;
    let refused = |reason| CommandError::MailRefused { server: server.url.to_string(), reason };
    match outbox::deliver(core, &server.smtp, id).await? {
        Some(Delivery::Sent) => Ok(()),
        Some(Delivery::Postponed { reason, .. } | Delivery::Failed { reason }) => Err(refused(reason)),
        None => sent_elsewhere(core, id).await?.map_err(refused),
    }
}

/// A running server was quicker: what became of it there.
async fn sent_elsewhere(core: &Core, id: MailId) -> Result<Result<(), String>, CommandError> {
    loop {
        match outbox::entry(core, id).await? {
            Some(entry) if entry.state == MailState::Sent => return Ok(Ok(())),
            Some(entry) if entry.state == MailState::Sending => tokio::time::sleep(LOOK).await,
            other => return Ok(Err(other.and_then(|entry| entry.last_error).unwrap_or_default())),
        }
    }
}
