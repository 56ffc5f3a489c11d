//! Links for people whose names aren't known yet.

use model::types::{Action, AuditDetails, ByteSize, Invite, InviteId, InviteTerms, Language, MailId, UserId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::link::{self, Purpose};
use crate::{
    Core,
    admin::require_standing,
    audit::{By, Event, record},
    auth::{AuthError, one_time::digest},
    challenge::{SignUp, Solved},
    mail::{self, Mail, Recipient, SiteLink},
    rfc3339,
};

/// How long one who came by the sign-up page may take.
const SIGN_UP: Duration = Duration::HOUR;

/// A one-time link with which somebody makes an account, made by an administrator. Where the terms have an
/// address, the link is mailed there too, in `language`. Answers the invite's key and the link's token.
///
/// # Errors
/// [`AuthError::SignUpClosed`] where nobody is to come; [`AuthError::NoMail`] where it can't be mailed;
/// [`AuthError::NotAdministrator`] and [`AuthError::SessionEnded`] for who may no longer; the database, randomness.
pub async fn invite(
    core: &Core,
    by: By<'_>,
    terms: &InviteTerms,
    language: Language,
) -> Result<(InviteId, String), AuthError> {
    if terms.mail_to.is_some() && !core.mail_enabled() {
        return Err(AuthError::NoMail);
    }
    let purpose = Purpose::Invite {
        quota: terms.quota.map(ByteSize::from),
        note: terms.note.as_ref().map(|note| note.as_str().to_owned()),
        by: by.acting_administrator(),
    };
    purpose.refuse_closed(&*core.policy().await?)?;
    let (now, days) = (core.now(), Duration::days(terms.days.get().into()));
    let mut transaction = core.pool.begin().await?;
    require_standing(&mut transaction, core, by).await?;
    let token = link::insert(&mut transaction, core, &purpose, days).await?;
    let id: Uuid = sqlx::query_scalar("SELECT id FROM enrolment_links WHERE token_hash = $1")
        .bind(digest(&token))
        .fetch_one(&mut *transaction)
        .await?;
    if let Some(address) = terms.mail_to.clone() {
        let link = SiteLink::new(&core.settings, &link::page(&token));
        let mail = Mail::Invite { link, until: now + days };
        let mailed = mail::enqueue(&mut transaction, core, &Recipient { address, language }, &mail).await?;
        sqlx::query("UPDATE enrolment_links SET mail_id = $2 WHERE id = $1")
            .bind(id)
            .bind(mailed.map(|mail| mail.0))
            .execute(&mut *transaction)
            .await?;
    }
    let name = terms.note.as_ref().map_or_else(String::new, |note| note.as_str().to_owned());
    let event = Event::new(by, None, Action::InviteMade).with(AuditDetails::named(name));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok((InviteId(id), token))
}

/// The way on from the sign-up page: a link like an invite, good for an hour.
///
/// # Errors
/// [`AuthError::SignUpClosed`] unless sign-up is open; the database, randomness.
pub async fn sign_up(core: &Core, _: Solved<SignUp>) -> Result<String, AuthError> {
    Purpose::SignUp.refuse_closed(&*core.policy().await?)?;
    link::insert(&mut *core.pool.acquire().await?, core, &Purpose::SignUp, SIGN_UP).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    note: Option<String>,
    quota_bytes: Option<i64>,
    invited_by: Option<String>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

/// The invites that are still good, the newest first.
///
/// # Errors
/// The database.
pub async fn invites(core: &Core) -> Result<Vec<Invite>, AuthError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT l.id, l.note, l.quota_bytes, u.name AS invited_by, l.created_at, l.expires_at \
         FROM enrolment_links l LEFT JOIN users u ON u.id = l.invited_by \
         WHERE l.kind = 'invite' AND l.expires_at > $1 ORDER BY l.created_at DESC, l.id",
    )
    .bind(core.now())
    .fetch_all(&core.pool)
    .await?;
    let invite = |row: Row| Invite {
        id: InviteId(row.id),
        note: row.note,
        quota: row.quota_bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(ByteSize),
        invited_by: row.invited_by.and_then(|name| name.parse().ok()),
        created_at: rfc3339(row.created_at),
        expires_at: rfc3339(row.expires_at),
    };
    Ok(rows.into_iter().map(invite).collect())
}

/// Takes an invite back, with its mail if that waits still; `false` if it was used or never was.
///
/// # Errors
/// The database, randomness.
pub async fn revoke_invite(core: &Core, by: By<'_>, id: InviteId) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    require_standing(&mut transaction, core, by).await?;
    let revoked: Option<(Option<String>, Option<Uuid>)> = sqlx::query_as(
        "DELETE FROM enrolment_links WHERE id = $1 AND kind = 'invite' RETURNING note, mail_id",
    )
    .bind(id.0)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((note, mail)) = revoked else { return Ok(false) };
    if let Some(mail) = mail {
        mail::withdraw(&mut transaction, core, MailId(mail)).await?;
    }
    record(&mut transaction, core, &revoked_event(by, note)).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Links that were taken back, to be [recorded](record_links_ended): whose, and the note of an invite.
#[must_use]
pub(crate) struct LinksEnded(Vec<(Option<Uuid>, Option<String>)>);

/// Takes back the invites of somebody who administers no longer, or not now, and the ways back that they made for
/// others: whoever has such a link has an account. Invites that wait to be mailed aren't. Before anything is
/// recorded: who goes by a link at this moment holds it until their own entry is made.
pub(crate) async fn end_links_of(
    connection: &mut PgConnection,
    core: &Core,
    administrator: UserId,
) -> Result<LinksEnded, sqlx::Error> {
    let ended: Vec<(Option<Uuid>, Option<String>, Option<Uuid>)> = sqlx::query_as(
        "DELETE FROM enrolment_links WHERE invited_by = $1 AND kind IN ('invite', 'reset') \
         RETURNING user_id, note, mail_id",
    )
    .bind(administrator.0)
    .fetch_all(&mut *connection)
    .await?;
    for mail in ended.iter().filter_map(|(.., mail)| *mail) {
        mail::withdraw(&mut *connection, core, MailId(mail)).await?;
    }
    Ok(LinksEnded(ended.into_iter().map(|(user, note, _)| (user, note)).collect()))
}

/// # Errors
/// The database, randomness.
pub(crate) async fn record_links_ended(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'_>,
    ended: LinksEnded,
) -> Result<(), AuthError> {
    for (user, note) in ended.0 {
        let event = match user {
            Some(user) => Event::new(by, Some(UserId(user)), Action::ResetLinkRevoked),
            None => revoked_event(by, note),
        };
        record(connection, core, &event).await?;
    }
    Ok(())
}

fn revoked_event(by: By<'_>, note: Option<String>) -> Event<'_> {
    let details = AuditDetails::named(note.unwrap_or_default());
    Event::new(by, None, Action::InviteRevoked).with(details)
}
