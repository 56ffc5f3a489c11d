//! Links for people whose names aren't known yet.

use model::types::{Action, AuditDetails, ByteSize, Invite, InviteId, InviteTerms, Language};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::link::{self, Purpose};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{AuthError, one_time::digest},
    challenge::{SignUp, Solved},
    mail::{self, Mail, Recipient, SiteLink},
    rfc3339,
};

/// How long one who came by the sign-up page may take.
const SIGN_UP: Duration = Duration::HOUR;

/// A one-time link with which somebody makes an account, made by an administrator. Also where
/// sign-up is closed: administrators add accounts there. Where the terms have an address, the link
/// is mailed there too, in `language`. Answers the invite's key and the link's token.
///
/// # Errors
/// [`AuthError::NoMail`] where it can't be mailed; the database, randomness.
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
    let (now, days) = (core.now(), Duration::days(terms.days.get().into()));
    let mut transaction = core.pool.begin().await?;
    let token = link::insert(&mut transaction, &purpose, now, days).await?;
    let id: Uuid = sqlx::query_scalar("SELECT id FROM enrolment_links WHERE token_hash = $1")
        .bind(digest(&token))
        .fetch_one(&mut *transaction)
        .await?;
    if let Some(address) = terms.mail_to.clone() {
        let link = SiteLink::new(&core.settings, &link::page(&token));
        let mail = Mail::Invite { link, until: now + days };
        mail::enqueue(&mut transaction, core, &Recipient { address, language }, &mail).await?;
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
    link::insert(&mut *core.pool.acquire().await?, &Purpose::SignUp, core.now(), SIGN_UP).await
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

/// Takes an invite back; `false` if it was used or never was.
///
/// # Errors
/// The database, randomness.
pub async fn revoke_invite(core: &Core, by: By<'_>, id: InviteId) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let revoked: Option<Option<String>> =
        sqlx::query_scalar("DELETE FROM enrolment_links WHERE id = $1 AND kind = 'invite' RETURNING note")
            .bind(id.0)
            .fetch_optional(&mut *transaction)
            .await?;
    let Some(note) = revoked else { return Ok(false) };
    let details = AuditDetails::named(note.unwrap_or_default());
    record(&mut transaction, core, &Event::new(by, None, Action::InviteRevoked).with(details)).await?;
    transaction.commit().await?;
    Ok(true)
}
