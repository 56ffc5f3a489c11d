//! The mail address of an account.

use model::types::{Action, AuditDetails, EmailAddress, SessionHandle, UserId};
use sqlx::PgConnection;

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
    let before = address_of(&mut transaction, id).await?;
    let changed = replace(&mut transaction, core, by, id, before, (address, is_proved)).await?;
    record(&mut transaction, core, &changed).await?;
    transaction.commit().await?;
    Ok(())
}

async fn address_of(connection: &mut PgConnection, id: UserId) -> Result<Option<String>, sqlx::Error> {
    let found: Option<Option<String>> = sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

/// Forgets the address, if there is one, of an account that somebody else decides about; answers what is to be
/// recorded. The caller has locked it.
pub(crate) async fn withdraw<'a>(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'a>,
    id: UserId,
) -> Result<Option<Event<'a>>, AuthError> {
    match address_of(connection, id).await? {
        None => Ok(None),
        before => replace(connection, core, by, id, before, (None, false)).await.map(Some),
    }
}

/// Answers what is to be recorded.
async fn replace<'a>(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'a>,
    id: UserId,
    before: Option<String>,
    (address, is_proved): (Option<&EmailAddress>, bool),
) -> Result<Event<'a>, AuthError> {
    sqlx::query("UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(address.map(EmailAddress::as_str))
        .bind(is_proved.then_some(core.now()))
        .execute(&mut *connection)
        .await?;
    enrolment::void_mailed(&mut *connection, id).await?;
    let after = address.map(EmailAddress::as_str).unwrap_or_default();
    let details = AuditDetails::changed(before.unwrap_or_default(), after);
    Ok(Event::new(by, Some(id), Action::EmailChanged).with(details))
}
