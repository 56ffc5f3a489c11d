//! A person's authenticators: one to five, each with a name.
//!
//! ```text
//! begin ──▶ secret (sealed, 10 min) ──confirm: a right code──▶ one more authenticator
//! rotate ─▶ secret (sealed, 10 min) ──confirm: a right code──▶ it stands in the old one's place
//! ```
//! What changes them queues on the account's row: of parallel changes none is decided on a count
//! that another one has changed. Adding, rotating and removing end the person's other sessions.

mod offer;
mod own;
mod rotation;

use model::types::{AuthenticatorId, MOST_AUTHENTICATORS, UserId};
use sqlx::PgConnection;

use super::AuthError;
use crate::{Core, db, keys::Sealed};

pub use self::{
    offer::{begin, confirm, rotate},
    own::{list, remove, rename},
    rotation::RotationPolicy,
};

/// What the authenticator that came with the account is called, until its owner says otherwise.
pub(super) const FIRST_NAME: &str = "Authenticator";

/// Stores an authenticator whose code for `last_step` was taken.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database, randomness.
pub(super) async fn insert(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    name: &str,
    sealed: &Sealed,
    last_step: i64,
) -> Result<AuthenticatorId, AuthError> {
    let now = core.now();
    let id = core.random.uuid_v7(now)?;
    sqlx::query(
        "INSERT INTO totp_credentials (id, user_id, name, key_id, sealed, last_step, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(user.0)
    .bind(name)
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(last_step)
    .bind(now)
    .execute(connection)
    .await
    .map_err(name_taken)?;
    Ok(AuthenticatorId(id))
}

async fn refuse_full(connection: &mut PgConnection, user: UserId) -> Result<(), AuthError> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM totp_credentials WHERE user_id = $1")
        .bind(user.0)
        .fetch_one(connection)
        .await?;
    let full = usize::try_from(count).is_ok_and(|count| count >= MOST_AUTHENTICATORS);
    if full { Err(AuthError::TooManyAuthenticators) } else { Ok(()) }
}

fn name_taken(error: sqlx::Error) -> AuthError {
    match db::violated_constraint(&error) {
        Some("totp_credentials_name_key") => AuthError::NameTaken,
        _ => error.into(),
    }
}
