//! From a one-time link to an account.
//!
//! ```text
//! link ──begin──▶ secret (sealed, 10 min) ──confirm: a right code──▶ ten recovery codes (10 min)
//!      ──finish: one of them typed back──▶ account, credential, codes; the link is gone
//! ```
//! Nothing of the account exists before the last step, which is one transaction.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{
    ConfirmedEnrolment, EmailAddress, EnrolmentLinkInfo, EnrolmentOffer, NewRecoveryCodes, RecoveryCode,
    TotpCode, UserId, Username,
};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

use super::{
    AuthError, qr,
    recovery::{self, StoredCode},
    totp::{TotpSecret, Verdict},
};
use crate::{Core, db, keys::Sealed, random};

/// How long each half of an enrolment may take.
const PENDING: Duration = Duration::minutes(10);
/// How long a link made by an administrator is good.
const LINK: Duration = Duration::hours(24);
/// How long the set-up link is good; a restart makes a new one.
const SETUP_LINK: Duration = Duration::days(30);
/// Wrong codes that one enrolment takes.
const WRONG_TRIES: i32 = 10;

/// What [`enrol_now`] made; for scripts, shown once.
pub struct EnrolledNow {
    /// The account.
    pub user_id: UserId,
    /// The secret in base32.
    pub secret: String,
    /// The `otpauth://` link.
    pub otpauth_url: String,
    /// The recovery codes.
    pub recovery_codes: Vec<RecoveryCode>,
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
        Some(insert_link(&mut transaction, None, true, true, core.now(), SETUP_LINK).await?)
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
    insert_link(&mut connection, Some(name), is_admin, false, core.now(), LINK).await
}

/// What the link is good for.
///
/// # Errors
/// [`AuthError::LinkInvalid`]; the database.
pub async fn link_info(core: &Core, token: &str) -> Result<EnrolmentLinkInfo, AuthError> {
    let row: Option<(Option<String>, bool)> = sqlx::query_as(
        "SELECT name, is_setup FROM enrolment_links WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(digest(token))
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    let (name, is_setup) = row.ok_or(AuthError::LinkInvalid)?;
    Ok(EnrolmentLinkInfo { name: name.and_then(|name| name.parse().ok()), is_setup })
}

/// Makes a secret and keeps it sealed for ten minutes. A name that the link carries wins over
/// `name`. A link can be begun with several times; whichever enrolment finishes first uses it up.
///
/// # Errors
/// [`AuthError::LinkInvalid`], [`AuthError::NameTaken`]; the database, randomness.
pub async fn begin(
    core: &Core,
    token: &str,
    name: Username,
    email: Option<EmailAddress>,
) -> Result<EnrolmentOffer, AuthError> {
    let now = core.now();
    let name = link_info(core, token).await?.name.unwrap_or(name);
    refuse_taken(&mut *core.pool.acquire().await?, &name).await?;
    let user = UserId(random::uuid_v7(now)?);
    let secret = TotpSecret::generate()?;
    let sealed = secret.seal(&core.keys, user)?;
    let ticket = new_token()?;
    sqlx::query(
        "INSERT INTO enrolments (ticket_hash, link_hash, user_id, name, email, key_id, sealed, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(digest(&ticket))
    .bind(digest(token))
    .bind(user.0)
    .bind(name.as_str())
    .bind(email.as_ref().map(EmailAddress::as_str))
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(now)
    .bind(now + PENDING)
    .execute(&core.pool)
    .await
    .map_err(|error| match db::violated_constraint(&error) {
        // The link was used up since it was looked at.
        Some("enrolments_link_hash_fkey") => AuthError::LinkInvalid,
        _ => error.into(),
    })?;
    let otpauth_url = secret.otpauth_url(&core.settings.issuer, name.as_str())?;
    Ok(EnrolmentOffer {
        ticket,
        name,
        email,
        qr_svg: qr::svg(&otpauth_url)?,
        otpauth_url,
        secret_groups: secret.groups(),
        expires_in: u32::try_from(PENDING.whole_seconds()).unwrap_or_default(),
    })
}

#[derive(sqlx::FromRow)]
struct Pending {
    user_id: uuid::Uuid,
    link_hash: Vec<u8>,
    name: String,
    email: Option<String>,
    key_id: String,
    sealed: Vec<u8>,
    confirmed_step: Option<i64>,
    recovery_codes: Option<Json<Vec<StoredCode>>>,
}

/// The enrolment, with one of its tries taken: counted before anything is verified, so that
/// parallel guesses can't pass the limit. [`give_back`] undoes it.
async fn take_try(core: &Core, ticket: &str) -> Result<Pending, AuthError> {
    let row = sqlx::query_as(
        "UPDATE enrolments SET wrong_tries = wrong_tries + 1 \
         WHERE ticket_hash = $1 AND expires_at > $2 AND wrong_tries < $3 \
         RETURNING user_id, link_hash, name, email, key_id, sealed, confirmed_step, recovery_codes",
    )
    .bind(digest(ticket))
    .bind(core.now())
    .bind(WRONG_TRIES)
    .fetch_optional(&core.pool)
    .await?;
    row.ok_or(AuthError::EnrolmentExpired)
}

async fn give_back(core: &Core, ticket: &str) -> Result<(), AuthError> {
    sqlx::query("UPDATE enrolments SET wrong_tries = wrong_tries - 1 WHERE ticket_hash = $1")
        .bind(digest(ticket))
        .execute(&core.pool)
        .await?;
    Ok(())
}

/// Takes the first code and answers with ten recovery codes; there are ten more minutes to store
/// them and type one back.
///
/// # Errors
/// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::EnrolmentExpired`] also
/// after ten wrong codes; the database, randomness.
pub async fn confirm(core: &Core, ticket: &str, code: TotpCode) -> Result<ConfirmedEnrolment, AuthError> {
    let pending = take_try(core, ticket).await?;
    let user = UserId(pending.user_id);
    let sealed = Sealed { key_id: pending.key_id, bytes: pending.sealed };
    let secret = TotpSecret::open(&core.keys, user, &sealed)?;
    let step = match secret.check(code, core.now(), pending.confirmed_step.unwrap_or_default()) {
        Verdict::Accepted { step } => step,
        Verdict::AlreadyUsed { wait } => return Err(AuthError::CodeAlreadyUsed { wait }),
        Verdict::Wrong => return Err(AuthError::WrongCode),
    };
    let (codes, stored) = recovery::generate(&core.keys, user).await?;
    let updated = sqlx::query(
        "UPDATE enrolments SET confirmed_step = $2, recovery_codes = $3, expires_at = $4, wrong_tries = wrong_tries - 1 \
         WHERE ticket_hash = $1 AND confirmed_step IS NOT DISTINCT FROM $5",
    )
    .bind(digest(ticket))
    .bind(step)
    .bind(Json(stored))
    .bind(core.now() + PENDING)
    .bind(pending.confirmed_step)
    .execute(&core.pool)
    .await?;
    if updated.rows_affected() == 0 {
        // The same code twice at once: the other one was first.
        let wait = (step + 1) * super::totp::STEP - core.now().unix_timestamp();
        return Err(AuthError::CodeAlreadyUsed { wait: u32::try_from(wait).unwrap_or(1) });
    }
    Ok(ConfirmedEnrolment { ticket: ticket.to_owned(), codes: NewRecoveryCodes { codes } })
}

/// Takes one of the recovery codes back (without using it up) and makes the account.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`], [`AuthError::EnrolmentExpired`], [`AuthError::LinkInvalid`]
/// when the link was used meanwhile, [`AuthError::NameTaken`]; the database.
pub async fn finish(core: &Core, ticket: &str, typed: RecoveryCode) -> Result<UserId, AuthError> {
    let pending = take_try(core, ticket).await?;
    let user = UserId(pending.user_id);
    let (Some(step), Some(Json(codes))) = (pending.confirmed_step, pending.recovery_codes) else {
        return Err(AuthError::EnrolmentExpired);
    };
    if recovery::find(&core.keys, user, typed, &codes).await?.is_none() {
        return Err(AuthError::WrongRecoveryCode);
    }
    give_back(core, ticket).await?;
    let now = core.now();
    let mut transaction = core.pool.begin().await?;
    // Codes made anew meanwhile are other codes than the ones typed back.
    let unchanged: Option<bool> =
        sqlx::query_scalar("SELECT confirmed_step = $2 FROM enrolments WHERE ticket_hash = $1 FOR UPDATE")
            .bind(digest(ticket))
            .bind(step)
            .fetch_optional(&mut *transaction)
            .await?;
    match unchanged {
        Some(true) => {}
        Some(false) => return Err(AuthError::WrongRecoveryCode),
        None => return Err(AuthError::LinkInvalid),
    }
    // Whoever deletes the link makes the account; everybody else finds it gone.
    let link: Option<(bool, bool)> = sqlx::query_as(
        "DELETE FROM enrolment_links WHERE token_hash = $1 AND expires_at > $2 RETURNING is_admin, is_setup",
    )
    .bind(&pending.link_hash)
    .bind(now)
    .fetch_optional(&mut *transaction)
    .await?;
    let (is_admin, is_setup) = link.ok_or(AuthError::LinkInvalid)?;
    if is_setup {
        sqlx::query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
        if any_user(&mut transaction).await? {
            return Err(AuthError::LinkInvalid);
        }
    }
    let account = Account {
        user,
        name: &pending.name.parse().map_err(|_| AuthError::EnrolmentExpired)?,
        email: pending.email.as_deref(),
        is_admin,
        sealed: &Sealed { key_id: pending.key_id, bytes: pending.sealed },
        last_step: step,
        codes: &codes,
    };
    insert_account(core, &mut transaction, &account, now).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Makes an account with its secret and codes at once.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database, randomness.
pub async fn enrol_now(
    core: &Core,
    name: Username,
    email: Option<EmailAddress>,
    is_admin: bool,
) -> Result<EnrolledNow, AuthError> {
    let now = core.now();
    let user_id = UserId(random::uuid_v7(now)?);
    let secret = TotpSecret::generate()?;
    let (recovery_codes, stored) = recovery::generate(&core.keys, user_id).await?;
    let account = Account {
        user: user_id,
        name: &name,
        email: email.as_ref().map(EmailAddress::as_str),
        is_admin,
        sealed: &secret.seal(&core.keys, user_id)?,
        last_step: 0,
        codes: &stored,
    };
    let mut transaction = core.pool.begin().await?;
    insert_account(core, &mut transaction, &account, now).await?;
    transaction.commit().await?;
    let otpauth_url = secret.otpauth_url(&core.settings.issuer, name.as_str())?;
    Ok(EnrolledNow { user_id, secret: secret.base32(), otpauth_url, recovery_codes })
}

struct Account<'a> {
    user: UserId,
    name: &'a Username,
    email: Option<&'a str>,
    is_admin: bool,
    sealed: &'a Sealed,
    last_step: i64,
    codes: &'a [StoredCode],
}

async fn insert_account(
    core: &Core,
    connection: &mut PgConnection,
    account: &Account<'_>,
    now: OffsetDateTime,
) -> Result<(), AuthError> {
    sqlx::query(
        "INSERT INTO users (id, name, name_folded, email, is_admin, quota_bytes, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.user.0)
    .bind(account.name.as_str())
    .bind(account.name.folded())
    .bind(account.email)
    .bind(account.is_admin)
    .bind(i64::try_from(core.settings.quota.bytes()).unwrap_or(i64::MAX))
    .bind(now)
    .execute(&mut *connection)
    .await
    .map_err(|error| match db::violated_constraint(&error) {
        Some("users_name_key") => AuthError::NameTaken,
        _ => error.into(),
    })?;
    sqlx::query(
        "INSERT INTO totp_credentials (id, user_id, name, key_id, sealed, last_step, created_at) \
         VALUES ($1, $2, 'Authenticator', $3, $4, $5, $6)",
    )
    .bind(random::uuid_v7(now)?)
    .bind(account.user.0)
    .bind(&account.sealed.key_id)
    .bind(&account.sealed.bytes)
    .bind(account.last_step)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    recovery::insert(connection, account.user, account.codes, now).await
}

async fn any_user(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)").fetch_one(connection).await
}

async fn refuse_taken(connection: &mut PgConnection, name: &Username) -> Result<(), AuthError> {
    let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE name_folded = $1)")
        .bind(name.folded())
        .fetch_one(connection)
        .await?;
    if taken { Err(AuthError::NameTaken) } else { Ok(()) }
}

async fn insert_link(
    connection: &mut PgConnection,
    name: Option<&Username>,
    is_admin: bool,
    is_setup: bool,
    now: OffsetDateTime,
    valid: Duration,
) -> Result<String, AuthError> {
    let token = new_token()?;
    sqlx::query(
        "INSERT INTO enrolment_links (token_hash, name, is_admin, is_setup, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(digest(&token))
    .bind(name.map(Username::as_str))
    .bind(is_admin)
    .bind(is_setup)
    .bind(now)
    .bind(now + valid)
    .execute(connection)
    .await?;
    Ok(token)
}

/// 256 bits, as they stand in an address.
fn new_token() -> Result<String, AuthError> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?))
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
