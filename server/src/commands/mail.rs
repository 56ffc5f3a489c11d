//! `reflect mail …`

use model::types::{EmailAddress, Language};
use reflect_core::mail::{
    Mail, Recipient,
    outbox::{self, Delivery},
};

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

/// Sends one mail through the outbox, with the settings at hand even where a server is running with
/// others, and says what became of it.
pub(super) async fn test(
    instance: &Instance,
    address: EmailAddress,
    language: Language,
) -> Result<(), CommandError> {
    let server = instance.site.mail.server(&instance.site.settings())?.ok_or(CommandError::NoMailServer)?;
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let to = Recipient { address, language };
    let delivery = outbox::deliver_now(&core, &server.smtp, &to, &Mail::Test).await;
    database.close().await;
    match delivery?.ok_or(CommandError::NoMailServer)? {
        Delivery::Sent => say(format!(
            "{} took the mail for {}. If it doesn't arrive, look into the spam folder.",
            server.url,
            to.address.as_str()
        )),
        Delivery::Postponed { reason, .. } | Delivery::Failed { reason } => {
            Err(CommandError::MailRefused { server: server.url.to_string(), reason })
        }
    }
}
