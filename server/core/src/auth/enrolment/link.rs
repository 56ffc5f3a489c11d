//! One-time links to the wizard.

use model::types::{EnrolmentKind, EnrolmentLinkInfo, UserId, Username};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::account::{any_user, refuse_taken};
use crate::{
    Core,
    auth::{
        AuthError,
        one_time::{digest, new_token},
    },
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
    Reset { user: UserId, name: Username },
}

impl Purpose {
    const fn kind(&self) -> EnrolmentKind {
        match self {
            Self::Setup => EnrolmentKind::Setup,
            Self::Account { .. } => EnrolmentKind::Account,
            Self::Reset { .. } => EnrolmentKind::Reset,
        }
    }

    /// The name that was decided when the link was made.
    pub(super) const fn name(&self) -> Option<&Username> {
        match self {
            Self::Setup => None,
            Self::Account { name, .. } | Self::Reset { name, .. } => Some(name),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    name: Option<String>,
    is_admin: bool,
    is_setup: bool,
    user_id: Option<Uuid>,
}

impl Row {
    fn purpose(self) -> Option<Purpose> {
        let name = self.name.and_then(|name| name.parse().ok());
        match (self.user_id, self.is_setup) {
            (Some(user), _) => Some(Purpose::Reset { user: UserId(user), name: name? }),
            (None, true) => Some(Purpose::Setup),
            (None, false) => Some(Purpose::Account { name: name?, is_admin: self.is_admin }),
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
    sqlx::query("LOCK TABLE enrolment_links IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
    sqlx::query("DELETE FROM enrolment_links WHERE is_setup").execute(&mut *transaction).await?;
    let token = if any_user(&mut transaction).await? {
        None
    } else {
        Some(insert(&mut transaction, &Purpose::Setup, core.now(), SETUP_VALID).await?)
    };
    transaction.commit().await?;
    Ok(token)
}

/// A link, valid 24 hours, with which `name` enrols.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database, randomness.
pub async fn create_link(core: &Core, name: &Username, is_admin: bool) -> Result<String, AuthError> {
    let mut connection = core.pool.acquire().await?;
    refuse_taken(&mut connection, name).await?;
    let purpose = Purpose::Account { name: name.clone(), is_admin };
    insert(&mut connection, &purpose, core.now(), VALID).await
}

/// A link, valid 24 hours, with which somebody who has lost every way in enrols anew. Until that is
/// finished nothing changes for the account. Older ones for the same person are voided. `None` if
/// nobody has that name.
///
/// # Errors
/// The database, randomness.
pub async fn reset_link(core: &Core, name: &Username) -> Result<Option<String>, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let user: Option<(Uuid, String)> =
        sqlx::query_as("SELECT id, name FROM users WHERE name_folded = $1 FOR UPDATE")
            .bind(name.folded())
            .fetch_optional(&mut *transaction)
            .await?;
    let Some((user, stored)) = user else { return Ok(None) };
    sqlx::query("DELETE FROM enrolment_links WHERE user_id = $1")
        .bind(user)
        .execute(&mut *transaction)
        .await?;
    let name = stored.parse().unwrap_or_else(|_| name.clone());
    let purpose = Purpose::Reset { user: UserId(user), name };
    let token = insert(&mut transaction, &purpose, core.now(), VALID).await?;
    transaction.commit().await?;
    Ok(Some(token))
}

/// What the link is good for.
///
/// # Errors
/// [`AuthError::LinkInvalid`]; the database.
pub async fn link_info(core: &Core, token: &str) -> Result<EnrolmentLinkInfo, AuthError> {
    let purpose = find(core, token).await?;
    Ok(EnrolmentLinkInfo { name: purpose.name().cloned(), kind: purpose.kind() })
}

pub(super) async fn find(core: &Core, token: &str) -> Result<Purpose, AuthError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT name, is_admin, is_setup, user_id FROM enrolment_links WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(digest(token))
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    row.and_then(Row::purpose).ok_or(AuthError::LinkInvalid)
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
         RETURNING name, is_admin, is_setup, user_id",
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    row.and_then(Row::purpose).ok_or(AuthError::LinkInvalid)
}

async fn insert(
    connection: &mut PgConnection,
    purpose: &Purpose,
    now: OffsetDateTime,
    valid: Duration,
) -> Result<String, AuthError> {
    let token = new_token()?;
    let (is_admin, user) = match purpose {
        Purpose::Setup => (true, None),
        Purpose::Account { is_admin, .. } => (*is_admin, None),
        Purpose::Reset { user, .. } => (false, Some(user.0)),
    };
    sqlx::query(
        "INSERT INTO enrolment_links (token_hash, name, is_admin, is_setup, user_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(digest(&token))
    .bind(purpose.name().map(Username::as_str))
    .bind(is_admin)
    .bind(*purpose == Purpose::Setup)
    .bind(user)
    .bind(now)
    .bind(now + valid)
    .execute(connection)
    .await?;
    Ok(token)
}
