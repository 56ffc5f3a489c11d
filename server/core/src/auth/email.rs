//! The mail address of an account.

use model::types::{Action, AuditDetails, EmailAddress, SessionHandle, UserId};

use super::{
    AuthError, Client,
    email_code::{self, Subject, VerifiedEmail},
    enrolment,
    session::{self, Lifetime},
    user,
};
use crate::{
    Core,
    audit::{By, Event, record},
};

/// Asks for another address. Answers the ticket that belongs to the code which was mailed there;
/// `None` where no mail can be sent, and the address is taken as it was typed: it is then worth
/// nothing for coming back.
///
/// # Errors
/// Those of [`email_code::send`]; [`AuthError::SessionEnded`]; the database.
pub async fn ask(
    core: &Core,
    client: &Client,
    by: By<'_>,
    user: UserId,
    asked_in: SessionHandle,
    address: &EmailAddress,
) -> Result<Option<String>, AuthError> {
    if core.settings.mail.is_some() {
        return email_code::send(core, client, &Subject::Account(user), address).await.map(Some);
    }
    store(core, by, user, asked_in, Some(address), false).await?;
    Ok(None)
}

/// Takes a proved address.
///
/// # Errors
/// [`AuthError::SessionEnded`]; the database.
pub async fn change(
    core: &Core,
    by: By<'_>,
    user: UserId,
    asked_in: SessionHandle,
    email: &VerifiedEmail,
) -> Result<(), AuthError> {
    store(core, by, user, asked_in, Some(email.address()), true).await
}

/// Forgets the address.
///
/// # Errors
/// [`AuthError::SessionEnded`]; the database.
pub async fn forget(core: &Core, by: By<'_>, user: UserId, asked_in: SessionHandle) -> Result<(), AuthError> {
    store(core, by, user, asked_in, None, false).await
}

/// Ways back that were mailed to the address before end: whoever reads that mailbox may be the reason.
async fn store(
    core: &Core,
    by: By<'_>,
    id: UserId,
    asked_in: SessionHandle,
    address: Option<&EmailAddress>,
    is_proved: bool,
) -> Result<(), AuthError> {
    let (now, lifetime) = (core.now(), Lifetime::of(&*core.policy().await?));
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, id).await?;
    if !session::holds(&mut transaction, id, asked_in, lifetime, now).await? {
        return Err(AuthError::SessionEnded);
    }
    let before: Option<String> = sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?
        .flatten();
    sqlx::query("UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(address.map(EmailAddress::as_str))
        .bind(is_proved.then_some(now))
        .execute(&mut *transaction)
        .await?;
    enrolment::void_mailed(&mut transaction, id).await?;
    let after = address.map(EmailAddress::as_str).unwrap_or_default();
    let details = AuditDetails::changed(before.unwrap_or_default(), after);
    record(&mut transaction, core, &Event::new(by, Some(id), Action::EmailChanged).with(details)).await?;
    transaction.commit().await?;
    Ok(())
}
