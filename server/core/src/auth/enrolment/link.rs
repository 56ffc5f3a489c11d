//! One-time links to the wizard.

use model::types::{
    Action, AuditDetails, ByteSize, EnrolmentKind, EnrolmentLinkInfo, Policy, SignUpMode, UserId, Username,
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::taken;
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError,
        one_time::{digest, new_token},
        user,
    },
    db,
};

/// How long a link made by an administrator is good.
const VALID: Duration = Duration::hours(24);
/// How long the set-up link is good; a restart makes a new one.
const SETUP_VALID: Duration = Duration::days(30);

/// What finishing the wizard makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The first account.
    Setup,
    /// An account with this name.
    Account { name: Username, is_admin: bool },
    /// Another authenticator and other codes for somebody who has an account.
    Reset { user: UserId, name: Username, kind: Reset, by: Option<UserId> },
    /// An account for whoever has the link.
    Invite { quota: Option<ByteSize>, note: Option<String>, by: Option<UserId> },
    /// An account for somebody who came by the sign-up page.
    SignUp,
}

impl Purpose {
    const fn kind(&self) -> EnrolmentKind {
        match self {
            Self::Setup => EnrolmentKind::Setup,
            Self::Account { .. } | Self::Invite { .. } | Self::SignUp => EnrolmentKind::Account,
            Self::Reset { .. } => EnrolmentKind::Reset,
        }
    }

    /// Whether the new account must have a mail address.
    pub(super) async fn requires_email(&self, core: &Core) -> Result<bool, AuthError> {
        match self {
            Self::Setup | Self::Account { .. } | Self::Reset { .. } => Ok(false),
            Self::Invite { .. } | Self::SignUp => Ok(core.policy().await?.email_required),
        }
    }

    /// Refuses what came by the sign-up page unless that is open to everybody, and invites once nobody is to
    /// come. What an administrator or the command line does for somebody whose name is known stays open.
    pub(super) fn refuse_closed(&self, policy: &Policy) -> Result<(), AuthError> {
        match (self, policy.sign_up) {
            (Self::SignUp, SignUpMode::Invite | SignUpMode::Closed)
            | (Self::Invite { .. }, SignUpMode::Closed) => Err(AuthError::SignUpClosed),
            _ => Ok(()),
        }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Account { .. } => "account",
            Self::Reset { .. } => "reset",
            Self::Invite { .. } => "invite",
            Self::SignUp => "sign_up",
        }
    }

    /// The name that was decided when the link was made.
    pub(super) const fn name(&self) -> Option<&Username> {
        match self {
            Self::Setup | Self::Invite { .. } | Self::SignUp => None,
            Self::Account { name, .. } | Self::Reset { name, .. } => Some(name),
        }
    }
}

/// What a way back does to an account that is suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// None is made, and one that was made has ended.
    #[default]
    Plain,
    /// Who finishes it is let in again.
    Reinstating,
}

#[derive(sqlx::FromRow)]
struct Row {
    name: Option<String>,
    is_admin: bool,
    reinstates: bool,
    kind: String,
    user_id: Option<Uuid>,
    quota_bytes: Option<i64>,
}

impl Row {
    fn purpose(self) -> Option<Purpose> {
        let name = self.name.and_then(|name| name.parse().ok());
        match self.kind.as_str() {
            "setup" => Some(Purpose::Setup),
            "account" => Some(Purpose::Account { name: name?, is_admin: self.is_admin }),
            "reset" => {
                let kind = if self.reinstates { Reset::Reinstating } else { Reset::Plain };
                Some(Purpose::Reset { user: UserId(self.user_id?), name: name?, kind, by: None })
            }
            "invite" => {
                let quota = self.quota_bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(ByteSize);
                Some(Purpose::Invite { quota, note: None, by: None })
            }
            "sign_up" => Some(Purpose::SignUp),
            _ => None,
        }
    }
}

/// A fresh set-up link's token where no account exists yet (older set-up links are voided);
/// `None` once there is one.
///
/// # Errors
/// When the database or randomness fails.
pub async fn setup_link(core: &Core) -> Result<Option<String>, AuthError> {
    let mut transaction = core.pool.begin().await?;
    // Two processes that start at once must not both leave a link.
    db::lock(&mut transaction, b"set-up link").await?;
    sqlx::query("DELETE FROM enrolment_links WHERE kind = 'setup'").execute(&mut *transaction).await?;
    let token = if user::any(&mut *transaction).await? {
        None
    } else {
        Some(insert(&mut transaction, core, &Purpose::Setup, SETUP_VALID).await?)
    };
    transaction.commit().await?;
    Ok(token)
}

/// A link, valid 24 hours, with which `name` enrols.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database, randomness.
pub async fn create_link(
    core: &Core,
    by: By<'_>,
    name: &Username,
    is_admin: bool,
) -> Result<String, AuthError> {
    let mut transaction = core.pool.begin().await?;
    taken::refuse(&mut transaction, name).await?;
    let purpose = Purpose::Account { name: name.clone(), is_admin };
    let token = insert(&mut transaction, core, &purpose, VALID).await?;
    let event = Event::new(by, None, Action::InviteMade).with(AuditDetails::named(name.as_str()));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(token)
}

/// A link, valid 24 hours, with which somebody who has lost every way in enrols anew. Until that is
/// finished nothing changes for the account. Older ones for the same person are voided. `None` if
/// nobody has that name.
///
/// # Errors
/// [`AuthError::Suspended`]; the database, randomness.
pub async fn reset_link(core: &Core, by: By<'_>, name: &Username) -> Result<Option<String>, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let user: Option<(Uuid, String)> =
        sqlx::query_as("SELECT id, name FROM users WHERE name_folded = $1 FOR NO KEY UPDATE")
            .bind(name.folded())
            .fetch_optional(&mut *transaction)
            .await?;
    let Some((user, stored)) = user else { return Ok(None) };
    let name = stored.parse().unwrap_or_else(|_| name.clone());
    let token = reset_link_in(&mut transaction, core, by, UserId(user), &name, Reset::Plain).await?;
    transaction.commit().await?;
    Ok(Some(token))
}

/// The same within what a caller does at once.
pub(crate) async fn reset_link_in(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'_>,
    user: UserId,
    name: &Username,
    kind: Reset,
) -> Result<String, AuthError> {
    if kind == Reset::Plain {
        user::admit(&mut *connection, user).await?;
    }
    void(&mut *connection, user).await?;
    let purpose = Purpose::Reset { user, name: name.clone(), kind, by: by.acting_administrator() };
    let token = insert(&mut *connection, core, &purpose, VALID).await?;
    record(connection, core, &Event::new(by, Some(user), Action::ResetLinkMade)).await?;
    Ok(token)
}

/// One more for whoever reads the mail of an account, good for as long as `valid`.
pub(in crate::auth) async fn mailed_reset_link(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    name: &Username,
    valid: Duration,
) -> Result<String, AuthError> {
    let purpose = Purpose::Reset { user, name: name.clone(), kind: Reset::Plain, by: None };
    let token = insert(&mut *connection, core, &purpose, valid).await?;
    note_mailed(connection, &token).await?;
    Ok(token)
}

/// The link with this token goes to the account's mail address, and ends with it.
pub(crate) async fn note_mailed(connection: &mut PgConnection, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE enrolment_links SET mailed = true WHERE token_hash = $1")
        .bind(digest(token))
        .execute(connection)
        .await?;
    Ok(())
}

/// Voids the links with which `user` could enrol anew, and whatever was begun with them.
pub(super) async fn void(connection: &mut PgConnection, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM enrolment_links WHERE user_id = $1").bind(user.0).execute(connection).await?;
    Ok(())
}

/// Voids those that were mailed. To be done when the address isn't theirs any more.
pub(in crate::auth) async fn void_mailed(
    connection: &mut PgConnection,
    user: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM enrolment_links WHERE user_id = $1 AND mailed")
        .bind(user.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The wizard's page for the link with this token, as a path.
#[must_use]
pub fn page(token: &str) -> String {
    format!("/enrol/{token}")
}

/// What the link is good for.
///
/// # Errors
/// [`AuthError::LinkInvalid`], [`AuthError::SignUpClosed`]; the database.
pub async fn link_info(core: &Core, token: &str) -> Result<EnrolmentLinkInfo, AuthError> {
    let purpose = find(core, token).await?;
    Ok(EnrolmentLinkInfo {
        name: purpose.name().cloned(),
        kind: purpose.kind(),
        email_required: purpose.requires_email(core).await?,
    })
}

pub(super) async fn find(core: &Core, token: &str) -> Result<Purpose, AuthError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT name, is_admin, reinstates, kind, user_id, quota_bytes FROM enrolment_links \
         WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(digest(token))
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    let purpose = row.and_then(Row::purpose).ok_or(AuthError::LinkInvalid)?;
    purpose.refuse_closed(&*core.policy().await?)?;
    Ok(purpose)
}

/// What is done with the link queues here, until the transaction ends.
///
/// # Errors
/// [`AuthError::LinkInvalid`] for one that was used up; the database.
pub(super) async fn lock(connection: &mut PgConnection, hash: &[u8]) -> Result<(), AuthError> {
    let found = sqlx::query("SELECT 1 FROM enrolment_links WHERE token_hash = $1 FOR UPDATE")
        .bind(hash)
        .execute(connection)
        .await?;
    if found.rows_affected() == 0 { Err(AuthError::LinkInvalid) } else { Ok(()) }
}

/// Uses the link up. Of those who try at once, one is answered.
///
/// # Errors
/// [`AuthError::LinkInvalid`]; the database.
pub(super) async fn redeem(
    connection: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Purpose, AuthError> {
    let row: Option<Row> = sqlx::query_as(
        "DELETE FROM enrolment_links WHERE token_hash = $1 AND expires_at > $2 \
         RETURNING name, is_admin, reinstates, kind, user_id, quota_bytes",
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    row.and_then(Row::purpose).ok_or(AuthError::LinkInvalid)
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    core: &Core,
    purpose: &Purpose,
    valid: Duration,
) -> Result<String, AuthError> {
    let (token, now) = (new_token(&core.random)?, core.now());
    let (is_admin, user) = match purpose {
        Purpose::Setup => (true, None),
        Purpose::Account { is_admin, .. } => (*is_admin, None),
        Purpose::Reset { user, .. } => (false, Some(user.0)),
        Purpose::Invite { .. } | Purpose::SignUp => (false, None),
    };
    let (quota, note, by) = match purpose {
        Purpose::Invite { quota, note, by } => (*quota, note.as_deref(), *by),
        Purpose::Reset { by, .. } => (None, None, *by),
        _ => (None, None, None),
    };
    sqlx::query(
        "INSERT INTO enrolment_links (token_hash, name, is_admin, kind, user_id, created_at, expires_at, \
         quota_bytes, note, invited_by, reinstates) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(digest(&token))
    .bind(purpose.name().map(Username::as_str))
    .bind(is_admin)
    .bind(purpose.as_str())
    .bind(user)
    .bind(now)
    .bind(now + valid)
    .bind(quota.map(|quota| i64::try_from(quota.bytes()).unwrap_or(i64::MAX)))
    .bind(note)
    .bind(by.map(|by| by.0))
    .bind(matches!(purpose, Purpose::Reset { kind: Reset::Reinstating, .. }))
    .execute(connection)
    .await?;
    Ok(token)
}
