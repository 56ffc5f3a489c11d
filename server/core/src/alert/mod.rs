//! Alerts: what of the audit log people are told by mail, and programs by a webhook.
//!
//! ```text
//! audit::record ──raise──▶ who must know of it? ──▶ the owner: a Notice, in their language
//!                                               ├─▶ administrators: bursts, damage to the log
//!                                               └─▶ the operator's webhook, if one is set: all of it
//! ```
//! Raised in the transaction of what happened, after its entry: an alert goes out if and only if the
//! thing was done. The log's end is locked then, so what alerts remember needs no lock of its own, and
//! nothing here may wait for a row that somebody else changes.

mod burst;
mod pause;
mod places;
mod reminders;
#[cfg(test)]
mod tests;
mod webhook;

use model::types::{Action, AuditDetails, AuditEntry, EmailAddress, UserId};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

pub(crate) use self::pause::once_a_day;
pub use self::{
    reminders::remind,
    webhook::{InvalidWebhookUrl, Webhook, WebhookUrl},
};
use crate::{
    Core,
    audit::Event,
    auth::AuthError,
    mail::{self, Line, Mail, Notice, Occasion, Recipient},
};

/// Tells those who must know of `event`, of which `entry` was written.
///
/// # Errors
/// The database, a mail that can't be written.
pub(crate) async fn raise(
    connection: &mut PgConnection,
    core: &Core,
    event: &Event<'_>,
    entry: AuditEntry,
) -> Result<(), AuthError> {
    let Some(audience) = audience(event) else { return Ok(()) };
    if !is_news(connection, core, event).await? {
        return Ok(());
    }
    webhook::enqueue(connection, core, &entry).await?;
    match audience {
        Audience::Owner(user, notice) => tell_owner(connection, core, event, entry, user, notice).await,
        Audience::Administrators => tell_administrators(connection, core, event).await,
    }
}

/// Who must know.
enum Audience {
    Owner(UserId, Notice),
    Administrators,
}

/// Every action is decided here: one that is added doesn't compile until it is.
fn audience(event: &Event<'_>) -> Option<Audience> {
    let AuditDetails { name, count, .. } = &event.details;
    let line = || Line::new(name.as_deref().unwrap_or_default());
    let count = count.unwrap_or_default();
    let notice = match event.action {
        Action::SignedIn => Notice::NewDevice,
        Action::SteppedUp => Notice::SteppedUp { failures: count },
        Action::DeviceTrusted => Notice::DeviceTrusted(line()),
        Action::DeviceReused => Notice::DeviceReused(line()),
        Action::AuthenticatorAdded => Notice::AuthenticatorAdded(line()),
        Action::AuthenticatorRemoved => Notice::AuthenticatorRemoved(line()),
        Action::AuthenticatorRotated => Notice::AuthenticatorRotated(line()),
        Action::RecoveryCodesRegenerated => Notice::RecoveryCodesChanged,
        Action::RecoveryCodeUsed => Notice::RecoveryCodeUsed { left: count },
        Action::ResetDone => Notice::ResetDone,
        Action::EmailChanged => Notice::EmailChanged { goes_here: true },
        Action::TokenCreated => Notice::TokenCreated(line()),
        Action::AccountDeleted => Notice::AccountDeleted,
        Action::IdentityLinked => Notice::IdentityLinked(line()),
        Action::IdentityUnlinked => Notice::IdentityUnlinked(line()),
        Action::SiteSteppedUp | Action::LogDamaged => return Some(Audience::Administrators),
        // Welcomes and links are mails of their own; the rest is in the activity of whoever looks.
        Action::SignInFailed
        | Action::SignedOut
        | Action::CodeConfirmed
        | Action::SessionEnded
        | Action::DeviceRenamed
        | Action::DeviceRevoked
        | Action::Enrolled
        | Action::AuthenticatorRenamed
        | Action::ResetRequested
        | Action::ResetLinkMade
        | Action::ResetLinkRevoked
        | Action::AccountCreated
        | Action::TokenRevoked
        | Action::AlbumShared
        | Action::AlbumUnshared
        | Action::GuestLinkMade
        | Action::GuestLinkEnded
        | Action::ProfileShown
        | Action::ProfileHidden
        | Action::AlbumDeleted
        | Action::ImagesBinned
        | Action::ImagesRestored
        | Action::ImagesDeleted
        | Action::AccountExported
        | Action::PictureChanged
        | Action::VersionDeleted
        | Action::InviteMade
        | Action::InviteRevoked
        | Action::UserSuspended
        | Action::UserReinstated
        | Action::QuotaChanged
        | Action::RoleChanged
        | Action::SettingChanged
        | Action::KeysRotated
        | Action::MailRetried
        | Action::Unknown => return None,
    };
    event.user.map(|user| Audience::Owner(user, notice))
}

/// Whether it is told this time. Remembers it in any case.
async fn is_news(connection: &mut PgConnection, core: &Core, event: &Event<'_>) -> Result<bool, AuthError> {
    match event.action {
        Action::SignedIn => Ok(places::arrive(connection, core, event).await?),
        Action::SteppedUp => once_a_day(connection, core, event).await,
        Action::ResetDone => {
            // Whoever made it necessary must not stay known.
            places::forget(connection, event.user).await?;
            Ok(true)
        }
        _ => Ok(true),
    }
}

async fn tell_owner(
    connection: &mut PgConnection,
    core: &Core,
    event: &Event<'_>,
    entry: AuditEntry,
    user: UserId,
    notice: Notice,
) -> Result<(), AuthError> {
    // A stored name that isn't one is no reason to refuse what was done.
    let Some(name) = entry.name.and_then(|name| name.parse().ok()) else { return Ok(()) };
    let occasion = Occasion {
        at: core.now(),
        address: event.by.client.map(|client| client.address),
        device: entry.device.as_deref().map(Line::new),
    };
    let mut mails = Vec::new();
    let before: Option<EmailAddress> = event.details.before.as_deref().and_then(|text| text.parse().ok());
    if let (Notice::EmailChanged { .. }, Some(address)) = (&notice, before) {
        let language = Recipient::language_of(connection, user).await?;
        mails.push((Recipient { address, language }, Notice::EmailChanged { goes_here: false }));
    }
    if let Some(to) = Recipient::of(connection, user).await? {
        mails.push((to, notice));
    }
    for (to, notice) in mails {
        let mail = Mail::Notice { name: Clone::clone(&name), notice, occasion: occasion.clone() };
        mail::enqueue(connection, core, &to, &mail).await?;
    }
    Ok(())
}

async fn tell_administrators(
    connection: &mut PgConnection,
    core: &Core,
    event: &Event<'_>,
) -> Result<(), AuthError> {
    let mail = match event.action {
        Action::SiteSteppedUp => burst::burst(connection, core.now()).await?,
        _ => Mail::LogDamaged { at: core.now() },
    };
    for to in Recipient::administrators(connection).await? {
        mail::enqueue(connection, core, &to, &mail).await?;
    }
    Ok(())
}

/// Forgets what is too old to matter, and what is left of deleted accounts. Answers how many rows went.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    Ok(places::sweep(pool, now).await? + pause::sweep(pool, now).await?)
}
