//! Seeing accounts.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{AccountEntry, AccountFacts, ByteSize, Page, Usage, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AdminError, remaining};
use crate::{Core, rfc3339};

/// Entries of one page, at most.
const MOST: u32 = 200;

/// Which accounts are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those that administer.
    Administrators,
    /// Those that can't sign in.
    Suspended,
}

/// The text names no [`Filter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFilter;

impl fmt::Display for UnknownFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("administrators or suspended")
    }
}

impl FromStr for Filter {
    type Err = UnknownFilter;

    fn from_str(name: &str) -> Result<Self, UnknownFilter> {
        match name {
            "administrators" => Ok(Self::Administrators),
            "suspended" => Ok(Self::Suspended),
            _ => Err(UnknownFilter),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    name_folded: String,
    email: Option<String>,
    is_admin: bool,
    suspended_at: Option<OffsetDateTime>,
    is_going: bool,
    quota_bytes: i64,
    used_bytes: i64,
    images: i64,
    created_at: OffsetDateTime,
    last_sign_in_at: Option<OffsetDateTime>,
}

const COLUMNS: &str = "id, name, name_folded, email, is_admin, suspended_at, removed_at IS NOT NULL AS is_going, \
     quota_bytes, used_bytes, created_at, \
     (SELECT at FROM audit_log WHERE user_id = users.id AND action = 'signed_in' AND outcome = 'success' \
      ORDER BY sequence DESC LIMIT 1) AS last_sign_in_at, \
     (SELECT count(*) FROM images WHERE owner_id = users.id AND deleted_at IS NULL) AS images";

impl Row {
    fn entry(self) -> Result<AccountEntry, sqlx::Error> {
        let bytes = |n: i64| ByteSize(u64::try_from(n).unwrap_or_default());
        Ok(AccountEntry {
            id: UserId(self.id),
            name: self.name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            email: self.email.and_then(|address| address.parse().ok()),
            is_admin: self.is_admin,
            suspended_at: self.suspended_at.map(rfc3339),
            is_going: self.is_going,
            usage: Usage {
                used: bytes(self.used_bytes),
                quota: bytes(self.quota_bytes),
                images: self.images,
            },
            created_at: rfc3339(self.created_at),
            last_sign_in_at: self.last_sign_in_at.map(rfc3339),
        })
    }
}

/// One page of accounts by name. `search` is a part of the name or of the mail address, in any case.
///
/// # Errors
/// [`AdminError::BadCursor`]; the database.
pub async fn list(
    core: &Core,
    search: &str,
    filter: Option<Filter>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<AccountEntry>, AdminError> {
    let after = cursor.map(decode).transpose()?;
    // A text in PostgreSQL has no U+0000, so no name has one.
    if search.contains('\0') {
        return Ok(Page::default());
    }
    let limit = limit.clamp(1, MOST);
    let mut rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM users WHERE ($1::text IS NULL OR name_folded > $1) \
         AND (strpos(name_folded, $2) > 0 OR strpos(lower(email), $2) > 0) \
         AND (NOT $3 OR is_admin) AND (NOT $4 OR suspended_at IS NOT NULL) ORDER BY name_folded LIMIT $5"
    )))
    .bind(after)
    .bind(search.trim().to_lowercase())
    .bind(filter == Some(Filter::Administrators))
    .bind(filter == Some(Filter::Suspended))
    .bind(i64::from(limit) + 1)
    .fetch_all(&core.pool)
    .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(&row.name_folded));
    Ok(Page { items: rows.into_iter().map(Row::entry).collect::<Result<_, _>>()?, next_cursor })
}

fn decode(cursor: &str) -> Result<String, AdminError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| AdminError::BadCursor)?;
    // PostgreSQL takes no NUL in a text.
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(AdminError::BadCursor)
}

#[derive(sqlx::FromRow)]
struct Counts {
    email_verified: bool,
    authenticators: i64,
    recovery_codes_left: i64,
    devices: i64,
    sessions: i64,
    tokens: i64,
}

/// The account with this key.
///
/// # Errors
/// [`AdminError::NotFound`]; the database.
pub async fn facts(core: &Core, id: UserId) -> Result<AccountFacts, AdminError> {
    let mut connection = core.pool.acquire().await?;
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM users WHERE id = $1")))
            .bind(id.0)
            .fetch_optional(&mut *connection)
            .await?;
    let entry = row.ok_or(AdminError::NotFound)?.entry()?;
    let counts: Option<Counts> = sqlx::query_as(
        "SELECT email_verified_at IS NOT NULL AS email_verified, \
         (SELECT count(*) FROM totp_credentials WHERE user_id = u.id) AS authenticators, \
         (SELECT count(*) FROM recovery_codes WHERE user_id = u.id AND used_at IS NULL) AS recovery_codes_left, \
         (SELECT count(*) FROM trusted_devices WHERE user_id = u.id AND expires_at > $2) AS devices, \
         (SELECT count(*) FROM sessions WHERE user_id = u.id AND expires_at > $2) AS sessions, \
         (SELECT count(*) FROM api_tokens WHERE user_id = u.id) AS tokens FROM users u WHERE id = $1",
    )
    .bind(id.0)
    .bind(core.now())
    .fetch_optional(&mut *connection)
    .await?;
    let counts = counts.ok_or(AdminError::NotFound)?;
    Ok(AccountFacts {
        entry,
        email_verified: counts.email_verified,
        is_last_admin: remaining::is_last(&mut connection, id).await?,
        authenticators: counts.authenticators,
        recovery_codes_left: counts.recovery_codes_left,
        devices: counts.devices,
        sessions: counts.sessions,
        tokens: counts.tokens,
    })
}
